//! Probabilistic concurrency testing, made fair: tasks keep a priority through the run, but for a few
//! change points at which the one that would go first goes last.
//!
//! 1. Timers have priorities and change points as tasks have. How late events are is drawn apart
//!    (`decide/scheduler/patience.rs`): as a task of its own with one priority through the run, time made everything
//!    late or nothing, and found ties a tenth as often.
//! 2. Fair: after so many decisions the choice is even (`decide/scheduler/priorities.rs`), so that a task that
//!    busy-waits for one of a lower priority does not keep it from its turn for ever.
//!
//! Source: Burckhardt, Kothari, Musuvathi, Nagarakatti, "A Randomized Scheduler with Probabilistic
//! Guarantees of Finding Bugs", ASPLOS 2010. Differences: the length of a run is not known beforehand,
//! so its order of magnitude is drawn, too; and the fairness.

use crate::base::rng::{Purpose, Stream};

use super::mishap::Mishaps;
use super::patience::Patience;
use super::priorities::{Priorities, Strict, Who};
use super::{BOUND_MAX, Choice, Decision, Sampled, Scheduler};

/// Takes the event of the highest priority; `depth - 1` times the highest falls to the lowest.
#[derive(Debug, Clone)]
pub struct Pct {
    depth: u32,
    stream: Stream,
    priorities: Priorities,
    changes: Vec<u64>,
    strict: Strict,
    lowest: u64,
    patience: Patience,
    mishaps: Mishaps,
}

impl Pct {
    /// With `depth - 1` change points a run. The depth is from 1 to 64: less or more is taken as that.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Bounds, Config, Main};
    /// use deadheat::decide::Pct;
    /// use deadheat::search::Single;
    ///
    /// let program = Main::new(|| async { 42 });
    /// let scheduler = Box::new(Pct::new(3));
    /// let (_, outcome) = Single::of(&program, &Config::new()).scheduled(Bounds::EXACT, scheduler);
    /// assert_eq!(outcome, Some(Some(42)));
    /// ```
    pub fn new(depth: u32) -> Self {
        Pct {
            depth: depth.clamp(1, BOUND_MAX),
            stream: Stream::new(0, Purpose::Schedule),
            priorities: Priorities::default(),
            changes: Vec::new(),
            strict: Strict::default(),
            lowest: 0,
            patience: Patience::default(),
            mishaps: Mishaps::default(),
        }
    }

    /// For run `number` of an exploration, which has the manners of being late in turn.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Bounds, Config, Main};
    /// use deadheat::decide::Pct;
    /// use deadheat::search::Single;
    ///
    /// let program = Main::new(|| async { 42 });
    /// let scheduler = Box::new(Pct::new(3).in_turn(7));
    /// let (_, outcome) = Single::of(&program, &Config::new()).scheduled(Bounds::EXACT, scheduler);
    /// assert_eq!(outcome, Some(Some(42)));
    /// ```
    #[must_use = "it gives the scheduler back"]
    pub fn in_turn(mut self, number: u64) -> Self {
        self.patience = Patience::of_run(number);
        self
    }

    fn priority(&mut self, who: Who) -> u64 {
        // The upper half: what falls at a change point falls below all that was drawn.
        self.priorities.of(who, || self.stream.next_u64() | 1 << 63)
    }

    fn highest(&mut self, decision: &Decision<'_>) -> (u64, Option<Who>) {
        let mut highest = (0, 0, None);
        for index in 0..decision.options - decision.late {
            let Some(who) = who(decision.option(index)) else {
                continue;
            };
            let priority = self.priority(who);
            if priority > highest.1 {
                highest = (index, priority, Some(who));
            }
        }
        (highest.0, highest.2)
    }

    fn fall(&mut self, who: Who) {
        self.lowest -= 1;
        self.priorities.change(who, self.lowest);
    }
}

/// Who has a priority through the run: a task or a timer, no value.
fn who(choice: Choice) -> Option<Who> {
    Who::of(choice).filter(|who| !matches!(who, Who::Value(_)))
}

impl Sampled for Pct {
    fn with(depth: u32) -> Self {
        Pct::new(depth)
    }

    fn of_run(self, run: u64) -> Self {
        self.in_turn(run)
    }
}

impl Scheduler for Pct {
    fn name(&self) -> &'static str {
        "pct"
    }

    fn begin(&mut self, seed: u64) -> bool {
        self.stream = Stream::new(seed, Purpose::Schedule);
        self.patience.begin(seed);
        self.mishaps = Mishaps::draw(seed);
        self.priorities.clear();
        self.strict.begin();
        self.lowest = 1 << 62;
        // Runs have a few decisions or a few hundred: the order of magnitude is drawn.
        let length = 4 << self.stream.below(7);
        self.changes.clear();
        for _ in 1..self.depth {
            let change = self.stream.below(length);
            self.changes.push(change);
        }
        true
    }

    fn choose(&mut self, decision: &Decision<'_>) -> u64 {
        if let Some(choice) = self.mishaps.decide(decision) {
            return choice;
        }
        if let Some(late) = self.patience.decide(decision, &mut self.stream) {
            return late;
        }
        let events = decision.options - decision.late;
        let Some(number) = self.strict.next(events) else {
            return self.stream.below(events);
        };
        if self.patience.is_loose(&mut self.stream) {
            return self.stream.below(events);
        }
        let (mut index, first) = self.highest(decision);
        if let (Some(first), true) = (first, self.changes.contains(&number)) {
            self.fall(first);
            index = self.highest(decision).0;
        }
        match first {
            Some(_) => index,
            None => self.stream.below(decision.options),
        }
    }

    fn settle(&mut self, _timer: u64, options: u64) -> Option<u64> {
        self.patience.settle(options, &mut self.stream)
    }
}
