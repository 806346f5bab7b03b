//! `tokio::sync::watch`: its receivers are woken in the order in which they began to wait.

use std::sync::{Arc, Mutex};

use deadheat::{Config, check, run};
use deadheat_tokio as tokio;
use tokio::sync::watch::{self, Receiver, Sender};
use tokio::task::{coop, yield_now};
use tokio::time::{Duration, sleep};

/// Who was woken, in that order.
type Woken = Arc<Mutex<Vec<usize>>>;

/// Tasks that wait for a change one after the other, and note when they have seen it.
async fn all_wait<F>(
    receivers: usize,
    sender: &Sender<u32>,
    woken: &Woken,
    wait: fn(Receiver<u32>) -> F,
) where
    F: Future<Output = ()> + Send + 'static,
{
    for number in 0..receivers {
        let (woken, waits) = (woken.clone(), wait(sender.subscribe()));
        tokio::spawn(async move {
            waits.await;
            woken.lock().unwrap().push(number);
        });
        // Each waits before the next does, also where tasks take their turns out of order.
        sleep(Duration::from_millis(1)).await;
    }
}

async fn change(mut receiver: Receiver<u32>) {
    receiver.changed().await.unwrap();
}

async fn one(mut receiver: Receiver<u32>) {
    receiver.wait_for(|value| *value == 1).await.unwrap();
}

async fn end(mut receiver: Receiver<u32>) {
    receiver.changed().await.unwrap_err();
}

async fn three_wait() {
    let (sender, _receiver) = watch::channel(0);
    let woken = Woken::default();
    all_wait(3, &sender, &woken, change).await;
    sender.send(1).unwrap();
    sleep(Duration::from_millis(1)).await;
    assert_eq!(woken.lock().unwrap().len(), 3);
}

#[test]
fn runs_in_which_three_wait_do_not_differ_from_themselves() {
    let config = Config::new().runs(200).check_determinism(true);
    check(&config, three_wait).unwrap();
}

/// Makes a run, dull and exact, in which forty wait, and `tell` is called when all do.
fn woken_by<F>(wait: fn(Receiver<u32>) -> F, tell: fn(Sender<u32>)) -> Vec<usize>
where
    F: Future<Output = ()> + Send + 'static,
{
    let woken = Woken::default();
    let seen = woken.clone();
    run(&Config::new(), move || {
        let woken = woken.clone();
        async move {
            let sender = Sender::new(0);
            all_wait(40, &sender, &woken, wait).await;
            assert!(woken.lock().unwrap().is_empty(), "nobody was told");
            tell(sender);
            sleep(Duration::from_millis(1)).await;
        }
    })
    .unwrap();
    let seen = seen.lock().unwrap();
    seen.clone()
}

#[test]
fn whoever_changes_the_value_wakes_in_the_order_of_waiting() {
    let in_order: Vec<usize> = (0..40).collect();
    let ways: [fn(Sender<u32>); 4] = [
        |sender| sender.send(1).unwrap(),
        |sender| sender.send_modify(|value| *value = 1),
        |sender| assert!(sender.send_if_modified(|value| std::mem::replace(value, 1) == 0)),
        |sender| assert_eq!(sender.send_replace(1), 0),
    ];
    for tell in ways {
        assert_eq!(woken_by(change, tell), in_order);
        assert_eq!(woken_by(one, tell), in_order);
    }
}

#[test]
fn the_last_sender_that_is_dropped_wakes_in_the_order_of_waiting() {
    let in_order: Vec<usize> = (0..40).collect();
    assert_eq!(woken_by(end, drop), in_order);
}

#[test]
fn a_sender_that_is_not_the_last_wakes_nobody_when_it_is_dropped() {
    run(&Config::new(), || async {
        let (sender, mut receiver) = watch::channel(0);
        let mut waits = tokio_test::task::spawn(receiver.changed());
        assert!(waits.poll().is_pending());
        drop(sender.clone());
        assert!(!sender.send_if_modified(|_| false));
        assert!(!waits.is_woken());
        drop(sender);
        assert!(waits.is_woken());
    })
    .unwrap();
}

