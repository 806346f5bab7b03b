//! What the driver does: packets are delivered or refused, connections fail, hosts crash.

mod crash;
mod deliver;
mod did;
mod fault;
mod told;

pub use crash::Crash;
pub use deliver::Delivery;
pub use fault::Failure;
