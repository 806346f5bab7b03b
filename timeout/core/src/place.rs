//! Where something was made.

use std::panic::Location;

/// A place of the sources: file, line and column.
pub type Place = &'static Location<'static>;
