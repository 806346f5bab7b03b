//! Bytes that were written and not yet read.

use std::collections::VecDeque;

#[derive(Debug, Default)]
pub(crate) struct Ring(VecDeque<u8>);

impl Ring {
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[inline]
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.0.extend(bytes);
    }

    /// Copies the first bytes, and leaves them.
    #[inline]
    pub(crate) fn peek(&self, into: &mut [u8]) -> usize {
        let (front, back) = self.0.as_slices();
        let first = front.len().min(into.len());
        into[..first].copy_from_slice(&front[..first]);
        let second = back.len().min(into.len() - first);
        into[first..first + second].copy_from_slice(&back[..second]);
        first + second
    }

    #[inline]
    pub(crate) fn read(&mut self, into: &mut [u8]) -> usize {
        let count = self.peek(into);
        self.skip(count);
        count
    }

    /// Moves the first bytes to the end of `into`.
    pub(crate) fn take(&mut self, count: usize, into: &mut Vec<u8>) {
        let from = into.len();
        into.resize(from + count, 0);
        self.read(&mut into[from..]);
    }

    #[inline]
    fn skip(&mut self, count: usize) {
        if count == self.0.len() {
            self.0.clear();
        } else {
            self.0.drain(..count);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_out_as_they_went_in_wherever_the_ring_wraps() {
        let mut ring = Ring::default();
        let (mut written, mut read) = (0_u8, 0_u8);
        for round in 1..200_usize {
            let bytes: Vec<u8> = (0..round % 13).map(|_| next(&mut written)).collect();
            ring.push(&bytes);
            let mut into = [0; 7];
            let peeked = ring.peek(&mut into);
            let mut again = [0; 7];
            assert_eq!(ring.read(&mut again), peeked);
            assert_eq!(into, again);
            for byte in &again[..peeked] {
                assert_eq!(*byte, next(&mut read));
            }
        }
        let mut rest = Vec::new();
        ring.take(ring.len(), &mut rest);
        assert!(rest.iter().all(|byte| *byte == next(&mut read)));
        assert!(ring.is_empty() && written == read);
    }

    fn next(counter: &mut u8) -> u8 {
        *counter = counter.wrapping_add(1);
        *counter
    }
}
