//! What comes of what a driver does: packets that come late, twice, in another order, in parts or not at all, and hosts
//! that crash.

mod anything;
mod crashes;
mod left;
mod lost;
mod memory;
mod numbers;
mod order;
mod wakes;
mod world;
