//! The timer queue beside a sorted list: whatever is done to both, they agree.

use std::task::Waker;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::{Armed, Due, Next, Phase, SWEPT_FROM, TimerKey, Timers, Whom};

#[derive(Debug, Clone)]
enum Step {
    /// Arms a timer so much after the present: due at once if that is not positive.
    Arm(i64),
    /// Moves a timer by so much from its deadline.
    Move(Index, i64),
    Release(Index),
    /// Goes to the next deadline.
    Advance,
    /// Looks at the next deadline and goes part of the way, in 1/256ths, or past it.
    AdvancePartly(u16),
    /// Fires the first one that is due.
    Fire,
    /// Fires the next one, if it is due alone.
    FireLone,
}

/// Distances of every magnitude, so that keys differ in every digit; and small ones, for ties.
fn distance() -> impl Strategy<Value = i64> {
    prop_oneof![
        3 => 0..4i64,
        2 => (0..63u32, 0..4i64).prop_map(|(bits, more)| (1i64 << bits).saturating_add(more)),
        2 => (0..10i64).prop_map(|millis| millis * 1_000_000),
        2 => 0..1_000_000_000i64,
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let either_way = (distance(), any::<bool>()).prop_map(|(by, back)| if back { -by } else { by });
    prop_oneof![
        6 => distance().prop_map(Step::Arm),
        3 => (any::<Index>(), either_way).prop_map(|(timer, by)| Step::Move(timer, by)),
        2 => any::<Index>().prop_map(Step::Release),
        3 => Just(Step::Advance),
        2 => (0..600u16).prop_map(Step::AdvancePartly),
        2 => Just(Step::Fire),
        2 => Just(Step::FireLone),
    ]
}

/// A timer of the list.
#[derive(Debug, Clone, Copy)]
struct Listed {
    key: TimerKey,
    deadline: i64,
    number: u64,
    phase: Phase,
}

/// The queue, the list it is compared with, and the present.
#[derive(Default)]
struct Both {
    timers: Timers,
    list: Vec<Listed>,
    number_max: u64,
    now: i64,
}

impl Both {
    fn new() -> Self {
        let mut both = Both::default();
        both.timers.begin(0);
        both
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Arm(after) => self.arm(self.now.saturating_add(*after)),
            Step::Move(timer, by) => self.rearm(*timer, *by),
            Step::Release(timer) => self.release(*timer),
            Step::Advance => {
                self.advance();
            }
            Step::AdvancePartly(part) => self.advance_partly(*part),
            Step::Fire => self.fire(),
            Step::FireLone => self.fire_lone(),
        }
        self.agree();
    }

    fn listed(&mut self, armed: Armed, deadline: i64) -> Listed {
        assert!(armed.number > self.number_max, "a number came again");
        self.number_max = armed.number;
        let due = deadline <= self.now;
        assert_eq!(armed.due, due);
        Listed {
            key: armed.key,
            deadline,
            number: armed.number,
            phase: if due { Phase::Due } else { Phase::Armed },
        }
    }

    fn arm(&mut self, deadline: i64) {
        let whom = match self.number_max % 3 {
            0 => Whom::Other(Waker::noop().clone()),
            _ => Whom::Task(7),
        };
        let span = i64::from(self.number_max.is_multiple_of(5));
        let armed = self.timers.arm(deadline, span, self.now, whom);
        assert_eq!(armed.span, span);
        let listed = self.listed(armed, deadline);
        self.list.push(listed);
    }

    fn rearm(&mut self, timer: Index, by: i64) {
        if self.list.is_empty() {
            return;
        }
        let index = timer.index(self.list.len());
        let Listed { key, deadline, .. } = self.list[index];
        let deadline = deadline.saturating_add(by);
        let armed = self.timers.rearm(key, deadline, self.now);
        self.list[index] = self.listed(armed.expect("it has not fired"), deadline);
    }

    fn release(&mut self, timer: Index) {
        if !self.list.is_empty() {
            self.release_at(timer.index(self.list.len()));
        }
    }

    fn release_at(&mut self, index: usize) {
        let gone = self.list.swap_remove(index);
        let released = self.timers.release(gone.key).expect("it was not released");
        assert_eq!((released.was, released.number), (gone.phase, gone.number));
        assert!(released.whom.is_some(), "it has its waker");
        assert_eq!(self.timers.phase(gone.key), Phase::Off);
        assert!(self.timers.release(gone.key).is_none(), "released twice");
    }

    fn release_next(&mut self) {
        let next = self.next();
        let is_next = |timer: &Listed| timer.phase == Phase::Armed && Some(timer.deadline) == next;
        if let Some(index) = self.list.iter().position(is_next) {
            self.release_at(index);
        }
    }

    fn next(&self) -> Option<i64> {
        let armed = self.list.iter().filter(|timer| timer.phase == Phase::Armed);
        armed.map(|timer| timer.deadline).min()
    }

    /// Goes to the next deadline; false if there is none.
    fn advance(&mut self) -> bool {
        let Some(next) = self.next() else {
            assert_eq!(
                self.timers.take_next(i64::MAX, &mut Vec::new()),
                Next::Never
            );
            return false;
        };
        let before = self.timers.take_next(next - 1, &mut Vec::new());
        assert_eq!(before, Next::Beyond);
        let mut due = Vec::new();
        assert_eq!(self.timers.take_next(i64::MAX, &mut due), Next::At(next));
        self.now = next;
        self.compare(&due);
        true
    }

    fn advance_partly(&mut self, part: u16) {
        let peeked = self.timers.peek();
        assert_eq!(peeked, self.next());
        let span = peeked.unwrap_or(self.now) - self.now;
        let part = i128::from(span) * i128::from(part) / 256;
        let to = i64::try_from(i128::from(self.now) + part);
        self.go_to(to.unwrap_or(i64::MAX));
    }

    fn go_to(&mut self, to: i64) {
        self.now = to;
        let mut due = Vec::new();
        self.timers.take_due(to, &mut due);
        self.compare(&due);
    }

    fn compare(&mut self, due: &[Due]) {
        let taken: Vec<_> = due
            .iter()
            .map(|due| (due.deadline, due.number, due.key))
            .collect();
        assert_eq!(taken, self.come_due());
    }

    /// What comes due in the list, in order.
    fn come_due(&mut self) -> Vec<(i64, u64, TimerKey)> {
        let mut due = Vec::new();
        for timer in &mut self.list {
            if timer.phase == Phase::Armed && timer.deadline <= self.now {
                timer.phase = Phase::Due;
                due.push((timer.deadline, timer.number, timer.key));
            }
        }
        due.sort_by_key(|(deadline, number, _)| (*deadline, *number));
        due
    }

    fn fire(&mut self) {
        let due = |timer: &Listed| timer.phase == Phase::Due;
        if let Some(index) = self.list.iter().position(due) {
            self.release_at(index);
        }
    }

    fn fire_lone(&mut self) {
        let next = self.next();
        let at_next = |timer: &Listed| timer.phase == Phase::Armed && Some(timer.deadline) == next;
        if let Some(fired) = self.timers.fire_lone(i64::MAX) {
            let index = self.list.iter().position(at_next).expect("one is armed");
            let gone = self.list.swap_remove(index);
            assert!(!self.list.iter().any(at_next), "it is not alone");
            assert_eq!((fired.number, fired.deadline), (gone.number, gone.deadline));
            assert_eq!(self.timers.phase(gone.key), Phase::Off);
            self.now = gone.deadline;
        } else {
            self.advance();
        }
    }

    fn agree(&self) {
        let count = |phase| {
            self.list
                .iter()
                .filter(|timer| timer.phase == phase)
                .count()
        };
        assert_eq!(self.timers.armed(), count(Phase::Armed));
        assert_eq!(self.timers.alive(), count(Phase::Armed) + count(Phase::Due));
        let entries = self.timers.heap.len();
        assert!(
            entries <= 2 * self.timers.armed() + SWEPT_FROM,
            "{entries} entries for {} timers",
            self.timers.armed()
        );
        for timer in &self.list {
            let slot = self.timers.slot(timer.key).expect("it was not released");
            let found = (slot.phase(), slot.deadline, slot.number());
            assert_eq!(found, (timer.phase, timer.deadline, timer.number));
        }
    }
}

