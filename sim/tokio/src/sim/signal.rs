//! `tokio::signal`: inside a run a signal comes when the program's test raises it, and never else.

mod raised;
#[cfg(unix)]
pub mod unix;
#[cfg(windows)]
pub use tokio::signal::windows;

use std::io;

/// Waits for Ctrl-C: inside a run until [`raise_ctrl_c`] is called.
///
/// # Errors
///
/// Outside of a run, what the system refuses.
///
/// # Cancel safety
///
/// A signal that comes between two calls is missed, as with tokio's.
pub async fn ctrl_c() -> io::Result<()> {
    match raised::listen(raised::INTERRUPT) {
        Some(mut raised) => {
            raised.recv().await;
            Ok(())
        }
        None => tokio::signal::ctrl_c().await,
    }
}

/// Ctrl-C is pressed in this run: everybody is told who listens.
///
/// # Panics
///
/// Outside of a run.
///
/// # Examples
///
/// ```
/// use deadheat_tokio as tokio;
/// use std::time::Duration;
///
/// let run = deadheat::run(&deadheat::Config::new(), || async {
///     tokio::spawn(async {
///         tokio::time::sleep(Duration::from_secs(3)).await;
///         tokio::signal::raise_ctrl_c();
///     });
///     tokio::signal::ctrl_c().await.unwrap();
///     assert_eq!(deadheat::now().as_nanos(), 3_000_000_000);
/// });
/// run.unwrap();
/// ```
#[track_caller]
pub fn raise_ctrl_c() {
    raised::raise(raised::INTERRUPT);
}
