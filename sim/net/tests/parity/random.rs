//! Programs that nobody has thought of.

use std::net::Shutdown;

use deadheat_net::Family;

use crate::stack::{Handle, Stack, both, v4};

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

/// What a program begins with.
#[derive(Default)]
struct Start {
    sockets: Vec<Handle>,
    listener: Option<Handle>,
    /// Whether there are streams, which end.
    ends: bool,
}

/// Does something with one of the sockets, or closes it.
fn step(stack: &Stack<'_>, numbers: &mut Numbers, own: &mut Start) {
    let at = numbers.below(own.sockets.len());
    let socket = own.sockets[at];
    match numbers.below(12) {
        0..=3 => {
            let length = numbers.one_of(&[0, 1, 3, 700]);
            stack.tell("write", &stack.write(socket, &vec![7; length]));
        }
        4 | 5 => drop(stack.read(socket, numbers.one_of(&[1, 2, 1_000]))),
        6 => drop(stack.peek(socket, 2)),
        7 if own.ends && Some(socket) != own.listener => {
            let hows = [Shutdown::Write, Shutdown::Read, Shutdown::Both];
            stack.shutdown(socket, numbers.one_of(&hows)).ok();
        }
        7 => own.sockets.extend(stack.accept(socket).map(|(new, _)| new)),
        8 => stack.take_error(socket).unwrap_or_default(),
        9 => stack.is_connected(socket).unwrap_or_default(),
        10 if own.ends => stack.set_abort_on_close(socket, numbers.below(2) == 0),
        _ => {
            stack.close(socket);
            own.sockets.swap_remove(at);
        }
    }
    stack.settle();
    own.sockets.iter().for_each(|socket| {
        stack.readiness_now(*socket);
    });
}

fn run(seed: u64, start: fn(&Stack<'_>) -> Start) {
    both(|stack| {
        let mut numbers = Numbers(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let mut own = start(stack);
        for _ in 0..24 {
            if !own.sockets.is_empty() {
                step(stack, &mut numbers, &mut own);
            }
        }
    });
}

fn two(stack: &Stack<'_>) -> Start {
    let (client, server) = stack.connection();
    Start {
        sockets: vec![client, server],
        listener: None,
        ends: true,
    }
}

/// A connection that was not accepted, and its listener.
fn waiting(stack: &Stack<'_>) -> Start {
    let (listener, address) = stack.listener(8);
    let client = stack.tcp(Family::V4);
    assert_eq!(stack.connect(client, address), Ok(()));
    Start {
        sockets: vec![client, listener],
        listener: Some(listener),
        ends: true,
    }
}

fn unix(stack: &Stack<'_>) -> Start {
    let (one, other) = stack.unix_pair();
    Start {
        sockets: vec![one, other],
        listener: None,
        ends: true,
    }
}

fn unix_datagrams(stack: &Stack<'_>) -> Start {
    let (one, other) = stack.unix_datagram_pair();
    Start {
        sockets: vec![one, other],
        ..Start::default()
    }
}

/// Three, of which two are connected to each other, and the third to one of them.
fn udp(stack: &Stack<'_>) -> Start {
    let sockets = [(); 3].map(|()| stack.udp(v4(0)).expect("a socket"));
    for (one, other) in [(0, 1), (1, 0), (2, 0)] {
        let to = stack.local(sockets[other]).expect("an address");
        assert_eq!(stack.connect(sockets[one], to), Ok(()));
    }
    Start {
        sockets: sockets.to_vec(),
        ..Start::default()
    }
}

/// So many programs of each kind. Thousands were run once.
const PROGRAMS: u64 = 3;

#[test]
fn two_ends_of_a_connection_answer_alike_whatever_is_called() {
    (0..PROGRAMS).for_each(|seed| run(seed, two));
}

#[test]
fn a_client_that_was_not_accepted_and_its_listener_answer_alike_whatever_is_called() {
    (0..PROGRAMS).for_each(|seed| run(seed, waiting));
}

#[test]
fn two_ends_of_a_unix_stream_answer_alike_whatever_is_called() {
    (0..PROGRAMS).for_each(|seed| run(seed, unix));
}

#[test]
fn two_unix_sockets_for_datagrams_answer_alike_whatever_is_called() {
    (0..PROGRAMS).for_each(|seed| run(seed, unix_datagrams));
}

#[test]
fn three_sockets_of_udp_answer_alike_whatever_is_called() {
    (0..PROGRAMS).for_each(|seed| run(seed, udp));
}
