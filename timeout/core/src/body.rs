//! Which error types the body of a scope or a task may end in, and how `Cancelled` is told in them.
//!
//! The marker parameter of [`BodyError`] lets one method serve three families of types that the
//! coherence rules would not let share one blanket implementation; it is always inferred.
//!
//! DIFFERENCE: in Python `raise Failed() from cancelled` is `Failed`. In Rust an error that keeps a
//! `Cancelled` as its source is still `Cancelled`, because that is what `#[from]`, `Box<dyn Error>`
//! and `anyhow` do to pass it on. To end in another error, do not keep the `Cancelled` in it.

use std::error::Error;

use crate::clock::Clock;
use crate::core::Core;
use crate::elapsed::Elapsed;
use crate::error::{self, Cancelled};
use crate::observe::TaskEnd;

/// An error that a scope or a task can end in: it can hold a [`Cancelled`] and an [`Elapsed`].
///
/// A body that needs no error of its own ends in [`Interrupted`], which is ready-made.
///
/// Implemented for every `std::error::Error` with `From<Cancelled>` and `From<Elapsed>` (two
/// `#[from]` variants of a `thiserror` enum), for `Box<dyn Error>`, `Box<dyn Error + Send + Sync>`,
/// and, with the feature of that name, for `anyhow::Error`. `Kind` is inferred.
///
/// A scope ends in `Elapsed` only if its body has ended in the `Cancelled` that the scope asked for, so it has to be seen in
/// the error: behind its [`source`](Error::source), at any depth. A type that does not give it as a source, and gives none
/// for what `From<Cancelled>` makes, is recognised by what it says: `Debug` and `Display` of the error are compared with those
/// of a fresh one. An error that says more than that (a moment, a number) ought to have the source.
///
/// # Examples
///
/// ```
/// use deadheat_timeout::{Cancelled, Elapsed};
///
/// #[derive(Debug, thiserror::Error)]
/// enum QueryError {
///     #[error("cancelled")]
///     Cancelled(#[from] Cancelled),
///     #[error("took too long")]
///     Elapsed(#[from] Elapsed),
///     #[error("the server said no")]
///     Refused,
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "a body that can be cancelled or time out cannot end in `{Self}`",
    label = "no `std::error::Error` with `From<Cancelled>` and `From<Elapsed>`",
    note = "`deadheat_timeout::Interrupted` is a ready-made error, for a body that needs no other",
    note = "one's own: `#[derive(Debug, thiserror::Error)] enum {{ #[error(transparent)] Cancelled(#[from] Cancelled), \
            #[error(transparent)] Elapsed(#[from] Elapsed), … }}`",
    note = "`Box<dyn Error>`, `Box<dyn Error + Send + Sync>` and, with the feature `anyhow`, `anyhow::Error` will do, too"
)]
pub trait BodyError<Kind>: From<Cancelled> + From<Elapsed> {
    /// Whether this is a `Cancelled` on its way out, and not one that became an `Elapsed`.
    fn is_cancelled(&self) -> bool;

    /// Whether this reads as what `From<Cancelled>` makes, of a type that does not keep the `Cancelled` as its source.
    ///
    /// Asked only where a cancel request was made and the error is not [`is_cancelled`](Self::is_cancelled).
    fn reads_as_cancelled(&self) -> bool {
        false
    }
}

/// How a task ends whose body has ended in this.
pub(crate) fn end_of<T, E, Kind, C>(output: &Result<T, E>, task: &Core<C>) -> TaskEnd
where
    E: BodyError<Kind>,
    C: Clock,
{
    match output {
        Ok(_) => TaskEnd::Returned,
        Err(error) if is_cancelled(error, task) => TaskEnd::Cancelled,
        Err(_) => TaskEnd::Failed,
    }
}

/// Whether `error`, in which the body of this task or of one of its scopes ended, is the `Cancelled` of a request.
pub(crate) fn is_cancelled<E, Kind, C>(error: &E, task: &Core<C>) -> bool
where
    E: BodyError<Kind>,
    C: Clock,
{
    error.is_cancelled() || task.cancelling() > 0 && error.reads_as_cancelled()
}

/// The family of types that implement `std::error::Error`.
#[derive(Debug)]
pub enum Standard {}

/// The family of boxed errors.
#[derive(Debug)]
pub enum Boxed {}

/// `anyhow::Error`.
#[cfg(feature = "anyhow")]
#[derive(Debug)]
pub enum Anyhow {}

impl<E> BodyError<Standard> for E
where
    E: Error + From<Cancelled> + From<Elapsed> + 'static,
{
    fn is_cancelled(&self) -> bool {
        error::is_cancelled(self)
    }

    fn reads_as_cancelled(&self) -> bool {
        let cancelled = E::from(Cancelled::new());
        // A type that shows the ones it holds would have shown this one.
        !cancelled.is_cancelled() && reads(&cancelled) == reads(self)
    }
}

/// All that can be read of an error.
fn reads(error: &dyn Error) -> (String, String) {
    (format!("{error:?}"), error.to_string())
}

impl BodyError<Boxed> for Box<dyn Error + Send + Sync> {
    fn is_cancelled(&self) -> bool {
        error::is_cancelled(&**self)
    }
}

impl BodyError<Boxed> for Box<dyn Error> {
    fn is_cancelled(&self) -> bool {
        error::is_cancelled(&**self)
    }
}

#[cfg(feature = "anyhow")]
impl BodyError<Anyhow> for anyhow::Error {
    fn is_cancelled(&self) -> bool {
        error::is_cancelled(&**self)
    }
}

/// The ready-made error of a body that needs no other: cancelled or elapsed, nothing else.
///
/// # Examples
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
/// use deadheat_timeout::{Cx, Interrupted, TokioClock, task};
/// use std::time::Duration;
///
/// async fn query(cx: &Cx<TokioClock>) -> Result<u32, Interrupted> {
///     cx.timeout(Duration::from_secs(3), async |cx| {
///         cx.wait(std::future::pending::<()>()).await?; // `Cancelled` becomes `Interrupted`
///         Ok(5)
///     })
///     .await // and so does `Elapsed`
/// }
///
/// let (work, handle) = task(&TokioClock, async |cx| query(&cx).await);
/// work.await;
/// assert!(matches!(handle.output(), Some(Err(Interrupted::Elapsed(_)))));
/// # });
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Interrupted {
    /// A cancel request was delivered.
    Cancelled(Cancelled),
    /// A deadline was reached.
    Elapsed(Elapsed),
}

impl std::fmt::Display for Interrupted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Interrupted::Cancelled(error) => error.fmt(f),
            Interrupted::Elapsed(error) => error.fmt(f),
        }
    }
}

impl Error for Interrupted {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Interrupted::Cancelled(error) => Some(error),
            Interrupted::Elapsed(error) => Some(error),
        }
    }
}

impl From<Cancelled> for Interrupted {
    fn from(error: Cancelled) -> Self {
        Interrupted::Cancelled(error)
    }
}

impl From<Elapsed> for Interrupted {
    fn from(error: Elapsed) -> Self {
        Interrupted::Elapsed(error)
    }
}