#[test]
fn who_is_told_of_what_it_does_not_want_waits_again() {
    run(&Config::new(), || async {
        let (sender, mut receiver) = watch::channel(0);
        let mut asked = Vec::new();
        let mut waits = tokio_test::task::spawn(async {
            let found = receiver.wait_for(|value| {
                asked.push(*value);
                *value == 3
            });
            found.await.map(|value| *value)
        });
        for value in 1..=3 {
            // Polled again for another reason, it does not ask again.
            assert!(waits.poll().is_pending() && waits.poll().is_pending());
            sender.send(value).unwrap();
            assert!(waits.is_woken());
        }
        assert!(matches!(waits.poll(), std::task::Poll::Ready(Ok(3))));
        drop(waits);
        assert_eq!(asked, [0, 1, 2, 3]);
        assert!(!receiver.has_changed().unwrap());
    })
    .unwrap();
}

#[test]
fn a_spent_budget_delays_and_loses_nothing() {
    run(&Config::new(), || async {
        let (sender, mut receiver) = watch::channel(0);
        let taken = tokio::spawn(async move {
            let mut taken = 0;
            while coop::has_budget_remaining() && taken < 1_000 {
                receiver.mark_changed();
                receiver.changed().await.unwrap();
                taken += 1;
            }
            receiver.mark_changed();
            receiver.changed().await.unwrap();
            taken
        });
        // A unit of the budget for each change, as with tokio's.
        assert_eq!(taken.await.unwrap(), 128);
        drop(sender);
    })
    .unwrap();
}

#[test]
fn a_change_from_another_thread_is_not_missed() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    runtime.block_on(async {
        let (sender, _) = watch::channel(0);
        let readers = [(); 4].map(|()| {
            let mut receiver = sender.subscribe();
            tokio::spawn(async move {
                let mut seen = 0;
                while receiver.changed().await.is_ok() {
                    let value = *receiver.borrow_and_update();
                    assert!(value > seen);
                    seen = value;
                }
                seen
            })
        });
        let writers = [(); 2].map(|()| {
            let sender = sender.clone();
            tokio::spawn(async move {
                for _ in 0..10_000 {
                    sender.send_modify(|value| *value += 1);
                    yield_now().await;
                }
            })
        });
        drop(sender);
        for writer in writers {
            writer.await.unwrap();
        }
        for reader in readers {
            assert_eq!(reader.await.unwrap(), 20_000);
        }
    });
}

#[test]
fn what_it_prints_is_what_tokio_prints() {
    let (sender, receiver) = watch::channel(7);
    let (plain, plain_receiver) = ::tokio::sync::watch::channel(7);
    assert_eq!(format!("{sender:?}"), format!("{plain:?}"));
    assert_eq!(format!("{receiver:?}"), format!("{plain_receiver:?}"));
}

#[test]
fn a_crate_that_takes_tokios_own_receiver_hears_of_changes() {
    use tokio_stream::StreamExt as _;
    run(&Config::new(), || async {
        let (sender, receiver) = watch::channel(0);
        let mut stream = tokio_stream::wrappers::WatchStream::new(receiver.into());
        let reader = tokio::spawn(async move {
            let mut seen = Vec::new();
            while let Some(value) = stream.next().await {
                seen.push(value);
            }
            seen
        });
        for value in 1..=2 {
            sleep(Duration::from_millis(1)).await;
            sender.send(value).unwrap();
        }
        sleep(Duration::from_millis(1)).await;
        drop(sender);
        assert_eq!(reader.await.unwrap(), [0, 1, 2]);
    })
    .unwrap();
}

/// A task that is spawned must be `Send`: that it compiles is what is tested.
#[test]
fn waiting_can_be_spawned() {
    fn is_send(_: &impl Send) {}
    let (_sender, mut receiver) = watch::channel(());
    is_send(&receiver.wait_for(|()| true));
    is_send(&receiver.changed());
}
