//! The museum: timing bugs that real projects shipped, in Rust.
//!
//! 1. Each exhibit stands in a file of its own, whose header cites the issue and explains the race. It has
//!    the bug as it was shipped, where there was one the first fix that did not suffice, and the fix.
//! 2. Delays are the natural ones, mostly ranges. None is tuned to coincide with another: meeting a
//!    deadline is the search's work.
//! 3. What must hold is stated in the program (`always`), by the checks that are on in every run, and by
//!    "somebody waits for ever", which is the verdict `stuck`.
//!
//! Patterns with planted bugs that are nobody's in particular are in the [`catalogue`](crate::catalogue). Two more
//! families have the form of the museum: the kernels of [GoBench](crate::goker), and [programs whose instants are
//! derived](crate::derived).

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::time::Duration;

use deadheat::program::MainHandle;
use deadheat::{Main, Program, Verdict};

use crate::outcome::{Outcome, TaskOutcome};

pub(crate) mod flag;
pub(crate) mod permits;
pub(crate) mod select;

/// What a variant is: its main task.
pub(crate) type MainTask = Pin<Box<dyn Future<Output = ()>>>;

/// One bug, in its variants.
#[derive(Debug)]
pub struct Exhibit {
    /// Its name in the museum.
    pub id: &'static str,
    /// What happens, in one line.
    pub summary: &'static str,
    /// The project and the issue.
    pub source: &'static str,
    /// What does not hold, in one line.
    pub checked_by: &'static str,
    /// What it takes to see it.
    pub finder: Finder,
    /// As shipped, incompletely fixed where it was, fixed.
    pub variants: &'static [Variant],
}

/// What a search has to do to see a bug.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Finder {
    /// A cancel must land at one particular await.
    Point,
    /// Two things must happen in the same moment.
    Tie,
    /// They must, and in another order than FIFO.
    Order,
    /// A late timer, a stalled process, or a clock that is not right.
    Clock,
    /// Any order and no coincidence: at most a latency that is long, or an input.
    Any,
}

impl fmt::Display for Finder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Finder::Point => "point",
            Finder::Tie => "tie",
            Finder::Order => "order",
            Finder::Clock => "clock",
            Finder::Any => "any",
        })
    }
}

/// Which state of the code a variant is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Revision {
    /// As the project shipped it.
    Shipped,
    /// With the first fix, which did not suffice.
    Incomplete,
    /// With the fix that did.
    Fixed,
}

impl Revision {
    /// Whether there is a bug to be found.
    pub fn is_broken(self) -> bool {
        self != Revision::Fixed
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Revision::Shipped => "as shipped",
            Revision::Incomplete => "incomplete fix",
            Revision::Fixed => "fixed",
        })
    }
}

/// One state of the code of an exhibit: a program.
pub struct Variant {
    /// Its name on the command line.
    pub name: &'static str,
    /// Which state it is.
    pub revision: Revision,
    main: fn() -> MainTask,
    /// Where the exhibit names it.
    named_at: &'static Location<'static>,
}

impl Variant {
    #[track_caller]
    pub(crate) const fn new(
        name: &'static str,
        revision: Revision,
        main: fn() -> MainTask,
    ) -> Self {
        Variant {
            name,
            revision,
            main,
            named_at: Location::caller(),
        }
    }

    fn program(&self) -> Main<fn() -> MainTask> {
        Main::given_at(self.main, self.named_at)
    }
}

impl fmt::Debug for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Variant { name, revision, .. } = self;
        f.debug_struct("Variant")
            .field("name", name)
            .field("revision", revision)
            .finish_non_exhaustive()
    }
}

/// Every exhibit, by name.
///
/// # Examples
///
/// ```
/// use deadheat::{Config, Watch, explore};
/// use deadheat_scenarios::museum;
///
/// for variant in museum::find("wait-for-swallows-cancel").unwrap().variants {
///     let exploration = explore(variant, &Config::new(), &Watch::default());
///     assert_eq!(exploration.failure().is_some(), variant.revision.is_broken(), "{}", variant.name);
/// }
/// ```
pub fn exhibits() -> &'static [Exhibit] {
    EXHIBITS
}

/// The exhibit of this name.
pub fn find(id: &str) -> Option<&'static Exhibit> {
    exhibits().iter().find(|exhibit| exhibit.id == id)
}

/// The variant of this name, and its exhibit.
pub fn find_variant(name: &str) -> Option<(&'static Exhibit, &'static Variant)> {
    let of = |exhibit: &'static Exhibit| {
        exhibit
            .variants
            .iter()
            .map(move |variant| (exhibit, variant))
    };
    exhibits()
        .iter()
        .flat_map(of)
        .find(|(_, variant)| variant.name == name)
}

impl Program for Variant {
    type Handles = MainHandle<()>;
    type Outcome = Outcome;

    fn start(&self) -> MainHandle<()> {
        self.program().start()
    }

    fn finish(&self, main: MainHandle<()>, verdict: Verdict) -> Outcome {
        let returned = self.program().finish(main, verdict).is_some();
        let end = if returned { "returned" } else { "pending" };
        let ended_at = deadheat::beside::present().map(deadheat::Instant::as_nanos);
        let main = TaskOutcome {
            name: "main".to_owned(),
            end: end.to_owned(),
            at_ns: ended_at.filter(|_| returned),
        };
        Outcome::new(vec![main], Vec::new(), Vec::new())
    }
}

/// The variants of an exhibit: each one a state of the code and the main task that has it.
macro_rules! variants {
    ($($name:literal $revision:ident: $main:expr;)*) => {
        &[$(crate::museum::Variant::new(
            $name,
            crate::museum::Revision::$revision,
            || Box::pin($main),
        ),)*]
    };
}

/// So many milliseconds: the unit of the exhibits' delays.
pub(crate) const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// A list of modules, each with its `EXHIBIT`.
macro_rules! exhibits {
    ($($module:ident)*) => {
        $(mod $module;)*
        static EXHIBITS: &[Exhibit] = &[$($module::EXHIBIT),*];
    };
}

exhibits! {
    abort_is_lost
    budget_hides_deadline
    cached_now_spin
    far_future_overflow
    futurelock
    keepalive_closes_live_request
    late_cancel_kills_next_query
    lease_on_wall_clock
    lock_response_outlives_lease
    missed_tick_burst
    nested_group_swallow
    notify_lost_on_cancel
    notify_lost_on_cancel_anyio
    per_attempt_timeout
    permit_acquired_timeout_fires
    pool_wake_swallowed
    redis_off_by_one
    release_cancelled_half_way
    reschedule_binds_to_caller
    rounds_down_spin
    select_arm_not_cancel_safe
    shared_connect_driver
    stale_leader_revokes
    stale_tick_after_reset
    suspicion_generations
    timeout_overrules_cancel
    timeout_restarts_in_loop
    token_expires_on_the_way
    wait_for_drops_result
    wait_for_swallows_cancel
}
