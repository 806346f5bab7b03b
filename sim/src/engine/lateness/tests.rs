//! The moments that are offered, beside all that there are, sorted.

use std::collections::BTreeMap;
use std::task::Waker;

use proptest::collection::vec;
use proptest::prelude::*;

use crate::state::instants::INSTANTS_MAX;
use crate::state::queue::Entry;
use crate::state::timers::Whom;
use crate::state::world::World;

const NOW: i64 = 100;

/// Every moment by the rules of the header, and whether it is met.
fn all(timers: &[(i64, i64)], late: &[i64], until: i64) -> Vec<(i64, bool)> {
    let mut all = BTreeMap::from([(until, false)]);
    let mut add = |at: i64, met: bool| {
        if NOW < at && at <= until {
            *all.entry(at).or_default() |= met;
        }
    };
    for &(deadline, span) in timers {
        add(deadline, span == 0);
        if span == 0 {
            add(deadline - 1, false);
            add(deadline + 1, false);
        }
    }
    late.iter().for_each(|at| add(*at, true));
    all.into_iter().take(INSTANTS_MAX).collect()
}

fn offered(world: &mut World) -> Vec<(i64, bool)> {
    world.find_instants();
    let moments = world.lateness.instants.moments().iter();
    moments.map(|moment| (moment.at, moment.met)).collect()
}

/// A run at `NOW`, with these timers ahead, these events late, and a turn that may be late first.
fn world(timers: &[(i64, i64)], late: &[i64], until: i64) -> World {
    let mut world = World::default();
    (world.now, world.time_end) = (NOW, i64::MAX);
    for &(deadline, span) in timers {
        let whom = Whom::Other(Waker::noop().clone());
        world.timers.arm(deadline, span, NOW, whom);
    }
    let other = |task: usize| Entry::turn(1 + task as u32, i64::MAX);
    for (task, &to) in late.iter().enumerate() {
        world.queue.push_late(to, other(task));
    }
    world.queue.push(Entry::turn(0, until));
    world
}

fn moment() -> impl Strategy<Value = i64> {
    prop_oneof![NOW + 1..NOW + 12, NOW + 1..NOW + 200]
}

proptest! {
    #[test]
    fn the_soonest_of_all_moments_are_offered(
        timers in vec((moment(), prop_oneof![Just(0), 1..9_i64]), 0..40),
        late in vec(moment(), 0..20),
        until in moment(),
    ) {
        let mut world = world(&timers, &late, until);
        prop_assert_eq!(offered(&mut world), all(&timers, &late, until));
    }
}

#[test]
fn who_was_asked_is_asked_again_only_if_a_timer_was_armed_since() {
    let mut world = world(&[], &[], NOW + 9);
    assert_eq!(offered(&mut world), [(NOW + 9, false)]);
    assert_eq!(offered(&mut world), []);
    let whom = Whom::Other(Waker::noop().clone());
    world.timers.arm(NOW + 5, 0, NOW, whom);
    let around = [(NOW + 4, false), (NOW + 5, true), (NOW + 6, false)];
    assert_eq!(offered(&mut world)[..3], around);
}

/// Who is asked is remembered. Where there is no room, nobody was asked.
#[test]
fn who_had_no_room_is_asked_the_next_time() {
    let mut world = world(&[], &[], NOW);
    assert_eq!(offered(&mut world), []);
    world.queue.take_first();
    world.queue.push(Entry::turn(0, NOW + 9));
    assert_eq!(offered(&mut world), [(NOW + 9, false)]);
}

#[test]
fn the_last_moment_that_is_offered_is_met_if_something_late_ends_then() {
    let last = NOW + INSTANTS_MAX as i64;
    let late: Vec<i64> = (NOW + 1..=last).collect();
    let offered = offered(&mut world(&[], &late, last));
    assert_eq!(offered, all(&[], &late, last));
    assert_eq!(offered.last(), Some(&(last, true)));
}

#[test]
fn who_may_not_be_late_is_not_asked() {
    assert_eq!(offered(&mut world(&[(NOW + 5, 0)], &[], NOW)), []);
    let mut at_the_end = world(&[(NOW + 5, 0)], &[], NOW + 9);
    at_the_end.time_end = NOW;
    assert_eq!(offered(&mut at_the_end), []);
}
