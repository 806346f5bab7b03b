//! Whether some order of calls explains their answers.
//!
//! A search for an order in which each call comes at a moment between its begin and its end (Wing and Gong,
//! 1993), within a limit on its steps. Deliberately not here: the memory of Lowe's variant, for which
//! states would have to be compared; the histories of property tests are short.

use std::fmt;

use crate::base::time::Instant;

/// A call that ended.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Call<T, R> {
    /// Who called, from 0.
    pub client: usize,
    /// What.
    pub transition: T,
    /// What was answered.
    pub response: R,
    /// When it began.
    pub begun_at: Instant,
    /// When it ended.
    pub ended_at: Instant,
    /// The same as places among all begins and ends of the run.
    pub(super) order: (u64, u64),
}

impl<T: fmt::Debug, R: fmt::Debug> fmt::Debug for Call<T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Call {
            client,
            transition,
            response,
            begun_at,
            ended_at,
            ..
        } = self;
        let client = client + 1;
        write!(
            f,
            "client {client}: {transition:?} = {response:?}, {begun_at} to {ended_at}"
        )
    }
}

/// Whether there is such an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Explained {
    Yes,
    No,
    /// The limit was reached before one was found.
    Unknown,
}

/// Steps of a search at most.
const STEPS_MAX: u32 = 200_000;

/// Looks for an order of the calls in which each leads from one state to the next.
pub(super) fn explain<S, T, R>(
    initial: &S,
    calls: &[Call<T, R>],
    explains: impl Fn(&S, &Call<T, R>) -> Option<S>,
) -> Explained {
    let mut search = Search {
        calls,
        explains,
        taken: vec![false; calls.len()],
        left: STEPS_MAX,
    };
    search.after(initial, 0)
}

struct Search<'a, T, R, F> {
    calls: &'a [Call<T, R>],
    explains: F,
    /// Which calls have their place in the order.
    taken: Vec<bool>,
    left: u32,
}

impl<T, R, F> Search<'_, T, R, F> {
    /// Whether the calls that have no place can follow in a state that so many calls led to.
    fn after<S>(&mut self, state: &S, placed: usize) -> Explained
    where
        F: Fn(&S, &Call<T, R>) -> Option<S>,
    {
        if placed == self.calls.len() {
            return Explained::Yes;
        }
        let open = || {
            self.calls
                .iter()
                .zip(&self.taken)
                .filter(|(_, taken)| !**taken)
        };
        let first_end = open()
            .map(|(call, _)| call.order.1)
            .min()
            .unwrap_or_default();
        for index in 0..self.calls.len() {
            // What begins after another one has ended comes after it.
            if self.taken[index] || self.calls[index].order.0 > first_end {
                continue;
            }
            if self.left == 0 {
                return Explained::Unknown;
            }
            self.left -= 1;
            let Some(next) = (self.explains)(state, &self.calls[index]) else {
                continue;
            };
            self.taken[index] = true;
            match self.after(&next, placed + 1) {
                Explained::No => self.taken[index] = false,
                found => return found,
            }
        }
        Explained::No
    }
}

#[cfg(test)]
mod tests {
    use super::{Call, Explained, explain};
    use crate::base::time::Instant;

    /// A call on a register: `Some` writes a value, `None` reads one.
    fn call(order: (u64, u64), transition: Option<u8>, response: u8) -> Call<Option<u8>, u8> {
        Call {
            client: 0,
            transition,
            response,
            begun_at: Instant::START,
            ended_at: Instant::START,
            order,
        }
    }

    fn register(state: &u8, call: &Call<Option<u8>, u8>) -> Option<u8> {
        match call.transition {
            Some(value) => Some(value),
            None => (call.response == *state).then_some(*state),
        }
    }

    #[test]
    fn calls_that_overlap_go_in_any_order() {
        let read = |value| [call((0, 3), Some(1), 0), call((1, 2), None, value)];
        assert_eq!(explain(&0, &read(0), register), Explained::Yes);
        assert_eq!(explain(&0, &read(1), register), Explained::Yes);
        assert_eq!(explain(&0, &read(2), register), Explained::No);
    }

    #[test]
    fn a_call_that_ended_comes_before_one_that_began_later() {
        let stale = [call((0, 1), Some(1), 0), call((2, 3), None, 0)];
        assert_eq!(explain(&0, &stale, register), Explained::No);
        let fresh = [call((0, 1), Some(1), 0), call((2, 3), None, 1)];
        assert_eq!(explain(&0, &fresh, register), Explained::Yes);
    }

    #[test]
    fn two_reads_cannot_go_back_in_time() {
        let reads = |first, second| {
            [
                call((0, 5), Some(1), 0),
                call((1, 2), None, first),
                call((3, 4), None, second),
            ]
        };
        assert_eq!(explain(&0, &reads(0, 1), register), Explained::Yes);
        assert_eq!(explain(&0, &reads(1, 0), register), Explained::No);
    }

    #[test]
    fn a_search_ends_at_its_limit() {
        let mut calls: Vec<_> = (0..12).map(|n| call((n, 100 + n), Some(1), 0)).collect();
        calls.push(call((50, 200), None, 9));
        assert_eq!(explain(&0, &calls, register), Explained::Unknown);
    }
}
