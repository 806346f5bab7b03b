//! What several threads add to a run: the task that lets others go first, in the middle of its turn.

/// Whether the run stands for a runtime of several threads, and who lets others go first.
#[derive(Default)]
pub(crate) struct Threads {
    pub(crate) are_several: bool,
    /// Whether they are where this is called; everywhere, if nobody says so.
    pub(crate) here: Option<fn() -> bool>,
    /// The task that does, in its present turn.
    asking: Option<u32>,
    /// Those that have ended that turn, and whether what they have polled in it need not be polled again.
    gone_on: Vec<(u32, bool)>,
}

impl Threads {
    pub(crate) fn begin(&mut self, are_several: bool) {
        (self.are_several, self.here, self.asking) = (are_several, None, None);
        self.gone_on.clear();
    }

    /// A task lets others go first once in a turn.
    pub(crate) fn may_ask(&self) -> bool {
        self.asking.is_none()
    }

    pub(crate) fn ask(&mut self, task: u32) {
        self.gone_on.retain(|(of, _)| *of != task);
        self.asking = Some(task);
    }

    /// The turn of a task has ended; whether it was one in which it let others go first.
    pub(crate) fn ends_turn(&mut self, task: u32, was_woken: bool) -> bool {
        let asked = self.asking == Some(task);
        if asked {
            self.asking = None;
            self.gone_on.push((task, !was_woken));
        }
        asked
    }

    /// Whether what a task has polled before others went first need not be polled again.
    pub(crate) fn goes_on(&mut self, task: u32) -> bool {
        let of_task = |(of, _): &(u32, bool)| *of == task;
        let index = self.gone_on.iter().position(of_task);
        index.is_some_and(|index| self.gone_on.swap_remove(index).1)
    }
}
