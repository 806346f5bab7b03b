//! Where something was made.

use std::panic::Location;

/// A place of the sources: file, line and column.
pub type Place = &'static Location<'static>;

/// Whether a place is in the sources of this library.
#[doc(hidden)]
#[must_use]
pub fn is_own(place: Place) -> bool {
    let folder = file!().trim_end_matches("place.rs");
    place.file().starts_with(folder)
}
