//! The checks that only an executor at fault can break: here it is at fault on purpose. And what it foresees.

use std::task::Waker;

use super::FORESEEN;
use crate::invariant::Check;
use crate::state::queue::Entry;
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
