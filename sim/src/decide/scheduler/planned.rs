//! A run that is planned: its first choices are given, and how long each latency takes that begins in that part. What is
//! decided after it is the dullest, and noted for whoever plans the next one.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::levels::Levels;
use super::{Choice, Decision, Scheduler};
use crate::base::rng::Stream;
use crate::decide::tape::DecisionKind;

/// What is planned for a run, and what it met.
pub(crate) struct Plan {
    /// The choices, which go on with those that the run adds.
    pub(crate) levels: Levels,
    /// In place of those: what happens next, as far as that is given.
    pub(crate) script: Option<Script>,
    /// How far into its span each latency reaches, by the number of its timer.
    pub(crate) settled: BTreeMap<u64, u64>,
    /// Where the others get theirs from; at none they take their least.
    pub(crate) others: Option<Stream>,
    /// What the program draws is one of the choices, where it is one of few.
    pub(crate) every_draw: bool,
    /// Who takes the decisions after those that are given, if it is not the dullest option.
    beyond: Option<Box<dyn Scheduler>>,
    pub(crate) met: Met,
}

/// What a planned run met.
#[derive(Debug, Default)]
pub(crate) struct Met {
    /// For each decision whether it is one of the levels.
    pub(crate) asked: Vec<bool>,
    /// How long each latency takes: the number of its timer, its options, and the one that was taken.
    pub(crate) settled: BTreeMap<u64, (u64, u64)>,
    /// What was chosen that is no turn and no timer: the kind of decision, the option, and how many there were.
    pub(crate) others: Vec<(DecisionKind, u64, u64)>,
    /// A decision was about a moment, of which few are options.
    pub(crate) aimed: bool,
    /// For each draw of the program whether it is one of the levels.
    pub(crate) drawn: Vec<bool>,
}

impl Met {
    /// What it holds is gone; the room for it is kept.
    fn clear(&mut self) {
        let Met {
            asked,
            settled,
            others,
            aimed,
            drawn,
        } = self;
        asked.clear();
        settled.clear();
        others.clear();
        *aimed = false;
        drawn.clear();
    }

    fn asked_of(&mut self, decision: &Decision<'_>, choice: u64) {
        if decision.kind != DecisionKind::Next {
            self.others.push((decision.kind, choice, decision.options));
        }
        self.asked.push(decision.kind != DecisionKind::Next);
    }
}

/// What a run is to do up to some moment.
#[derive(Debug, Clone, Default)]
pub(crate) struct Script {
    /// The turns and timers, in order.
    steps: Vec<Choice>,
    /// What is chosen at the other decisions, as in [`Met::others`].
    others: Vec<(DecisionKind, u64, u64)>,
    /// The last moment of which it says something, in nanoseconds; none if it says nothing.
    end: Option<i64>,
    step: usize,
    other: usize,
}

impl Script {
    /// These turns and timers, and these other choices, up to the last moment of which it says something.
    pub(crate) fn new(
        steps: Vec<Choice>,
        others: Vec<(DecisionKind, u64, u64)>,
        end: i64,
    ) -> Script {
        Script {
            steps,
            others,
            end: Some(end),
            ..Script::default()
        }
    }

    fn begin(&mut self) {
        (self.step, self.other) = (0, 0);
    }

    /// What it says of a decision.
    fn choice(&mut self, decision: &Decision<'_>) -> Option<u64> {
        if self.end.is_none_or(|end| decision.at.as_nanos() > end) {
            return None;
        }
        if decision.kind != DecisionKind::Next {
            let (kind, choice, options) = *self.others.get(self.other)?;
            self.other += 1;
            let is_it = (kind, options) == (decision.kind, decision.options);
            return is_it.then_some(choice);
        }
        // Where there is one option only, nobody is asked; so what is next in the script may be some steps ahead.
        let options = decision.options - decision.late;
        let place = |option: u64| {
            let wanted = decision.option(option);
            let ahead = self.steps[self.step..].iter();
            ahead.take(STEPS_AHEAD).position(|step| *step == wanted)
        };
        let found = (0..options).filter_map(|option| Some((place(option)?, option)));
        let (place, option) = found.min()?;
        self.step += place + 1;
        Some(option)
    }
}

/// A draw from more numbers is left to the seed.
const DRAWN_FROM_MAX: u64 = 16;

