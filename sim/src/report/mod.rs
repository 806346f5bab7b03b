//! What is told of a run that failed, and the runs that are made to find it out.

mod annotation;
mod carriers;
mod colour;
pub(crate) mod columns;
pub(crate) mod dullest;
pub(crate) mod excerpt;
pub(crate) mod failure;
pub(crate) mod fate;
pub(crate) mod nearest;
pub(crate) mod repeat;
pub(crate) mod shrink;
pub(crate) mod signature;
pub(crate) mod slack;
pub(crate) mod trials;
pub(crate) mod waits;
pub(crate) mod whole;
mod width;
pub(crate) mod words;

pub use annotation::annotation;
pub use colour::coloured;
pub use dullest::shrunk;
pub use failure::Failure;
pub use fate::Fate;
pub use nearest::Nearest;
pub use slack::Slack;
pub use whole::{report, report_kept};
pub use width::within_columns;

pub use deadheat_seal::terminal_columns;

pub use crate::base::printable::Printable;
