//! The keeper of tokens wants a lock whose holder waits for the keeper (etcd #7492; GoKer etcd/7492).
//!
//! A user that logs in gets a token: under the store's lock it is put into the table and its name is sent to the
//! keeper, over a channel of one. The keeper notes when each token ends. With each tick of its ticker it deletes those
//! that have ended, and takes the lock for that. A tick that comes while one login has filled the channel and another
//! holds the lock and waits to send leaves both waiting for each other.
//!
//! The fix has no channel: the keeper has a lock of its own for what it notes.
//!
//! The life of a token and the ticker's period are those of etcd's own test, 10 ms each. That one has fifty users, and
//! here are ten.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use deadheat::program::waiting_for;
use deadheat::{Instant, log, now, sleep, spawn_named};

use super::{Channel, Either, Exhibit, Finder, Flag, Lock, ms, select};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "etcd-7492",
    summary: "a tick needs the lock of a login that waits for the ticker's task to receive",
    source: "etcd #7492",
    checked_by: "every login ends",
    finder: Finder::Order,
    variants: variants! {
        "etcd-7492" Shipped: logins(Noting::BySending);
        "etcd-7492-fixed" Fixed: logins(Noting::Directly);
    },
};

const TOKEN_LIFE: Duration = ms(10);
const PERIOD: Duration = ms(10);
const USERS: u64 = 10;
const ROUNDS: u64 = 3;

/// How a login tells the keeper of its token.
#[derive(Clone, Copy)]
enum Noting {
    BySending,
    Directly,
}

/// Users log in side by side, a few times.
async fn logins(noting: Noting) {
    let store = Rc::new(Store {
        noting,
        lock: Lock::new(),
        tokens: RefCell::default(),
        added: Channel::new(1),
        ends: RefCell::default(),
        stopped: Flag::default(),
        numbers: Cell::new(0),
    });
    spawn_named("keeper", Rc::clone(&store).keep());
    for _ in 0..ROUNDS {
        let users: Vec<_> = (0..USERS)
            .map(|_| spawn_named("user", Rc::clone(&store).log_in()))
            .collect();
        for user in users {
            waiting_for("a login".into(), user).await.ok();
        }
    }
    store.stopped.set();
}

struct Store {
    noting: Noting,
    lock: Lock,
    tokens: RefCell<Vec<u64>>,
    added: Rc<Channel<u64>>,
    /// When each token ends, which is the keeper's.
    ends: RefCell<Vec<(u64, Instant)>>,
    stopped: Flag,
    numbers: Cell<u64>,
}

impl Store {
    async fn log_in(self: Rc<Self>) {
        sleep(ms(1)..=ms(15)).await; // the password's hash
        self.lock.lock().await;
        let token = self.numbers.get();
        self.numbers.set(token + 1);
        self.tokens.borrow_mut().push(token);
        match self.noting {
            Noting::BySending => self.added.send(token).await,
            Noting::Directly => self.note(token),
        }
        self.lock.unlock();
    }

    fn note(&self, token: u64) {
        self.ends.borrow_mut().push((token, now() + TOKEN_LIFE));
    }

    async fn keep(self: Rc<Self>) {
        let mut next_tick = now() + PERIOD;
        loop {
            let news = select(self.added.receive(), self.stopped.wait());
            match select(news, deadheat::sleep_until(next_tick)).await {
                Either::Left(Either::Left(Some(token))) => self.note(token),
                Either::Left(_) => return,
                Either::Right(()) => {
                    self.delete_ended().await;
                    next_tick = (next_tick + PERIOD).max(now());
                }
            }
        }
    }

    async fn delete_ended(&self) {
        let is_over = |(_, end): &(u64, Instant)| *end < now();
        let ended: Vec<_> = self
            .ends
            .borrow_mut()
            .extract_if(.., |end| is_over(end))
            .collect();
        for (token, _) in ended {
            log("a token has ended");
            self.lock.lock().await;
            self.tokens.borrow_mut().retain(|kept| *kept != token);
            self.lock.unlock();
        }
    }
}
