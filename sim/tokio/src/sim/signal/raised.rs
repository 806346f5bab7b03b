//! The signals of a run, and who listens to them. Signals that come in a row are one for who is slow.

use std::cell::RefCell;
use std::future::Future;
use std::task::{Context, Poll};

use tokio::sync::watch;

/// `SIGINT`.
pub(super) const INTERRUPT: i32 = 2;

/// The signals of one run that somebody listened to, each with how often it came.
#[derive(Default)]
struct Signals {
    run: Option<u32>,
    kinds: Vec<(i32, watch::Sender<u64>)>,
}

thread_local! {
    static SIGNALS: RefCell<Signals> = RefCell::default();
}

/// One who listens.
#[derive(Debug)]
pub(super) struct Listener(watch::Receiver<u64>);

/// Listens to a signal of this run; none outside of a run.
pub(super) fn listen(kind: i32) -> Option<Listener> {
    deadheat::program::run_id()?;
    Some(Listener(sender(kind).subscribe()))
}

/// A signal comes.
#[track_caller]
pub(super) fn raise(kind: i32) {
    assert!(
        crate::sim::budget::in_run(),
        "signals are raised only inside a run, on the run's own thread"
    );
    // Nobody is woken while the signals are borrowed.
    sender(kind).send_modify(|times| *times += 1);
}

fn sender(kind: i32) -> watch::Sender<u64> {
    let run = deadheat::program::run_id();
    let before = SIGNALS.with_borrow_mut(|signals| {
        let is_new = signals.run != run;
        signals.run = run;
        is_new.then(|| std::mem::take(&mut signals.kinds))
    });
    drop(before);
    SIGNALS.with_borrow_mut(|signals| {
        if let Some((_, sender)) = signals.kinds.iter().find(|(of, _)| *of == kind) {
            return sender.clone();
        }
        let sender = watch::Sender::new(0);
        signals.kinds.push((kind, sender.clone()));
        sender
    })
}

impl Listener {
    /// Waits for the next signal; for ever once the run is over.
    pub(super) async fn recv(&mut self) {
        if self.0.changed().await.is_err() {
            std::future::pending().await
        }
    }

    pub(super) fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        std::pin::pin!(self.recv()).as_mut().poll(cx)
    }
}
