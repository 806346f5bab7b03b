//! One end of a TCP connection, by itself: it knows no table and no other socket, and says what it sends.

pub(crate) mod listener;
pub(crate) mod receiving;
pub(crate) mod sending;
pub(crate) mod stream;
