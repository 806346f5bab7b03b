//! `#[deadheat::test]` as people use it: tests of this very file, run by themselves in a process of their
//! own, and what they print.

mod child;
mod deadly;
mod environment;
mod fixtures;
mod kept;
mod pictures;
mod replay;
mod reports;
mod shown;
mod watched;
