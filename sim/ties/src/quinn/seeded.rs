//! What quinn and rustls draw, drawn from the run.

use std::sync::Arc;
use std::time::Duration;

use ::quinn::{ConnectionId, ConnectionIdGenerator, EndpointConfig};
use deadheat::random;
use rustls::crypto::{CryptoProvider, GetRandomFailed, SecureRandom};

/// How long a connection id is: quinn's own default.
const ID_BYTES: usize = 8;

/// The default configuration of an endpoint, with its seed and its connection ids drawn from the run.
///
/// # Determinism
///
/// Eight draws of the stream [`Purpose::User`](deadheat::decide::Purpose::User), and two for each connection id. The key
/// of stateless resets is a real random number.
///
/// # Panics
///
/// Outside of a run.
pub fn endpoint_config() -> EndpointConfig {
    let mut seed = [0; 32];
    fill(&mut seed);
    let mut config = EndpointConfig::default();
    config.rng_seed(Some(seed));
    config.cid_generator(|| Box::new(Ids));
    config
}

/// rustls's provider on `ring`, with its random numbers drawn from the run.
///
/// The keys of the key exchange are made inside `ring`, from real random numbers: they change bytes that
/// nobody reads, and no length.
///
/// # Panics
///
/// Not here; outside of a run, when a connection draws.
pub fn crypto_provider() -> Arc<CryptoProvider> {
    Arc::new(CryptoProvider {
        secure_random: &Draws,
        ..rustls::crypto::ring::default_provider()
    })
}

fn fill(bytes: &mut [u8]) {
    for chunk in bytes.chunks_mut(4) {
        let drawn = random(1 << 32).to_le_bytes();
        chunk.copy_from_slice(&drawn[..chunk.len()]);
    }
}

#[derive(Debug)]
struct Draws;

impl SecureRandom for Draws {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), GetRandomFailed> {
        fill(bytes);
        Ok(())
    }
}

#[derive(Debug)]
struct Ids;

impl ConnectionIdGenerator for Ids {
    fn generate_cid(&mut self) -> ConnectionId {
        let mut id = [0; ID_BYTES];
        fill(&mut id);
        ConnectionId::new(&id)
    }

    fn cid_len(&self) -> usize {
        ID_BYTES
    }

    fn cid_lifetime(&self) -> Option<Duration> {
        None
    }
}
