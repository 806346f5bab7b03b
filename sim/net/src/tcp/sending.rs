//! What one end of a connection writes.
//!
//! 1. The reader says up to which byte it has room (`limit`), and no byte beyond is sent (invariant 4 of the crate).
//! 2. What is beyond waits in `unsent`, which is bounded. A byte is there only if the limit is reached.
//! 3. The end is sent once, after all bytes.

use crate::state::ring::Ring;

/// How far the end of a stream is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum End {
    Open,
    /// It was asked for, and bytes are still to be sent.
    Wanted,
    Sent,
}

#[derive(Debug)]
pub(crate) struct Sending {
    unsent: Ring,
    size: usize,
    /// How many bytes were sent.
    sent: u64,
    limit: u64,
    end: End,
    /// Whether there was no room for a write, or too little to be called writable, since there was enough.
    held_back: bool,
}

impl Sending {
    pub(crate) fn new(size: usize) -> Sending {
        Sending {
            unsent: Ring::default(),
            size,
            sent: 0,
            limit: 0,
            end: End::Open,
            held_back: false,
        }
    }

    /// Takes as much as there is room for. What can be sent at once is put into `segment`; its position is what
    /// [`Sending::position`] said before.
    #[inline]
    pub(crate) fn write(&mut self, bytes: &[u8], segment: impl FnOnce() -> Vec<u8>) -> Written {
        let room = usize::try_from(self.limit - self.sent).unwrap_or(usize::MAX);
        let now = room.min(bytes.len());
        let at = self.sent;
        let mut data = None;
        if now > 0 {
            let mut buffer = segment();
            buffer.extend_from_slice(&bytes[..now]);
            self.sent += now as u64;
            data = Some((at, buffer));
        }
        let later = (bytes.len() - now).min(self.size - self.unsent.len());
        if later > 0 {
            self.unsent.push(&bytes[now..now + later]);
        }
        self.held_back |= now + later < bytes.len() || !self.is_writable();
        Written {
            count: now + later,
            data,
        }
    }

    /// The reader has room up to here. Whether that was news.
    pub(crate) fn allow(&mut self, limit: u64) -> bool {
        let is_news = limit > self.limit;
        self.limit = self.limit.max(limit);
        is_news
    }

    /// What may be sent now of what was held back.
    pub(crate) fn release(&mut self, segment: impl FnOnce() -> Vec<u8>) -> Option<(u64, Vec<u8>)> {
        let room = usize::try_from(self.limit - self.sent).unwrap_or(usize::MAX);
        let count = room.min(self.unsent.len());
        if count == 0 {
            return None;
        }
        let mut buffer = segment();
        self.unsent.take(count, &mut buffer);
        let at = self.sent;
        self.sent += count as u64;
        Some((at, buffer))
    }

    /// Whether a writer that was held back should be told that there is room: once, and not for every byte.
    pub(crate) fn has_room_again(&mut self) -> bool {
        let tell = self.held_back && self.is_writable();
        self.held_back &= !tell;
        tell
    }

    pub(crate) fn close(&mut self) {
        if self.end == End::Open {
            self.end = End::Wanted;
        }
    }

    /// Where the stream ends, if that is to be sent now.
    pub(crate) fn take_end(&mut self) -> Option<u64> {
        if self.end != End::Wanted || !self.unsent.is_empty() {
            return None;
        }
        self.end = End::Sent;
        Some(self.sent)
    }

    #[inline]
    pub(crate) fn is_open(&self) -> bool {
        self.end == End::Open
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.end == End::Sent
    }

    /// As Linux has it, where a writer is woken when a third of its buffer is free.
    pub(crate) fn is_writable(&self) -> bool {
        3 * self.unsent.len() <= 2 * self.size && (self.limit > self.sent || self.size > 0)
    }
}

/// What came of a write: how many bytes were taken, and what is to be sent, with its position.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) count: usize,
    pub(crate) data: Option<(u64, Vec<u8>)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_beyond_the_limit_waits_and_what_is_beyond_the_buffer_is_refused() {
        let mut sending = Sending::new(4);
        assert!(sending.allow(3));
        let written = sending.write(b"abcdefghij", Vec::new);
        assert_eq!((written.count, written.data), (7, Some((0, b"abc".into()))));
        assert_eq!(sending.write(b"h", Vec::new).count, 0);
        assert!(!sending.has_room_again());
        assert!(!sending.allow(2) && sending.allow(5));
        assert_eq!(sending.release(Vec::new), Some((3, b"de".into())));
        assert!(sending.has_room_again() && !sending.has_room_again());
        assert!(sending.allow(100));
        assert_eq!(sending.release(Vec::new), Some((5, b"fg".into())));
    }

    #[test]
    fn the_end_comes_once_and_after_all_bytes() {
        let mut sending = Sending::new(4);
        sending.allow(1);
        sending.write(b"ab", Vec::new);
        sending.close();
        assert_eq!(sending.take_end(), None);
        sending.allow(2);
        assert_eq!(sending.release(Vec::new), Some((1, b"b".into())));
        assert_eq!((sending.take_end(), sending.take_end()), (Some(2), None));
        sending.close();
        assert_eq!(sending.take_end(), None);
    }
}
