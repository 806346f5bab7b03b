//! Many runs of one program: which are made, and what is kept of them.

pub(crate) mod config;
pub(crate) mod determinism;
pub(crate) mod exploration;
pub(crate) mod explore;
pub(crate) mod maker;
pub(crate) mod orders;
pub(crate) mod regressions;
pub(crate) mod single;
pub(crate) mod systematic;
pub(crate) mod tally;
