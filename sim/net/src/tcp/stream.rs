//! One end of a TCP connection: what it answers to a call and to a packet, and what it sends.
//!
//! 1. What has come is read before an error is told, an error is told once, and then the stream has ended. Only an end
//!    that came in order goes before an error, as on Linux.
//! 2. A stream that is over (ended on both sides, or reset) sends nothing and takes nothing.

use std::io;
use std::net::SocketAddr;

use super::receiving::{Receiving, Taken};
use super::sending::Sending;
use crate::error::Errno;
use crate::id::SocketId;
use crate::packet::{End, Load, Packet};
use crate::readiness::Readiness;
use crate::sizes::Sizes;
use crate::state::wire::Wire;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Phase {
    /// The client has asked.
    Connecting,
    /// The server has agreed, and has not heard from the client since.
    Agreed {
        listener: SocketId,
    },
    Open,
    /// It was closed by its program, and has bytes left to send.
    Left,
    /// It was reset, or has failed.
    Dead,
}

#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) phase: Phase,
    /// This end.
    pub(crate) own: End,
    /// The other one. Its socket is known to a client as soon as the server has made one.
    pub(crate) peer: End,
    /// How often the host of the peer had crashed when this end was made.
    pub(crate) epoch: u32,
    sending: Sending,
    receiving: Receiving,
    reads_no_more: bool,
    error: Option<Errno>,
}

impl Stream {
    pub(crate) fn new(phase: Phase, own: End, peer: End, epoch: u32, sizes: &Sizes) -> Stream {
        Stream {
            phase,
            own,
            peer,
            epoch,
            sending: Sending::new(sizes.send),
            receiving: Receiving::new(sizes.receive),
            reads_no_more: false,
            error: None,
        }
    }

    /// A packet to the peer.
    pub(crate) fn packet(&self, load: Load) -> Packet {
        Packet {
            from: self.own,
            to: self.peer,
            epoch: self.epoch,
            load,
        }
    }

    /// Up to which byte the peer may write.
    pub(crate) fn limit(&self) -> u64 {
        self.receiving.limit()
    }

    /// How many bytes have come and were not read.
    pub(crate) fn unread(&self) -> usize {
        self.receiving.unread()
    }

    /// Both ends have heard of each other.
    pub(crate) fn open(&mut self) {
        self.phase = Phase::Open;
    }

    /// Whether nothing more goes to or fro.
    pub(crate) fn is_over(&self) -> bool {
        let is_ended = self.receiving.is_ended() && self.sending.is_finished();
        self.phase == Phase::Dead || is_ended
    }

    pub(crate) fn remote(&self) -> io::Result<SocketAddr> {
        match self.phase {
            Phase::Open if !self.is_over() => Ok(self.peer.address),
            _ => Errno::NotConnected.fail(),
        }
    }

    /// The server's end of a connect that is under way.
    pub(crate) fn half_made(&self) -> Option<SocketId> {
        match self.phase {
            Phase::Connecting => self.peer.socket,
            _ => None,
        }
    }

    /// The peer has room up to here, before anything was written.
    pub(crate) fn allow(&mut self, limit: u64) {
        self.sending.allow(limit);
    }

    #[inline]
    pub(crate) fn write(&mut self, bytes: &[u8], wire: &mut Wire) -> io::Result<usize> {
        if let Some(error) = self.error.take() {
            return error.fail();
        }
        match self.phase {
            Phase::Open if self.sending.is_open() => {}
            Phase::Connecting => return Errno::WouldBlock.fail(),
            _ => return Errno::BrokenPipe.fail(),
        }
        let written = self.sending.write(bytes, || wire.buffer());
        if let Some((at, bytes)) = written.data {
            wire.send(self.packet(Load::Data { at, bytes }));
        }
        if written.count == 0 && !bytes.is_empty() {
            return Errno::WouldBlock.fail();
        }
        Ok(written.count)
    }

    #[inline]
    pub(crate) fn read(&mut self, into: &mut [u8], wire: &mut Wire) -> io::Result<usize> {
        if !self.receiving.has_unread() {
            return self.nothing_to_read();
        }
        let (count, room) = self.receiving.read(into);
        if let Some(limit) = room
            && self.phase == Phase::Open
        {
            wire.send(self.packet(Load::Room { limit }));
        }
        Ok(count)
    }

    pub(crate) fn peek(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.receiving.has_unread() {
            Ok(self.receiving.peek(into))
        } else {
            self.nothing_to_read()
        }
    }

    fn nothing_to_read(&mut self) -> io::Result<usize> {
        if self.receiving.is_ended() {
            return Ok(0);
        }
        if let Some(error) = self.error.take() {
            return error.fail();
        }
        if self.reads_no_more || self.phase == Phase::Dead {
            return Ok(0);
        }
        Errno::WouldBlock.fail()
    }

    pub(crate) fn take_error(&mut self) -> Option<Errno> {
        self.error.take()
    }

