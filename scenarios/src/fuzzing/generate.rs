//! A program out of bytes, with an eye for coincidences: times come from a small grid.

use super::bytes::Bytes;
use super::settle::settle;
use crate::ast::{
    Deadline, EventId, Handler, HandlerKind, Latency, Places, Queue, QueueId, Scenario, ScopeId,
    ScopeState, Semaphore, SemaphoreId, Step, Task, TaskId, When,
};

const MS: u64 = 1_000_000;
const SECOND: u64 = 1_000_000_000;

/// Few times, so that many meet; and some that meet nearly.
const GRID: [u64; 12] = [
    0,
    SECOND,
    2 * SECOND,
    3 * SECOND,
    4 * SECOND,
    MS,
    2 * MS,
    SECOND + MS,
    SECOND - 1,
    SECOND + 1,
    1,
    2 * SECOND - MS,
];

/// Steps of one program at most.
const STEPS_MAX: usize = 48;
/// Blocks in each other at most.
const DEPTH_MAX: usize = 6;

/// A valid scenario out of any bytes; it ends, or gets stuck, after a few dozen steps.
///
/// # Examples
///
/// ```
/// use deadheat_scenarios::fuzzing::program;
///
/// let scenario = program(&[1, 0, 3, 5, 1, 0, 1]);
/// assert!(scenario.tasks.len() <= 4);
/// ```
pub fn program(bytes: &[u8]) -> Scenario {
    let mut bytes = Bytes::of(bytes);
    let tasks = 1 + bytes.below(4);
    let shape = bytes.next();
    let mut maker = Maker {
        bytes,
        left: STEPS_MAX,
    };
    let tasks = ["main", "ops", "work", "side"][..tasks].iter();
    let mut scenario = Scenario {
        name: "bytes".to_owned(),
        semaphores: vec![Semaphore {
            name: "pool".to_owned(),
            permits: 1 + u32::from(shape % 3),
        }],
        queues: vec![Queue {
            name: "jobs".to_owned(),
            capacity: [None, Some(1), Some(2)][usize::from(shape / 3 % 3)],
        }],
        events: Vec::new(),
        scopes: Vec::new(),
        tasks: tasks
            .map(|name| Task {
                name: (*name).to_owned(),
                steps: maker.block(0),
            })
            .collect(),
        expect: Vec::new(),
        places: Places::default(),
    };
    settle(&mut scenario);
    scenario
}

struct Maker<'a> {
    bytes: Bytes<'a>,
    /// How many steps may still be made.
    left: usize,
}

impl Maker<'_> {
    fn block(&mut self, depth: usize) -> Vec<Step> {
        let mut steps = Vec::new();
        while !self.bytes.is_empty() && self.left > 0 {
            self.left -= 1;
            match self.step(depth) {
                Some(step) => steps.push(step),
                None => break,
            }
        }
        steps
    }

    /// None ends the block.
    fn step(&mut self, depth: usize) -> Option<Step> {
        let inner = depth < DEPTH_MAX;
        Some(match self.bytes.below(32) {
            0 | 1 => return None,
            2 | 3 => Step::Sleep(self.latency()),
            4 | 5 if inner => Step::Timeout {
                scope: ScopeId(0),
                deadline: self.deadline(),
                body: self.block(depth + 1),
            },
            6 if inner => Step::WaitForSteps {
                after: self.maybe_time(),
                body: self.block(depth + 1),
            },
            7 if inner => Step::Acquire {
                semaphore: SemaphoreId(0),
                body: self.block(depth + 1),
            },
            8 | 9 if inner => self.attempt(depth + 1),
            10 | 11 => Step::Cancel(TaskId(self.number())),
            12 => Step::Await {
                task: TaskId(self.number()),
                shield: self.bytes.chance(),
            },
            13 => Step::WaitForTask {
                task: TaskId(self.number()),
                after: self.maybe_time(),
            },
            14 => Step::Reschedule {
                scope: ScopeId(self.number()),
                deadline: self.deadline(),
            },
            15 => Step::Shift {
                scope: ScopeId(self.number()),
                by: self.shift(),
            },
            16 => Step::Update {
                scope: ScopeId(self.number()),
                at: self.time(),
            },
            17 => Step::Reject(ScopeId(self.number())),
            18 => Step::Set(EventId(self.number())),
            19 => Step::Clear(EventId(self.number())),
            20 => Step::Wait(EventId(self.number())),
            21 => Step::Send {
                queue: QueueId(0),
                value: "job".to_owned(),
            },
            22 => Step::Recv(QueueId(0)),
            23 => Step::Uncancel,
            24 => Step::Raise,
            25 => Step::Fail(["oops", "timeout"][self.bytes.below(2)].to_owned()),
            26 => Step::Busy(self.latency()),
            27 => Step::Log("here".to_owned()),
            28 => self.check(),
            _ => Step::Yield,
        })
    }

    fn attempt(&mut self, depth: usize) -> Step {
        let parts = self.bytes.next();
        let body = self.block(depth);
        let kinds = HandlerKind::ALL.into_iter().enumerate();
        let kinds = kinds.filter(|(bit, _)| parts & (1 << bit) != 0);
        let handlers = kinds.map(|(_, kind)| Handler {
            kind,
            steps: self.block(depth),
        });
        let handlers = handlers.collect();
        let finally = (parts & 8 != 0).then(|| self.block(depth));
        Step::Try {
            body,
            handlers,
            finally,
        }
    }

    fn check(&mut self) -> Step {
        let parts = self.bytes.next();
        Step::Check {
            scope: ScopeId(usize::from(parts >> 2)),
            expired: Some(false),
            state: (parts & 1 != 0).then_some(ScopeState::Active),
            when: (parts & 2 != 0).then_some(When::None),
        }
    }

    fn number(&mut self) -> usize {
        usize::from(self.bytes.next())
    }

    fn time(&mut self) -> u64 {
        GRID[self.bytes.below(GRID.len())]
    }

    fn maybe_time(&mut self) -> Option<u64> {
        let time = self.bytes.below(GRID.len() + 1);
        GRID.get(time).copied()
    }

    fn shift(&mut self) -> i64 {
        let by = self.time() as i64;
        if self.bytes.chance() { -by } else { by }
    }

    fn latency(&mut self) -> Latency {
        let first = self.time();
        if self.bytes.below(4) > 0 {
            return Latency::Exact(first);
        }
        let second = self.time();
        Latency::Range {
            low_ns: first.min(second),
            high_ns: first.max(second),
        }
    }

    fn deadline(&mut self) -> Deadline {
        match self.bytes.below(8) {
            0 => Deadline::None,
            1 | 2 => Deadline::At(self.time()),
            _ => Deadline::After(self.time()),
        }
    }
}
