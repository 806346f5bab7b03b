//! A value that is handed over between the deadline of a timeout and the drop of its future, which only several threads
//! can do: kanal 0.1.1 writes a value into the future that receives it, and it is gone with that
//! (ferrotunnel issue 168). tokio's `mpsc` keeps it in the channel.

use std::pin::{Pin, pin};
use std::time::Duration;

use deadheat::{Config, check, sleep};
use deadheat_tokio as tokio;
use futures::future::poll_immediate;
use tokio::runtime::Builder;
use tokio::time::timeout;

const MS: Duration = Duration::from_millis(1);

/// A channel of frames, as one of them has it.
trait Frames {
    type Sender: Send;

    fn channel() -> (Self::Sender, Self);
    fn send(sender: &Self::Sender, frame: u32) -> impl Future<Output = ()> + Send;
    fn receive(&mut self) -> impl Future<Output = u32>;
}

impl Frames for kanal::AsyncReceiver<u32> {
    type Sender = kanal::AsyncSender<u32>;

    fn channel() -> (Self::Sender, Self) {
        kanal::bounded_async(8)
    }

    async fn send(sender: &Self::Sender, frame: u32) {
        sender.send(frame).await.expect("it is received");
    }

    async fn receive(&mut self) -> u32 {
        self.recv().await.expect("it is sent")
    }
}

impl Frames for tokio::sync::mpsc::Receiver<u32> {
    type Sender = tokio::sync::mpsc::Sender<u32>;

    fn channel() -> (Self::Sender, Self) {
        tokio::sync::mpsc::channel(8)
    }

    async fn send(sender: &Self::Sender, frame: u32) {
        sender.send(frame).await.expect("it is received");
    }

    async fn receive(&mut self) -> u32 {
        self.recv().await.expect("it is sent")
    }
}

/// Frames come now and then; who receives them looks after something else every 10 ms.
async fn frames<C: Frames + 'static>()
where
    C::Sender: 'static,
{
    let (sender, mut receiver) = C::channel();
    let sends = tokio::spawn(async move {
        for frame in 0..3 {
            sleep(5 * MS..=15 * MS).await;
            C::send(&sender, frame).await;
        }
        // It stays open until all are received.
        sleep(Duration::from_secs(1)).await;
    });
    for expected in 0..3 {
        let frame = loop {
            if let Ok(frame) = timeout(10 * MS, receiver.receive()).await {
                break frame;
            }
            assert!(
                deadheat::now().as_nanos() < 900_000_000,
                "frame {expected} is lost"
            );
        };
        assert_eq!(frame, expected, "a frame is lost");
    }
    sends.await.expect("no panic");
}

/// As a whole program on a runtime of its own.
fn on<C: Frames + 'static>(builder: fn() -> Builder) -> Result<u64, Box<deadheat::Failure>>
where
    C::Sender: 'static,
{
    on_with::<C>(&Config::new(), builder)
}

fn on_with<C: Frames + 'static>(
    config: &Config,
    builder: fn() -> Builder,
) -> Result<u64, Box<deadheat::Failure>>
where
    C::Sender: 'static,
{
    deadheat::check_blocking(config, move || {
        let runtime = builder()
            .enable_all()
            .build()
            .expect("a runtime of the run");
        runtime.block_on(frames::<C>());
    })
}

#[test]
fn kanal_loses_a_frame_on_several_threads() {
    let failure = on::<kanal::AsyncReceiver<u32>>(Builder::new_multi_thread).unwrap_err();
    let report = failure.to_string();
    assert!(report.contains("is lost"), "{report}");
    let words = "the future of a timeout is dropped only after other threads have gone on";
    assert!(report.contains(words), "{report}");
}

#[test]
fn every_seed_finds_it_soon() {
    let mut runs: Vec<u64> = (0..20)
        .map(|seed| {
            let config = Config::new().seed(seed);
            let lost = on_with::<kanal::AsyncReceiver<u32>>(&config, Builder::new_multi_thread);
            let failure = lost.expect_err("a frame is lost");
            failure.number.expect("it was searched for").0
        })
        .collect();
    runs.sort_unstable();
    let median = runs[runs.len() / 2];
    assert!(median <= 100, "the median is run {median} of {runs:?}");
}

#[test]
fn on_one_thread_it_does_not() {
    on::<kanal::AsyncReceiver<u32>>(Builder::new_current_thread).unwrap();
}

#[test]
fn tokios_own_channel_keeps_it() {
    let config = Config::new().runs(2_000);
    let made = on_with::<tokio::sync::mpsc::Receiver<u32>>(&config, Builder::new_multi_thread);
    assert_eq!(made.unwrap(), 2_000);
}

