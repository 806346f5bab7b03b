//! How the run ends: by itself, or while a task blocks.

use crate::base::bounds::Limit;
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
    Limit(Limit),
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

/// The tasks that block, and how the run ended meanwhile.
#[derive(Default)]
pub(crate) struct Blocking {
    /// The tasks that block (`engine/block_on.rs`), the innermost last.
    pub(crate) blocked: Vec<Blocked>,
    /// Tasks that were gone on with while they blocked, and so may have lost a wake.
    pub(crate) resumed: Vec<u32>,
    /// How the run ended, if it did so while a task blocked.
    pub(crate) ended: Option<Box<Ended>>,
}

impl Blocking {
    pub(crate) fn begin(&mut self) {
        self.blocked.clear();
        self.resumed.clear();
        self.ended = None;
    }
}
