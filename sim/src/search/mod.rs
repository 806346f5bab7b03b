//! Many runs of one program: which are made, and what is kept of them.

mod alike;
pub(crate) mod config;
pub(crate) mod determinism;
pub(crate) mod exploration;
pub(crate) mod explore;
mod guard;
pub(crate) mod maker;
pub(crate) mod mix;
pub(crate) mod orders;
pub(crate) mod regressions;
pub(crate) mod sampler;
pub(crate) mod single;
pub(crate) mod starved;
pub(crate) mod systematic;
pub(crate) mod tally;
mod team;
pub(crate) mod unused;
pub(crate) mod whole;
mod zones;

pub use config::Config;
pub use exploration::{Exploration, Failing, Found};
pub use explore::{Watch, explore, explore_future};
pub use mix::{Lane, Mix};
pub use orders::Orders;
pub use regressions::{RegressionError, Regressions};
pub use sampler::{Sampler, UnknownScheduler};
pub use single::Single;
pub use starved::notes;
pub use systematic::{explore_bounded, explore_exhaustive};
pub use whole::{write_whole, write_whole_unlocked};

pub use crate::engine::execute::Made;
