//! A lock is let go of half-way (redis-py #3847; fixed by PR #3900).
//!
//! `Lock.release` of the asyncio client forgot its token and then awaited the unlock on the server. A
//! cancel that came in between (while it waited for a connection) left the key on the server, and
//! nobody knew its token any more: a second `release` said "cannot release an unlocked lock", and
//! without an expiry nobody could ever take the lock again.
//!
//! The fix forgets the token when the server has answered: until then `release` can be called again.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use deadheat::program::{SimClock, spawn_task};
use deadheat::{always, sleep, spawn_named};
use deadheat_timeout::{Cancelled, Cx, Interrupted};

use super::{Exhibit, Finder, ms};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "release-cancelled-half-way",
    summary: "a cancelled release has forgotten its token and not unlocked the server",
    source: "redis-py #3847, PR #3900",
    checked_by: "at every await somebody can still release the lock",
    finder: Finder::Point,
    variants: variants! {
        "release-cancelled-half-way" Shipped: shutdown(Forgets::Before);
        "release-cancelled-half-way-fixed" Fixed: shutdown(Forgets::After);
    },
};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Forgets {
    /// Up to 7.1: the token is forgotten, then the server is asked.
    Before,
    /// Once the server has answered.
    After,
}

/// A worker that holds a lock is cancelled; another client wants the lock next.
async fn shutdown(forgets: Forgets) {
    let server = Server::default();
    server.set_if_unset("worker's").await;
    let lock = Lock {
        forgets,
        server: server.clone(),
        token: Cell::new(Some("worker's")),
    };
    let worker = spawn_task("worker", async move |cx| {
        let worked = cx.wait(sleep(ms(7)..=ms(90))).await;
        let released = lock.release(&cx).await;
        if released.is_err() && lock.token.get().is_some() {
            // Cancelled on the way: it cleans up, and nobody cancels it twice.
            lock.release_uncancelled().await;
        }
        worked?;
        Ok::<_, Interrupted>(released?)
    });
    sleep(ms(23)..=ms(310)).await;
    worker.cancel();
    let _ = worker.ended().await;
    // What is on its way to the server arrives.
    sleep(Duration::from_secs(1)).await;
    let free = server.set_if_unset("next").await;
    always(free, || {
        "the worker has ended, and nobody can release its lock".to_owned()
    });
}

/// What the value of a lock's key on the server is.
type Token = &'static str;

/// `redis.asyncio.lock.Lock`.
struct Lock {
    forgets: Forgets,
    server: Server,
    token: Cell<Option<Token>>,
}

impl Lock {
    async fn release(&self, cx: &Cx<SimClock>) -> Result<(), Cancelled> {
        cx.wait(self.release_uncancelled()).await
    }

    async fn release_uncancelled(&self) {
        let Some(token) = self.token.get() else {
            return;
        };
        if self.forgets == Forgets::Before {
            self.token.set(None);
        }
        self.server.delete_if(token).await;
        self.token.set(None);
    }
}

/// A server with one key. Once a command is sent it will be executed.
#[derive(Clone, Default)]
struct Server {
    key: Rc<Cell<Option<Token>>>,
}

impl Server {
    async fn set_if_unset(&self, token: Token) -> bool {
        let key = self.key.clone();
        self.execute(move || key.get().is_none().then(|| key.set(Some(token))).is_some())
            .await
    }

    /// The release script: `DEL` if the key has this value.
    async fn delete_if(&self, token: Token) -> bool {
        let key = self.key.clone();
        self.execute(move || key.get() == Some(token) && key.take().is_some())
            .await
    }

    async fn execute(&self, command: impl FnOnce() -> bool + 'static) -> bool {
        // A connection of the pool, or a new one.
        sleep(ms(1)..=ms(40)).await;
        let reply = spawn_named("server", async move {
            sleep(ms(7)..=ms(30)).await;
            let reply = command();
            sleep(ms(7)..=ms(30)).await;
            reply
        });
        reply.await.unwrap_or(false)
    }
}
