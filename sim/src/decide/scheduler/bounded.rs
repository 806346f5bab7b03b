//! Every run with at most `k` departures from "FIFO and on time", each exactly once, depth first.
//!
//! Most timing bugs need one or two departures. A program with `d` decisions has exponentially many runs in all, but
//! only about `d^k` of these.
//!
//! Source: Emmi, Qadeer, Rakamarić, "Delay-Bounded Scheduling", POPL 2011. Difference: a delay there
//! moves the deterministic scheduler's present task to the end of its queue; a departure here takes
//! any one other option, also that an event is late, and counts once whichever it is.

use super::{Decision, Scheduler};

/// Takes every sequence of decisions with at most so many departures.
#[derive(Debug, Clone)]
pub struct Bounded {
    departures_max: usize,
    stack: Vec<Level>,
    depth: usize,
    /// Departures among the levels below `depth`.
    used: usize,
    started: bool,
}

#[derive(Debug, Clone, Copy)]
struct Level {
    choice: u64,
    options: u64,
}

impl Bounded {
    /// At most this many departures.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Bounds, Config, Main};
    /// use deadheat::decide::Bounded;
    /// use deadheat::search::Single;
    ///
    /// let program = Main::new(|| async { 42 });
    /// let scheduler = Box::new(Bounded::new(1));
    /// let (_, outcome) = Single::of(&program, &Config::new()).scheduled(Bounds::EXACT, scheduler);
    /// assert_eq!(outcome, Some(Some(42)));
    /// ```
    pub fn new(departures_max: usize) -> Self {
        Bounded {
            departures_max,
            stack: Vec::new(),
            depth: 0,
            used: 0,
            started: false,
        }
    }
}

impl Scheduler for Bounded {
    fn name(&self) -> &'static str {
        "bounded"
    }

    fn begin(&mut self, _seed: u64) -> bool {
        (self.depth, self.used) = (0, 0);
        if !std::mem::replace(&mut self.started, true) {
            return true;
        }
        while let Some(level) = self.stack.last_mut() {
            if level.choice + 1 < level.options {
                level.choice += 1;
                return true;
            }
            self.stack.pop();
        }
        false
    }

    fn choose(&mut self, decision: &Decision<'_>) -> u64 {
        let depth = self.depth;
        self.depth += 1;
        if depth == self.stack.len() {
            // With every departure spent, only the dullest option is left.
            let free = self.used < self.departures_max;
            let options = if free { decision.options } else { 1 };
            self.stack.push(Level { choice: 0, options });
        }
        let choice = self.stack[depth].choice;
        self.used += usize::from(choice != 0);
        choice
    }
}
