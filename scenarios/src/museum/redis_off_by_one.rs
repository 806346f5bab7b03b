//! A cancelled command leaves its reply on the connection (redis-py #2624, #2665; fixed by PR #2666 in 4.5.4).
//!
//! A Redis connection has no request numbers: the nth reply is the reply to the nth request. A caller that
//! was cancelled after it had written and before it had read gave the connection back to the pool with the
//! reply still to come, and the next caller read it as its own. From then on every reply on that
//! connection was off by one.
//!
//! 4.5.3 (PR #2641) let only pipelines run to their end in a shielded task, so that a cancel of the caller
//! does not reach the connection. 4.5.4 did the same for plain commands. (4.5.5 closes the connection
//! instead, for both.)

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use deadheat::program::{SimClock, spawn_task};
use deadheat::{always, log, sleep};
use deadheat_timeout::{Cancelled, Cx, Interrupted, shield};

use super::{Exhibit, Finder, ms};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "redis-off-by-one",
    summary: "a command cancelled between request and reply leaves the reply to the next command",
    source: "redis-py #2624, #2665, PR #2666",
    checked_by: "a reply is the reply to the command that reads it",
    finder: Finder::Point,
    variants: variants! {
        "redis-off-by-one" Shipped: session(Shielded::Nothing);
        "redis-off-by-one-incomplete" Incomplete: session(Shielded::Pipelines);
        "redis-off-by-one-fixed" Fixed: session(Shielded::Everything);
    },
};

/// What runs to its end even if its caller is cancelled.
#[derive(Clone, Copy, PartialEq)]
enum Shielded {
    /// Up to 4.5.1.
    Nothing,
    /// 4.5.3.
    Pipelines,
    /// 4.5.4.
    Everything,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Command,
    Pipeline,
}

/// A pipeline and a command that are given up after a while, then one more command.
async fn session(shielded: Shielded) {
    let client = Rc::new(Client::new(shielded));
    for (name, kind) in [("set foo", Kind::Pipeline), ("get foo", Kind::Command)] {
        let client = Rc::clone(&client);
        let caller = spawn_task(name, async move |cx| {
            client.execute(&cx, name, kind).await?;
            Ok::<_, Interrupted>(())
        });
        sleep(ms(31)..=ms(200)).await;
        caller.cancel();
        caller.ended().await.ok();
    }
    let last = spawn_task("get bar", async move |cx| {
        client.execute(&cx, "get bar", Kind::Command).await?;
        Ok::<_, Interrupted>(())
    });
    last.ended().await.ok();
}

struct Client {
    shielded: Shielded,
    pool: Rc<Pool>,
}

impl Client {
    fn new(shielded: Shielded) -> Self {
        let pool = Rc::default();
        Client { shielded, pool }
    }

    async fn execute(
        &self,
        cx: &Cx<SimClock>,
        request: &'static str,
        kind: Kind,
    ) -> Result<(), Cancelled> {
        let shielded = match self.shielded {
            Shielded::Nothing => false,
            Shielded::Pipelines => kind == Kind::Pipeline,
            Shielded::Everything => true,
        };
        let connection = self.pool.take(cx).await?;
        let pool = Rc::clone(&self.pool);
        if !shielded {
            return pool.call(cx, connection, request).await;
        }
        let call = spawn_task("shielded", async move |cx| {
            pool.call(&cx, connection, request).await?;
            Ok::<_, Interrupted>(())
        });
        cx.wait(shield(&call)).await.map(|_| ())
    }
}

/// The connections that nobody uses.
#[derive(Default)]
struct Pool(RefCell<Vec<Connection>>);

impl Pool {
    /// A connection of the pool, or a new one if all are in use.
    async fn take(&self, cx: &Cx<SimClock>) -> Result<Connection, Cancelled> {
        let idle = self.0.borrow_mut().pop();
        match idle {
            Some(connection) => Ok(connection),
            None => {
                cx.wait(sleep(ms(7)..=ms(31))).await?;
                Ok(Connection::default())
            }
        }
    }

    /// Writes a request, reads a reply, and gives the connection back however that went.
    async fn call(
        &self,
        cx: &Cx<SimClock>,
        connection: Connection,
        request: &'static str,
    ) -> Result<(), Cancelled> {
        connection.write(request);
        let reply = cx.wait(connection.read()).await;
        if reply.is_err() {
            log("cancelled while the reply was on its way");
        }
        self.0.borrow_mut().push(connection);
        let answered = reply?;
        always(answered == Some(request), || {
            "a command read the reply to another one".to_owned()
        });
        Ok(())
    }
}

/// The requests that were written and whose reply has not been read.
#[derive(Default)]
struct Connection(RefCell<VecDeque<&'static str>>);

impl Connection {
    fn write(&self, request: &'static str) {
        self.0.borrow_mut().push_back(request);
    }

    /// The next reply, as the request that it answers: replies come in the order of the requests.
    async fn read(&self) -> Option<&'static str> {
        sleep(ms(7)..=ms(90)).await;
        self.0.borrow_mut().pop_front()
    }
}