/// How far ahead in a script the next step is looked for.
const STEPS_AHEAD: usize = 256;

impl Plan {
    /// What is not given is the dullest.
    pub(crate) fn dullest() -> Self {
        Plan {
            levels: Levels::reducing(),
            script: None,
            settled: BTreeMap::new(),
            others: None,
            every_draw: false,
            beyond: None,
            met: Met::default(),
        }
    }

    /// What the script does not say is for another scheduler to decide.
    pub(crate) fn scripted(script: Script, beyond: Box<dyn Scheduler>) -> Self {
        Plan {
            script: Some(script),
            beyond: Some(beyond),
            ..Plan::dullest()
        }
    }

    fn name(&self) -> &'static str {
        match self.beyond {
            Some(_) => "solved",
            None => "exhaustive",
        }
    }

    fn begin(&mut self, seed: u64) {
        self.levels.begin();
        self.met.clear();
        if let Some(script) = &mut self.script {
            script.begin();
        }
        if let Some(beyond) = &mut self.beyond {
            beyond.begin(seed);
        }
    }

    fn settle(&mut self, timer: u64, options: u64) -> Option<u64> {
        if let (Some(beyond), None) = (&mut self.beyond, self.settled.get(&timer)) {
            let settled = beyond.settle(timer, options)?.min(options - 1);
            self.met.settled.insert(timer, (options, settled));
            return Some(settled);
        }
        let planned = self.settled.get(&timer).copied();
        let drawn = |stream: &mut Stream| stream.below(options);
        let settled = planned.or_else(|| self.others.as_mut().map(drawn));
        let settled = settled.unwrap_or(0).min(options - 1);
        self.met.settled.insert(timer, (options, settled));
        Some(settled)
    }

    fn draw(&mut self, options: u64) -> Option<u64> {
        let is_level = self.every_draw && options <= DRAWN_FROM_MAX;
        self.met.drawn.push(is_level);
        is_level.then(|| self.levels.draw(options))
    }

    fn choose(&mut self, decision: &Decision<'_>) -> u64 {
        if let (Some(script), Some(beyond)) = (&mut self.script, &mut self.beyond) {
            let choice = script.choice(decision);
            let choice = choice.unwrap_or_else(|| beyond.choose(decision));
            self.met.asked_of(decision, choice);
            return choice;
        }
        let options = decision.options - decision.late;
        // A latency that takes its least could still take longer, as far as the run knows.
        let is_settled = |timer: u64| self.met.settled.contains_key(&timer);
        self.met.aimed |= match decision.kind {
            DecisionKind::Latency => true,
            _ if decision.late == 0 => false,
            _ => !matches!(decision.option(0), Choice::Fire(timer) if is_settled(timer)),
        };
        self.met.asked.push(options > 1);
        match options {
            0 | 1 => 0,
            _ => self.levels.choose(decision, options),
        }
    }
}

/// Makes a run of a plan, which it has for itself until it is dropped: a lock for each decision would cost as much as
/// the decision.
pub(crate) struct Planned {
    plan: Plan,
    home: Arc<Mutex<Plan>>,
}

impl Planned {
    /// Nothing is in the plan until this is dropped.
    pub(crate) fn of(home: &Arc<Mutex<Plan>>) -> Self {
        let plan = std::mem::replace(&mut *lock(home), Plan::dullest());
        let home = Arc::clone(home);
        Planned { plan, home }
    }
}

impl Drop for Planned {
    fn drop(&mut self) {
        std::mem::swap(&mut self.plan, &mut lock(&self.home));
    }
}

/// A plan between runs.
pub(crate) fn lock(plan: &Mutex<Plan>) -> MutexGuard<'_, Plan> {
    plan.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Scheduler for Planned {
    fn name(&self) -> &'static str {
        self.plan.name()
    }

    fn begin(&mut self, seed: u64) -> bool {
        self.plan.begin(seed);
        true
    }

    fn choose(&mut self, decision: &Decision<'_>) -> u64 {
        self.plan.choose(decision)
    }

    fn draw(&mut self, _number: u64, options: u64) -> Option<u64> {
        self.plan.draw(options)
    }

    fn settle(&mut self, timer: u64, options: u64) -> Option<u64> {
        self.plan.settle(timer, options)
    }
}
