//! A pool's wake-up is swallowed by a waiter that gives up (sqlx #622, #1210), written for tokio.
//!
//! A connection that comes back wakes whoever waits longest. If that one is dropped before its turn, since its
//! request ran into a timeout in the same moment, nobody else is woken.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use std::time::Duration;

use deadheat::{Config, check};
use deadheat_tokio as tokio;

const FIRST_PATIENCE: Duration = Duration::from_millis(400);
const SECOND_PATIENCE: Duration = Duration::from_millis(3000);

#[test]
fn the_swallowed_wake_is_found() {
    let failure = check(&Config::new().name("pool"), || service(Waking::Once)).unwrap_err();
    let report = failure.to_string();
    assert!(
        report.contains("timed out beside an idle connection"),
        "{report}"
    );
    assert!(failure.run.token.tape.len() <= 3, "{report}");
}

#[test]
fn the_wake_that_is_passed_on_is_not_lost() {
    check(&Config::new().name("pool"), || service(Waking::PassedOn)).unwrap();
}

#[derive(Clone, Copy, PartialEq)]
enum Waking {
    /// As it was shipped.
    Once,
    /// sqlx PR #1211: a waiter that was woken, and is dropped, wakes the next one.
    PassedOn,
}

/// Two requests, of which one is patient, wait for the connection that a report uses.
async fn service(waking: Waking) {
    let pool = Arc::new(Pool::new(waking));
    let reports = Arc::clone(&pool);
    let report = tokio::spawn(async move { query(&reports).await });
    let mut requests = Vec::new();
    for patience in [FIRST_PATIENCE, SECOND_PATIENCE] {
        latency(7, 90).await;
        let pool = Arc::clone(&pool);
        requests.push(tokio::spawn(async move {
            tokio::select! {
                biased;
                () = tokio::time::sleep(patience) => pool.has_none_idle(patience),
                () = query(&pool) => {}
            }
        }));
    }
    for request in requests {
        request.await.expect("no panic");
    }
    report.await.expect("no panic");
}

async fn query(pool: &Pool) {
    let _connection = pool.acquire().await;
    latency(31, 600).await;
}

/// What is not the code under test: how long the network takes.
async fn latency(low: u64, high: u64) {
    deadheat::sleep(Duration::from_millis(low)..=Duration::from_millis(high)).await;
}

struct Pool {
    waking: Waking,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    idle: usize,
    waiters: VecDeque<Arc<Mutex<Waiter>>>,
}

#[derive(Default)]
struct Waiter {
    woken: bool,
    waker: Option<Waker>,
}

impl Pool {
    fn new(waking: Waking) -> Self {
        let state = State {
            idle: 1,
            ..State::default()
        };
        Pool {
            waking,
            state: Mutex::new(state),
        }
    }

    fn has_none_idle(&self, patience: Duration) {
        let idle = self.state.lock().unwrap().idle;
        // The impatient one may have been woken in this moment.
        assert!(
            idle == 0 || patience == FIRST_PATIENCE,
            "a request timed out beside an idle connection"
        );
    }

    async fn acquire(&self) -> Connection<'_> {
        if self.take_idle(true) {
            return Connection(self);
        }
        loop {
            let mut place = self.join_line();
            place.woken().await;
            place.had_its_turn = true;
            if self.take_idle(false) {
                return Connection(self);
            }
        }
    }

    /// Nobody cuts in line.
    fn take_idle(&self, behind_others: bool) -> bool {
        let mut state = self.state.lock().unwrap();
        let free = state.idle > 0 && (!behind_others || state.waiters.is_empty());
        state.idle -= usize::from(free);
        free
    }

    fn join_line(&self) -> Place<'_> {
        let waiter = Arc::default();
        let mut state = self.state.lock().unwrap();
        state.waiters.push_back(Arc::clone(&waiter));
        Place {
            pool: self,
            waiter,
            had_its_turn: false,
        }
    }

    fn wake_next(&self) {
        let next = self.state.lock().unwrap().waiters.pop_front();
        let waker = next.and_then(|next| {
            let mut next = next.lock().unwrap();
            next.woken = true;
            next.waker.take()
        });
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// A place in the line.
struct Place<'a> {
    pool: &'a Pool,
    waiter: Arc<Mutex<Waiter>>,
    had_its_turn: bool,
}

impl Place<'_> {
    async fn woken(&self) {
        poll_fn(|cx| {
            let mut waiter = self.waiter.lock().unwrap();
            if waiter.woken {
                return Poll::Ready(());
            }
            waiter.waker = Some(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut state = self.pool.state.lock().unwrap();
        state
            .waiters
            .retain(|other| !Arc::ptr_eq(other, &self.waiter));
        drop(state);
        let woken = self.waiter.lock().unwrap().woken;
        if woken && !self.had_its_turn && self.pool.waking == Waking::PassedOn {
            self.pool.wake_next();
        }
    }
}

/// A connection in use; it goes back to the pool when it is dropped.
struct Connection<'a>(&'a Pool);

impl Drop for Connection<'_> {
    fn drop(&mut self) {
        self.0.state.lock().unwrap().idle += 1;
        self.0.wake_next();
    }
}
