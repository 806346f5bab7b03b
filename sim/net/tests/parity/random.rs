//! Programs that nobody has thought of.

use std::net::Shutdown;

use deadheat_net::Family;

use crate::stack::{Handle, Stack, both};

/// The numbers of xorshift64.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % end
    }

    fn one_of<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }
}

/// Does something with one of the sockets, or closes it.
fn step(stack: &Stack<'_>, numbers: &mut Numbers, sockets: &mut Vec<Handle>) {
    let at = numbers.below(sockets.len());
    let socket = sockets[at];
    match numbers.below(12) {
        0..=3 => {
            let length = numbers.one_of(&[0, 1, 3, 700]);
            stack.tell_of("write", &stack.write(socket, &vec![7; length]));
        }
        4 | 5 => drop(stack.read(socket, numbers.one_of(&[1, 2, 1_000]))),
        6 => drop(stack.peek(socket, 2)),
        7 => {
            let hows = [Shutdown::Write, Shutdown::Write, Shutdown::Read, Shutdown::Both];
            stack.shutdown(socket, numbers.one_of(&hows)).ok();
        }
        8 => drop(stack.take_error(socket)),
        9 => stack.tell_of("remote", &stack.remote(socket).map(drop)),
        10 => stack.set_abort_on_close(socket, numbers.below(2) == 0),
        _ => {
            stack.close(socket);
            sockets.swap_remove(at);
        }
    }
    stack.settle();
    sockets.iter().for_each(|socket| {
        stack.readiness(*socket);
    });
}

fn run(seed: u64, start: fn(&Stack<'_>) -> Vec<Handle>) {
    both(|stack| {
        let mut numbers = Numbers(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let mut sockets = start(stack);
        for _ in 0..24 {
            if !sockets.is_empty() {
                step(stack, &mut numbers, &mut sockets);
            }
        }
    });
}

fn two(stack: &Stack<'_>) -> Vec<Handle> {
    let (client, server) = stack.connection();
    vec![client, server]
}

/// A connection that was not accepted, and its listener.
fn waiting(stack: &Stack<'_>) -> Vec<Handle> {
    let (listener, address) = stack.listener(8);
    let client = stack.tcp(Family::V4);
    assert_eq!(stack.connect(client, address), Ok(()));
    vec![client, listener]
}

fn unix(stack: &Stack<'_>) -> Vec<Handle> {
    let (one, other) = stack.unix_pair();
    vec![one, other]
}

fn seeds() -> std::ops::Range<u64> {
    let n = std::env::var("SEEDS").map_or(4, |n| n.parse().unwrap());
    let from = std::env::var("FROM").map_or(0, |n| n.parse().unwrap());
    from..from + n
}

#[test]
fn two_ends_of_a_connection_answer_alike_whatever_is_called() {
    for seed in seeds() { if std::panic::catch_unwind(|| run(seed, two)).is_err() { eprintln!("SEED {seed}"); } }
}

#[test]
fn a_client_that_was_not_accepted_answers_alike_whatever_is_called() {
    for seed in seeds() { if std::panic::catch_unwind(|| run(seed, waiting)).is_err() { eprintln!("SEED {seed}"); } }
}

#[test]
fn two_ends_of_a_unix_stream_answer_alike_whatever_is_called() {
    for seed in seeds() { if std::panic::catch_unwind(|| run(seed, unix)).is_err() { eprintln!("SEED {seed}"); } }
}
