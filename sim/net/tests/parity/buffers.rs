//! Writers are held back by readers. How much a buffer holds differs.

use std::net::Shutdown;

use nix::errno::Errno;

use crate::stack::{Handle, Stack, both};

const PIECE: [u8; 8 << 10] = [7; 8 << 10];

/// Writes until there is no room, and says how many bytes that were.
fn fill(stack: &Stack<'_>, socket: Handle) -> usize {
    let mut written = 0;
    loop {
        match stack.write(socket, &PIECE) {
            Ok(count) => written += count,
            Err(error) => {
                assert_eq!(error, Errno::EAGAIN);
                return written;
            }
        }
    }
}

/// Reads to the end, or until there is nothing, and says how many bytes that were.
fn drain(stack: &Stack<'_>, socket: Handle) -> usize {
    let mut read = 0;
    while let Ok(count @ 1..) = stack_read(stack, socket) {
        read += count;
    }
    read
}

/// Without telling of it, as the pieces differ.
fn stack_read(stack: &Stack<'_>, socket: Handle) -> Result<usize, Errno> {
    stack.read_untold(socket, 64 << 10).map(|bytes| bytes.len())
}

#[test]
fn a_writer_is_held_back_when_nobody_reads_and_goes_on_when_somebody_does() {
    both(|stack| {
        let (client, server) = stack.connection();
        let written = fill(stack, client);
        assert!(written > PIECE.len());
        assert!(!stack.readiness(client).writable);
        assert_eq!(drain(stack, server), written);
        assert!(stack.readiness(client).writable);
        stack.write_all(client, b"on");
        assert_eq!(stack.read(server, 16), Ok(b"on".to_vec()));
    });
}

#[test]
fn what_was_held_back_still_arrives_after_its_writer_was_closed() {
    both(|stack| {
        let (client, server) = stack.connection();
        let written = fill(stack, client);
        stack.close(client);
        assert_eq!(drain(stack, server), written);
        assert_eq!(stack.read(server, 1), Ok(Vec::new()));
    });
}

#[test]
fn what_was_held_back_is_dropped_when_its_writer_was_closed_and_data_comes_for_it() {
    both(|stack| {
        let (client, server) = stack.connection();
        let written = fill(stack, client);
        stack.close(client);
        stack.settle();
        assert_eq!(stack.write(server, b"x"), Ok(1));
        stack.settle();
        assert_eq!(stack.take_error(server), Err(Errno::ECONNRESET));
        assert!(drain(stack, server) < written);
        assert_eq!(stack.read(server, 1), Ok(Vec::new()));
    });
}

#[test]
fn the_end_of_a_stream_comes_behind_what_was_held_back() {
    both(|stack| {
        let (client, server) = stack.connection();
        let written = fill(stack, client);
        assert_eq!(stack.shutdown(client, Shutdown::Write), Ok(()));
        stack.settle();
        assert!(!stack.readiness(server).read_closed);
        assert_eq!(drain(stack, server), written);
        stack.settle();
        assert!(stack.readiness(server).read_closed);
    });
}

#[test]
fn both_sides_may_be_held_back_at_once() {
    both(|stack| {
        let (client, server) = stack.connection();
        let there = fill(stack, client);
        let back = fill(stack, server);
        assert_eq!(drain(stack, client), back);
        assert_eq!(drain(stack, server), there);
    });
}

#[test]
fn a_reset_drops_what_was_held_back() {
    both(|stack| {
        let (client, server) = stack.connection();
        let written = fill(stack, client);
        stack.set_abort_on_close(client, true);
        stack.close(client);
        stack.settle();
        assert!(drain(stack, server) < written);
        assert_eq!(stack.read(server, 1), Ok(Vec::new()));
    });
}

#[test]
fn a_writer_of_a_unix_stream_is_held_back_too() {
    both(|stack| {
        let (one, other) = stack.unix_pair();
        let written = fill(stack, one);
        assert!(!stack.readiness(one).writable);
        assert_eq!(drain(stack, other), written);
        assert!(stack.readiness(one).writable);
    });
}

#[test]
fn a_queue_of_datagrams_that_is_full_drops_what_comes() {
    both(|stack| {
        let receiver = stack.udp(crate::stack::v4(0)).expect("a socket");
        let sender = stack.udp(crate::stack::v4(0)).expect("a socket");
        let to = stack.local(receiver).expect("an address");
        let sent = 2_000;
        for _ in 0..sent {
            assert_eq!(stack.send_to(sender, b"x", to), Ok(1));
        }
        let mut received = 0;
        while stack.recv_from(receiver, 16).is_ok() {
            received += 1;
        }
        assert!(received > 10 && received < sent);
        assert_eq!(stack.send_to(sender, b"x", to), Ok(1));
        assert!(stack.recv_from(receiver, 16).is_ok());
    });
}
