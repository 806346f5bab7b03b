//! Every order and tie of a program's timers that its latencies allow, each by one run, depth first.
//!
//! 1. When a timer fires is a sum: of the instant from which its deadline is counted, a constant, and what a latency
//!    takes. So which timers are due next is a question to a system of difference constraints, and each answer that has
//!    a solution is tried: what latencies take in the next run is that solution.
//! 2. Where a deadline is counted from is seen by making a run of the same orders once more, with latencies of no
//!    pattern, as far as to the timer that has it. That is done for deadlines that are new.
//! 3. A program that looks at the clock may do something else in the same order of events. That is looked for, by a
//!    second run of each path. Where a path is left, nothing is claimed.
//! 4. Until a run has a latency there is nothing to solve for, and a run's decisions are all that differs between runs.
//!
//! Source: zones are those of timed automata (Alur and Dill, "A Theory of Timed Automata", TCS 1994; Larsen, Pettersson,
//! Yi, "UPPAAL in a Nutshell", STTT 1997). Difference: there is no model; which constraints hold is read from the
//! runs, so a zone is known only once a run of it was made.

mod drawn;
mod follow;
mod groups;
mod path;
pub(super) mod solved;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use deadheat_timeout::Place;

use crate::base::differences::Var;
use crate::base::rng::{Purpose, Stream};
use crate::decide::scheduler::Scheduler;
use crate::decide::scheduler::planned::{Met, Plan, Planned, lock};
use crate::record::timeline::Timeline;
use follow::{Follow, Followed, Known};
use path::{Next, Path};

/// Makes the runs; none if no more are to be made.
pub(super) trait Make {
    /// Makes one of whose time nothing is to be known.
    fn plain(&mut self, scheduler: Box<dyn Scheduler>) -> Option<()>;

    /// Makes one, and gives what became of its time.
    fn timed(&mut self, scheduler: Box<dyn Scheduler>) -> Option<Timeline>;

    /// Whether no more are to be made. What is computed between two runs may take long.
    fn stops(&self) -> bool;

    /// The same for the last plain one, which is made once more and is no run of its own.
    fn timed_again(&mut self, scheduler: Box<dyn Scheduler>) -> Option<Timeline>;
}

/// What the runs were.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// There is no other one.
    pub(super) exhausted: bool,
    /// The same choices came out differently, and nothing says why.
    pub(super) diverged: bool,
    /// Something depended on a moment that is no sum: only some of its orders were tried.
    pub(super) aimed: bool,
    /// Some latency had a range.
    pub(super) ranged: bool,
    pub(super) drew: bool,
    pub(super) looked_at_clock: bool,
    /// Where it did so first, if that is known.
    pub(super) clock_read: Option<Place>,
}

impl Seen {
    fn note(&mut self, met: &Met) {
        self.aimed |= met.aimed;
        self.drew |= met.drawn.iter().any(|is_level| !is_level);
        self.ranged |= !met.settled.is_empty();
    }
}

/// Paths with so many latencies or fewer are gone along with latencies of no pattern. Of others only those are that end with
/// a new deadline.
const LATENCIES_FEW: usize = 16;

/// Makes a run of each order, and of every draw of the program if that is asked for. No run goes on after `time_end`.
pub(super) fn every(seed: u64, every_draw: bool, time_end: i64, make: &mut dyn Make) -> Seen {
    let mut plan = Plan::dullest();
    plan.every_draw = every_draw;
    let mut search = Zones {
        plan: Arc::new(Mutex::new(plan)),
        path: Path::new(),
        known: Known::new(),
        stream: Stream::new(seed, Purpose::Schedule),
        seen: Seen::default(),
        runs: 0,
        time_end,
    };
    search.seen.exhausted = search.every(make).is_some();
    search.seen
}

struct Zones {
    plan: Arc<Mutex<Plan>>,
    path: Path,
    known: Known,
    stream: Stream,
    seen: Seen,
    /// Of whose time was read.
    runs: u64,
    time_end: i64,
}

impl Zones {
    /// None if no more runs are to be made before all were.
    fn every(&mut self, make: &mut dyn Make) -> Option<()> {
        match self.untimed(make)? {
            true => self.timed(make),
            false => Some(()),
        }
    }

    /// Makes all runs up to the first that has a latency; false if none has. All choices after the latency are the
    /// first ones then, so nothing is lost when the path that is read of it ends earlier.
    fn untimed(&mut self, make: &mut dyn Make) -> Option<bool> {
        loop {
            make.plain(Box::new(Planned::of(&self.plan)))?;
            let plan = &mut *lock(&self.plan);
            self.seen.note(&plan.met);
            self.seen.diverged |= plan.levels.has_diverged();
            if !plan.met.settled.is_empty() {
                return Some(true);
            }
            if !plan.levels.advance() {
                return Some(false);
            }
        }
    }

