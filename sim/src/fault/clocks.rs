//! Clocks that are not right: a wall clock that jumps, a node's clock that is off and drifts, timers of
//! a coarse resolution. Each is there only in programs that make one.

mod coarse;
mod node;
mod shifted;
mod wall;

pub use coarse::{Coarse, Rounding};
pub use node::NodeClock;
pub use shifted::ShiftedTimer;
pub use wall::WallClock;
