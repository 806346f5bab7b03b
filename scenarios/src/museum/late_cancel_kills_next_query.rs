//! The cancel of one query kills the next one (lib/pq #577, PR #578 was incomplete; #1001, PR #1000).
//!
//! PostgreSQL cancels a query by a request on another connection, and the request names the session, not
//! the query. lib/pq had a goroutine watch the query's context and send that request. As shipped, nothing
//! tied the two together: the watcher could send its request after the query had ended.
//!
//! With PR #578 the end of the query waits for a watcher that has begun to cancel. But the server answers
//! the request before the session has seen the signal, so a query that ends by itself just then leaves the
//! signal to the next. PR #1000 marks the session as bad before the request is sent: nobody uses it again.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use deadheat::{JoinHandle, always, log, sleep, spawn_named};

use super::flag::Flag;
use super::select::{Either, select};
use super::{Exhibit, Finder, ms};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "late-cancel-kills-next-query",
    summary: "a query ends at its deadline, and the cancel that was sent for it hits the next one",
    source: "lib/pq #577, PR #578, #1001, PR #1000",
    checked_by: "a query without a deadline is not cancelled",
    finder: Finder::Point,
    variants: variants! {
        "late-cancel-kills-next-query" Shipped: two_queries(Ending::Told);
        "late-cancel-kills-next-query-incomplete" Incomplete: two_queries(Ending::Waits);
        "late-cancel-kills-next-query-fixed" Fixed: two_queries(Ending::ClosesTheSession);
    },
};

/// What the end of a query has to do with its watcher.
#[derive(Clone, Copy, PartialEq)]
enum Ending {
    /// PR #535: it tells the watcher, which may be past listening.
    Told,
    /// PR #578: it waits until the watcher has sent its request, or tells it in time.
    Waits,
    /// PR #1000: a session that was sent a request is not used again.
    ClosesTheSession,
}

/// A query with a deadline, and one without, one after the other.
async fn two_queries(ending: Ending) {
    let database = Database {
        ending,
        idle: RefCell::default(),
    };
    database.query(Some(ms(100))).await.ok();
    log("the next query");
    let second = database.query(None).await;
    always(second.is_ok(), || {
        "the cancel of one query killed the next one".to_owned()
    });
}

/// The client's side: a pool of sessions.
struct Database {
    ending: Ending,
    idle: RefCell<Vec<Rc<Session>>>,
}

#[derive(Debug)]
struct Killed;

impl Database {
    async fn query(&self, limit: Option<Duration>) -> Result<(), Killed> {
        let idle = self.idle.borrow_mut().pop();
        let session = idle.unwrap_or_default();
        let watcher = limit.map(|limit| Watcher::start(self.ending, &session, limit));
        let result = session.run().await;
        if let Some(watcher) = watcher {
            watcher.finish(self.ending).await;
        }
        if !session.bad.get() {
            self.idle.borrow_mut().push(session);
        }
        result
    }
}

/// Waits for the deadline of a query, to send the request to cancel it.
struct Watcher {
    finished: Rc<Flag>,
    task: JoinHandle<()>,
}

impl Watcher {
    fn start(ending: Ending, session: &Rc<Session>, limit: Duration) -> Self {
        let finished = Rc::new(Flag::default());
        let (session, heard) = (Rc::clone(session), Rc::clone(&finished));
        let task = spawn_named("watcher", async move {
            let reached = matches!(select(heard.wait(), sleep(limit)).await, Either::Right(()));
            // With the fixes, whoever was told in the same moment sends nothing.
            let too_late = ending != Ending::Told && heard.is_set();
            if reached && !too_late {
                session.bad.set(ending == Ending::ClosesTheSession);
                request_cancel(session).await;
            }
        });
        Watcher { finished, task }
    }

    async fn finish(self, ending: Ending) {
        self.finished.set();
        if ending == Ending::Waits {
            self.task.await.ok();
        }
    }
}

/// Sends the request on a connection of its own. The server closes that one once it has sent the session
/// a signal, which arrives a little later.
async fn request_cancel(session: Rc<Session>) {
    sleep(ms(7)..=ms(31)).await;
    spawn_named("signal", async move {
        sleep(Duration::from_micros(50)..=ms(3)).await;
        log("the signal arrives");
        session.signal();
    });
}

/// The server's side: a process that runs one query at a time.
#[derive(Default)]
struct Session {
    bad: Cell<bool>,
    running: RefCell<Option<Rc<Flag>>>,
}

impl Session {
    async fn run(&self) -> Result<(), Killed> {
        let killed = Rc::new(Flag::default());
        *self.running.borrow_mut() = Some(Rc::clone(&killed));
        let end = select(sleep(ms(31)..=ms(200)), killed.wait()).await;
        self.running.take();
        match end {
            Either::Left(()) => Ok(()),
            Either::Right(()) => Err(Killed),
        }
    }

    /// Kills the query that runs now, whichever it is.
    fn signal(&self) {
        if let Some(killed) = &*self.running.borrow() {
            killed.set();
        }
    }
}