#[test]
fn who_asks_for_it_has_the_same_without_a_runtime() {
    let config = Config::new().multi_thread(true);
    let failure = check(&config, frames::<kanal::AsyncReceiver<u32>>).unwrap_err();
    assert!(failure.to_string().contains("is lost"), "{failure}");
    check(&Config::new(), frames::<kanal::AsyncReceiver<u32>>).unwrap();
}

#[test]
fn a_biased_select_drops_what_it_was_handed() {
    let config = Config::new().multi_thread(true);
    let select = || async {
        let (sender, receiver) = kanal::bounded_async::<u32>(8);
        tokio::spawn(async move {
            sleep(5 * MS..=15 * MS).await;
            sender.send(7).await.expect("it is received");
            sleep(Duration::from_secs(1)).await;
        });
        let first = tokio::select! {
            biased;
            frame = receiver.recv() => Some(frame.expect("it is sent")),
            () = tokio::time::sleep(10 * MS) => None,
        };
        let frame = match first {
            Some(frame) => frame,
            None => timeout(100 * MS, receiver.recv())
                .await
                .expect("it is lost")
                .expect("it is sent"),
        };
        assert_eq!(frame, 7);
    };
    let report = check(&config, select).unwrap_err().to_string();
    assert!(
        report
            .contains("the next branch of select! is polled only after other threads have gone on"),
        "{report}"
    );
    check(&Config::new(), select).unwrap();
}

/// A wait of at most 10 ms.
type Waits = fn(Received) -> Pin<Box<dyn Future<Output = Option<u32>>>>;
type Received = Pin<Box<dyn Future<Output = u32>>>;

/// A branch of the same task hands a frame over while a timeout of it has just won: on threads nothing comes between.
#[test]
fn a_branch_of_the_same_task_hands_over_nothing_in_between() {
    let of_tokio: Waits = |received| Box::pin(async { timeout(10 * MS, received).await.ok() });
    let native: Waits = |received| {
        let waits = deadheat_timeout::timeout(&deadheat::clock(), 10 * MS, received);
        Box::pin(async { waits.await.ok() })
    };
    let scoped: Waits = |received| {
        let waits = deadheat_timeout::Timeout::after(&deadheat::clock(), 10 * MS).run(received);
        Box::pin(async { waits.await.ok() })
    };
    let select: Waits = |received| {
        Box::pin(async {
            tokio::select! {
                biased;
                frame = received => Some(frame),
                () = tokio::time::sleep(10 * MS) => None,
            }
        })
    };
    for waits in [of_tokio, native, scoped, select] {
        let config = Config::new().multi_thread(true).runs(2_000);
        assert_eq!(check(&config, || sends_itself(waits)).unwrap(), 2_000);
    }
}

async fn sends_itself(waits: Waits) {
    let (sender, receiver) = kanal::bounded_async::<u32>(8);
    let others: Vec<_> = (0..3)
        .map(|_| tokio::spawn(tokio::time::sleep(10 * MS)))
        .collect();
    let receives = async {
        let received = receiver.clone();
        let first = waits(Box::pin(async move {
            received.recv().await.expect("it is sent")
        }));
        match first.await {
            Some(frame) => frame,
            None => receiver.recv().await.expect("the frame was lost"),
        }
    };
    let sends = async {
        tokio::time::sleep(10 * MS).await;
        sender.send(7).await.expect("it is received");
    };
    let (frame, ()) = tokio::join!(biased; receives, sends);
    assert_eq!(frame, 7);
    for other in others {
        other.await.expect("no panic");
    }
}

/// Tasks of one set are on one thread.
#[test]
fn tasks_of_a_local_set_hand_over_nothing_in_between() {
    let config = Config::new().runs(2_000);
    let program = || {
        let runtime = Builder::new_multi_thread().enable_all().build();
        let set = tokio::task::LocalSet::new();
        set.block_on(&runtime.expect("a runtime of the run"), async {
            frames_on(|sends| drop(tokio::task::spawn_local(sends))).await;
        });
    };
    assert_eq!(deadheat::check_blocking(&config, program).unwrap(), 2_000);
}

/// Three frames of kanal, which are sent by a task that is spawned so.
async fn frames_on(spawn: impl FnOnce(Pin<Box<dyn Future<Output = ()> + Send>>)) {
    let (sender, receiver) = kanal::bounded_async::<u32>(8);
    spawn(Box::pin(async move {
        for frame in 0..3 {
            sleep(5 * MS..=15 * MS).await;
            sender.send(frame).await.expect("it is received");
        }
        sleep(Duration::from_secs(1)).await;
    }));
    for expected in 0..3 {
        let frame = loop {
            if let Ok(frame) =
                deadheat_timeout::timeout(&deadheat::clock(), 10 * MS, receiver.recv()).await
            {
                break frame.expect("it is sent");
            }
            let now = deadheat::now().as_nanos();
            assert!(now < 900_000_000, "frame {expected} is lost");
        };
        assert_eq!(frame, expected, "a frame is lost");
    }
}

