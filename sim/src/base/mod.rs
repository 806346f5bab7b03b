//! What everything else stands on: virtual time, random streams, limits, text that steers no terminal.

pub(crate) mod bounds;
pub(crate) mod differences;
pub(crate) mod grouped;
pub(crate) mod grow;
pub(crate) mod interned;
pub(crate) mod line;
pub(crate) mod printable;
pub(crate) mod rng;
pub(crate) mod time;
pub(crate) mod verdict;
pub(crate) mod whose;
