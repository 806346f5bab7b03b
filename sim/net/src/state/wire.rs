//! The packets that were sent and that nobody has taken yet, and buffers to be used again.
//!
//! A buffer comes back when its bytes were copied to their reader, so that a connection that goes to and fro takes no
//! memory for its packets.

use std::collections::VecDeque;

use crate::packet::Packet;

/// So many buffers are kept.
const SPARE: usize = 16;
/// A buffer that is larger is given back to the system.
const LARGE: usize = 64 << 10;

#[derive(Debug, Default)]
pub(crate) struct Wire {
    packets: VecDeque<Packet>,
    spare: Vec<Vec<u8>>,
}

impl Wire {
    #[inline]
    pub(crate) fn send(&mut self, packet: Packet) {
        self.packets.push_back(packet);
    }

    #[inline]
    pub(crate) fn next(&mut self) -> Option<Packet> {
        self.packets.pop_front()
    }

    pub(crate) fn len(&self) -> usize {
        self.packets.len()
    }

    #[inline]
    pub(crate) fn buffer(&mut self) -> Vec<u8> {
        self.spare.pop().unwrap_or_default()
    }

    #[inline]
    pub(crate) fn give_back(&mut self, mut buffer: Vec<u8>) {
        if self.spare.len() < SPARE && buffer.capacity() <= LARGE {
            buffer.clear();
            self.spare.push(buffer);
        }
    }

    pub(crate) fn spare(&self) -> usize {
        self.spare.len()
    }
}
