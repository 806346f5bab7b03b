//! Unix signals.

use std::io;
use std::task::{Context, Poll};

pub use tokio::signal::unix::SignalKind;

use super::raised::{self, Listener};

/// Listens to a kind of signal: inside a run to those that [`raise`] is called with.
///
/// # Errors
///
/// Outside of a run, what the system refuses.
pub fn signal(kind: SignalKind) -> io::Result<Signal> {
    Ok(Signal(match raised::listen(kind.as_raw_value()) {
        Some(listener) => Of::Run(listener),
        None => Of::Tokio(tokio::signal::unix::signal(kind)?),
    }))
}

/// A signal comes in this run: everybody is told who listens.
///
/// # Panics
///
/// Outside of a run.
#[track_caller]
pub fn raise(kind: SignalKind) {
    raised::raise(kind.as_raw_value());
}

/// Listens to a kind of signal.
#[derive(Debug)]
#[must_use = "streams do nothing unless polled"]
pub struct Signal(Of);

#[derive(Debug)]
enum Of {
    Run(Listener),
    Tokio(tokio::signal::unix::Signal),
}

impl Signal {
    /// Waits for the next one.
    ///
    /// # Cancel safety
    ///
    /// Dropping it loses none.
    pub async fn recv(&mut self) -> Option<()> {
        match &mut self.0 {
            Of::Run(listener) => {
                listener.recv().await;
                Some(())
            }
            Of::Tokio(signal) => signal.recv().await,
        }
    }

    /// Looks for the next one.
    pub fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<()>> {
        match &mut self.0 {
            Of::Run(listener) => listener.poll_recv(cx).map(Some),
            Of::Tokio(signal) => signal.poll_recv(cx),
        }
    }
}
