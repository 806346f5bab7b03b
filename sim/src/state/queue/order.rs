//! What is queued behind what, one rule a test.

use std::num::NonZeroU32;

use super::{Entry, Event, Queue};
use crate::state::timers::TimerKey;

const NEVER: i64 = i64::MAX;
/// The timers of these tests are numbered from here on, tasks from 1.
const TIMERS: u32 = 10;

fn turn(task: u32) -> Entry {
    Entry::turn(task, NEVER)
}

fn fire(timer: u32) -> Entry {
    let generation = NonZeroU32::MIN;
    Entry::fire(
        TimerKey {
            slot: timer,
            generation,
        },
        NEVER,
    )
}

/// A queue of these tasks, of which an iteration has begun.
fn begun(tasks: &[u32]) -> Queue {
    let mut queue = Queue::default();
    tasks.iter().for_each(|task| queue.push(turn(*task)));
    settled(&mut queue);
    queue
}

fn number(event: Event) -> u32 {
    match event {
        Event::Turn(task) => task,
        Event::Fire(key) => key.slot,
    }
}

/// The options before the next decision, in order.
fn settled(queue: &mut Queue) -> Vec<u32> {
    let options = queue.settle(|_| true);
    let numbers: Vec<u32> = queue.iter().map(|entry| number(entry.event())).collect();
    assert_eq!(numbers.len(), options);
    numbers
}

fn take(queue: &mut Queue, index: usize) -> u32 {
    number(queue.take(index).expect("an option").event())
}

/// Whether what is due has joined: then it is ahead of a task that is queued now.
fn has_joined(queue: &mut Queue) -> bool {
    settled(queue);
    queue.push(turn(9));
    let order = settled(queue);
    let place = |wanted: fn(u32) -> bool| order.iter().position(|number| wanted(*number));
    place(|number| number >= TIMERS) < place(|number| number == 9)
}

#[test]
fn what_is_due_joins_when_all_has_gone_that_was_queued_as_the_batch_began() {
    let mut queue = begun(&[1, 2]);
    assert_eq!(take(&mut queue, 0), 1);
    queue.push_due(fire(TIMERS));
    queue.push(turn(3));
    assert_eq!(settled(&mut queue), [2, 3, TIMERS]);
    assert_eq!(take(&mut queue, 0), 2);
    assert_eq!(settled(&mut queue), [3, TIMERS]);
    queue.push(turn(4));
    assert_eq!(settled(&mut queue), [3, TIMERS, 4]);
}

#[test]
fn timers_that_joined_belong_to_the_next_batch() {
    let mut queue = begun(&[1]);
    queue.push_due(fire(TIMERS));
    take(&mut queue, 0);
    assert_eq!(settled(&mut queue), [TIMERS]);
    queue.push_due(fire(TIMERS + 1));
    queue.push(turn(2));
    assert_eq!(settled(&mut queue), [TIMERS, 2, TIMERS + 1]);
    queue.push(turn(3));
    assert_eq!(settled(&mut queue), [TIMERS, 2, 3, TIMERS + 1]);
    take(&mut queue, 0);
    settled(&mut queue);
    assert!(has_joined(&mut queue));
}

#[test]
fn the_only_option_is_of_the_batch() {
    let mut queue = begun(&[1]);
    assert_eq!(queue.take_first().map(number), Some(1));
    queue.push(turn(2));
    queue.push_due(fire(TIMERS));
    assert_eq!(settled(&mut queue), [2, TIMERS]);
    assert!(has_joined(&mut queue));
}

#[test]
fn what_is_taken_out_of_turn_counts_where_it_stood() {
    // The last of the batch.
    let mut queue = begun(&[1, 2]);
    queue.push_due(fire(TIMERS));
    assert_eq!(take(&mut queue, 1), 2);
    assert_eq!(take(&mut queue, 0), 1);
    settled(&mut queue);
    assert!(has_joined(&mut queue));
    // The first one behind it.
    let mut queue = begun(&[1]);
    queue.push(turn(2));
    queue.push_due(fire(TIMERS));
    assert_eq!(take(&mut queue, 1), 2);
    settled(&mut queue);
    assert!(!has_joined(&mut queue), "there is a turn of the batch left");
    // What is due.
    let mut queue = begun(&[1]);
    queue.push_due(fire(TIMERS));
    queue.push_due(fire(TIMERS + 1));
    assert_eq!(take(&mut queue, 1), TIMERS);
    settled(&mut queue);
    assert!(!has_joined(&mut queue));
}

#[test]
fn what_goes_out_of_the_batch_is_not_waited_for() {
    let mut queue = begun(&[]);
    queue.push_due(fire(TIMERS));
    queue.push(turn(1));
    assert_eq!(settled(&mut queue), [1, TIMERS]);
    take(&mut queue, 0);
    queue.push(turn(2));
    queue.push_due(fire(TIMERS + 1));
    queue.bury();
    let is_alive = |entry: &Entry| *entry != fire(TIMERS);
    assert_eq!(queue.settle(is_alive), 2);
    assert!(has_joined(&mut queue));
    // Nor is what is late from now on.
    let mut queue = begun(&[1, 2]);
    queue.push_due(fire(TIMERS));
    queue.put_off_all(5, |entry| *entry == turn(1) || *entry == turn(2));
    assert_eq!(settled(&mut queue), [TIMERS]);
    assert!(has_joined(&mut queue));
}

