//! Hosts that crash, and files that forget.

mod files;
mod hosts;
mod mains;
mod store;
mod wal;
