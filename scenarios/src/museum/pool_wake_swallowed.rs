//! A pool's wake-up is swallowed by a waiter that gives up (sqlx #622, #1210; fixed by PR #1211).
//!
//! A connection that comes back wakes whoever waits longest, and that one takes it in its next turn. If it
//! is dropped before that turn (its request ran into a timeout in the same moment), the connection lies
//! idle, and nobody else is woken: the others wait until their own timeouts end beside a free connection.
//!
//! The first fix let every waiter look again each half second: nobody waits longer than that for nothing. PR
//! #1211 has a waiter that was woken and is dropped wake the next one.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use deadheat::{Instant, clock, log, never, now, sleep, spawn_named};
use deadheat_timeout::timeout;

use super::select::{Either, select};
use super::{Exhibit, Finder, ms};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "pool-wake-swallowed",
    summary: "a waiter that was woken is dropped before its turn, and the next one is not woken",
    source: "sqlx #622, #1210, PR #1211",
    checked_by: "nobody waits beside an idle connection",
    finder: Finder::Tie,
    variants: variants! {
        "pool-wake-swallowed" Shipped: service(Waking::Once);
        "pool-wake-swallowed-incomplete" Incomplete: service(Waking::Periodic);
        "pool-wake-swallowed-fixed" Fixed: service(Waking::PassedOn);
    },
};

/// Who wakes a waiter besides a connection that comes back.
#[derive(Clone, Copy, PartialEq)]
enum Waking {
    /// Nobody.
    Once,
    /// A clock: every waiter looks again at times.
    Periodic,
    /// PR #1211: a waiter that was woken, and is dropped.
    PassedOn,
}

/// Two requests, of which one is patient, wait for the connection that a report uses.
async fn service(waking: Waking) {
    let pool = Rc::new(Pool::new(waking));
    let reports = Rc::clone(&pool);
    let report = spawn_named("report", async move { query(&reports).await });
    let mut requests = Vec::new();
    for (name, patience) in [("first", ms(400)), ("second", ms(3000))] {
        sleep(ms(7)..=ms(90)).await;
        let pool = Rc::clone(&pool);
        let request = spawn_named(name, async move {
            if let Either::Right(()) = select(query(&pool), sleep(patience)).await {
                log("the request timed out");
            }
        });
        requests.push(request);
    }
    for request in requests {
        request.await.ok();
    }
    report.await.ok();
}

async fn query(pool: &Pool) {
    let _connection = pool.acquire().await;
    sleep(ms(31)..=ms(600)).await;
}

struct Pool {
    waking: Waking,
    /// The idle connections, each as the moment since when.
    idle: RefCell<Vec<Instant>>,
    waiters: RefCell<VecDeque<Rc<Waiter>>>,
}

#[derive(Default)]
struct Waiter {
    woken: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

impl Pool {
    fn new(waking: Waking) -> Self {
        Pool {
            waking,
            idle: RefCell::new(vec![now()]),
            waiters: RefCell::default(),
        }
    }

    /// Nobody cuts in line: who comes while others wait joins them.
    async fn acquire(&self) -> Connection<'_> {
        if self.waiters.borrow().is_empty() && self.take_idle() {
            return Connection(self);
        }
        loop {
            let mut place = self.join_line();
            while !place.waiter.woken.get() {
                place.wait().await;
                if self.take_idle() {
                    place.had_its_turn = true;
                    return Connection(self);
                }
            }
            // Somebody else was quicker: back into the line.
            place.had_its_turn = true;
        }
    }

    fn take_idle(&self) -> bool {
        self.idle.borrow_mut().pop().is_some()
    }

    fn join_line(&self) -> Place<'_> {
        let waiter = Rc::new(Waiter::default());
        self.waiters.borrow_mut().push_back(Rc::clone(&waiter));
        Place {
            pool: self,
            waiter,
            since: now(),
            had_its_turn: false,
        }
    }

    fn release(&self) {
        self.idle.borrow_mut().push(now());
        self.wake_next();
    }

    fn wake_next(&self) {
        let next = self.waiters.borrow_mut().pop_front();
        if let Some(next) = next {
            next.woken.set(true);
            if let Some(waker) = next.waker.take() {
                waker.wake();
            }
        }
    }
}

/// A place in the line.
struct Place<'a> {
    pool: &'a Pool,
    waiter: Rc<Waiter>,
    since: Instant,
    /// Whoever waited has run since it was woken, or needs no waking any more.
    had_its_turn: bool,
}

impl Place<'_> {
    /// Waits to be woken, and says if that took longer than it had to.
    async fn wait(&self) {
        let woken = poll_fn(|cx| {
            if self.waiter.woken.get() {
                return Poll::Ready(());
            }
            *self.waiter.waker.borrow_mut() = Some(cx.waker().clone());
            Poll::Pending
        });
        if self.pool.waking == Waking::Periodic {
            timeout(&clock(), ms(500), woken).await.ok();
        } else {
            woken.await;
        }
        self.never_beside_an_idle_connection();
    }

    fn never_beside_an_idle_connection(&self) {
        let beside = |idle_since: &Instant| (self.since..now()).contains(idle_since);
        let beside_one = self.pool.idle.borrow().iter().any(beside);
        never(beside_one, || {
            "a request waited beside an idle connection".to_owned()
        });
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.pool
            .waiters
            .borrow_mut()
            .retain(|other| !Rc::ptr_eq(other, &self.waiter));
        if self.had_its_turn {
            return;
        }
        self.never_beside_an_idle_connection();
        if self.waiter.woken.get() {
            log("dropped after it was woken");
            if self.pool.waking == Waking::PassedOn {
                self.pool.wake_next();
            }
        }
    }
}

/// A connection in use; it goes back to the pool when it is dropped.
struct Connection<'a>(&'a Pool);

impl Drop for Connection<'_> {
    fn drop(&mut self) {
        self.0.release();
    }
}