    /// Makes all runs from the last one on, whose time is looked at first.
    fn timed(&mut self, make: &mut dyn Make) -> Option<()> {
        loop {
            let followed = self.run(make, false)?;
            self.keep_choices();
            match followed {
                Followed::Stopped => return None,
                Followed::Unsure => continue,
                Followed::Parted => self.seen.diverged = true,
                Followed::On if self.seen.looked_at_clock && self.path.is_free() => {
                    if self.look_again(make)? {
                        continue;
                    }
                }
                Followed::On => {}
            }
            if !self.advance(make) {
                return (!make.stops()).then_some(());
            }
        }
    }

    /// Makes a run along the whole path again, with other latencies. True if that has shown from what a deadline is counted:
    /// then the path ends there, and has to be gone along anew.
    fn look_again(&mut self, make: &mut dyn Make) -> Option<bool> {
        let before = self.path.nodes.len();
        let followed = self.run(make, true)?;
        if followed == Followed::Stopped {
            return None;
        }
        let is_mended = followed == Followed::Unsure && self.path.nodes.len() <= before;
        self.seen.diverged |= !is_mended && followed != Followed::On;
        self.seen.diverged |= self.path.nodes.len() > before;
        self.path.truncate(before);
        self.keep_choices();
        Some(is_mended)
    }

    /// Makes a run along the path, or only looks at what it does.
    fn run(&mut self, make: &mut dyn Make, only_looks: bool) -> Option<Followed> {
        let few = || self.path.latencies().nth(LATENCIES_FEW).is_none();
        let is_sampled = few() || self.path.is_unsure() || self.seen.looked_at_clock;
        {
            let settled = self.solution(is_sampled, make)?;
            let mut plan = lock(&self.plan);
            plan.settled = settled;
            plan.others = (self.runs > 0).then(|| self.stream.clone());
            // Another one for each run.
            self.stream.next_u64();
        }
        let planned = Box::new(Planned::of(&self.plan));
        let timeline = match self.runs {
            0 => make.timed_again(planned)?,
            _ => make.timed(planned)?,
        };
        self.runs += 1;
        let met = std::mem::take(&mut lock(&self.plan).met);
        let (path, known) = (&mut self.path, &mut self.known);
        let stops = || make.stops();
        let mut follow = Follow::new(path, known, &met, is_sampled, (only_looks, &stops));
        let followed = follow.read(&timeline);
        let seen = &mut self.seen;
        seen.diverged |= follow.contradicted || timeline.truncated;
        seen.aimed |= follow.jumped;
        seen.note(&met);
        seen.looked_at_clock |= timeline.looked_at_clock;
        seen.clock_read = seen.clock_read.or(timeline.clock_read);
        // Whether the run is cut short before that is decided by no group.
        seen.aimed |= self.path.ends_after(self.time_end);
        Some(followed)
    }

    /// The decisions of the plan are those of the path.
    fn keep_choices(&mut self) {
        lock(&self.plan).levels.truncate(self.path.choices());
    }

    /// Goes to the next path; false if there is none, or none is wanted.
    fn advance(&mut self, make: &dyn Make) -> bool {
        let plan = Arc::clone(&self.plan);
        let more = |choices: usize| {
            let levels = &mut lock(&plan).levels;
            levels.truncate(choices);
            levels.advance_last()
        };
        let next = self.path.advance(more, || make.stops());
        if let Some(Next::Time) = next {
            self.keep_choices();
        }
        next.is_some()
    }

    /// How long the latencies of the path take, as parts of their spans; none if that is no longer wanted.
    fn solution(&mut self, sampled: bool, make: &dyn Make) -> Option<BTreeMap<u64, u64>> {
        let mark = self.path.system.mark();
        if sampled {
            let fires: Vec<_> = self.path.latencies().map(|timer| timer.fires).collect();
            for fires in fires {
                if make.stops() {
                    return None;
                }
                let (least, most) = self.path.system.range(fires);
                let (Some(least), Some(most)) = (least, most) else {
                    continue;
                };
                let part = self.stream.below((most - least) as u64 + 1);
                let at = least + part as i64;
                let fits = self.path.system.exactly(fires, Var::ORIGIN, at);
                debug_assert!(fits, "a value of its range");
            }
        }
        let settled = self.path.settled();
        self.path.system.back_to(mark);
        Some(settled)
    }
}
