//! Which steps a random program has, and how often.

/// A kind of step, or a few of them that go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum StepKind {
    /// `yield`.
    Yield,
    /// `sleep`, for a time or a range.
    Sleep,
    /// `busy`.
    Busy,
    /// `log`.
    Log,
    /// `cancel` of any task.
    Cancel,
    /// `uncancel`.
    Uncancel,
    /// `await` of a later task, shielded or not.
    Await,
    /// `wait-for` of a later task.
    WaitForTask,
    /// `reschedule`, `shift`, `update` and `reject`.
    Reschedule,
    /// `check` of what is certain.
    Check,
    /// `set`, `clear` and `wait`.
    Event,
    /// `send` and `recv`.
    Queue,
    /// `raise`.
    Raise,
    /// `fail`.
    Fail,
    /// `timeout` with a block.
    Timeout,
    /// `try` with `on` and `finally`.
    Try,
    /// `wait-for` with a block.
    WaitForSteps,
    /// `acquire` with a block.
    Acquire,
}

impl StepKind {
    /// Every kind, those with a block last.
    pub const ALL: [StepKind; 18] = [
        StepKind::Yield,
        StepKind::Sleep,
        StepKind::Busy,
        StepKind::Log,
        StepKind::Cancel,
        StepKind::Uncancel,
        StepKind::Await,
        StepKind::WaitForTask,
        StepKind::Reschedule,
        StepKind::Check,
        StepKind::Event,
        StepKind::Queue,
        StepKind::Raise,
        StepKind::Fail,
        StepKind::Timeout,
        StepKind::Try,
        StepKind::WaitForSteps,
        StepKind::Acquire,
    ];

    /// How often it is drawn by default, in proportion to the others that have a block, or have none.
    pub fn weight(self) -> u32 {
        match self {
            StepKind::Sleep => 54,
            StepKind::Event => 27,
            StepKind::Cancel => 24,
            StepKind::Reschedule => 20,
            StepKind::Yield | StepKind::Queue => 18,
            StepKind::Await | StepKind::WaitForTask | StepKind::Raise => 12,
            StepKind::Busy | StepKind::Log => 9,
            StepKind::Check => 7,
            StepKind::Uncancel | StepKind::Fail => 6,
            StepKind::Timeout => 4,
            StepKind::Try | StepKind::Acquire => 2,
            StepKind::WaitForSteps => 1,
        }
    }

    /// Whether it holds other steps.
    pub fn is_block(self) -> bool {
        self >= StepKind::Timeout
    }
}

/// How often each kind is drawn.
#[derive(Debug, Clone)]
pub(super) struct Weights([u32; StepKind::ALL.len()]);

impl Default for Weights {
    fn default() -> Self {
        Weights(StepKind::ALL.map(StepKind::weight))
    }
}

/// A sum of so many of these is no overflow.
const WEIGHT_MAX: u32 = 1_000_000;

impl Weights {
    pub(super) fn set(&mut self, kind: StepKind, weight: u32) {
        self.0[kind as usize] = weight.min(WEIGHT_MAX);
    }

    pub(super) fn only(&mut self, kinds: &[StepKind]) {
        for kind in StepKind::ALL {
            if !kinds.contains(&kind) {
                self.set(kind, 0);
            }
        }
    }

    /// The kinds that are drawn, with their weights: those with a block, or the others.
    pub(super) fn drawn(&self, blocks: bool) -> Vec<(u32, StepKind)> {
        let weighted = StepKind::ALL.map(|kind| (self.0[kind as usize], kind));
        let drawn = weighted
            .into_iter()
            .filter(|(weight, kind)| *weight > 0 && kind.is_block() == blocks);
        drawn.collect()
    }
}
