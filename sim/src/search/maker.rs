//! The one place where runs are made.
//!
//! 1. A run is a function of its program, its seed, its bounds and its scheduler. All that make runs (samples,
//!    enumerations, replays, shrinking) say these and what is to be kept, and nothing else.
//! 2. A scheduler is prepared here and nowhere else, and comes back for the next run.

pub(super) mod apart;

use crate::base::bounds::Bounds;
use crate::decide::scheduler::{Replay, Scheduler};
use crate::decide::token::Token;
use crate::engine::execute::{Made, execute};
use crate::engine::program::Program;
use crate::engine::sealed::{Answers, not_sealed};
use crate::engine::setting::Setting;
use crate::record::run::{Keeps, Run};
use crate::search::config::Config;
use crate::search::guard::guarded;
use crate::search::maker::apart::Make;
use crate::witness::{self, Again};

/// Makes runs of one program.
pub(crate) struct Maker<'a, P: Program> {
    program: &'a P,
    config: &'a Config,
    keeps: Keeps,
    waits: &'a [(u32, usize)],
    make: Make<P>,
}

impl<P: Program> Clone for Maker<'_, P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P: Program> Copy for Maker<'_, P> {}

/// A run that is about to be made.
pub(crate) struct Ready<'a, P> {
    program: &'a P,
    setting: Setting<'a>,
    scheduler: Box<dyn Scheduler>,
}

impl<'a, P: Program> Maker<'a, P> {
    /// Keeps nothing of its runs but what comes of them. Of sealed ones the outcome may be dropped.
    #[inline]
    pub(crate) fn new(program: &'a P, config: &'a Config) -> Self {
        Maker {
            program,
            config,
            keeps: Keeps::Nothing,
            waits: &[],
            make: apart::without_outcome,
        }
    }

    /// The outcome of each run is there.
    #[inline]
    pub(crate) fn with_outcomes(self) -> Self
    where
        P::Outcome: Send,
    {
        let make = apart::whole;
        Maker { make, ..self }
    }

    /// The same by another way to make one that is ready.
    #[inline]
    pub(crate) fn making(self, make: Make<P>) -> Self {
        Maker { make, ..self }
    }

    #[inline]
    pub(crate) fn keeping(self, keeps: Keeps) -> Self {
        Maker { keeps, ..self }
    }

    /// Looks at these turns: tasks, and how many events were recorded before.
    pub(crate) fn looking_at(self, waits: &'a [(u32, usize)]) -> Self {
        Maker { waits, ..self }
    }

    /// Prepares the scheduler; none if it has no more runs.
    #[inline]
    pub(crate) fn ready(
        &self,
        seed: u64,
        bounds: Bounds,
        mut scheduler: Box<dyn Scheduler>,
    ) -> Option<Ready<'a, P>> {
        let setting = Setting {
            seed,
            bounds,
            limits: self.config.limits,
            keeps: self.keeps,
            sealed: self.config.sealed,
            invariants: &self.config.invariants,
            waits: self.waits,
            threads: self.config.multi_thread,
            beside: self.config.beside.map(|beside| beside.0),
        };
        scheduler.begin(seed).then_some(Ready {
            program: self.program,
            setting,
            scheduler,
        })
    }

    /// Makes one run; none if the scheduler has no more.
    #[inline]
    pub(crate) fn make(
        &self,
        seed: u64,
        bounds: Bounds,
        scheduler: Box<dyn Scheduler>,
    ) -> Option<Made<P::Outcome>> {
        let ready = self.ready(seed, bounds, scheduler)?;
        Some(self.made(ready))
    }

    /// Makes a run that is ready.
    #[inline]
    pub(crate) fn made(&self, ready: Ready<'_, P>) -> Made<P::Outcome> {
        // Most are not sealed, and made where they are.
        match ready.setting.sealed {
            true => (self.make)(ready),
            false => ready.make(),
        }
    }

    /// Makes one run with a scheduler of the user's own.
    pub(crate) fn make_own(
        &self,
        seed: u64,
        bounds: Bounds,
        scheduler: impl FnOnce() -> Box<dyn Scheduler>,
    ) -> Option<Made<P::Outcome>> {
        let make = |guarded| self.make(seed, bounds, guarded);
        guarded(seed, bounds, scheduler, make)
    }

    /// Makes the run of a token again. Where the program no longer fits the token, the run says so.
    pub(crate) fn replay(&self, token: &Token) -> (Run, Option<P::Outcome>) {
        witness::next_is(|| Again::Token(token.clone()));
        let replay = Box::new(Replay::new(&token.tape));
        let ready = self.ready(token.seed, token.bounds, replay);
        let Made {
            mut run, outcome, ..
        } = self.made(ready.expect("a replay always has a run"));
        let expected = token.fingerprint;
        run.stale = expected.is_some_and(|fingerprint| fingerprint != run.fingerprint);
        (run, outcome)
    }
}

impl<P: Program> Ready<'_, P> {
    #[inline]
    pub(crate) fn is_to_be_sealed(&self) -> bool {
        self.setting.sealed
    }

    /// Makes the run on this thread.
    #[inline]
    pub(crate) fn make(self) -> Made<P::Outcome> {
        let answers = Answers::of(self.setting.seed, self.setting.sealed);
        let mut made = answers.during(|| execute(self.program, &self.setting, self.scheduler));
        made.run.divergence = made.scheduler.divergence();
        if answers.were_asked() {
            made.run.leaks = answers.leaks();
        }
        if answers.drew() {
            apart::mark_used_up();
        }
        if self.setting.sealed {
            made.run.leaks.extend(not_sealed());
        }
        made
    }
}
