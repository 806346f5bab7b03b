//! The halves of a stream of Unix.

use super::stream::UnixStream;
use crate::sim::net::halves::halves;

halves!(UnixStream, tokio::net::unix::SocketAddr);