    /// Writes no more: the end goes out behind what was written.
    pub(crate) fn shut_writing(&mut self, wire: &mut Wire) {
        self.sending.close();
        self.send_end(wire);
    }

    pub(crate) fn shut_reading(&mut self) {
        self.reads_no_more = true;
    }

    fn send_end(&mut self, wire: &mut Wire) {
        if let Some(at) = self.sending.take_end() {
            wire.send(self.packet(Load::End { at }));
        }
    }

    /// The program closes it. Whether it has to stay, for bytes that are still to be sent.
    pub(crate) fn close(&mut self, aborts: bool, wire: &mut Wire) -> bool {
        if self.is_over() || !matches!(self.phase, Phase::Open) {
            return false;
        }
        if aborts || self.receiving.has_unread() {
            wire.send(self.packet(Load::Reset));
            return false;
        }
        self.shut_writing(wire);
        self.phase = Phase::Left;
        !self.sending.is_finished()
    }

    /// The server has agreed.
    pub(crate) fn take_agreement(&mut self, from: End, limit: u64, wire: &mut Wire) -> Effect {
        let effect = match self.phase {
            Phase::Connecting => Effect::Told,
            // The confirmation was lost, perhaps.
            Phase::Open => Effect::Nothing,
            _ => return self.disown(wire),
        };
        if effect == Effect::Told {
            self.peer = from;
            self.open();
            self.allow(limit);
        }
        wire.send(self.packet(Load::Confirm));
        effect
    }

    /// Bytes have come. Whether the program is to be told, and whether this end answers with a reset and is gone.
    #[inline]
    pub(crate) fn take_data(&mut self, at: u64, bytes: Vec<u8>, wire: &mut Wire) -> Effect {
        let nobody_reads = self.reads_no_more && !self.sending.is_open();
        if self.phase == Phase::Left || (nobody_reads && !self.is_over()) {
            wire.send(self.packet(Load::Reset));
            return self.die(Errno::Reset);
        }
        if self.phase != Phase::Open {
            return self.disown(wire);
        }
        let (taken, buffer) = self.receiving.take(at, bytes);
        if let Some(buffer) = buffer {
            wire.give_back(buffer);
        }
        match taken {
            Taken::More => Effect::Told,
            Taken::Nothing => Effect::Nothing,
        }
    }

    /// The peer writes no more.
    pub(crate) fn take_end(&mut self, at: u64, wire: &mut Wire) -> Effect {
        if !matches!(self.phase, Phase::Open | Phase::Left) {
            return self.disown(wire);
        }
        self.receiving.take_end(at);
        if self.receiving.is_ended() && self.phase == Phase::Open {
            Effect::Told
        } else {
            Effect::Nothing
        }
    }

    /// Something has come for a connection that is no more on this side. The peer has not heard of that if it was the
    /// driver who let it fail.
    fn disown(&self, wire: &mut Wire) -> Effect {
        if self.phase == Phase::Dead {
            wire.send(self.packet(Load::Reset));
        }
        Effect::Nothing
    }

    /// The peer has room up to here.
    pub(crate) fn take_room(&mut self, limit: u64, wire: &mut Wire) -> Effect {
        if !self.sending.allow(limit) || !matches!(self.phase, Phase::Open | Phase::Left) {
            return Effect::Nothing;
        }
        if let Some((at, bytes)) = self.sending.release(|| wire.buffer()) {
            wire.send(self.packet(Load::Data { at, bytes }));
        }
        self.send_end(wire);
        if self.phase == Phase::Left && self.sending.is_finished() {
            return Effect::Gone;
        }
        if self.sending.has_room_again() {
            Effect::Told
        } else {
            Effect::Nothing
        }
    }

    /// The peer, or the driver, says that there is no connection any more.
    pub(crate) fn take_reset(&mut self) -> Effect {
        let only_we_write = self.receiving.is_ended() && self.sending.is_open();
        self.die(if only_we_write {
            Errno::BrokenPipe
        } else {
            Errno::Reset
        })
    }

    pub(crate) fn die(&mut self, errno: Errno) -> Effect {
        if self.phase == Phase::Left {
            return Effect::Gone;
        }
        if self.is_over() {
            return Effect::Nothing;
        }
        self.phase = Phase::Dead;
        self.error = Some(errno);
        Effect::Told
    }

    pub(crate) fn readiness(&self) -> Readiness {
        let is_over = self.is_over();
        let ended = self.receiving.is_ended() || self.reads_no_more || is_over;
        let shut = !self.sending.is_open() || is_over;
        let is_connecting = self.phase == Phase::Connecting;
        Readiness {
            readable: self.receiving.has_unread() || ended,
            writable: !is_connecting && (shut || self.sending.is_writable()),
            read_closed: ended,
            hung_up: is_over || (ended && shut),
            error: self.error.is_some(),
        }
    }
}

/// What a packet did to a stream.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Effect {
    Nothing,
    /// Its readiness is another one.
    Told,
    /// Its program had closed it, and it has nothing left to do.
    Gone,
}
