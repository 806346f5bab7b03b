//! What one end of a connection has been sent and has not read.
//!
//! 1. Bytes are read in the order of their positions, whatever the order in which they came: what came early waits in
//!    `ahead` (invariant 3 of the crate).
//! 2. Room is told when half of the buffer was read since it was told last, so that a reader of small pieces sends few
//!    packets. When all was read, the writer has at least half of the buffer.

use crate::state::ring::Ring;

#[derive(Debug)]
pub(crate) struct Receiving {
    unread: Ring,
    size: u64,
    /// The position of the byte that comes next.
    next: u64,
    /// Up to where the writer was told that there is room.
    told: u64,
    /// By position.
    ahead: Vec<(u64, Vec<u8>)>,
    end: Option<u64>,
}

/// What came of bytes.
#[derive(PartialEq, Eq, Debug)]
pub(crate) enum Taken {
    /// There is more to read.
    More,
    /// Nothing can be read that could not before.
    Nothing,
}

impl Receiving {
    pub(crate) fn new(size: usize) -> Receiving {
        Receiving {
            unread: Ring::default(),
            size: size as u64,
            next: 0,
            told: size as u64,
            ahead: Vec::new(),
            end: None,
        }
    }

    /// Up to which byte the writer was told that there is room.
    pub(crate) fn limit(&self) -> u64 {
        self.told
    }

    /// Takes bytes that begin at a position. A buffer whose bytes were copied comes back.
    #[inline]
    pub(crate) fn take(&mut self, at: u64, bytes: Vec<u8>) -> (Taken, Option<Vec<u8>>) {
        if at > self.next {
            self.keep(at, bytes);
            return (Taken::Nothing, None);
        }
        let known = usize::try_from(self.next - at).unwrap_or(usize::MAX);
        let Some(new) = bytes.get(known..).filter(|new| !new.is_empty()) else {
            return (Taken::Nothing, Some(bytes));
        };
        self.unread.push(new);
        self.next += new.len() as u64;
        if !self.ahead.is_empty() {
            self.catch_up();
        }
        (Taken::More, Some(bytes))
    }

    fn keep(&mut self, at: u64, bytes: Vec<u8>) {
        match self.ahead.binary_search_by_key(&at, |(at, _)| *at) {
            Ok(found) if self.ahead[found].1.len() < bytes.len() => self.ahead[found].1 = bytes,
            Ok(_) => {}
            Err(place) => self.ahead.insert(place, (at, bytes)),
        }
    }

    /// Reads on in what came early.
    fn catch_up(&mut self) {
        let mut used = 0;
        for (at, bytes) in &self.ahead {
            if *at > self.next {
                break;
            }
            used += 1;
            let known = usize::try_from(self.next - at).unwrap_or(usize::MAX);
            if let Some(new) = bytes.get(known..) {
                self.unread.push(new);
                self.next += new.len() as u64;
            }
        }
        self.ahead.drain(..used);
    }

    /// The stream ends at a position.
    pub(crate) fn take_end(&mut self, at: u64) {
        self.end = Some(at);
    }

    /// Whether all bytes and the end have come. Bytes may still be unread.
    #[inline]
    pub(crate) fn is_ended(&self) -> bool {
        self.end == Some(self.next)
    }

    #[inline]
    pub(crate) fn has_unread(&self) -> bool {
        !self.unread.is_empty()
    }

    pub(crate) fn unread(&self) -> usize {
        self.unread.len()
    }

    pub(crate) fn peek(&self, into: &mut [u8]) -> usize {
        self.unread.peek(into)
    }

    /// Reads, and says up to where the writer is to be told that there is room.
    #[inline]
    pub(crate) fn read(&mut self, into: &mut [u8]) -> (usize, Option<u64>) {
        let count = self.unread.read(into);
        let limit = self.next - self.unread.len() as u64 + self.size;
        let is_worth_it = 2 * (limit - self.told) >= self.size && limit > self.told;
        if !is_worth_it || self.end.is_some() {
            return (count, None);
        }
        self.told = limit;
        (count, Some(limit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(receiving: &mut Receiving) -> Vec<u8> {
        let mut into = [0; 64];
        let (count, _) = receiving.read(&mut into);
        into[..count].to_vec()
    }

    #[test]
    fn bytes_are_read_in_order_whatever_comes_first_twice_or_in_other_parts() {
        let mut receiving = Receiving::new(64);
        receiving.take_end(8);
        let mut take = |at, bytes: &[u8]| receiving.take(at, bytes.to_vec()).0;
        assert_eq!(take(4, b"ef"), Taken::Nothing);
        assert_eq!(take(4, b"efg"), Taken::Nothing);
        assert_eq!(take(0, b"ab"), Taken::More);
        assert_eq!(take(0, b"ab"), Taken::Nothing);
        assert_eq!(take(1, b"bcd"), Taken::More);
        assert!(!receiving.is_ended());
        receiving.take(6, b"gh".to_vec());
        assert!(receiving.is_ended() && receiving.ahead.is_empty());
        assert_eq!(read(&mut receiving), b"abcdefgh");
    }

    #[test]
    fn room_is_told_when_half_of_it_was_read() {
        let mut receiving = Receiving::new(4);
        let mut told = Vec::new();
        for at in 0..6 {
            receiving.take(at, vec![0]);
            told.push(receiving.read(&mut [0; 1]).1);
        }
        assert_eq!(told, [None, Some(6), None, Some(8), None, Some(10)]);
    }
}
