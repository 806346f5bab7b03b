//! The bytes between an operation and whoever reads or writes: as tokio 1.54 has them for files and standard streams.
//!
//! They are copied: an operation that has begun goes on when whoever waits for it does not.

use std::io::{self, Read, Write};

use tokio::io::ReadBuf;

/// Bytes that were read and not taken yet, or that are to be written.
#[derive(Debug, Default)]
pub(crate) struct Buf {
    bytes: Vec<u8>,
    taken: usize,
}

impl Buf {
    pub(crate) fn rest(&self) -> &[u8] {
        &self.bytes[self.taken..]
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest().is_empty()
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.taken = 0;
    }

    /// Gives as much as there is room for.
    pub(crate) fn copy_to(&mut self, room: &mut ReadBuf<'_>) {
        let count = self.rest().len().min(room.remaining());
        room.put_slice(&self.rest()[..count]);
        self.taken += count;
        if self.is_empty() {
            self.clear();
        }
    }

    /// Takes as much of these parts as goes into one operation, and says how much.
    pub(crate) fn copy_from<'a>(
        &mut self,
        parts: impl IntoIterator<Item = &'a [u8]>,
        most: usize,
    ) -> usize {
        for part in parts {
            let room = most - self.bytes.len();
            self.bytes.extend_from_slice(&part[..part.len().min(room)]);
        }
        self.bytes.len()
    }

    /// Reads once, and again where that was interrupted.
    pub(crate) fn read_from(&mut self, reader: &mut impl Read, most: usize) -> io::Result<()> {
        self.bytes.resize(most, 0);
        let count = loop {
            match reader.read(&mut self.bytes) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                count => break count,
            }
        };
        self.bytes.truncate(*count.as_ref().unwrap_or(&0));
        count.map(drop)
    }

    /// Writes all of it.
    pub(crate) fn write_to(&mut self, writer: &mut impl Write) -> io::Result<()> {
        let written = writer.write_all(&self.bytes);
        self.clear();
        written
    }

    /// Forgets what was read and not taken: how far that is, backwards.
    #[cfg(feature = "fs")]
    pub(crate) fn discard(&mut self) -> i64 {
        let back = -(self.rest().len() as i64);
        self.clear();
        back
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_taken_up_to_the_limit_and_given_as_there_is_room() {
        let mut buf = Buf::default();
        assert_eq!(buf.copy_from([&b"ab"[..], b"", b"cde"], 4), 4);
        let mut room = [0; 3];
        let mut first = ReadBuf::new(&mut room);
        buf.copy_to(&mut first);
        assert_eq!((first.filled(), buf.rest()), (&b"abc"[..], &b"d"[..]));
        let mut second = ReadBuf::new(&mut room);
        buf.copy_to(&mut second);
        assert_eq!(second.filled(), b"d");
        assert!(buf.is_empty() && buf.bytes.is_empty());
    }

    #[test]
    fn a_read_that_fails_leaves_nothing() {
        struct Fails(u32);
        impl Read for Fails {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                self.0 += 1;
                match self.0 {
                    1 | 2 => Err(io::ErrorKind::Interrupted.into()),
                    _ => Err(io::ErrorKind::TimedOut.into()),
                }
            }
        }
        let mut buf = Buf::default();
        let read = buf.read_from(&mut Fails(0), 8);
        assert_eq!(read.unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert!(buf.is_empty());
    }
}
