//! A pool of connections to the backend.

use std::io;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{sleep, timeout};

use crate::Version;
use crate::lines::Lines;

/// How long a connect may take, and how long an answer.
const PATIENCE: Duration = Duration::from_millis(500);
/// How often a connect is tried.
const TRIES: u32 = 4;
/// How long is waited before the second try. It doubles with each.
const BACK_OFF: Duration = Duration::from_millis(100);

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
        let answer = match self.version {
            Version::First => lines.ask(question).await?,
            Version::Mended => timeout(PATIENCE, lines.ask(question)).await??,
        };
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
            None => self.connect().await?,
        };
        Ok(Used {
            pool: self,
            lines: Some(lines),
            is_clean: true,
        })
    }

    /// Connects. Nothing has been asked yet, so that it can be tried again.
    async fn connect(&self) -> io::Result<Lines> {
        if self.version == Version::First {
            return Lines::connect(self.address).await;
        }
        let mut back_off = BACK_OFF;
        for _ in 1..TRIES {
            if let Ok(Ok(lines)) = timeout(PATIENCE, Lines::connect(self.address)).await {
                return Ok(lines);
            }
            sleep(back_off).await;
            back_off *= 2;
        }
        timeout(PATIENCE, Lines::connect(self.address)).await?
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
