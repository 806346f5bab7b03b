//! What a step can end in, other than well.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use deadheat_timeout::{Cancelled, Elapsed};

use crate::ast::HandlerKind;

/// An error of a scenario's task.
#[derive(Debug, Clone)]
pub(crate) enum Raised {
    /// A delivered cancel request.
    Cancelled(Cancelled),
    /// A timeout: a scope's, or one that a step raised itself (T11).
    Timeout(Option<Elapsed>),
    /// Any other error, by its name.
    Error(Arc<str>),
}

impl Raised {
    pub(crate) fn named(name: &str) -> Self {
        match name {
            "timeout" => Raised::Timeout(None),
            name => Raised::Error(Arc::from(name)),
        }
    }

    pub(crate) fn kind(&self) -> HandlerKind {
        match self {
            Raised::Cancelled(_) => HandlerKind::Cancelled,
            Raised::Timeout(_) => HandlerKind::Timeout,
            Raised::Error(_) => HandlerKind::Error,
        }
    }
}

impl fmt::Display for Raised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Raised::Cancelled(_) => f.write_str("cancelled"),
            Raised::Timeout(_) => f.write_str("timeout"),
            Raised::Error(name) => write!(f, "error:{name}"),
        }
    }
}

impl Error for Raised {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Raised::Cancelled(error) => Some(error),
            Raised::Timeout(Some(error)) => Some(error),
            Raised::Timeout(None) | Raised::Error(_) => None,
        }
    }
}

impl From<Cancelled> for Raised {
    fn from(error: Cancelled) -> Self {
        Raised::Cancelled(error)
    }
}

impl From<Elapsed> for Raised {
    fn from(error: Elapsed) -> Self {
        Raised::Timeout(Some(error))
    }
}
