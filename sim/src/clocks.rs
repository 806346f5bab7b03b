//! Clocks that are not right: a wall clock that jumps, a node's clock that is off and drifts, timers of
//! a coarse resolution. Each is there only in programs that make one.

mod coarse;
mod node;
mod wall;

pub use coarse::{Coarse, CoarseTimer, Rounding};
pub use node::{NodeClock, NodeTimer};
pub use wall::WallClock;
