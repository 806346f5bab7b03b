//! Whoever watches over runs from outside, and is told of what a report can no longer tell: of a run that
//! ends the process, of one that takes no step any more, and, if asked for, of each run as it begins.
//!
//! 1. The library tells nothing by itself: a [`Witness`] is made by whoever has an output, and what it is told
//!    goes through a function of theirs. So it is with the clock and the end of the process ([`Outside`]).
//! 2. Threads without a witness pay a look at a thread-local for each run, and a branch for each turn.
//! 3. Nothing of what is told here changes a run.
//!
//! [`#[deadheat::test]`](crate::testing) and the command `deadheat` have one; a program of one's own that
//! explores may make one, too.

mod pulse;
mod watchdog;
mod words;

use std::cell::{Cell, RefCell};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub(crate) use pulse::{Doing, Pulse};
pub use watchdog::{ENDED, Outside, Watchdog, is_traced};

use crate::base::bounds::Bounds;
use crate::decide::token::Token;
use crate::record::panic::Noted;

/// What a run can be made again by.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Again {
    /// It is run `n` of an exploration, from 0.
    Number(u64),
    /// It is the run of a token.
    Token(Token),
}

type Tell = dyn Fn(&str) + Send + Sync;
type Line = dyn Fn(&Again) -> Option<String> + Send + Sync;

/// Somebody who is told of the runs that are made while they [watch](Witness::watch).
///
/// # Examples
///
/// ```
/// use deadheat::{Config, check, sleep};
/// use deadheat::witness::Witness;
/// use std::sync::{Arc, Mutex};
/// use std::time::Duration;
///
/// let told = Arc::new(Mutex::new(String::new()));
/// let page = Arc::clone(&told);
/// let witness = Arc::new(Witness::new(move |text| page.lock().unwrap().push_str(text)).announcing(true));
/// witness.watch("nap", |_| None, || check(&Config::new().runs(2), || sleep(Duration::from_secs(1)))).unwrap();
/// assert!(told.lock().unwrap().starts_with("deadheat: nap: run 1, seed 0, scheduler "));
/// ```
pub struct Witness {
    tell: Box<Tell>,
    announces: bool,
    pulses: Mutex<Vec<Arc<Pulse>>>,
}

/// What is watched.
pub(crate) struct Subject {
    name: String,
    again: Box<Line>,
}

impl fmt::Debug for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Witness")
            .field("announces", &self.announces)
            .field("threads", &self.pulses().len())
            .finish_non_exhaustive()
    }
}

impl Witness {
    /// A witness that is told whole lines. `tell` is called on any thread, also inside the panic hook of a
    /// process that is about to end.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Config, check};
    /// use deadheat::witness::Witness;
    /// use std::sync::Arc;
    ///
    /// let witness = Arc::new(Witness::new(|text| eprint!("{text}")));
    /// let runs = witness.watch("pool", |_| None, || check(&Config::new().runs(20), || async {}));
    /// assert_eq!(runs.unwrap(), 20); // nothing was told: no run ended the process
    /// ```
    pub fn new(tell: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Witness {
            tell: Box::new(tell),
            announces: false,
            pulses: Mutex::default(),
        }
    }

    /// Whether to be told of each run before it begins: what ends the process without unwinding (an abort, an
    /// overflow of the stack, no memory) leaves nothing else behind.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Config, run};
    /// use deadheat::witness::Witness;
    /// use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
    /// use std::sync::Arc;
    ///
    /// static TOLD: AtomicU64 = AtomicU64::new(0);
    /// let witness = Witness::new(|_| { TOLD.fetch_add(1, Relaxed); }).announcing(true);
    /// Arc::new(witness).watch("pool", |_| None, || run(&Config::new(), || async {})).unwrap();
    /// assert_eq!(TOLD.load(Relaxed), 1);
    /// ```
    #[must_use = "it gives the witness back"]
    pub fn announcing(mut self, announces: bool) -> Self {
        self.announces = announces;
        self
    }

