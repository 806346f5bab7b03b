//! Two clocks disagree on whether a timer is due (quinn PR #686).
//!
//! The driver of a connection read the clock once a turn and used that moment for the rest of it. The
//! timer reads the clock itself. Where the deadline fell in between, the timer said "due", the
//! connection looked at its older moment and said "not yet", and the driver armed the same deadline
//! again: which was due at once. It went round for ever, in one turn.
//!
//! The fix reads the clock anew for each timer that fires. (async-io had the same spin with one clock,
//! where "exactly now" was due to one side and not to the other.)

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use deadheat::program::{Sleep, busy};
use deadheat::{Instant, always, log, now, sleep, sleep_until, spawn_named};

use super::{Exhibit, Finder, ms};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "cached-now-spin",
    summary: "a timer is due by its own clock and not by the moment its user has kept",
    source: "quinn PR #686",
    checked_by: "a turn goes round only a few times",
    finder: Finder::Clock,
    variants: variants! {
        "cached-now-spin" Shipped: connection(Moment::OfTheTurn);
        "cached-now-spin-fixed" Fixed: connection(Moment::OfTheTimer);
    },
};

/// Which moment the connection is told, when a timer of its is due.
#[derive(Clone, Copy)]
enum Moment {
    /// The one read at the start of the turn.
    OfTheTurn,
    /// One read now.
    OfTheTimer,
}

/// More rounds than a turn can need.
const ROUNDS_MAX: u32 = 100;
/// The probe timeout.
const PROBE: Duration = ms(50);

/// An application writes to a connection now and then.
async fn connection(moment: Moment) {
    let state = Rc::new(State::default());
    let driver = spawn_named(
        "driver",
        Driver {
            moment,
            state: state.clone(),
            probe_at: None,
            timer: None,
        },
    );
    for _ in 0..4 {
        sleep(ms(7)..=ms(90)).await;
        state.to_send.set(state.to_send.get() + 1);
        state.wake();
    }
    state.closed.set(true);
    state.wake();
    driver.await.ok();
}

/// What the application and the driver share.
#[derive(Default)]
struct State {
    to_send: Cell<u32>,
    closed: Cell<bool>,
    driver: RefCell<Option<Waker>>,
}

impl State {
    fn wake(&self) {
        if let Some(driver) = self.driver.take() {
            driver.wake();
        }
    }
}

/// `quinn::connection::ConnectionDriver`.
struct Driver {
    moment: Moment,
    state: Rc<State>,
    /// The connection's own timer: when to probe for what was sent and not acknowledged.
    probe_at: Option<Instant>,
    timer: Option<Delay>,
}

impl Future for Driver {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        if this.state.closed.get() {
            return Poll::Ready(());
        }
        let started = now();
        this.drive_transmit(started);
        *this.state.driver.borrow_mut() = Some(cx.waker().clone());
        this.drive_timer(started, cx)
    }
}

impl Driver {
    fn drive_transmit(&mut self, at: Instant) {
        for _ in 0..self.state.to_send.take() {
            busy(Duration::from_micros(7)..=ms(2));
            self.probe_at.get_or_insert(at + PROBE);
        }
    }

    fn drive_timer(&mut self, started: Instant, cx: &mut Context<'_>) -> Poll<()> {
        for _ in 0..ROUNDS_MAX {
            if let Some(timer) = &mut self.timer {
                if timer.poll(cx).is_pending() {
                    return Poll::Pending;
                }
                self.timer = None;
                self.handle_timeout(match self.moment {
                    Moment::OfTheTurn => started,
                    Moment::OfTheTimer => now(),
                });
            }
            let Some(probe_at) = self.probe_at else {
                return Poll::Pending;
            };
            self.timer = Some(Delay::until(probe_at));
        }
        always(false, || {
            "the driver goes round and round in one turn".to_owned()
        });
        Poll::Ready(())
    }

    fn handle_timeout(&mut self, at: Instant) {
        if self.probe_at.is_some_and(|probe_at| probe_at <= at) {
            log("probe");
            self.probe_at = None;
        }
    }
}

/// `tokio::time::Delay`, which looks at the clock whenever it is polled.
struct Delay {
    deadline: Instant,
    sleep: Sleep,
}

impl Delay {
    fn until(deadline: Instant) -> Self {
        Delay {
            deadline,
            sleep: sleep_until(deadline),
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match Pin::new(&mut self.sleep).poll(cx) {
            Poll::Pending if now() < self.deadline => Poll::Pending,
            _ => Poll::Ready(()),
        }
    }
}
