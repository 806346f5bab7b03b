//! A value that is handed over between the deadline of a timeout and the drop of its future, which only several threads
//! can do: kanal 0.1.1 writes a value into the future that receives it, and it is gone with that
//! (ferrotunnel issue 168). tokio's `mpsc` keeps it in the channel.

use std::time::Duration;

use deadheat::{Config, check, sleep};
use deadheat_tokio as tokio;
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
        report.contains("what lost in select! is dropped only after other threads have gone on"),
        "{report}"
    );
    check(&Config::new(), select).unwrap();
}
