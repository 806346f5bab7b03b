//! What must hold in every run: each a fold over its events, in a file of its own.
//!
//! Nothing here knows the executor. What only the executor can see (a timer that fires early, a timer left behind)
//! it reports itself.
//!
//! One of a user's own is an [`Invariant`], and comes in by [`Config::invariant`](crate::Config::invariant).
//!
//! Deliberately not among them: "the body that refuses a cancel is wrong". asyncio allows it, and a scenario that
//! forbids it says so itself.

// To add one that is on in every run: its file, and its line in the list below.

mod event;
mod numbered;
mod own;

use std::fmt;
use std::hash::{Hash, Hasher};

use deadheat_timeout as lib;

pub use event::{End, Event, Happened};
pub(crate) use own::{Own, Owns};

use crate::base::line::Line;
use crate::base::time::Instant;

/// What must hold in every run, judged by its events and its end.
///
/// It is made anew for each run, and told of each event as it happens. It keeps what it needs to know of those before.
/// See [`Config::invariant`](crate::Config::invariant).
///
/// It must not act on the run: [`now`](fn@crate::now) and the like panic here, as there is no run for them.
///
/// # Panics
///
/// One that panics, where it is made, told or dropped, fails the run: the report has its name and the place. It is told
/// of nothing any more in this run.
pub trait Invariant {
    /// What must hold, in a few words: the first thing that a report says of it.
    fn name(&self) -> &'static str;

    /// Something happened.
    ///
    /// # Errors
    ///
    /// What was found, if the invariant does not hold any more. The run goes on, fails, and the report has it. Two runs
    /// fail in the same way if they say the same but for digits: a shorter run is taken for the failing one only then.
    /// So a text that says what is wrong, and not in which order it came about, lets more be left out.
    fn event(&mut self, event: &Event<'_>) -> Result<(), String>;

    /// The run has ended; its tasks are not dropped yet.
    ///
    /// # Errors
    ///
    /// What was found, if the invariant does not hold.
    fn end(&mut self, end: &End) -> Result<(), String> {
        let _ = end;
        Ok(())
    }
}

/// One that is on in every run, and keeps its memory from run to run.
trait Builtin: Invariant {
    /// What must hold.
    const SENTENCE: &str;

    /// A run begins.
    fn begin(&mut self);
}

/// Declares the files, the names of [`Check`] and what is on in every run.
macro_rules! invariants {
    ($($(#[$docs:meta])* $file:ident: $name:ident,)*) => {
        $(mod $file;)*

        /// What must hold in every run.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Check {
            $($(#[$docs])* $name,)*
            /// A timer never fires before its deadline.
            NeverEarly,
            /// A timer that is armed and not cancelled fires within its bound, once.
            FiresWithinBound,
            /// No timer is left behind at the end.
            NoTimerLeftBehind,
            /// A wake reaches its task.
            WakeReachesTask,
            /// Nothing strands a waiter: what it waits for is not there for the taking.
            NoStrandedWaiter,
            /// A statement of the program's own.
            Stated,
            /// An [`Invariant`] of the user's own, by its name.
            Own(&'static str),
        }

        impl Check {
            fn sentence(self) -> &'static str {
                match self {
                    $(Check::$name => <$file::$name as Builtin>::SENTENCE,)*
                    Check::NeverEarly => "a timer is never early",
                    Check::FiresWithinBound => "a timer fires within its bound, once",
                    Check::NoTimerLeftBehind => "no timer is left behind at the end",
                    Check::WakeReachesTask => "a wake reaches its task",
                    Check::NoStrandedWaiter => "nothing strands a waiter",
                    Check::Stated => "a statement of the program",
                    Check::Own(name) => name,
                }
            }
        }

        #[derive(Debug, Default)]
        struct Builtins {
            $($file: $file::$name,)*
        }

        impl Builtins {
            fn begin(&mut self) {
                $(self.$file.begin();)*
            }

            fn event(&mut self, event: &Event<'_>, found: &mut impl FnMut(Check, String)) {
                $(if let Err(text) = self.$file.event(event) {
                    found(Check::$name, text);
                })*
            }
        }

        /// The invariants that are on in every run, ready to judge a history of events.
        ///
        /// # Examples
        ///
        /// ```
        /// use deadheat::Instant;
        /// use deadheat::invariant::{Event, Happened, Invariant, builtin};
        /// use deadheat_timeout::{Event as Library, ScopeEnd, State};
        ///
        /// let at = Instant::START;
        /// let exit = Library::ScopeExited { scope: 1, state: State::Expired, end: ScopeEnd::Elapsed };
        /// let enter = Library::ScopeEntered { scope: 1, owner: Some(1), deadline: Some(at) };
        /// let mut found = Vec::new();
        /// for mut invariant in builtin() {
        ///     for event in [enter, exit] {
        ///         let event = Event::new(at, Some(0), Happened::Library(event));
        ///         found.extend(invariant.event(&event).err());
        ///     }
        /// }
        /// assert_eq!(found.len(), 2, "it did not expire, and asked nobody: {found:?}");
        /// ```
        pub fn builtin() -> Vec<Box<dyn Invariant>> {
            vec![$(Box::<$file::$name>::default(),)*]
        }
    };
}

invariants! {
    /// Nothing happens to a scope after its exit.
    after_exit: NothingAfterExit,
    /// A scope that expired asked its owner to cancel, exactly once; one that did not, never.
    expired: ExpiredImpliesCancelledByUs,
    /// A cancel request comes from at most one scope, and `Elapsed` only from a scope that expired.
    attributed: CancelAttributed,
    /// Scopes of a task exit in the reverse order of their enters.
    nesting: NestingIsLifo,
    /// A cancel request is delivered, passed on or taken back before its task returns.
    lost: CancelNeverLost,
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sentence())
    }
}

/// A check that did not hold. Its place is for a reader: two that differ only there are equal.
#[derive(Debug, Clone)]
pub struct Violation {
    /// Which.
    pub check: Check,
    /// When.
    pub at: Instant,
    /// What was found.
    pub text: String,
    /// Where in the sources that was stated; of what must hold in every run, where the event was caused that it objects
    /// to, if that is known.
    pub place: Option<Line>,
    /// How many events were recorded before, if it was found when it happened and events were kept.
    pub(crate) events_before: Option<usize>,
}

impl Violation {
    /// What makes one another.
    fn parts(&self) -> (Check, Instant, &str) {
        (self.check, self.at, &self.text)
    }

    /// Whether its place is that of a statement, and not of an event.
    pub(crate) fn is_stated(&self) -> bool {
        self.check == Check::Stated
    }
}

impl PartialEq for Violation {
    fn eq(&self, other: &Self) -> bool {
        self.parts() == other.parts()
    }
}

impl Eq for Violation {}

impl Hash for Violation {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.parts().hash(state);
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.check {
            Check::Stated => write!(f, "{}", self.text),
            check => write!(f, "{check}: {}", self.text),
        }
    }
}

/// More violations than this of one run say nothing new, but for the first of a check.
const VIOLATIONS_MAX: usize = 16;

/// The longest text of a violation that is kept.
const TEXT_MAX: usize = 4 << 10;

fn short(mut text: String) -> String {
    let length = text.len();
    if length > TEXT_MAX {
        text.truncate(text.floor_char_boundary(TEXT_MAX));
        let left = length - text.len();
        text.push_str(&format!("… and {left} bytes more"));
        text.shrink_to_fit();
    }
    text
}

/// What does not hold in a run, and what is on in it.
#[derive(Debug, Default)]
pub(crate) struct Checks {
    builtins: Builtins,
    /// The user's own.
    pub(crate) owns: Owns,
    found: Found,
}

#[derive(Debug, Default)]
struct Found {
    kept: Vec<Violation>,
    /// How many more there were.
    more: u64,
    /// So many of those that were kept have a place, or never will.
    placed: usize,
}

impl Found {
    fn add(&mut self, check: Check, at: Instant, text: String) {
        let is_first = || self.kept.iter().all(|violation| violation.check != check);
        // One that objects to everything must not drown what the others find.
        if self.kept.len() < VIOLATIONS_MAX || is_first() {
            let text = short(text);
            self.kept.push(Violation {
                check,
                at,
                text,
                place: None,
                events_before: None,
            });
        } else {
            self.more += 1;
        }
    }

