//! The library's state machine against a naive one: CPython's, word for word.
//!
//! Source: CPython 3.13, `asyncio/timeouts.py` and `asyncio/tasks.py`, with the one difference of
//! T2: a request that still waits to be delivered is no part of the baseline.

use deadheat_timeout::machine::{BodyEnd, Requests, Scope};
use deadheat_timeout::{ScopeEnd, State};

use super::bytes::Bytes;

const SCOPES: usize = 3;

/// Does to the library's state machine and to a naive one what the bytes say; they never differ.
///
/// # Panics
///
/// If they do.
pub fn machine(data: &[u8]) {
    let mut bytes = Bytes::of(data);
    let mut pair = Pair {
        requests: Requests::new(),
        scopes: [Scope::new(None); SCOPES],
        task: Task::default(),
        timeouts: [Timeout::new(None); SCOPES],
    };
    while !bytes.is_empty() {
        pair.operate(&mut bytes);
        pair.compare();
    }
}

struct Pair {
    requests: Requests,
    scopes: [Scope<u8>; SCOPES],
    task: Task,
    timeouts: [Timeout; SCOPES],
}

impl Pair {
    fn operate(&mut self, bytes: &mut Bytes<'_>) {
        let which = bytes.below(SCOPES);
        let (scope, timeout) = (&mut self.scopes[which], &mut self.timeouts[which]);
        let (requests, task) = (&mut self.requests, &mut self.task);
        match bytes.below(9) {
            0 => {
                requests.add();
                task.num_cancels_requested += 1;
            }
            1 => {
                requests.mark();
                task.must_cancel = true;
            }
            2 => assert_eq!(requests.deliver(), std::mem::take(&mut task.must_cancel)),
            3 => assert_eq!(requests.uncancel(), task.uncancel()),
            4 => {
                let when = bytes.chance().then(|| bytes.next());
                (*scope, *timeout) = (Scope::new(when), Timeout::new(when));
            }
            5 => {
                let entered = scope.enter(requests).map_err(|error| error.state());
                assert_eq!(entered, timeout.aenter(task));
            }
            6 => {
                let when = bytes.chance().then(|| bytes.next());
                let moved = scope.reschedule(when).map_err(|error| error.state());
                assert_eq!(moved, timeout.reschedule(when));
            }
            7 => assert_eq!(scope.fire(), timeout.on_timeout()),
            _ => {
                let body = [BodyEnd::Value, BodyEnd::Cancelled, BodyEnd::Error][bytes.below(3)];
                assert_eq!(scope.exit(requests, body), timeout.aexit(task, body));
            }
        }
    }

    fn compare(&self) {
        let Pair { requests, task, .. } = self;
        assert_eq!(requests.count(), task.num_cancels_requested);
        assert_eq!(requests.is_undelivered(), task.must_cancel);
        for (scope, timeout) in self.scopes.iter().zip(&self.timeouts) {
            assert_eq!(scope.state(), timeout.state);
            assert_eq!(scope.deadline(), timeout.when);
            let expired = [State::Expiring, State::Expired].contains(&timeout.state);
            assert_eq!(scope.state().is_expired(), expired);
        }
    }
}

/// What `asyncio.Task` counts.
#[derive(Debug, Clone, Copy, Default)]
struct Task {
    num_cancels_requested: u32,
    must_cancel: bool,
}

impl Task {
    fn uncancel(&mut self) -> u32 {
        if self.num_cancels_requested > 0 {
            self.num_cancels_requested -= 1;
            if self.num_cancels_requested == 0 {
                self.must_cancel = false;
            }
        }
        self.num_cancels_requested
    }
}

/// `asyncio.Timeout`.
#[derive(Debug, Clone, Copy)]
struct Timeout {
    state: State,
    when: Option<u8>,
    cancelling: u32,
}

impl Timeout {
    fn new(when: Option<u8>) -> Self {
        Timeout {
            state: State::Created,
            when,
            cancelling: 0,
        }
    }

    /// DIFFERENCE: CPython has `self._cancelling = self._task.cancelling()`.
    fn aenter(&mut self, task: &Task) -> Result<(), State> {
        if self.state != State::Created {
            return Err(self.state);
        }
        self.state = State::Active;
        self.cancelling = task.num_cancels_requested;
        if task.must_cancel {
            self.cancelling = self.cancelling.saturating_sub(1);
        }
        Ok(())
    }

    fn reschedule(&mut self, when: Option<u8>) -> Result<(), State> {
        if self.state != State::Active {
            return Err(self.state);
        }
        self.when = when;
        Ok(())
    }

    /// True if it is to call `task.cancel()`.
    fn on_timeout(&mut self) -> bool {
        if self.state != State::Active {
            return false;
        }
        self.state = State::Expiring;
        true
    }

    fn aexit(&mut self, task: &mut Task, body: BodyEnd) -> ScopeEnd {
        if self.state == State::Expiring {
            self.state = State::Expired;
            if task.uncancel() <= self.cancelling && body == BodyEnd::Cancelled {
                return ScopeEnd::Elapsed;
            }
        } else if self.state == State::Active {
            self.state = State::Finished;
        }
        match body {
            BodyEnd::Value => ScopeEnd::Value,
            BodyEnd::Cancelled => ScopeEnd::Cancelled,
            BodyEnd::Error => ScopeEnd::Error,
        }
    }
}
