//! The checks that only an executor at fault can break: here it is at fault on purpose. And what it foresees.

use std::panic::Location;
use std::task::Waker;

use proptest::collection::vec;
use proptest::prelude::*;

use super::{FORESEEN, Step};
use crate::base::bounds::Limits;
use crate::invariant::Check;
use crate::state::ending::Over;
use crate::state::queue::Entry;
use crate::state::stalls::Group;
use crate::state::timers::{TimerKey, Whom};
use crate::state::world::World;

/// A run in which a timer is armed that is due at 10 ns.
fn armed() -> (World, TimerKey) {
    let mut world = World {
        time_end: i64::MAX,
        ..World::default()
    };
    let whom = Whom::Other(Waker::noop().clone());
    let key = world.timers.arm(10, 0, 0, whom).key;
    (world, key)
}

fn broken(world: &mut World) -> Vec<Check> {
    let violations = world.findings.checks.take_violations();
    violations.iter().map(|violation| violation.check).collect()
}

#[test]
fn a_timer_that_fires_before_it_was_found_due_breaks_both_checks_of_timers() {
    let (mut world, key) = armed();
    world.now = 9;
    assert!(world.fire(key).is_some());
    assert_eq!(
        broken(&mut world),
        [Check::FiresWithinBound, Check::NeverEarly]
    );
}

#[test]
fn a_timer_that_fires_in_time_breaks_no_check() {
    let (mut world, key) = armed();
    world.go_to(10);
    assert!(world.fire(key).is_some());
    assert_eq!(broken(&mut world), []);
    assert!(world.fire(key).is_none(), "it fires once");
}

#[test]
fn a_timer_that_was_due_and_is_fired_with_the_clock_set_back_is_early() {
    let (mut world, key) = armed();
    world.go_to(10);
    world.now = 9;
    assert!(world.fire(key).is_some());
    assert_eq!(broken(&mut world), [Check::NeverEarly]);
}

#[test]
fn the_next_moment_is_that_of_a_timer_or_of_what_is_late_and_the_end_of_the_run_at_last() {
    let (mut world, _) = armed();
    assert_eq!(world.next_moment(), 10);
    let late = Entry::turn(0, i64::MAX);
    world.queue.push_late(12, late);
    assert_eq!(world.next_moment(), 10);
    world.queue.push_late(7, late);
    assert_eq!(world.next_moment(), 7);
    world.time_end = 5;
    assert_eq!(world.next_moment(), 5);
}

#[test]
fn where_nothing_is_to_come_ten_years_are_waited_for_others() {
    let mut world = World::default();
    (world.now, world.time_end) = (3, i64::MAX);
    assert_eq!(world.next_moment(), 3 + FORESEEN);
    world.time_end = 9;
    assert_eq!(world.next_moment(), 9);
}

const TASKS: u32 = 3;

/// Whom the timers wake that a task arms in its turn, and after how long.
type Turns = Vec<Vec<(u32, i64)>>;

/// Runs tasks that do nothing but arm timers, and tells what happened, and its fingerprint. `slack` says whether it is
/// asked each time who is late: nobody may be.
fn run_of_timers(turns: &Turns, limits: Limits, slack: usize) -> (Vec<(i64, u32)>, Over, u64, u64) {
    let mut world = World {
        limits,
        time_end: 40,
        ..World::default()
    };
    world.lateness.slack = slack;
    world.begin_instant();
    for _ in 0..TASKS {
        let future = Box::pin(std::future::pending::<()>());
        world.spawn(None, Location::caller(), Group::default(), future);
    }
    let (mut taken, mut turns) = (Vec::new(), turns.iter());
    loop {
        match world.step() {
            Step::Turn(task, future) => {
                taken.push((world.now, task));
                for (whom, after) in turns.next().into_iter().flatten() {
                    world.arm_for(*whom, world.now + after);
                }
                world.suspended(task, future);
            }
            Step::Pass(_) => world.beside.asked = true,
            Step::Over(over) => break (taken, over, world.steps, world.recorder.fingerprint()),
            _ => unreachable!("every waker is one of a task, and none blocks or is aborted"),
        }
    }
}

impl World {
    fn arm_for(&mut self, task: u32, deadline: i64) {
        let armed = self.timers.arm(deadline, 0, self.now, Whom::Task(task));
        if armed.due {
            self.queue.push(Entry::fire(armed.key, self.now));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_forced_happens_as_what_is_asked_for(
        turns in vec(vec((0..TASKS, 0..9i64), 0..3), 1..20),
        (steps, steps_per_instant) in (1..40u64, 1..12u64),
    ) {
        let limits = Limits { steps, steps_per_instant, ..Limits::default() };
        prop_assert_eq!(run_of_timers(&turns, limits, 0), run_of_timers(&turns, limits, 1));
    }
}
