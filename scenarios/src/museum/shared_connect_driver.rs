//! One caller's timeout fails all the others (hyper-util #299, the singleton pool).
//!
//! All callers that want the one HTTP/2 connection share one attempt to connect. The first caller's
//! future drove it, the others waited for its result. When the first caller's timeout dropped that
//! future, the attempt was dropped with it, and every other caller got "canceled" for an answer, though
//! its own time had not run out.
//!
//! The fix hands the attempt on, like a baton, to another caller that still waits.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use deadheat::{always, clock, log, sleep, spawn_named};
use deadheat_timeout::timeout;

use super::{Exhibit, Finder, ms};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "shared-connect-driver",
    summary: "a caller that drives a shared connect times out, and all who wait for it fail",
    source: "hyper-util #299",
    checked_by: "a timeout of one caller changes nothing for another",
    finder: Finder::Point,
    variants: variants! {
        "shared-connect-driver" Shipped: callers(OnDrop::Ditch);
        "shared-connect-driver-fixed" Fixed: callers(OnDrop::PassBaton);
    },
};

/// What becomes of the shared attempt when the caller that drives it is dropped.
#[derive(Clone, Copy)]
enum OnDrop {
    /// Before #299: it is dropped, and the pool is empty again.
    Ditch,
    /// Another caller drives it.
    PassBaton,
}

/// Three requests that come one soon after the other, each with its own timeout.
async fn callers(on_drop: OnDrop) {
    let pool = Singleton {
        on_drop,
        calls: Rc::default(),
        state: Rc::default(),
    };
    let callers = ["first", "second", "third"].map(|name| {
        let pool = pool.clone();
        spawn_named(name, async move {
            sleep(ms(1)..=ms(70)).await;
            match timeout(&clock(), ms(100), pool.call()).await {
                Ok(Connected::Yes) => {}
                Ok(Connected::Canceled) => {
                    always(false, || {
                        "a caller failed because of another one's timeout".to_owned()
                    });
                }
                Err(_) => log("timed out"),
            }
        })
    });
    for caller in callers {
        caller.await.ok();
    }
}

#[derive(Clone, Copy)]
enum Connected {
    Yes,
    Canceled,
}

/// `hyper_util::client::pool::singleton::Singleton`.
#[derive(Clone)]
struct Singleton {
    on_drop: OnDrop,
    calls: Rc<Cell<u32>>,
    state: Rc<RefCell<State>>,
}

#[derive(Default)]
enum State {
    #[default]
    Empty,
    Making(Batch),
    Made,
}

/// An attempt to connect and those who share it.
struct Batch {
    connect: Pin<Box<dyn Future<Output = ()>>>,
    /// The first one drives.
    callers: Vec<(u32, Option<Waker>)>,
}

impl Singleton {
    fn call(&self) -> Call {
        let number = self.calls.get() + 1;
        self.calls.set(number);
        let caller = (number, None);
        match &mut *self.state.borrow_mut() {
            state @ State::Empty => {
                *state = State::Making(Batch {
                    connect: Box::pin(sleep(ms(23)..=ms(190))),
                    callers: vec![caller],
                });
            }
            State::Making(batch) => batch.callers.push(caller),
            State::Made => {}
        }
        Call {
            pool: self.clone(),
            number,
        }
    }
}

/// The future of [`Singleton::call`].
struct Call {
    pool: Singleton,
    number: u32,
}

impl Future for Call {
    type Output = Connected;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Connected> {
        let mut state = self.pool.state.borrow_mut();
        let State::Making(batch) = &mut *state else {
            return Poll::Ready(match *state {
                State::Made => Connected::Yes,
                _ => Connected::Canceled,
            });
        };
        let Some(place) = batch.place(self.number) else {
            return Poll::Ready(Connected::Canceled);
        };
        if place == 0 && batch.connect.as_mut().poll(cx).is_ready() {
            batch.wake_all();
            *state = State::Made;
            return Poll::Ready(Connected::Yes);
        }
        batch.callers[place].1 = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let mut state = self.pool.state.borrow_mut();
        let State::Making(batch) = &mut *state else {
            return;
        };
        let Some(place) = batch.place(self.number) else {
            return;
        };
        batch.callers.remove(place);
        if place != 0 {
            return;
        }
        batch.wake_all();
        if batch.callers.is_empty() || matches!(self.pool.on_drop, OnDrop::Ditch) {
            *state = State::Empty;
        }
    }
}

impl Batch {
    fn place(&self, number: u32) -> Option<usize> {
        self.callers
            .iter()
            .position(|(caller, _)| *caller == number)
    }

    fn wake_all(&mut self) {
        for (_, waker) in &mut self.callers {
            if let Some(waker) = waker.take() {
                waker.wake();
            }
        }
    }
}
