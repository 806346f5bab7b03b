//! A few departures at random places, everything else FIFO and on time.
//!
//! Most timing bugs need one or two departures. A walk that draws every decision makes so many that it
//! seldom makes just those; this one draws where to depart, and what to do there.
//!
//! Source: the bound on departures is that of Emmi, Qadeer, Rakamarić, "Delay-Bounded Scheduling", POPL
//! 2011, which enumerates them (see `decide/scheduler/bounded.rs`); here they are drawn. Where to is drawn as in
//! `decide/scheduler/pct.rs`, since the length of a run is not known beforehand.

use crate::base::rng::{Purpose, Stream};

use super::patience::{FEW_RUNS, moment};
use super::{BOUND_MAX, Decision, Sampled, Scheduler};

/// Departs at most so many times.
#[derive(Debug, Clone)]
pub struct Delay {
    departures_max: u32,
    stream: Stream,
    places: Vec<u64>,
    decisions: u64,
}

impl Delay {
    /// At most this many departures a run, from 1 to 64: less or more is taken as that.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Bounds, Config, Main};
    /// use deadheat::decide::Delay;
    /// use deadheat::search::Single;
    ///
    /// let program = Main::new(|| async { 42 });
    /// let scheduler = Box::new(Delay::new(2));
    /// let (_, outcome) = Single::of(&program, &Config::new()).scheduled(Bounds::EXACT, scheduler);
    /// assert_eq!(outcome, Some(Some(42)));
    /// ```
    pub fn new(departures_max: u32) -> Self {
        Delay {
            departures_max: departures_max.clamp(1, BOUND_MAX),
            stream: Stream::new(0, Purpose::Schedule),
            places: Vec::new(),
            decisions: 0,
        }
    }
}

impl Sampled for Delay {
    fn with(departures_max: u32) -> Self {
        Delay::new(departures_max)
    }

    /// After many runs it departs more often, as it has few orders to give.
    fn of_run(self, run: u64) -> Self {
        let doublings = (run / FEW_RUNS).min(BOUND_MAX.ilog2().into()) as u32;
        Delay::new(self.departures_max << doublings)
    }
}

impl Scheduler for Delay {
    fn name(&self) -> &'static str {
        "delay"
    }

    fn begin(&mut self, seed: u64) -> bool {
        self.stream = Stream::new(seed, Purpose::Schedule);
        self.decisions = 0;
        let length = 4 << self.stream.below(7);
        let departures = 1 + self.stream.below(u64::from(self.departures_max));
        self.places.clear();
        for _ in 0..departures {
            let place = self.stream.below(length);
            self.places.push(place);
        }
        true
    }

    fn choose(&mut self, decision: &Decision<'_>) -> u64 {
        let number = self.decisions;
        self.decisions += 1;
        match self.places.contains(&number) {
            true if decision.late > 0 && self.stream.below(2) == 0 => {
                moment(decision, &mut self.stream)
            }
            true => 1 + self.stream.below(decision.options - 1),
            false => 0,
        }
    }
}
