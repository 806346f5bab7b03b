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
