//! Lends connections. Who comes when there is none may wait, and is handed the next one that comes back.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use tokio::sync::oneshot;

use crate::Connection;

/// Connections, lent and idle.
#[derive(Debug, Default)]
pub struct Pool {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    idle: Vec<Connection>,
    waiting: VecDeque<oneshot::Sender<Connection>>,
}

impl Pool {
    /// A pool of these connections.
    pub fn new(connections: impl IntoIterator<Item = Connection>) -> Self {
        let idle = connections.into_iter().collect();
        let waiting = VecDeque::new();
        Pool {
            inner: Mutex::new(Inner { idle, waiting }),
        }
    }

    /// An idle connection; else where one will be handed over.
    ///
    /// # Errors
    ///
    /// The place where to wait, if every connection is lent.
    pub fn take(&self) -> Result<Connection, oneshot::Receiver<Connection>> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.idle.pop().ok_or_else(|| {
            let (waiter, handed_over) = oneshot::channel();
            inner.waiting.push_back(waiter);
            handed_over
        })
    }

    /// Gives a connection back: to whoever waits longest, else to those that are idle.
    pub fn release(&self, mut connection: Connection) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(waiter) = inner.waiting.pop_front() {
            match waiter.send(connection) {
                Ok(()) => return,
                Err(back) => connection = back,
            }
        }
        inner.idle.push(connection);
    }

    /// How many connections nobody has.
    pub fn idle(&self) -> usize {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.idle.len()
    }
}
