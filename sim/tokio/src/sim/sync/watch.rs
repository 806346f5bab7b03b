//! `tokio::sync::watch`, with receivers that are woken in the order in which they began to wait.
//!
//! Inside a run and outside of it. Values, versions and closing are tokio's; ours is the list of those who wait.
//!
//! 1. A receiver waits in one list, that of a [`Notify`](tokio::sync::Notify) which the channel's halves share. No
//!    waker of a task gets into tokio's eight lists, so that what tokio draws has no effect.
//! 2. Whatever changes the version or closes the channel does so first, and then tells all who wait.
//! 3. Who waits hears of changes from before it looks: it misses none.

mod receiver;
mod sender;

pub use receiver::Receiver;
pub use sender::Sender;
pub use tokio::sync::watch::{Ref, error};

/// A new channel that holds `init`, which its receiver has seen.
///
/// # Examples
///
/// ```
/// use deadheat_tokio as tokio;
/// use tokio::sync::watch;
///
/// let run = deadheat::run(&deadheat::Config::new(), || async {
///     let (level, mut seen) = watch::channel(0);
///     let reader = tokio::spawn(async move { seen.wait_for(|level| *level >= 2).await.map(|level| *level) });
///     for value in 1..=2 {
///         level.send(value).unwrap();
///         tokio::task::yield_now().await;
///     }
///     assert_eq!(reader.await.unwrap().unwrap(), 2);
/// });
/// run.unwrap();
/// ```
pub fn channel<T>(init: T) -> (Sender<T>, Receiver<T>) {
    sender::pair(init)
}
