//! Where a user comes in: plain functions, the attribute, cancel safety, property tests.

pub mod cancel_safe;
pub(crate) mod check;
pub mod drill;
pub(crate) mod every;
pub(crate) mod keep;
pub(crate) mod old;
pub mod prelude;
#[cfg(feature = "proptest")]
pub mod property;
pub mod testing;
