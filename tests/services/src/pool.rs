//! A pool of connections to the backend.

use std::io;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};

use crate::Version;
use crate::lines::Lines;

/// Connections that nobody uses.
#[derive(Debug)]
pub struct Pool {
    address: SocketAddr,
    version: Version,
    idle: Mutex<Vec<Lines>>,
}

/// A connection that is used, and goes back when it is dropped.
#[derive(Debug)]
struct Used<'a> {
    pool: &'a Pool,
    lines: Option<Lines>,
    /// Its last answer was read.
    is_clean: bool,
}

impl Pool {
    /// One without connections.
    #[must_use]
    pub fn new(address: SocketAddr, version: Version) -> Pool {
        Pool {
            address,
            version,
            idle: Mutex::default(),
        }
    }

    /// Asks the backend.
    pub async fn ask(&self, question: &str) -> io::Result<String> {
        let mut used = self.take().await?;
        let lines = used.lines.as_mut().expect("it is used");
        used.is_clean = false;
        let answer = lines.ask(question).await?;
        used.is_clean = true;
        Ok(answer)
    }

    async fn take(&self) -> io::Result<Used<'_>> {
        let idle = self
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        let lines = match idle {
            Some(lines) => lines,
            None => Lines::connect(self.address).await?,
        };
        Ok(Used {
            pool: self,
            lines: Some(lines),
            is_clean: true,
        })
    }
}

impl Drop for Used<'_> {
    fn drop(&mut self) {
        if self.is_clean || self.pool.version == Version::First {
            let idle = self.pool.idle.lock();
            let mut idle = idle.unwrap_or_else(PoisonError::into_inner);
            idle.extend(self.lines.take());
        }
    }
}
