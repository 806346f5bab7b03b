//! The backend: knows what each share costs, of some only just in time, and takes orders from who has a lease.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

use crate::{Version, lease};

/// How long it takes to find out what a share costs that is called `slow…`: a little less than anybody waits.
const SLOW: Duration = Duration::from_micros(49_500);

/// What a share costs: its name's length, so that an answer tells which question it is for.
#[must_use]
pub fn price(share: &str) -> usize {
    share.len()
}

/// An order that was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// When it was done.
    pub at: Instant,
    /// When its lease ended.
    pub until: Instant,
}

/// What the backend remembers.
#[derive(Debug)]
pub struct Backend {
    version: Version,
    /// When each lease ends. A lease's token is its place in here.
    leases: Mutex<Vec<Instant>>,
    orders: Mutex<Vec<Order>>,
}

impl Backend {
    /// One that has seen nothing yet.
    #[must_use]
    pub fn new(version: Version) -> Backend {
        Backend {
            version,
            leases: Mutex::default(),
            orders: Mutex::default(),
        }
    }

    /// What was ordered, the first first.
    pub fn orders(&self) -> Vec<Order> {
        locked(&self.orders).clone()
    }

    fn grant(&self) -> String {
        let mut leases = locked(&self.leases);
        leases.push(Instant::now() + lease::TTL);
        (leases.len() - 1).to_string()
    }

    fn order(&self, token: &str) -> String {
        let token: Option<usize> = token.parse().ok();
        let until = token.and_then(|token| locked(&self.leases).get(token).copied());
        let at = Instant::now();
        match until {
            None => "unknown".to_owned(),
            Some(until) if self.version == Version::Mended && at >= until => "expired".to_owned(),
            Some(until) => {
                locked(&self.orders).push(Order { at, until });
                "done".to_owned()
            }
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Answers for ever.
pub async fn serve(listener: TcpListener, backend: Arc<Backend>) -> io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(answer(stream, Arc::clone(&backend)));
    }
}

async fn answer(stream: TcpStream, backend: Arc<Backend>) -> io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    while let Some(question) = lines.next_line().await? {
        if question.starts_with("slow") {
            tokio::time::sleep(SLOW).await;
        }
        let words: Vec<&str> = question.split(' ').collect();
        let answer = match words[..] {
            ["lease"] => backend.grant(),
            ["order", token, _share] => backend.order(token),
            _ => price(&question).to_string(),
        };
        write.write_all(format!("{answer}\n").as_bytes()).await?;
    }
    Ok(())
}