    /// Watches the runs that are made in `f`: on this thread, and on those that an exploration starts for them.
    ///
    /// `again` gives the line for a shell that makes one run again, if there is such a line.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Config, check};
    /// use deadheat::witness::{Again, Witness};
    /// use std::sync::Arc;
    ///
    /// let again = |again: &Again| match again {
    ///     Again::Number(number) => Some(format!("my-tool --only {number}")),
    ///     _ => None,
    /// };
    /// let witness = Arc::new(Witness::new(|text| eprint!("{text}")));
    /// let checked = witness.watch("pool", again, || check(&Config::new().runs(20), || async {}));
    /// assert!(checked.is_ok());
    /// ```
    pub fn watch<R>(
        self: &Arc<Self>,
        name: &str,
        again: impl Fn(&Again) -> Option<String> + Send + Sync + 'static,
        f: impl FnOnce() -> R,
    ) -> R {
        let subject = Arc::new(Subject {
            name: name.to_owned(),
            again: Box::new(again),
        });
        let watched = Watched {
            witness: Arc::clone(self),
            subject,
        };
        watched.within(f)
    }

    pub(crate) fn tell(&self, text: &str) {
        (self.tell)(text);
    }

    fn pulses(&self) -> Vec<Arc<Pulse>> {
        let pulses = self.pulses.lock().unwrap_or_else(PoisonError::into_inner);
        pulses.clone()
    }

    fn enter(&self, pulse: &Arc<Pulse>) {
        let mut pulses = self.pulses.lock().unwrap_or_else(PoisonError::into_inner);
        pulses.push(Arc::clone(pulse));
    }

    fn leave(&self, pulse: &Arc<Pulse>) {
        let mut pulses = self.pulses.lock().unwrap_or_else(PoisonError::into_inner);
        pulses.retain(|other| !Arc::ptr_eq(other, pulse));
    }
}

/// The threads that are watched, by whomever.
static SEATED: Mutex<Vec<(Arc<Witness>, Arc<Pulse>)>> = Mutex::new(Vec::new());

fn seated() -> MutexGuard<'static, Vec<(Arc<Witness>, Arc<Pulse>)>> {
    SEATED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether a run may be under way on any thread that is watched.
pub(crate) fn is_anybody_watched() -> bool {
    !seated().is_empty()
}

thread_local! {
    /// Whether there is a seat. It is asked for each run.
    static IS_WATCHED: Cell<bool> = const { Cell::new(false) };
    static SEAT: RefCell<Option<Seat>> = const { RefCell::new(None) };
}

/// A thread that is watched.
struct Seat {
    watched: Watched,
    pulse: Arc<Pulse>,
    /// What the next run can be made again by.
    next: Option<Again>,
}

/// Who watches what.
#[derive(Clone)]
pub(crate) struct Watched {
    witness: Arc<Witness>,
    subject: Arc<Subject>,
}

impl Watched {
    fn within<R>(self, f: impl FnOnce() -> R) -> R {
        let pulse = Arc::new(Pulse::new(Arc::clone(&self.subject)));
        self.witness.enter(&pulse);
        seated().push((Arc::clone(&self.witness), Arc::clone(&pulse)));
        let seat = Seat {
            watched: self,
            pulse,
            next: None,
        };
        let _sitting = Sitting(SEAT.replace(Some(seat)));
        IS_WATCHED.set(true);
        f()
    }
}

/// A thread is watched as long as this lives; then whoever watched it before does again.
struct Sitting(Option<Seat>);

impl Drop for Sitting {
    fn drop(&mut self) {
        IS_WATCHED.set(self.0.is_some());
        if let Ok(Some(seat)) = SEAT.try_with(|seat| seat.replace(self.0.take())) {
            seat.watched.witness.leave(&seat.pulse);
            seated().retain(|(_, pulse)| !Arc::ptr_eq(pulse, &seat.pulse));
        }
    }
}

/// Who watches this thread, for the threads that it starts.
pub(crate) fn watched() -> Option<Watched> {
    SEAT.with_borrow(|seat| seat.as_ref().map(|seat| seat.watched.clone()))
}

/// The seat of this thread, with what its next run can be made again by, for a thread that makes that run in its place.
pub(crate) fn seat() -> Option<(Watched, Option<Again>)> {
    SEAT.with_borrow_mut(|seat| {
        let seat = seat.as_mut()?;
        Some((seat.watched.clone(), seat.next.take()))
    })
}

