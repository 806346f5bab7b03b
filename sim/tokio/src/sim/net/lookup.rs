//! Looking up the name of a host.

use std::io;
use std::net::SocketAddr;

use super::addr::{ToSocketAddrs, addresses};
use crate::sim::budget::in_run;

/// Looks up the addresses of a name; see [`ToSocketAddrs`].
///
/// # Errors
///
/// If there is no such name.
///
/// # Examples
///
/// See [`ToSocketAddrs`].
pub async fn lookup_host<T: ToSocketAddrs>(
    host: T,
) -> io::Result<impl Iterator<Item = SocketAddr>> {
    let found = match in_run() {
        true => addresses(host, "looks up").await?,
        false => tokio::net::lookup_host(host).await?.collect(),
    };
    Ok(found.into_iter())
}
