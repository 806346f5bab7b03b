//! `tokio::sync::watch`: its receivers are woken in the order in which they began to wait.

use std::pin::pin;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake};

use deadheat::{Config, check, run};
use deadheat_tokio as tokio;
use tokio::sync::watch::{self, Receiver, Sender};
use tokio::task::coop;
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

/// Looks when it is woken, and notes what it saw.
struct Looks(
    Receiver<u32>,
    Mutex<Option<Result<bool, watch::error::RecvError>>>,
);

impl Wake for Looks {
    fn wake(self: Arc<Self>) {
        *self.1.lock().unwrap() = Some(self.0.has_changed());
    }
}

#[test]
fn what_one_is_woken_for_is_there_when_one_is_woken() {
    let ways: [fn(Sender<u32>); 4] = [
        |sender| sender.send_modify(|value| *value = 1),
        |sender| assert!(sender.send_if_modified(|value| std::mem::replace(value, 1) == 0)),
        |sender| assert_eq!(sender.send_replace(1), 0),
        drop,
    ];
    for (way, tell) in ways.into_iter().enumerate() {
        let (sender, mut receiver) = watch::channel(0);
        let looks = Arc::new(Looks(receiver.clone(), Mutex::default()));
        let mut waits = pin!(receiver.changed());
        let waker = looks.clone().into();
        assert!(
            waits
                .as_mut()
                .poll(&mut Context::from_waker(&waker))
                .is_pending()
        );
        // Kept, so that it is not the drop that wakes.
        let kept = (way < 3).then(|| sender.clone());
        tell(sender);
        let saw = looks.1.lock().unwrap().take().expect("a wake-up");
        assert_eq!(saw.ok(), kept.map(|_| true));
    }
}

#[test]
fn a_change_from_another_thread_is_not_missed() {
    const CHANGES: u32 = 20_000;
    let (sender, receiver) = watch::channel(0);
    let seen = AtomicU32::new(0);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    std::thread::scope(|threads| {
        threads.spawn(|| {
            // Each change comes while the one who has seen the last begins to wait again.
            for change in 1..=CHANGES {
                sender.send_replace(change);
                while seen.load(SeqCst) < change && !sender.is_closed() {
                    std::hint::spin_loop();
                }
            }
        });
        runtime.block_on(async {
            let mut receiver = receiver;
            while *receiver.borrow_and_update() < CHANGES {
                seen.store(*receiver.borrow(), SeqCst);
                let changed = tokio::time::timeout(Duration::from_secs(20), receiver.changed());
                changed.await.expect("a change was missed").unwrap();
            }
        });
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
