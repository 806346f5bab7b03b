//! What is drawn of a run: lanes with blocks, bars, whiskers and notes, and the arrows between lanes.

use deadheat_timeout::ScopeEnd;

use crate::record::Origin;

/// One run as it is drawn.
#[derive(Debug, Default)]
pub(super) struct Chart {
    /// When it ends, in nanoseconds.
    pub(super) end: i64,
    /// A lane for each task, in the order in which they first appear.
    pub(super) lanes: Vec<Lane>,
    pub(super) arrows: Vec<Arrow>,
    /// For each event, the one that brought it about, if that is another.
    pub(super) causes: Vec<Option<usize>>,
    /// For each event, the lane it is drawn in; none for what concerns no task.
    pub(super) lane_of: Vec<Option<usize>>,
    /// The events of the decisions that departed, and in which order they stand in the report.
    pub(super) departures: Vec<(usize, usize)>,
}

impl Chart {
    /// Every deadline of a scope.
    pub(super) fn deadlines(&self) -> Vec<i64> {
        let bars = self.lanes.iter().flat_map(|lane| &lane.scopes);
        let deadlines = bars.flat_map(|bar| &bar.deadlines);
        deadlines.filter_map(|(_, deadline)| *deadline).collect()
    }
}

/// A task.
#[derive(Debug, Default)]
pub(super) struct Lane {
    pub(super) name: String,
    pub(super) spawned: Option<Origin>,
    pub(super) blocks: Vec<Block>,
    pub(super) scopes: Vec<Bar>,
    pub(super) whiskers: Vec<Whisker>,
    pub(super) notes: Vec<Note>,
}

/// What a task does for some time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doing {
    /// It waits to be woken.
    Waits,
    /// It was woken, and its turn is late.
    Stalls,
    /// It lets time pass without yielding.
    Runs,
}

#[derive(Debug)]
pub(super) struct Block {
    pub(super) doing: Doing,
    pub(super) from: i64,
    pub(super) to: i64,
    pub(super) label: String,
    /// It did not end within the run.
    pub(super) open: bool,
    pub(super) event: usize,
    pub(super) title: String,
}

/// A scope; or a timer while which its task waits for others, as the deadline of a timeout that is no scope.
#[derive(Debug)]
pub(super) struct Bar {
    /// It is a timer.
    pub(super) is_timer: bool,
    pub(super) name: String,
    pub(super) from: i64,
    pub(super) to: i64,
    /// Since when which deadline held.
    pub(super) deadlines: Vec<(i64, Option<i64>)>,
    pub(super) expired: bool,
    pub(super) end: Option<ScopeEnd>,
    pub(super) event: usize,
    pub(super) origin: Option<Origin>,
}

impl Bar {
    /// The deadline it has in the end.
    pub(super) fn deadline(&self) -> Option<i64> {
        self.deadlines.last().and_then(|(_, deadline)| *deadline)
    }
}

/// A timer that may fire at more than one moment, or that fired late.
#[derive(Debug)]
pub(super) struct Whisker {
    pub(super) timer: u64,
    /// When it would fire on time.
    pub(super) low: i64,
    pub(super) high: i64,
    /// When it fired or was given up.
    pub(super) chosen: i64,
    pub(super) fired: bool,
    /// It was late beyond what was asked of it; else it is a latency.
    pub(super) late: bool,
    pub(super) departs: bool,
    pub(super) event: usize,
    pub(super) origin: Option<Origin>,
}

/// What a note is about, the most important first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mark {
    Violation,
    Departure,
    Cancel,
    Fault,
    EndsBadly,
    Ends,
    Log,
}

#[derive(Debug, Clone)]
pub(super) struct Note {
    pub(super) at: i64,
    pub(super) mark: Mark,
    pub(super) text: String,
    pub(super) event: Option<usize>,
}

/// From one lane to another.
#[derive(Debug)]
pub(super) struct Arrow {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) at: i64,
    pub(super) cancels: bool,
    pub(super) event: usize,
}
