//! The network of a run: hosts, what lies between them, and sockets.
//!
//! A program that is written for tokio finds it behind `tokio::net` where deadheat-tokio stands in the place of tokio: with
//! one host, so that `127.0.0.1:0` works as it stands. What is sent is there at once, and nothing goes wrong, until a test
//! asks for something else:
//!
//! ```
//! use deadheat::net;
//! use std::time::Duration;
//!
//! let run = deadheat::run(&deadheat::Config::new(), || async {
//!     let db = net::host("db");
//!     db.spawn(async { /* a server, which binds 0.0.0.0:5432 */ });
//!     net::link("test", "db").latency(Duration::from_millis(1)..=Duration::from_millis(80)).may_hang();
//!     assert_eq!(db.address().to_string(), "10.0.0.2");
//! });
//! run.unwrap();
//! ```
//!
//! What may take long is decided as any latency is, and what may go wrong is a decision like any fault: recorded, replayed,
//! and taken away by the shrinker.

mod crash;
mod cut;
mod files;
mod hands;
mod host;
mod journey;
mod link;
mod mishap;
mod mortal;
mod name;
mod outage;
mod own_main;
mod passage;
mod patience;
mod short;
mod socket;
mod wire;

pub use deadheat_disk as disk;
pub use deadheat_net as kernel;

pub use crate::engine::sealed::replaces_socket;
pub use crate::record::asked::Fault;
pub use crate::state::disks::Made;
pub use crate::state::network::Direction;

pub use cut::{cut, cut_one_way, heal, hold, release};
pub use files::Files;
pub use host::{Host, host, lookup};
pub use link::{Link, link};
pub use name::{Name, name, resolve};
pub use outage::is_going_down;
pub use own_main::hand_over;
pub use socket::{Socket, tell};
