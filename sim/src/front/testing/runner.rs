//! What runs a test: cargo, cargo-nextest, `cargo deadheat`.

/// What runs a test, so that it is to be run again that way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Runner {
    /// cargo-nextest runs it.
    pub nextest: bool,
    /// `cargo deadheat` has put the whole graph on the simulation.
    pub graph: bool,
}
