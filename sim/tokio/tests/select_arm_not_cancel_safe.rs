//! The museum's select-arm-not-cancel-safe, written for tokio (iroh #2572, mdk #712, tokio PR #5947).
//!
//! `next_event` receives an item and then awaits before it has stored it. If the timer's branch wins meanwhile,
//! `select!` drops that future, and the item with it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use deadheat::{Config, check};
use deadheat_tokio as tokio;
use tokio::sync::mpsc;
use tokio::time::sleep;

const ITEMS: usize = 3;

fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

#[derive(Default)]
struct Store(AtomicUsize);

impl Store {
    async fn put(&self, _item: usize) {
        sleep(ms(20)).await;
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Sends some items, each when the last one has been worked on for a while.
fn items() -> mpsc::Receiver<usize> {
    let (sender, receiver) = mpsc::channel(8);
    tokio::spawn(async move {
        for item in 0..ITEMS {
            deadheat::sleep(ms(7)..=ms(90)).await;
            sender.send(item).await.unwrap();
        }
    });
    receiver
}

#[test]
fn an_item_that_a_dropped_branch_had_received_is_missed() {
    let failure = check(&Config::new(), || async {
        let (mut events, store) = (items(), Arc::new(Store::default()));
        loop {
            let next_event = async {
                let item = events.recv().await?;
                store.put(item).await;
                Some(())
            };
            tokio::select! {
                stored = next_event => if stored.is_none() { break },
                () = sleep(ms(100)) => deadheat::log("housekeeping"),
            }
        }
        assert_eq!(
            store.0.load(Ordering::Relaxed),
            ITEMS,
            "received and not stored"
        );
    })
    .unwrap_err();
    assert!(
        failure.to_string().contains("received and not stored"),
        "{failure}"
    );
    assert!(failure.run.token.tape.len() <= 3, "{failure}");
}

#[test]
fn nothing_is_missed_where_the_branch_only_receives() {
    check(&Config::new(), || async {
        let (mut events, store) = (items(), Arc::new(Store::default()));
        loop {
            tokio::select! {
                item = events.recv() => match item {
                    Some(item) => store.put(item).await,
                    None => break,
                },
                () = sleep(ms(100)) => deadheat::log("housekeeping"),
            }
        }
        assert_eq!(
            store.0.load(Ordering::Relaxed),
            ITEMS,
            "received and not stored"
        );
    })
    .unwrap();
}
