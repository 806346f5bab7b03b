//! A line against `VecDeque`.

use std::collections::VecDeque;

use super::{KEPT, Line};
use crate::base::rng::{Purpose, Stream};

/// Does the same to both, again and again, and compares.
fn same_as_a_deque(mut stream: Stream, most: usize, growth: u64) {
    let (mut line, mut deque) = (Line::default(), VecDeque::new());
    let mut number = 0_u32;
    for _ in 0..10_000 {
        let length = deque.len() as u64;
        if deque.len() < most && stream.below(16) < growth {
            number += 1;
            line.push(number);
            deque.push_back(number);
        } else if stream.below(4) == 0 {
            assert_eq!(line.take_first(), deque.pop_front());
        } else if length > 0 {
            let index = stream.below(length) as usize;
            assert_eq!(line.iter().nth(index), deque.get(index));
            assert_eq!(line.remove(index), deque.remove(index));
        }
        assert_eq!(line.len(), deque.len());
        if stream.below(1_024) == 0 {
            let off = stream.below(3) as u32;
            line.retain(|value| value % 3 != off);
            deque.retain(|value| value % 3 != off);
        }
        if stream.below(1_024) == 0 {
            assert!(line.iter().eq(deque.iter()));
        }
    }
    let mut whole = Line::default();
    whole.push(0);
    whole.append(&mut line);
    assert_eq!(line.len(), 0);
    assert!(whole.iter().eq([0].iter().chain(deque.iter())));
}

#[test]
fn a_line_of_any_length_is_a_queue() {
    for (seed, growth) in (0..8).flat_map(|seed| [8, 9, 12, 15].map(|growth| (seed, growth))) {
        for most in [1, 20, 2_000] {
            same_as_a_deque(Stream::new(seed, Purpose::User), most, growth);
        }
    }
}

#[test]
fn what_is_past_the_end_is_not_there() {
    let mut line = Line::default();
    (0..3).for_each(|value| line.push(value));
    assert_eq!(line.remove(3), None);
    line.clear();
    assert_eq!((line.len(), line.take_first()), (0, None));
}

#[test]
fn a_line_that_is_never_empty_needs_no_more_memory_for_that() {
    for length in [1, 10] {
        let mut line = Line::default();
        (0..length).for_each(|value| line.push(value));
        for value in length..100_000 {
            line.push(value);
            assert_eq!(line.take_first(), Some(value - length));
        }
        let room = line.values.capacity();
        assert!(room <= 64, "room for {room} values");
    }
}

#[test]
fn a_line_that_was_long_gives_its_memory_back_once_it_is_empty() {
    let from_the_front = |line: &mut Line<usize>| line.take_first();
    let by_number = |line: &mut Line<usize>| line.remove(0);
    for take in [from_the_front, by_number] {
        let mut line = Line::default();
        (0..10 * KEPT).for_each(|value| line.push(value));
        while take(&mut line).is_some() {}
        assert_eq!(line.values.capacity(), KEPT);
    }
}
