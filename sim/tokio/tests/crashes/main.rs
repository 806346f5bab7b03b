//! Hosts that crash, and files that forget.

mod files;
mod hosts;
mod store;
mod wal;
