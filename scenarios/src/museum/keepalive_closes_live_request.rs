//! The keep-alive timer closes a connection on a request that has arrived (aiohttp #9138, PR #9140).
//!
//! Between two requests the server's handler waits on a future, the waiter; the arrival of a request
//! completes it, and the handler goes on in a later turn. The keep-alive callback took "there is a
//! waiter" for "the connection is idle". Where it ran between the two, it closed the connection on a
//! request that was parsed and waiting to be served.
//!
//! The fix asks whether the waiter is still pending. (Upstream the callback also waits until its time is
//! over, not only reached; a clock that stands still while things happen would never let it.)

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use deadheat::{Instant, always, log, now, sleep, sleep_until, spawn_named};

use super::{Exhibit, Finder, ms};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "keepalive-closes-live-request",
    summary: "the idle timer fires after a request has arrived and before it is taken up",
    source: "aiohttp #9138, PR #9140",
    checked_by: "no connection is closed with a request that has arrived and is not served",
    finder: Finder::Tie,
    variants: variants! {
        "keepalive-closes-live-request" Shipped: serve(Idle::HasWaiter);
        "keepalive-closes-live-request-fixed" Fixed: serve(Idle::WaiterIsPending);
    },
};

const KEEP_ALIVE: Duration = ms(100);

/// When the keep-alive callback takes a connection for idle.
#[derive(Clone, Copy)]
enum Idle {
    /// Up to 3.10.5: there is a waiter.
    HasWaiter,
    /// There is one, and nothing has completed it.
    WaiterIsPending,
}

/// A client that sends a request from time to time, over one connection.
async fn serve(idle: Idle) {
    let connection = Rc::new(Connection {
        idle,
        requests: Cell::new(0),
        waiter: RefCell::default(),
        closed: Cell::new(false),
        close_time: Cell::default(),
        has_timer: Cell::new(false),
    });
    let handler = spawn_named("handler", connection.clone().handle());
    for _ in 0..4 {
        if connection.closed.get() {
            log("the client finds the connection closed");
            break;
        }
        connection.data_received();
        sleep(ms(31)..=ms(190)).await;
    }
    connection.force_close();
    handler.await.ok();
}

/// `aiohttp.web_protocol.RequestHandler`.
struct Connection {
    idle: Idle,
    /// Parsed and not taken up.
    requests: Cell<u32>,
    waiter: RefCell<Option<Waiter>>,
    closed: Cell<bool>,
    close_time: Cell<Instant>,
    has_timer: Cell<bool>,
}

/// The future that the handler waits on.
#[derive(Default)]
struct Waiter {
    done: bool,
    waker: Option<Waker>,
}

impl Waiter {
    fn complete(&mut self) {
        self.done = true;
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    fn poll(&mut self, cx: &Context<'_>) -> Poll<()> {
        if self.done {
            return Poll::Ready(());
        }
        self.waker = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl Connection {
    fn data_received(&self) {
        log("a request arrives");
        self.requests.set(self.requests.get() + 1);
        if let Some(waiter) = &mut *self.waiter.borrow_mut() {
            waiter.complete();
        }
    }

    async fn handle(self: Rc<Self>) {
        while !self.closed.get() {
            if self.requests.get() == 0 {
                *self.waiter.borrow_mut() = Some(Waiter::default());
                poll_fn(|cx| match &mut *self.waiter.borrow_mut() {
                    Some(waiter) => waiter.poll(cx),
                    None => Poll::Ready(()),
                })
                .await;
                *self.waiter.borrow_mut() = None;
                continue;
            }
            self.requests.set(self.requests.get() - 1);
            sleep(ms(7)..=ms(23)).await;
            self.close_time.set(now() + KEEP_ALIVE);
            self.start_timer();
        }
    }

    fn start_timer(self: &Rc<Self>) {
        if !self.has_timer.replace(true) {
            let connection = self.clone();
            spawn_named("keep-alive", async move {
                sleep_until(connection.close_time.get()).await;
                connection.has_timer.set(false);
                connection.process_keepalive();
            });
        }
    }

    fn process_keepalive(self: &Rc<Self>) {
        if self.closed.get() {
            return;
        }
        if now() < self.close_time.get() {
            return self.start_timer();
        }
        let is_idle = match (&*self.waiter.borrow(), self.idle) {
            (None, _) => false,
            (Some(_), Idle::HasWaiter) => true,
            (Some(waiter), Idle::WaiterIsPending) => !waiter.done,
        };
        if is_idle {
            log("closed as idle");
            let unserved = self.requests.get() > 0;
            always(!unserved, || {
                "closed a connection on a request that has arrived".to_owned()
            });
            self.force_close();
        }
    }

    fn force_close(&self) {
        self.closed.set(true);
        if let Some(waiter) = &mut *self.waiter.borrow_mut() {
            waiter.complete();
        }
    }
}
