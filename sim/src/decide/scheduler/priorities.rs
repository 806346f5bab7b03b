//! Priorities of what can happen, for the schedulers that take the highest, and for how long they do.

use super::Choice;

/// Who has a priority.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Who {
    Task(u32),
    Timer(u64),
    /// One of several values, of a decision that is not about what happens next.
    Value(u64),
}

impl Who {
    pub(super) fn of(choice: Choice) -> Option<Who> {
        match choice {
            Choice::Turn(task) => Some(Who::Task(task)),
            Choice::Fire(timer) => Some(Who::Timer(timer)),
            Choice::Value(value) => Some(Who::Value(value)),
            Choice::Late(_) | Choice::Fault(..) | Choice::Pick(..) => None,
        }
    }
}

/// Priorities in the order of who has them. Tasks and timers mostly come with ever higher numbers, so that
/// a new one goes to the end of its kind.
#[derive(Debug, Clone, Default)]
pub(super) struct Priorities(Vec<(Who, u64)>);

impl Priorities {
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// The priority of `who`, drawn now if it has none.
    pub(super) fn of(&mut self, who: Who, draw: impl FnOnce() -> u64) -> u64 {
        match self.find(who) {
            Ok(index) => self.0[index].1,
            Err(index) => {
                let priority = draw();
                self.0.insert(index, (who, priority));
                priority
            }
        }
    }

    /// Gives `who` another priority, if it has one.
    pub(super) fn change(&mut self, who: Who, to: u64) {
        if let Ok(index) = self.find(who) {
            self.0[index].1 = to;
        }
    }

    pub(super) fn forget(&mut self, who: Who) {
        if let Ok(index) = self.find(who) {
            self.0.remove(index);
        }
    }

    fn find(&self, who: Who) -> Result<usize, usize> {
        self.0.binary_search_by_key(&who, |(of, _)| *of)
    }
}

/// After this many decisions every option is equally likely: otherwise a task of low priority would hardly get a turn
/// while others busy-wait for it.
const STRICT: u64 = 2_000;

/// After so many looks at options, too: where thousands of tasks can take their turn at once, each
/// decision looks at every one of them.
const LOOKS: u64 = 1 << 20;

/// The same for a run that is one of hundreds, made to learn about another run.
const FEW_LOOKS: u64 = 1 << 14;

/// For how long priorities count.
#[derive(Debug, Clone, Copy)]
pub(super) struct Strict {
    decisions: u64,
    looks: u64,
    looks_max: u64,
}

impl Default for Strict {
    fn default() -> Self {
        Strict::of(LOOKS)
    }
}

impl Strict {
    /// As for a run of its own, but with fewer looks at very many options.
    pub(super) fn brief() -> Self {
        Strict::of(FEW_LOOKS)
    }

    fn of(looks_max: u64) -> Self {
        Strict {
            decisions: 0,
            looks: 0,
            looks_max,
        }
    }

    /// A run begins.
    pub(super) fn begin(&mut self) {
        *self = Strict::of(self.looks_max);
    }

    /// The number of the next decision among this many options; none if it is even.
    pub(super) fn next(&mut self, options: u64) -> Option<u64> {
        if self.decisions >= STRICT || self.looks >= self.looks_max {
            return None;
        }
        self.looks += options;
        self.decisions += 1;
        Some(self.decisions - 1)
    }
}
