//! What is late until a moment happens ahead of the timers that come due then, as what a poll reports does in
//! asyncio.

use std::time::Duration;

use deadheat::decide::{Choice, Decision, Scheduler};
use deadheat::search::Single;
use deadheat::{Bounds, Config};
use deadheat_tests::cpython::program;

/// The first event that can be is late until `until`; then all is in order.
#[derive(Debug)]
struct LateOnce {
    until: i64,
    done: bool,
}

impl Scheduler for LateOnce {
    fn name(&self) -> &'static str {
        "late once"
    }

    fn begin(&mut self, _seed: u64) -> bool {
        true
    }

    fn choose(&mut self, decision: &Decision<'_>) -> u64 {
        let late = Choice::Late(self.until);
        let wanted = (0..decision.options).find(|index| decision.option(*index) == late);
        match wanted.filter(|_| !self.done) {
            Some(index) => {
                self.done = true;
                index
            }
            None => 0,
        }
    }
}

/// The lines of the log of a run in which the first event is late until 2 s.
fn log(kdl: &str) -> Vec<String> {
    let bounds = Bounds {
        late: Duration::from_secs(1),
        ..Bounds::EXACT
    };
    let late = LateOnce {
        until: 2_000_000_000,
        done: false,
    };
    let (run, outcome) =
        Single::of(&program("late.kdl", kdl), &Config::new()).scheduled(bounds, Box::new(late));
    assert_eq!(run.token.tape.len(), 1, "one departure: {}", run.token);
    let log = outcome.expect("an outcome").log;
    log.into_iter().map(|line| line.text).collect()
}

#[test]
fn a_late_timer_fires_before_one_that_is_due_then() {
    let kdl = r#"
        scenario "late"
        task "b" { sleep "2s"; log "b" }
        task "a" { sleep "1s"; log "a" }
    "#;
    assert_eq!(log(kdl), ["a", "b"]);
}

#[test]
fn while_a_task_is_busy_a_late_timer_joins_before_those_that_come_due() {
    let kdl = r#"
        scenario "late"
        task "b" { sleep "1500ms"; log "b" }
        task "a" { sleep "1s"; log "a" }
        task "z" { sleep "1200ms"; busy "2s"; log "z" }
    "#;
    assert_eq!(log(kdl), ["z", "a", "b"]);
}
