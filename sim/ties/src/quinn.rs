//! quinn on the run: its timers and tasks, a network in memory, and random numbers of the run.
//!
//! 1. Time and tasks are [`Runtime`]'s: handshakes, retransmissions, keep-alives and idle timeouts happen in
//!    virtual time.
//! 2. Datagrams travel on a [`Network`] of `deadheat::fault::Link`s: latency, loss, duplication and overtaking are
//!    decisions of the run.
//! 3. What decides the course of a connection is drawn from the run: the seed in [`endpoint_config`]. So are
//!    connection ids and, with [`crypto_provider`], rustls's draws, so that fewer bytes differ.
//!
//! **What still differs from run to run**: the bytes of key shares, of keys that protect tokens and stateless
//! resets, and so of everything encrypted. Nothing is decided by them and no length depends on them, as long as
//! signatures have a fixed length: use Ed25519 certificates, since ECDSA's and their encoding do not. Dates:
//! rustls checks certificates by the real date, quinn stamps tokens with it (`ServerConfig::time_source`).

mod network;
mod seeded;

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use ::quinn as upstream;
use deadheat::program::SimTimer;
use deadheat::{clock, now};
use deadheat_timeout::{Clock as _, Timer as _};

use crate::{from_std, to_std};

pub use network::{Network, Socket};
pub use seeded::{crypto_provider, endpoint_config};

/// Time and tasks of the run, for `quinn::Endpoint::new_with_abstract_socket`.
///
/// # Panics
///
/// Outside of a run, in every method but `wrap_udp_socket`, which gives an error: a real socket takes no
/// part in a run. Bind one on a [`Network`].
///
/// # Examples
///
/// An endpoint that waits for nobody, until it is told to stop:
///
/// ```
/// use deadheat::{Config, run, sleep, spawn};
/// use deadheat::fault::Link;
/// use deadheat_ties::quinn::{Network, Runtime, endpoint_config};
/// use std::{sync::Arc, time::Duration};
///
/// run(&Config::new(), || async {
///     let network = Network::new(Link::new(Duration::from_millis(20)));
///     let socket = network.bind("10.0.0.1:443".parse().unwrap()).unwrap();
///     let endpoint = quinn::Endpoint::new_with_abstract_socket(
///         endpoint_config(), None, socket, Arc::new(Runtime)).unwrap();
///     let waits = spawn({ let endpoint = endpoint.clone(); async move { endpoint.accept().await.is_none() }});
///     sleep(Duration::from_secs(1)).await;
///     endpoint.close(0u32.into(), b"enough");
///     assert_eq!(waits.await, Ok(true));
/// })
/// .unwrap();
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Runtime;

impl upstream::Runtime for Runtime {
    fn new_timer(&self, at: Instant) -> Pin<Box<dyn upstream::AsyncTimer>> {
        Box::pin(Timer(clock().timer(from_std(at))))
    }

    #[track_caller]
    fn spawn(&self, future: Pin<Box<dyn Future<Output = ()> + Send>>) {
        drop(deadheat::spawn(future));
    }

    fn wrap_udp_socket(
        &self,
        _socket: std::net::UdpSocket,
    ) -> io::Result<Arc<dyn upstream::AsyncUdpSocket>> {
        Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "a real socket takes no part in a run: bind one on a deadheat_ties::quinn::Network, and give it \
             to Endpoint::new_with_abstract_socket",
        ))
    }

    fn now(&self) -> Instant {
        to_std(now())
    }
}

/// A timer of the run, as quinn asks for it.
struct Timer(SimTimer);

impl Timer {
    fn timer(self: Pin<&mut Self>) -> Pin<&mut SimTimer> {
        Pin::new(&mut self.get_mut().0)
    }
}

impl upstream::AsyncTimer for Timer {
    fn reset(self: Pin<&mut Self>, at: Instant) {
        self.timer().reset(from_std(at));
    }

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.timer().poll(cx)
    }
}

impl fmt::Debug for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
