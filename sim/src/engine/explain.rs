//! Departures in words: when, what was chosen, and what FIFO and on time would have been.

use std::collections::BTreeMap;

use crate::base::time::{Instant, told};
use crate::decide::scheduler::Choice;
use crate::decide::tape::DecisionKind;
use crate::record::departures::Explained;
use crate::record::events::{Raw, Recorded, Recorder, Words as Told};
use crate::record::origin::Origin;
use crate::state::decided::Label;
use crate::state::world::World;

impl World {
    fn errands(&self) -> BTreeMap<u32, (&str, &str)> {
        let Recorder { events, texts, .. } = &self.recorder;
        let of_event = |event: &Recorded| match event.raw {
            Raw::Told(Told::Errand, first) => {
                let (what, then) = (texts.get(first as usize)?, texts.get(first as usize + 2)?);
                Some((event.task?, (what.as_str(), then.as_str())))
            }
            _ => None,
        };
        events.iter().filter_map(of_event).collect()
    }

    /// Every departure of this run, as far as they were recorded.
    pub(crate) fn explained(&self) -> Vec<Explained> {
        let words = Words {
            world: self,
            armings: armings(&self.recorder.events),
            spawned: spawned(&self.recorder.events),
            errands: self.errands(),
        };
        let explain = |label: &Label| Explained {
            at: Instant::from_nanos(label.at),
            text: words.departure(label),
            events_before: label.event,
            origin: words.origin(label),
            options: words.options(label),
            timer: match (label.chosen, label.instead_of) {
                (Choice::Late(_), Choice::Fire(timer)) => Some(timer),
                _ => None,
            },
        };
        self.decided.labels.iter().map(explain).collect()
    }
}

/// What a run recorded, with an index of its timers and tasks: to search all events for each departure would take minutes in a
/// long run.
struct Words<'a> {
    world: &'a World,
    armings: BTreeMap<u64, &'a Recorded>,
    spawned: BTreeMap<u32, &'a Recorded>,
    /// What tasks stand for that are on their way, and what they do in the end.
    errands: BTreeMap<u32, (&'a str, &'a str)>,
}

/// Where each timer was armed, the last time.
fn armings(events: &[Recorded]) -> BTreeMap<u64, &Recorded> {
    let armed = |event| match event {
        recorded @ &Recorded {
            raw: Raw::Arm { number, .. },
            ..
        } => Some((number, recorded)),
        _ => None,
    };
    events.iter().filter_map(armed).collect()
}

/// How each task was spawned.
fn spawned(events: &[Recorded]) -> BTreeMap<u32, &Recorded> {
    let spawned = |event| match event {
        recorded @ &Recorded {
            raw: Raw::Spawn(task),
            ..
        } => Some((task, recorded)),
        _ => None,
    };
    events.iter().filter_map(spawned).collect()
}

