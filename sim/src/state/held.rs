//! What the tokio runtime beside a run did while time passed.

/// Whether there is such a runtime.
pub(crate) const PRESENT: bool = cfg!(feature = "tokio");

/// What the companion did while time passed, as long as the world has not moved there yet.
#[derive(Debug, Default)]
pub(crate) struct Held {
    /// Wakes wait until the moment at which they happened is known.
    pub(crate) holding: bool,
    pub(crate) woken: Vec<u32>,
    /// It was asked what comes next since something happened.
    pub(crate) asked: bool,
}

impl Held {
    pub(crate) fn begin(&mut self) {
        self.woken.clear();
        (self.holding, self.asked) = (false, false);
    }

    /// Something happened: the companion is to be asked again before time passes.
    #[inline]
    pub(crate) fn forget_answer(&mut self) {
        self.asked = false;
    }

    /// Whether the companion has to be asked before time passes.
    #[inline]
    pub(crate) fn ask(&self) -> bool {
        PRESENT && !self.asked
    }

    /// Keeps a wake for later; false if wakes count at once.
    #[inline]
    pub(crate) fn keeps(&mut self, task: u32) -> bool {
        let holding = self.is_holding();
        if holding {
            self.woken.push(task);
        }
        holding
    }

    /// Whether wakes are kept for later.
    #[inline]
    pub(crate) fn is_holding(&self) -> bool {
        PRESENT && self.holding
    }
}
