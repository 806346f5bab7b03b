//! What the tests of this package share.

pub mod cpython;
pub mod strategy;