#[test]
fn what_was_late_joins_by_its_moment_and_then_by_when_it_was_put_off() {
    let mut queue = begun(&[1]);
    queue.push_late(5, turn(2));
    queue.push_late(5, turn(3));
    queue.push_late(4, turn(4));
    queue.push_late(6, turn(5));
    queue.rejoin(3);
    assert_eq!(settled(&mut queue), [1]);
    queue.rejoin(5);
    queue.push_due(fire(TIMERS));
    queue.push(turn(6));
    assert_eq!(settled(&mut queue), [1, 4, 2, 3, 6, TIMERS]);
    assert!(queue.has_late());
    assert_eq!(queue.late().collect::<Vec<_>>(), [6]);
}

#[test]
fn a_queue_is_empty_if_nothing_is_ready_and_nothing_is_due() {
    let mut queue = Queue::default();
    assert!(queue.is_empty());
    queue.push_late(5, turn(1));
    assert!(queue.is_empty(), "what is late cannot happen yet");
    queue.push(turn(2));
    assert!(!queue.is_empty());
    queue.push_due(fire(TIMERS));
    assert!(!queue.is_empty());
    take(&mut queue, 0);
    assert!(!queue.is_empty());
    take(&mut queue, 0);
    assert!(queue.is_empty());
}

#[test]
fn a_queue_that_was_cleared_is_as_new() {
    let mut queue = begun(&[1, 2]);
    queue.push_due(fire(TIMERS));
    queue.push_late(5, turn(3));
    queue.bury();
    queue.begin();
    assert!(queue.is_empty() && !queue.has_late());
    queue.push_due(fire(TIMERS));
    // Nothing is buried, so nobody is asked who is alive; and no batch is under way.
    assert_eq!(queue.settle(|_| false), 1);
    assert!(has_joined(&mut queue));
}

#[test]
fn only_the_first_option_is_put_off() {
    let mut queue = begun(&[1, 2]);
    queue.put_off(5);
    assert_eq!(settled(&mut queue), [2]);
    assert_eq!(queue.late().collect::<Vec<_>>(), [5]);
    queue.rejoin(5);
    assert_eq!(settled(&mut queue), [2, 1]);
}

#[test]
fn those_that_are_put_off_together_keep_their_order_and_leave_the_batch_as_it_is() {
    let mut queue = begun(&[1]);
    (2..5).for_each(|task| queue.push(turn(task)));
    queue.push_due(fire(TIMERS));
    queue.put_off_all(5, |entry| *entry == turn(2) || *entry == turn(4));
    assert_eq!(settled(&mut queue), [1, 3, TIMERS]);
    assert!(!has_joined(&mut queue), "there is a turn of the batch left");
    queue.rejoin(5);
    assert_eq!(settled(&mut queue), [1, 3, 9, 2, 4, TIMERS]);
}

#[test]
fn a_moment_is_told_once_however_much_is_late_until_then() {
    let mut queue = Queue::default();
    for (task, to) in [5, 7, 5, 6, 5, 7].into_iter().enumerate() {
        queue.push_late(to, turn(task as u32));
    }
    assert_eq!(queue.late().collect::<Vec<_>>(), [5, 6, 7]);
}

#[test]
fn timers_that_were_dropped_are_gone_wherever_they_waited() {
    let mut queue = begun(&[1]);
    queue.push_late(5, fire(TIMERS));
    queue.push_late(5, fire(TIMERS + 1));
    queue.rejoin(5);
    queue.push_due(fire(TIMERS + 2));
    queue.push_due(fire(TIMERS + 3));
    queue.push_late(7, fire(TIMERS + 4));
    queue.push_late(8, fire(TIMERS + 5));
    let dropped = [0, 2, 4].map(|timer| fire(TIMERS + timer));
    dropped.iter().for_each(|_| queue.bury());
    assert_eq!(queue.settle(|entry| !dropped.contains(entry)), 3);
    assert_eq!(settled(&mut queue), [1, TIMERS + 1, TIMERS + 3]);
    assert_eq!(queue.late().collect::<Vec<_>>(), [8]);
    assert_eq!(queue.settle(|_| false), 3, "nobody is dead any more");
    // The task is the last turn of the batch still.
    take(&mut queue, 1);
    assert!(!has_joined(&mut queue));
}

#[test]
fn an_option_has_the_same_number_whoever_asks() {
    let mut queue = begun(&[1, 2]);
    queue.push_due(fire(TIMERS));
    let options: Vec<Entry> = queue.iter().copied().collect();
    assert_eq!(options, [turn(1), turn(2), fire(TIMERS)]);
    for (index, option) in options.iter().enumerate() {
        assert_eq!(queue.option(index), Some(option));
    }
    assert_eq!(queue.option(3), None);
    queue.push_due(fire(TIMERS + 1));
    assert_eq!(queue.take(3), Some(fire(TIMERS + 1)));
    assert_eq!(queue.take(2), Some(fire(TIMERS)));
    queue.push_due(fire(TIMERS));
    let mut first = || queue.take_first().map(number);
    assert_eq!(
        [first(), first(), first()],
        [Some(1), Some(2), Some(TIMERS)]
    );
    assert_eq!(first(), None);
}

#[test]
fn the_first_option_counts_once() {
    let mut queue = begun(&[1, 2, 3]);
    queue.push_due(fire(TIMERS));
    queue.take_first();
    queue.take_first();
    assert!(!has_joined(&mut queue), "there is a turn of the batch left");
}
