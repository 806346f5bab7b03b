//! What another thread can see of the run of a thread: that it goes on, and where it is.
//!
//! 1. Only the thread of the run writes, so plain stores are enough; who reads sees something a little old,
//!    which makes no difference for a run that stands still.
//! 2. Names, places and departures are written only when there are new ones.

use std::ops::Range;
use std::panic::Location;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Again, Subject};
use crate::base::bounds::Bounds;
use crate::decide::tape::{Departure, Tape};
use crate::decide::token::Token;

/// Names and places of more tasks than this, and more departures, are not kept.
const KEPT_MAX: usize = 100_000;

/// What a thread is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doing {
    /// No run is under way.
    Nothing,
    /// The program's start.
    Start,
    /// The turn of a task.
    Turn(u32),
    /// A task is dropped: it was aborted.
    Drop(u32),
    /// Somebody is woken who is no task of the run.
    Wake,
    /// Tasks of the runtime beside the run.
    Companion,
    /// The program's finish, and then what is left is dropped.
    End,
}

impl Doing {
    fn packed(self) -> u64 {
        let of = |kind: u64, task: u32| kind << 32 | u64::from(task);
        match self {
            Doing::Nothing => of(0, 0),
            Doing::Start => of(1, 0),
            Doing::Turn(task) => of(2, task),
            Doing::Drop(task) => of(3, task),
            Doing::Wake => of(4, 0),
            Doing::Companion => of(5, 0),
            Doing::End => of(6, 0),
        }
    }

    fn unpacked(packed: u64) -> Self {
        let task = packed as u32;
        match packed >> 32 {
            1 => Doing::Start,
            2 => Doing::Turn(task),
            3 => Doing::Drop(task),
            4 => Doing::Wake,
            5 => Doing::Companion,
            6 => Doing::End,
            _ => Doing::Nothing,
        }
    }
}

/// A task, as it is told.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) name: Option<String>,
    pub(super) spawned_at: Location<'static>,
}

/// Which run is under way, and what is known of it.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) again: Option<Again>,
    pub(super) seed: u64,
    pub(super) scheduler: &'static str,
    bounds: Bounds,
    tape: Tape,
    /// By task; behind those of this run are some of runs before it, which are mostly the same.
    tasks: Vec<Known>,
    /// What it took from outside, a line each.
    pub(super) outside: Vec<String>,
}

impl Run {
    fn none() -> Self {
        Run {
            again: None,
            seed: 0,
            scheduler: "",
            bounds: Bounds::EXACT,
            tape: Tape::new(),
            tasks: Vec::new(),
            outside: Vec::new(),
        }
    }

    /// Notes where a task is from.
    fn learn(&mut self, task: usize, name: Option<&str>, spawned_at: Location<'static>) {
        match self.tasks.get_mut(task) {
            Some(known) if known.name.as_deref() == name => known.spawned_at = spawned_at,
            Some(known) => {
                let name = name.map(ToOwned::to_owned);
                *known = Known { name, spawned_at };
            }
            None => {
                let name = name.map(ToOwned::to_owned);
                self.tasks.push(Known { name, spawned_at });
            }
        }
    }

    pub(super) fn task(&self, task: u32) -> Option<&Known> {
        self.tasks.get(task as usize)
    }

    /// What makes it again up to where it is.
    pub(super) fn token(&self) -> Option<Token> {
        let token = Token {
            seed: self.seed,
            bounds: self.bounds,
            tape: self.tape.clone(),
            fingerprint: None,
        };
        (self.tape.len() < KEPT_MAX).then_some(token)
    }
}

/// The pulse of a thread that is watched.
pub(crate) struct Pulse {
    pub(super) subject: Arc<Subject>,
    /// Grows with each step.
    beats: AtomicU64,
    doing: AtomicU64,
    steps: AtomicU64,
    /// How many tasks of the run are known.
    known: AtomicUsize,
    run: Mutex<Run>,
}

impl Pulse {
    pub(super) fn new(subject: Arc<Subject>) -> Self {
        Pulse {
            subject,
            beats: AtomicU64::new(0),
            doing: AtomicU64::new(Doing::Nothing.packed()),
            steps: AtomicU64::new(0),
            known: AtomicUsize::new(0),
            run: Mutex::new(Run::none()),
        }
    }

    pub(super) fn run(&self) -> MutexGuard<'_, Run> {
        self.run.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn beats(&self) -> u64 {
        self.beats.load(Ordering::Acquire)
    }

    pub(super) fn doing(&self) -> Doing {
        Doing::unpacked(self.doing.load(Ordering::Relaxed))
    }

    pub(super) fn steps(&self) -> u64 {
        self.steps.load(Ordering::Relaxed)
    }

    fn go_on(&self, doing: Doing) {
        self.doing.store(doing.packed(), Ordering::Relaxed);
        let beats = self.beats.load(Ordering::Relaxed);
        self.beats.store(beats.wrapping_add(1), Ordering::Release);
    }

    pub(super) fn begin(
        &self,
        again: Option<Again>,
        seed: u64,
        bounds: Bounds,
        scheduler: &'static str,
    ) {
        let mut run = self.run();
        (run.again, run.seed) = (again, seed);
        (run.bounds, run.scheduler) = (bounds, scheduler);
        run.tape.clear();
        run.outside.clear();
        drop(run);
        self.known.store(0, Ordering::Relaxed);
        self.steps.store(0, Ordering::Relaxed);
        self.go_on(Doing::Start);
    }

    /// How many of so many tasks are not known yet, from the first of them on.
    pub(crate) fn unknown(&self, tasks: usize) -> Range<usize> {
        self.known.load(Ordering::Relaxed)..tasks.min(KEPT_MAX)
    }

    /// Learns of tasks that are not known yet: number, name and place of each.
    pub(crate) fn learn<'a>(
        &self,
        tasks: impl Iterator<Item = (usize, Option<&'a str>, Location<'static>)>,
    ) {
        let mut run = self.run();
        for (task, name, spawned_at) in tasks {
            run.learn(task, name, spawned_at);
            self.known.store(task + 1, Ordering::Relaxed);
        }
    }

    /// The run takes a step.
    pub(crate) fn beat(&self, steps: u64, doing: Doing) {
        self.steps.store(steps, Ordering::Relaxed);
        self.go_on(doing);
    }

    #[cold]
    pub(crate) fn depart(&self, departure: Departure) {
        let mut run = self.run();
        if run.tape.len() < KEPT_MAX {
            run.tape.push(departure);
        }
    }

    /// The run has taken something from outside for the first time. Whoever tells that may be anywhere, so it waits for
    /// nobody who looks.
    #[cold]
    pub(crate) fn take_from_outside(&self, what: String) {
        if let Ok(mut run) = self.run.try_lock() {
            run.outside.push(what);
        }
    }

    /// The run takes no more steps.
    pub(crate) fn over(&self) {
        self.go_on(Doing::End);
    }

    /// No run is under way any more.
    pub(crate) fn end(&self) {
        self.go_on(Doing::Nothing);
    }
}
