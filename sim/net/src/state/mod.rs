//! What a network consists of.

pub(crate) mod hosts;
pub(crate) mod ports;
pub(crate) mod ring;
pub(crate) mod table;
pub(crate) mod udp;
pub(crate) mod unix;
pub(crate) mod wire;