impl Words<'_> {
    fn departure(&self, label: &Label) -> String {
        match label.kind {
            DecisionKind::Next => self.order(label),
            DecisionKind::Latency => {
                let time = |choice: Choice| told(number(choice) as i64);
                let (value, low) = (time(label.chosen), time(label.instead_of));
                let task = self.turn_before(label);
                let who = task.as_deref().unwrap_or("the program");
                format!("{who} computes for {value} without yielding, not {low}")
            }
            DecisionKind::Draw => format!("the draw is {}", number(label.chosen)),
            DecisionKind::Fault => match label.chosen {
                Choice::Fault(name, way) => format!("{name} {way}"),
                _ => format!("fault {}", label.number),
            },
            DecisionKind::Pick => match label.chosen {
                Choice::Fault(name, way) => format!("{name} {way}"),
                _ => self.alternative(label),
            },
            DecisionKind::Armed => {
                let longer = told(number(label.chosen) as i64);
                let timer = self.timer_name(label.number);
                format!("{timer} takes {longer} more than its least")
            }
        }
    }

    /// What there was to choose from.
    fn options(&self, label: &Label) -> Vec<String> {
        let option = |choice: &Choice| match (label.kind, *choice) {
            (DecisionKind::Latency, Choice::Value(value)) => told(value as i64),
            (_, Choice::Turn(task)) => format!("{} takes its turn", self.world.task_name(task)),
            (_, Choice::Fire(timer)) => self.firing(timer),
            (_, Choice::Fault(name, way)) => format!("{name} {way}"),
            (_, choice) => self.choice(choice),
        };
        label.options.iter().map(option).collect()
    }

    /// Where that was made which departs; the alternative that is at hand, if the one that departs has no place.
    fn origin(&self, label: &Label) -> Option<Origin> {
        let of_choice = |choice| match choice {
            Choice::Turn(task) => self.spawned(task),
            Choice::Fire(timer) => self.made(timer),
            _ => None,
        };
        let origins = &self.world.recorder.origins;
        match (label.kind, label.chosen) {
            (DecisionKind::Next, Choice::Late(_)) => of_choice(label.instead_of),
            // A turn in the place of a timer: where the timer was made says more than where the task was spawned.
            (DecisionKind::Next, Choice::Turn(task)) => match label.instead_of {
                Choice::Fire(timer) => self.made(timer).or_else(|| self.spawned(task)),
                _ => self.spawned(task),
            },
            (DecisionKind::Next, chosen) => of_choice(chosen),
            (DecisionKind::Pick, Choice::Pick(_, at)) => origins.of(at, None),
            (DecisionKind::Armed, _) => self.made(label.number),
            (DecisionKind::Draw | DecisionKind::Fault | DecisionKind::Latency, _)
            | (DecisionKind::Pick, Choice::Fault(..)) => {
                let event = self.world.recorder.events.get(label.event)?;
                origins.of(event.from?, event.above)
            }
            (DecisionKind::Pick, _) => None,
        }
    }

    fn spawned(&self, task: u32) -> Option<Origin> {
        let (tasks, origins) = (&self.world.tasks, &self.world.recorder.origins);
        if let Some(spawned) = self.spawned.get(&task) {
            return origins.of(spawned.from?, spawned.above);
        }
        origins.of(tasks.places[tasks.ends[task as usize].spawned_at], None)
    }

    fn made(&self, timer: u64) -> Option<Origin> {
        let armed = self.armings.get(&timer)?;
        self.world.recorder.origins.of(armed.from?, armed.above)
    }

    /// Alternatives are counted from 1, as a reader counts the branches of a `select!`.
    fn alternative(&self, label: &Label) -> String {
        let Choice::Pick(option, _) = label.chosen else {
            return format!("pick {}", label.number);
        };
        let task = self.turn_before(label);
        let who = task.as_deref().unwrap_or("the program");
        format!("{who} tries alternative {} first", option + 1)
    }

    /// The task that had its turn as this was decided.
    fn turn_before(&self, label: &Label) -> Option<String> {
        let before = &self.world.recorder.events[..label.event];
        before.iter().rev().find_map(|event| match event.raw {
            Raw::Turn(task) => Some(self.world.task_name(task)),
            _ => None,
        })
    }

    fn order(&self, label: &Label) -> String {
        let instead = self.choice(label.instead_of);
        match label.chosen {
            Choice::Turn(task) => {
                format!(
                    "{} takes its turn before {instead}",
                    self.world.task_name(task)
                )
            }
            Choice::Fire(timer) => format!("{} before {instead}", self.firing(timer)),
            Choice::Late(to) => self.late(label, to),
            Choice::Fault(..) | Choice::Pick(..) | Choice::Value(_) => self.choice(label.chosen),
        }
    }

    /// A latency ends when it may; anything else is late.
    fn late(&self, label: &Label, to: i64) -> String {
        let what = self.choice(label.instead_of);
        let until = told(to);
        let Choice::Fire(timer) = label.instead_of else {
            let by = told(to - label.at);
            return format!("{what} takes its turn {by} late, at {until}");
        };
        let armed = self.armings.get(&timer);
        let Some((deadline, last)) = armed.and_then(|event| match event.raw {
            Raw::Arm {
                deadline, until, ..
            } => Some((deadline.max(event.at), until)),
            _ => None,
        }) else {
            return format!("{what} is late until {until}");
        };
        let last = last.saturating_sub(self.world.lateness.bounds.late);
        if let Some((what, then)) = self.errand_of(timer) {
            let (low, high) = (told(deadline), told(last));
            let range = match last > deadline {
                true => format!(" (possible: {low} to {high})"),
                false => String::new(),
            };
            return format!("{what} {then} at {until}{range}");
        }
        match last > deadline {
            true => {
                let (low, high) = (told(deadline), told(last));
                format!("{what} ends at {until} (it may end at {low} to {high})")
            }
            false => format!("{what} fires {} late, at {until}", told(to - deadline)),
        }
    }

    /// What the task of a timer stands for that is on its way, and what it does as the timer fires.
    fn errand_of(&self, timer: u64) -> Option<(&str, &str)> {
        self.errands.get(&self.armings.get(&timer)?.task?).copied()
    }

    /// That a timer fires.
    fn firing(&self, timer: u64) -> String {
        match self.errand_of(timer) {
            Some((what, then)) => format!("{what} {then}"),
            None => format!("{} fires", self.timer_name(timer)),
        }
    }

    /// A timer by its number, and by the task that armed it; one of something that is on its way is called what that is.
    fn timer_name(&self, timer: u64) -> String {
        if let Some((what, _)) = self.errand_of(timer) {
            return what.to_owned();
        }
        match self.armings.get(&timer).and_then(|event| event.task) {
            Some(task) => format!("timer #{timer} of {}", self.world.task_name(task)),
            None => format!("timer #{timer}"),
        }
    }

    fn choice(&self, choice: Choice) -> String {
        match choice {
            Choice::Turn(task) => self.world.task_name(task),
            Choice::Fire(timer) => self.timer_name(timer),
            Choice::Late(to) => format!("late until {}", told(to)),
            Choice::Fault(name, _) => name.to_owned(),
            Choice::Pick(option, _) => format!("alternative {}", option + 1),
            Choice::Value(value) => format!("option {value}"),
        }
    }
}

fn number(choice: Choice) -> u64 {
    match choice {
        Choice::Value(value) => value,
        _ => 0,
    }
}
