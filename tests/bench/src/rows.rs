//! The rows of the table: what is counted, and by which benchmark.

use deadheat_bench::{LINE, MESSAGE, ORDER, SMALL_RUN, Size, TIMEOUT, TIMER_EVENT};

/// The same work, done by each contender.
#[derive(Debug)]
pub struct Row {
    /// What is done.
    pub work: &'static str,
    /// How much of it.
    pub size: Size,
    /// The benchmarks that do it, each as `target::function`: the floor's,
    pub floor: Option<&'static str>,
    /// tokio's,
    pub tokio: Option<&'static str>,
    /// ours,
    pub here: Option<&'static str>,
    /// and ours through the drop-in.
    pub drop_in: Option<&'static str>,
    /// Whether the README has this row, too.
    pub in_readme: bool,
}

impl Row {
    /// Every benchmark of this row.
    pub fn benchmarks(&self) -> impl Iterator<Item = &'static str> {
        let all = [self.floor, self.tokio, self.here, self.drop_in];
        all.into_iter().flatten()
    }

    /// Those of what is ours.
    pub fn ours(&self) -> impl Iterator<Item = &'static str> {
        [self.here, self.drop_in].into_iter().flatten()
    }
}

/// All rows, in the order of the table.
pub const ROWS: [Row; 10] = [
    Row {
        work: "a small run from scratch: 3 tasks, nested timeouts, a channel, a cancel; 22 polls",
        size: SMALL_RUN,
        floor: Some("floor::small_run"),
        tokio: Some("tokio::small_run"),
        here: Some("native::small_run"),
        drop_in: Some("drop_in::small_run"),
        in_readme: true,
    },
    Row {
        work: "the same, in the orders and with the lateness of the default configuration",
        size: SMALL_RUN,
        floor: None,
        tokio: Some("tokio::small_run"),
        here: Some("native::small_run_by_default"),
        drop_in: Some("drop_in::small_run_by_default"),
        in_readme: false,
    },
    Row {
        work: "a timer event, 1,000 tasks sleep",
        size: TIMER_EVENT,
        floor: Some("floor::timer_event"),
        tokio: Some("tokio::timer_event"),
        here: Some("native::timer_event"),
        drop_in: Some("drop_in::timer_event"),
        in_readme: true,
    },
    Row {
        work: "a message over `tokio::sync::mpsc`, a turn for each",
        size: MESSAGE,
        floor: Some("floor::message"),
        tokio: Some("tokio::message"),
        here: Some("native::message"),
        drop_in: Some("drop_in::message"),
        in_readme: true,
    },
    Row {
        work: "a line over TCP, there and back",
        size: LINE,
        floor: None,
        tokio: None,
        here: None,
        drop_in: Some("drop_in::line"),
        in_readme: false,
    },
    Row {
        work: "a run of 3 tasks with 5 awaits, random order (on tokio one order)",
        size: ORDER,
        floor: Some("floor::random_order"),
        tokio: Some("tokio::random_order"),
        here: Some("native::random_order"),
        drop_in: Some("drop_in::random_order"),
        in_readme: true,
    },
    Row {
        work: "the same, depth first",
        size: ORDER,
        floor: Some("floor::depth_first"),
        tokio: None,
        here: Some("native::depth_first"),
        drop_in: None,
        in_readme: false,
    },
    Row {
        work: "`timeout(far, yields once)` on tokio",
        size: TIMEOUT,
        floor: Some("timeouts::yields_floor"),
        tokio: Some("timeouts::yields_tokio"),
        here: Some("timeouts::yields_ours"),
        drop_in: None,
        in_readme: true,
    },
    Row {
        work: "moving a deadline later on tokio (tokio: `Sleep::reset`)",
        size: TIMEOUT,
        floor: None,
        tokio: Some("timeouts::later_tokio"),
        here: Some("timeouts::later_ours"),
        drop_in: None,
        in_readme: false,
    },
    Row {
        work: "moving a deadline earlier on tokio (tokio: `Sleep::reset`)",
        size: TIMEOUT,
        floor: None,
        tokio: Some("timeouts::earlier_tokio"),
        here: Some("timeouts::earlier_ours"),
        drop_in: None,
        in_readme: false,
    },
];