/// Does so in its place.
pub(crate) fn on_seat<R>(seat: Option<(Watched, Option<Again>)>, f: impl FnOnce() -> R) -> R {
    let Some((watched, next)) = seat else {
        return f();
    };
    watched.within(|| {
        if let Some(next) = next {
            next_is(|| next);
        }
        f()
    })
}

/// Runs a part of what a watched thread does, on another thread.
pub(crate) fn also<R>(watched: Option<Watched>, f: impl FnOnce() -> R) -> R {
    match watched {
        Some(watched) => watched.within(f),
        None => f(),
    }
}

/// Says what the next run of this thread can be made again by.
#[inline]
pub(crate) fn next_is(again: impl FnOnce() -> Again) {
    if !IS_WATCHED.get() {
        return;
    }
    SEAT.with_borrow_mut(|seat| {
        if let Some(seat) = seat {
            seat.next = Some(again());
        }
    });
}

/// A run begins on this thread. If somebody watches, it is to be told how the run goes on.
#[inline]
pub(crate) fn begin(seed: u64, bounds: Bounds, scheduler: &'static str) -> Option<Arc<Pulse>> {
    if IS_WATCHED.get() {
        begin_watched(seed, bounds, scheduler)
    } else {
        None
    }
}

#[cold]
fn begin_watched(seed: u64, bounds: Bounds, scheduler: &'static str) -> Option<Arc<Pulse>> {
    let (pulse, announced) = SEAT.with_borrow_mut(|seat| {
        let seat = seat.as_mut()?;
        seat.pulse.begin(seat.next.take(), seed, bounds, scheduler);
        let witness = &seat.watched.witness;
        let subject = &seat.watched.subject;
        let announced = witness.announces.then(|| {
            let text = words::announcement(subject, &seat.pulse.run());
            (Arc::clone(witness), text)
        });
        Some((Arc::clone(&seat.pulse), announced))
    })?;
    if let Some((witness, text)) = announced {
        witness.tell(&text);
    }
    Some(pulse)
}

/// The process is about to end, by a panic that nothing can catch.
#[cold]
pub(crate) fn last_words(last: &Noted, before: &[Noted]) {
    let seat = SEAT.try_with(|seat| {
        let seat = seat.try_borrow().ok()?;
        let seat = seat.as_ref()?;
        Some((Arc::clone(&seat.watched.witness), Arc::clone(&seat.pulse)))
    });
    let Some((witness, pulse)) = seat.ok().flatten() else {
        return;
    };
    witness.tell(&words::last_words(&pulse, last, before));
}

/// The same on a thread that makes no run, as one that a program starts itself. If a single run is under way, it
/// is most likely of this program; of several nobody can tell which one it is.
#[cold]
pub(crate) fn last_words_elsewhere(last: &Noted, before: &[Noted]) {
    let seated = seated().clone();
    if let Some((witness, pulse)) = only_one_under_way(&seated) {
        witness.tell(&words::last_words_elsewhere(pulse, last, before));
    }
}

fn only_one_under_way(
    seated: &[(Arc<Witness>, Arc<Pulse>)],
) -> Option<&(Arc<Witness>, Arc<Pulse>)> {
    let mut under_way = seated
        .iter()
        .filter(|(_, pulse)| pulse.doing() != Doing::Nothing);
    under_way.next().filter(|_| under_way.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_named_from_elsewhere_only_if_it_is_the_only_one_under_way() {
        let seat = || {
            let subject = Subject {
                name: String::new(),
                again: Box::new(|_| None),
            };
            (
                Arc::new(Witness::new(|_| ())),
                Arc::new(Pulse::new(Arc::new(subject))),
            )
        };
        let seated = [seat(), seat(), seat()];
        let begin = |seat: usize| seated[seat].1.begin(None, 0, Bounds::EXACT, "fifo");
        let named = || only_one_under_way(&seated).map(|(_, pulse)| Arc::as_ptr(pulse));
        assert_eq!(named(), None);
        begin(1);
        assert_eq!(named(), Some(Arc::as_ptr(&seated[1].1)));
        begin(2);
        assert_eq!(named(), None);
        seated[1].1.end();
        assert_eq!(named(), Some(Arc::as_ptr(&seated[2].1)));
    }
}
