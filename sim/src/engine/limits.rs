//! Where a run is cut short: the limits, and how they grow with a program of very many tasks.
//!
//! 1. Before each step the number of steps is compared with one number, `look_at`, and with nothing else. Only when it
//!    is reached does [`World::look`] find out whether the run is to end, and why. Whatever may end a run in the middle
//!    of a turn says so in [`Ending`] and asks for a look before the next step.
//! 2. Fifty thousand tasks that end at one instant are no livelock. So each task and each pending timer
//!    beyond the first thousand allows for some steps more. It counts all tasks that were spawned, and as many
//!    timers as were ever pending at once: neither number shrinks, and what spawns without end is met by
//!    the limit on tasks.

use crate::base::bounds::LimitReached;
use crate::state::ending::{Ending, Over};
use crate::state::world::World;

/// If something is late and one instant takes more steps than this, a task is assumed to busy-wait for it.
const PATIENT_STEPS: u64 = 1_000;

/// But many tasks may each take a few turns in one instant. So each task and timer beyond these allows for some
/// steps more; for fewer than [`STEPS_EACH`], so that lateness ends before the run does.
const FEW_PATIENT: usize = 250;
const PATIENT_STEPS_EACH: u64 = 8;

/// How often events may be late in a run: this often, and this much more often for each step that it has taken.
const LATE: u64 = 4_096;
const LATE_EACH_STEP: u64 = 4;

/// Up to this many tasks and timers the limits on steps stay as they are.
const FEW: usize = 1_000;

/// What each further one adds.
const STEPS_EACH: u64 = 16;

impl World {
    /// A new instant has a limit on its steps of its own.
    #[inline]
    pub(crate) fn begin_instant(&mut self) {
        let end = self.steps.saturating_add(self.limits.steps_per_instant);
        let end = end.min(self.limits.steps);
        (self.reach.instant_begin, self.reach.instant_end) = (self.steps, end);
        self.reach.look_at = match self.queue.has_late() {
            true => end.min(self.steps + self.patience()),
            false => end,
        };
    }

    /// Whether nothing is late any more in this run.
    pub(crate) fn lateness_is_spent(&self) -> bool {
        self.reach.late > LATE + self.steps.saturating_mul(LATE_EACH_STEP)
    }

    /// The run takes no more steps, once this turn is over.
    #[cold]
    pub(crate) fn cut_short(&mut self, limit: LimitReached) {
        if let Ending::Open = self.ending {
            self.ending = Ending::Reached(limit);
        }
        self.reach.look_now();
    }

    /// Looks whether the run is to end, and why, where as many steps were taken as were foreseen. If not, it ends what
    /// is late or grants what many tasks may take, and says when to look again.
    #[cold]
    pub(crate) fn look(&mut self) -> Option<Over> {
        if let Some(over) = self.ending.over() {
            return Some(over);
        }
        if self.steps >= self.reach.instant_end {
            self.reach.instant_end = self.steps_of_run().min(self.steps_of_instant());
        }
        if self.steps >= self.reach.instant_end {
            return Some(Over::Limit(self.spent()));
        }
        let patient = self.patient_steps();
        if self.steps < patient && self.queue.has_late() {
            self.reach.look_at = self.reach.instant_end.min(patient);
            return None;
        }
        // Whatever is late happens now: a task that busy-waits for it would keep time from passing for ever.
        self.queue.rejoin(i64::MAX);
        self.stalls.end();
        self.reach.look_at = self.reach.instant_end;
        None
    }

    /// Which limit leaves no further step.
    fn spent(&self) -> LimitReached {
        match self.steps >= self.steps_of_run() {
            true => LimitReached::Steps,
            false => LimitReached::StepsPerInstant,
        }
    }

    /// How many steps the run may take.
    pub(crate) fn steps_of_run(&self) -> u64 {
        self.limits.steps.saturating_add(self.allowance())
    }

    fn steps_of_instant(&self) -> u64 {
        let steps = self.limits.steps_per_instant;
        let end = self.reach.instant_begin.saturating_add(steps);
        end.saturating_add(self.allowance())
    }

    /// How many steps an instant may take before lateness ends in it, if there are few tasks. It is fewer than end
    /// the run.
    pub(crate) fn patience(&self) -> u64 {
        PATIENT_STEPS.min(self.limits.steps_per_instant / 2)
    }

    /// The number of steps of the run at which lateness ends in this instant.
    fn patient_steps(&self) -> u64 {
        let each = self.many().saturating_sub(FEW_PATIENT) as u64 * PATIENT_STEPS_EACH;
        let steps = self.patience().saturating_add(each);
        self.reach.instant_begin.saturating_add(steps)
    }

    fn allowance(&self) -> u64 {
        self.many().saturating_sub(FEW) as u64 * STEPS_EACH
    }

    fn many(&self) -> usize {
        self.tasks.slots.len() + self.timers.most()
    }
}