#[test]
fn a_lock_that_is_held_in_a_poll_is_free_when_others_go_first() {
    let config = Config::new().multi_thread(true).runs(1_000);
    let program = || async {
        let count = std::sync::Arc::new(std::sync::Mutex::new(0));
        let counts = std::sync::Arc::clone(&count);
        let other = tokio::spawn(async move {
            sleep(9 * MS..=11 * MS).await;
            *counts.lock().expect("no panic") += 1;
        });
        let mut waits = pin!(timeout(10 * MS, std::future::pending::<()>()));
        let polled = std::future::poll_fn(|cx| {
            let _held = count.lock().expect("no panic");
            waits.as_mut().poll(cx)
        });
        polled.await.unwrap_err();
        other.await.expect("no panic");
    };
    assert_eq!(check(&config, program).unwrap(), 1_000);
}

tokio::task_local! {
    static NAME: u32;
}

#[test]
fn who_goes_first_sees_nothing_of_whom_it_comes_before() {
    let config = Config::new().multi_thread(true).runs(1_000);
    let program = || async {
        let other = tokio::spawn(async {
            sleep(9 * MS..=11 * MS).await;
            assert!(NAME.try_with(|_| ()).is_err(), "another task's is seen");
        });
        let waits = timeout(10 * MS, std::future::pending::<()>());
        NAME.scope(1, waits).await.unwrap_err();
        other.await.expect("no panic");
    };
    assert_eq!(check(&config, program).unwrap(), 1_000);
}

#[test]
fn a_closure_that_waits_for_a_timeout_ends() {
    let config = Config::new().multi_thread(true).runs(1_000);
    let program = || async {
        let handle = tokio::runtime::Handle::current();
        let others: Vec<_> = (0..3)
            .map(|_| tokio::spawn(sleep(9 * MS..=11 * MS)))
            .collect();
        let waits = tokio::task::spawn_blocking(move || {
            handle.block_on(timeout(10 * MS, std::future::pending::<()>()))
        });
        assert!(
            timeout(20 * MS, waits)
                .await
                .expect("it ends")
                .expect("no panic")
                .is_err()
        );
        for other in others {
            other.await.expect("no panic");
        }
    };
    assert_eq!(check(&config, program).unwrap(), 1_000);
}

/// The scope of deadheat's own has the same.
#[test]
fn a_deadline_that_can_move_drops_what_it_was_handed() {
    let config = Config::new().multi_thread(true);
    let program = || async {
        let (sender, receiver) = kanal::bounded_async::<u32>(8);
        tokio::spawn(async move {
            sleep(5 * MS..=15 * MS).await;
            sender.send(7).await.expect("it is received");
            sleep(Duration::from_secs(1)).await;
        });
        let waits =
            deadheat_timeout::Timeout::after(&deadheat::clock(), 10 * MS).run(receiver.recv());
        let frame = match waits.await {
            Ok(frame) => frame,
            Err(_) => timeout(100 * MS, receiver.recv())
                .await
                .expect("it is lost"),
        };
        assert_eq!(frame.expect("it is sent"), 7);
    };
    let report = check(&config, program).unwrap_err().to_string();
    assert!(report.contains("it is lost"), "{report}");
    check(&Config::new(), program).unwrap();
}

/// On tokio these are ready at once, whatever other threads do.
#[test]
fn what_is_ready_at_its_first_poll_is_so_among_others() {
    let config = Config::new().multi_thread(true).runs(1_000);
    let program = || async {
        let others: Vec<_> = (0..3).map(|_| tokio::spawn(async {})).collect();
        let over = pin!(timeout(Duration::ZERO, std::future::pending::<()>()));
        assert!(poll_immediate(over).await.is_some(), "it is over");
        let native = deadheat_timeout::timeout_at(
            &deadheat::clock(),
            deadheat::now(),
            std::future::pending::<()>(),
        );
        let _ = poll_immediate(pin!(native)).await;
        let waits = pin!(async {
            tokio::select! {
                biased;
                () = std::future::pending() => 1,
                () = std::future::ready(()) => 2,
            }
        });
        assert_eq!(poll_immediate(waits).await, Some(2));
        for other in others {
            other.await.expect("no panic");
        }
    };
    assert_eq!(check(&config, program).unwrap(), 1_000);
}
