//! Does the kernel do what Linux does? Each program runs once on the sockets of this machine and once on the kernel. It
//! says itself what it expects of both, and beyond that both have to answer each call alike, with the same number of an
//! error.
//!
//! What a call does on the loopback of Linux has arrived when the call returns, mostly; so on the kernel everything is
//! delivered after each call.
#![cfg(target_os = "linux")]

mod buffers;
mod closing;
mod connecting;
mod kernel;
mod machine;
mod ports;
mod random;
mod readiness;
mod resets;
mod stack;
mod udp;
mod unix_datagrams;
mod unix_streams;
