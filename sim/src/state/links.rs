//! What lies between hosts: what was asked for, what is kept on the way, and who waits for an answer.

use std::collections::{BTreeMap, BTreeSet};

use deadheat_net::{HostId, Packet, SocketId};

use crate::record::asked::{AllAsked, Answers, Of};
use crate::state::in_order::InOrder;

/// Two hosts, in the direction of what is sent.
pub(crate) type Ends = (HostId, HostId);

/// What lies between hosts. Where nothing was said of two of them, what is sent is there.
#[derive(Debug, Default)]
pub(crate) struct Links {
    ways: BTreeMap<Ends, Way>,
    pub(crate) asked: AllAsked,
    pub(crate) answers: Answers,
    /// Between which hosts something was sent since the first link was spoken of.
    pub(crate) travelled: BTreeSet<Ends>,
    /// Sockets whose connect is given up at a moment that is set.
    pub(crate) given_up: BTreeSet<SocketId>,
    /// Sockets whose packet was not taken, and is sent again.
    pub(crate) sent_again: BTreeSet<SocketId>,
}

/// One direction of a link.
#[derive(Debug, Default)]
pub(crate) struct Way {
    pub(crate) of: Of,
    /// The least and the most that it takes, in nanoseconds.
    pub(crate) latency: Option<(i64, i64)>,
    /// For how long it may stall, in nanoseconds.
    pub(crate) stall: i64,
    /// What is sent does not set out.
    pub(crate) is_cut: bool,
    /// What has travelled does not arrive: it is held, or it was cut with what was on its way.
    pub(crate) is_held: bool,
    /// What has travelled and is not sent again is lost.
    pub(crate) loses: bool,
    /// Which call of the test has closed it, if one has.
    pub(crate) closed_by: Option<u32>,
    /// How often it was closed.
    pub(crate) closed: u64,
    /// What was sent while it was cut.
    pub(crate) before: Vec<Packet>,
    /// What would have arrived while it was held. Of what was lost there is the place.
    pub(crate) behind: Vec<(Order, Option<Packet>)>,
    /// Whose connections time out if it stays closed.
    pub(crate) timed: BTreeSet<SocketId>,
    in_order: InOrder<Option<Packet>>,
    /// Datagrams that may overtake each other: how many were sent, and how many have arrived.
    loose: (u64, u64),
}

/// The place of a packet among others.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Order {
    /// It arrives when those before it have.
    Kept(u64),
    /// It arrives when it does.
    Loose(u64),
}

impl Links {
    pub(crate) fn is_empty(&self) -> bool {
        self.ways.is_empty()
    }

    pub(crate) fn get(&self, ends: Ends) -> Option<&Way> {
        self.ways.get(&ends)
    }

    pub(crate) fn make(&mut self, ends: Ends) -> &mut Way {
        self.ways.entry(ends).or_default()
    }
}

impl Way {
    pub(crate) fn is_closed(&self) -> bool {
        self.is_cut || self.is_held
    }

    /// Nothing sets out from now on. What is on its way arrives.
    pub(crate) fn cut(&mut self) {
        self.closed += u64::from(!self.is_closed());
        self.is_cut = true;
    }

    /// Nothing comes through from now on, as a call of the test wants it, also of what is on its way.
    pub(crate) fn cut_all(&mut self, by: u32) {
        self.hold(Some(by));
        (self.is_cut, self.loses) = (true, true);
    }

    /// Nothing arrives from now on.
    pub(crate) fn hold(&mut self, by: Option<u32>) {
        self.closed += u64::from(!self.is_closed());
        self.closed_by = by;
        self.is_held = true;
    }

    /// It is no longer cut. What was sent meanwhile can set out.
    pub(crate) fn heal(&mut self) -> Vec<Packet> {
        self.is_cut = false;
        self.is_held &= !self.loses;
        self.opened();
        std::mem::take(&mut self.before)
    }

    /// It is no longer held. What has travelled can arrive.
    pub(crate) fn release(&mut self) -> Vec<(Order, Option<Packet>)> {
        (self.is_held, self.loses) = (false, false);
        self.opened();
        std::mem::take(&mut self.behind)
    }

    fn opened(&mut self) {
        if !self.is_closed() {
            self.closed_by = None;
            self.timed.clear();
        }
    }

    /// Nothing of this socket is kept any more.
    pub(crate) fn forget(&mut self, socket: SocketId) {
        let is_another = |packet: &Packet| packet.sender() != Some(socket);
        self.before.retain(is_another);
        for (_, packet) in &mut self.behind {
            *packet = packet.take().filter(is_another);
        }
    }

    /// The place of what is sent now, and whether others that it may overtake are on their way.
    pub(crate) fn send(&mut self, overtakes: bool) -> (Order, bool) {
        if !overtakes {
            return (Order::Kept(self.in_order.send()), false);
        }
        let (sent, arrived) = &mut self.loose;
        *sent += 1;
        (Order::Loose(*sent - 1), *sent - 1 > *arrived)
    }

    /// What arrives with the packet of this place: it, and those behind it that came early. Also whether it has overtaken
    /// another one.
    pub(crate) fn arrive(&mut self, place: Order, packet: Option<Packet>) -> (Vec<Packet>, bool) {
        match place {
            Order::Kept(place) => {
                let mut arrived = Vec::new();
                self.in_order
                    .arrive(place, packet, |packet| arrived.extend(packet));
                (arrived, false)
            }
            Order::Loose(place) => {
                let arrived = &mut self.loose.1;
                *arrived += 1;
                (packet.into_iter().collect(), place >= *arrived)
            }
        }
    }
}
