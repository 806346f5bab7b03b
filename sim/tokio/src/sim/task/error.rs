//! Why a task has no output.

use std::any::Any;
use std::error::Error;
use std::sync::{Mutex, PoisonError};
use std::{fmt, io};

use deadheat::program::Caught;

use super::Id;

/// The task was aborted, or it panicked.
pub struct JoinError(Why);

enum Why {
    Tokio(tokio::task::JoinError),
    Cancelled(Id),
    /// The lock only makes it `Sync`.
    Panic(Id, Mutex<Box<dyn Any + Send>>),
}

impl JoinError {
    pub(crate) fn cancelled(id: Id) -> Self {
        JoinError(Why::Cancelled(id))
    }

    /// A panic of a task of the run. Whoever has this is told of it.
    pub(crate) fn panicked(id: Id, caught: Caught) -> Self {
        JoinError(Why::Panic(id, Mutex::new(caught.see())))
    }

    /// Whether the task was aborted, or its runtime shut down.
    pub fn is_cancelled(&self) -> bool {
        match &self.0 {
            Why::Tokio(error) => error.is_cancelled(),
            Why::Cancelled(_) => true,
            Why::Panic(..) => false,
        }
    }

    /// Whether the task panicked.
    pub fn is_panic(&self) -> bool {
        !self.is_cancelled()
    }

    /// What the task panicked with.
    ///
    /// # Panics
    ///
    /// If it did not.
    #[track_caller]
    pub fn into_panic(self) -> Box<dyn Any + Send + 'static> {
        self.try_into_panic()
            .expect("`JoinError` reason is not a panic.")
    }

    /// What the task panicked with.
    ///
    /// # Errors
    ///
    /// The error itself, if it did not.
    pub fn try_into_panic(self) -> Result<Box<dyn Any + Send + 'static>, JoinError> {
        match self.0 {
            Why::Tokio(error) => error.try_into_panic().map_err(JoinError::from),
            Why::Cancelled(_) => Err(self),
            Why::Panic(_, payload) => {
                Ok(payload.into_inner().unwrap_or_else(PoisonError::into_inner))
            }
        }
    }

    /// Which task it was.
    pub fn id(&self) -> Id {
        match &self.0 {
            Why::Tokio(error) => error.id().into(),
            Why::Cancelled(id) | Why::Panic(id, _) => *id,
        }
    }
}

/// What a panic says, if it is a text.
fn text(payload: &Mutex<Box<dyn Any + Send>>) -> Option<String> {
    let payload = payload.lock().unwrap_or_else(PoisonError::into_inner);
    let owned = payload.downcast_ref::<String>().cloned();
    owned.or_else(|| {
        payload
            .downcast_ref::<&'static str>()
            .map(ToString::to_string)
    })
}

impl fmt::Display for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Why::Tokio(error) => error.fmt(f),
            Why::Cancelled(id) => write!(f, "task {id} was cancelled"),
            Why::Panic(id, payload) => match text(payload) {
                Some(text) => write!(f, "task {id} panicked with message {text:?}"),
                None => write!(f, "task {id} panicked"),
            },
        }
    }
}

impl fmt::Debug for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Why::Tokio(error) => error.fmt(f),
            Why::Cancelled(id) => write!(f, "JoinError::Cancelled({id:?})"),
            Why::Panic(id, payload) => match text(payload) {
                Some(text) => write!(f, "JoinError::Panic({id:?}, {text:?}, ...)"),
                None => write!(f, "JoinError::Panic({id:?}, ...)"),
            },
        }
    }
}

impl Error for JoinError {}

impl From<tokio::task::JoinError> for JoinError {
    fn from(error: tokio::task::JoinError) -> Self {
        JoinError(Why::Tokio(error))
    }
}

impl From<JoinError> for io::Error {
    fn from(error: JoinError) -> Self {
        match error.0 {
            Why::Tokio(error) => error.into(),
            Why::Cancelled(_) => io::Error::other("task was cancelled"),
            Why::Panic(..) => io::Error::other("task panicked"),
        }
    }
}