/// Each timer is armed again when it has fired, as in a run of many tasks that sleep, so that time goes through many
/// buckets.
#[test]
fn buckets_that_time_has_gone_through_keep_little_memory() {
    const TIMERS: usize = 2_000;
    let mut timers = Timers::default();
    for _run in 0..3 {
        timers.begin(0);
        let after = |number: u64| (number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 30) as i64;
        for number in 0..TIMERS as u64 {
            timers.arm(1 + after(number), 0, 0, Whom::Task(0));
        }
        let mut due = Vec::new();
        for _ in 0..20 * TIMERS {
            let Next::At(now) = timers.take_next(i64::MAX, &mut due) else {
                unreachable!("each is armed again");
            };
            for due in due.drain(..) {
                let gone = timers.release(due.key).expect("it is due");
                timers.arm(now + 1 + after(gone.number), 0, now, Whom::Task(0));
            }
        }
        let room = timers.heap.room();
        assert!(room < 8 * TIMERS, "room for {room} entries");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn timers_come_out_as_from_a_sorted_list(steps in vec(step(), 1..200)) {
        let mut both = Both::new();
        steps.iter().for_each(|step| both.take(step));
        while both.advance() {}
        prop_assert_eq!(both.timers.armed(), 0, "a timer was lost");
    }

    /// So many that they do not all stand in the front.
    #[test]
    fn many_timers_come_out_as_from_a_sorted_list(
        many in vec(distance(), 33..100),
        steps in vec(step(), 1..100),
    ) {
        let mut both = Both::new();
        many.iter().for_each(|after| both.take(&Step::Arm(*after)));
        steps.iter().for_each(|step| both.take(step));
        while both.advance() {}
        prop_assert_eq!(both.timers.armed(), 0, "a timer was lost");
    }

    /// The queue looks for what is due, finds only what is due later, and that goes; then comes one before it.
    #[test]
    fn what_is_armed_before_one_that_was_looked_at_and_has_gone_comes_out_in_time(
        near in vec(0..64i64, 33..40),
        far in vec((8..40u32, any::<u32>()), 2..9),
        rounds in vec((128..256u16, 0..30u32, 256..600u16), 1..9),
    ) {
        let mut both = Both::new();
        // Those that are near take all the room in the front, so that those that are far stand behind it.
        near.iter().for_each(|after| both.arm(1 + after));
        far.iter().for_each(|(bits, more)| both.arm((1 << bits) + (i64::from(*more) & ((1 << bits) - 1))));
        both.go_to(64);
        for (part, bits, past) in rounds {
            both.take(&Step::AdvancePartly(part));
            both.release_next();
            both.take(&Step::Arm(1 << bits));
            both.take(&Step::AdvancePartly(past));
        }
        while both.advance() {}
        prop_assert_eq!(both.timers.armed(), 0, "a timer was lost");
    }

    #[test]
    fn a_queue_that_served_a_run_serves_the_next(
        before in vec(step(), 1..60),
        steps in vec(step(), 1..60),
    ) {
        let mut both = Both::new();
        before.iter().for_each(|step| both.take(step));
        both = Both { timers: both.timers, ..Both::default() };
        both.timers.begin(0);
        steps.iter().for_each(|step| both.take(step));
        while both.advance() {}
        prop_assert_eq!(both.timers.armed(), 0, "a timer was lost");
    }

    #[test]
    fn dropped_timers_cost_no_memory(delays in vec(1..1_000_000_000i64, 200..1000)) {
        let mut both = Both::new();
        for delay in delays {
            both.arm(both.now + delay);
            both.release_at(0);
            both.agree();
        }
        prop_assert!(both.timers.heap.len() <= SWEPT_FROM + 1);
        prop_assert_eq!(both.timers.slots.len(), 1);
    }

    #[test]
    fn of_few_timers_those_that_go_leave_nothing_behind(
        steps in vec(prop_oneof![
            2 => distance().prop_map(Step::Arm),
            1 => (any::<Index>(), 0..9i64).prop_map(|(timer, by)| Step::Move(timer, -by)),
            2 => any::<Index>().prop_map(Step::Release),
            1 => Just(Step::FireLone),
        ], 1..30),
    ) {
        let mut both = Both::new();
        for step in steps {
            both.take(&step);
            prop_assert_eq!(both.timers.heap.len(), both.timers.armed());
        }
    }
}