    /// Says of those that have no place yet that this is it.
    fn place(&mut self, place: Option<Line>, events_before: Option<usize>) {
        let unplaced = self.kept.iter_mut().skip(self.placed);
        unplaced.for_each(|violation| {
            (violation.place, violation.events_before) = (place.clone(), events_before);
        });
        self.placed = self.kept.len();
    }
}

impl Checks {
    pub(crate) fn begin(&mut self) {
        self.builtins.begin();
        self.found = Found::default();
    }

    /// Whether something did not hold that was not taken out yet.
    pub(crate) fn found_more(&self) -> bool {
        !self.found.kept.is_empty()
    }

    pub(crate) fn take_violations(&mut self) -> Vec<Violation> {
        self.found.placed = 0;
        std::mem::take(&mut self.found.kept)
    }

    /// How many were found that are not among them.
    pub(crate) fn more_violations(&self) -> u64 {
        self.found.more
    }

    /// Something does not hold, as the program or the executor says itself.
    pub(crate) fn violate(
        &mut self,
        (check, at, text): (Check, Instant, String),
        place: Option<Line>,
        events_before: Option<usize>,
    ) {
        self.placed(None, None);
        self.found.add(check, at, text);
        self.placed(place, events_before);
    }

    /// What was found since this was called last has this place.
    pub(crate) fn placed(&mut self, place: Option<Line>, events_before: Option<usize>) {
        self.found.place(place, events_before);
    }

    /// Whether something was found since [`placed`](Self::placed) was called last.
    pub(crate) fn has_unplaced(&self) -> bool {
        self.found.placed < self.found.kept.len()
    }

    /// Folds one event of the library in.
    pub(crate) fn observe(&mut self, at: Instant, event: &lib::Event<Instant>) {
        let Checks {
            builtins, found, ..
        } = self;
        let event = Event::new(at, None, Happened::Library(*event));
        builtins.event(&event, &mut |check, text| found.add(check, at, text));
    }

    /// Tells the user's own of an event.
    pub(crate) fn tell(&mut self, event: &Event<'_>) {
        let Checks { owns, found, .. } = self;
        owns.event(event, |check, text| found.add(check, event.at, text));
    }

    /// Tells the user's own that the run has ended.
    pub(crate) fn end(&mut self, end: &End) {
        let Checks { owns, found, .. } = self;
        owns.end(end, |check, text| found.add(check, end.at, text));
    }
}

#[cfg(test)]
mod tests;
