//! How the run ends: by itself, or while a task blocks.

use crate::base::bounds::LimitReached;
use crate::record::panic::PanicReport;
use crate::record::run::Pending;

/// Why a run is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Over {
    /// The root task has ended, or every task has.
    Done,
    /// Tasks are pending and nothing can ever happen again.
    Stuck,
    /// A limit was reached.
    Limit(LimitReached),
}

/// A task that blocks.
pub(crate) struct Blocked {
    pub(crate) task: u32,
    /// A turn of it came while another task blocked further in.
    pub(crate) put_off: bool,
}

/// How a run ended while a task blocked.
pub(crate) struct Ended {
    pub(crate) over: Over,
    pub(crate) panic: Option<PanicReport>,
    pub(crate) pending: Vec<Pending>,
    pub(crate) fingerprint: u64,
    /// How often the stack was unwound.
    pub(crate) unwinds: u32,
}

/// Whether the run is to end, before anything else happens.
#[derive(Default)]
pub(crate) enum Ending {
    /// It goes on.
    #[default]
    Open,
    /// A limit was reached in the middle of a turn, which is the last one.
    Reached(LimitReached),
    /// It has ended while a task blocked, whose stack is being unwound.
    Ended(Box<Ended>),
}

impl Ending {
    /// Why the run is over, if it is.
    pub(crate) fn over(&self) -> Option<Over> {
        match self {
            Ending::Open => None,
            Ending::Reached(limit) => Some(Over::Limit(*limit)),
            Ending::Ended(ended) => Some(ended.over),
        }
    }

    /// How it has ended while a task blocked, if it has.
    pub(crate) fn ended(&mut self) -> Option<&mut Ended> {
        match self {
            Ending::Ended(ended) => Some(ended),
            Ending::Open | Ending::Reached(_) => None,
        }
    }
}

/// The tasks that block.
#[derive(Default)]
pub(crate) struct Blocking {
    /// The tasks that block (`engine/block_on.rs`), the innermost last.
    pub(crate) blocked: Vec<Blocked>,
    /// Tasks that were gone on with while they blocked, and so may have lost a wake.
    pub(crate) resumed: Vec<u32>,
}

impl Blocking {
    pub(crate) fn begin(&mut self) {
        self.blocked.clear();
        self.resumed.clear();
    }
}
