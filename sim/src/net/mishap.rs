//! What may go wrong with a packet: in which ways, of those that were asked for.

use std::sync::OnceLock;

use deadheat_net::{Kind, Packet};
use deadheat_timeout::Place;

use crate::decide::tape::DecisionKind;
use crate::record::asked::{AllAsked, Fault, Of};
use crate::state::world::World;

/// What happens to a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mishap {
    Refused,
    Hangs,
    Reset,
    ResetHalfway,
    Cut,
    CutHalfway,
    CutOneWay,
    CutOneWayHalfway,
    Stalls,
    Lost,
    Twice,
}

impl Mishap {
    /// It happens in the middle of what is sent: the first half comes through.
    pub(super) fn is_halfway(self) -> bool {
        use Mishap::{CutHalfway, CutOneWayHalfway, ResetHalfway};
        matches!(self, ResetHalfway | CutHalfway | CutOneWayHalfway)
    }

    /// What becomes of what was sent.
    pub(super) fn told(self) -> &'static str {
        match self {
            Mishap::Refused => "is refused",
            Mishap::Hangs => "gets no answer",
            Mishap::Reset | Mishap::ResetHalfway => "is lost: the connection is reset",
            Mishap::Cut | Mishap::CutHalfway => "finds the link cut",
            Mishap::CutOneWay | Mishap::CutOneWayHalfway => "finds the link cut in this direction",
            Mishap::Stalls => "finds the link stalling",
            Mishap::Lost => "is lost",
            Mishap::Twice => "is sent twice",
        }
    }

    fn fault(self) -> Fault {
        match self {
            Mishap::Refused => Fault::Refuse,
            Mishap::Hangs => Fault::Hang,
            Mishap::Reset | Mishap::ResetHalfway => Fault::Reset,
            Mishap::Cut | Mishap::CutHalfway => Fault::Cut,
            Mishap::CutOneWay | Mishap::CutOneWayHalfway => Fault::CutOneWay,
            Mishap::Stalls => Fault::Stall,
            Mishap::Lost => Fault::Lose,
            Mishap::Twice => Fault::Duplicate,
        }
    }
}

type Way = (&'static str, Mishap);

const CONNECT: [Way; 3] = [
    ("is refused", Mishap::Refused),
    ("hangs", Mishap::Hangs),
    ("stalls", Mishap::Stalls),
];
const STREAM: [Way; 7] = [
    ("is reset here", Mishap::Reset),
    ("is reset halfway through this", Mishap::ResetHalfway),
    ("is cut here", Mishap::Cut),
    ("is cut halfway through this", Mishap::CutHalfway),
    ("is cut here in this direction", Mishap::CutOneWay),
    (
        "is cut halfway through this in this direction",
        Mishap::CutOneWayHalfway,
    ),
    ("stalls here", Mishap::Stalls),
];
const DATAGRAM: [Way; 2] = [("is lost", Mishap::Lost), ("comes twice", Mishap::Twice)];

/// For each set of ways the list of them, once it was asked for: a decision names its ways for ever.
type Lists = [OnceLock<Vec<Way>>; 1 << STREAM.len()];

static CONNECTS: Lists = [const { OnceLock::new() }; 1 << STREAM.len()];
static STREAMS: Lists = [const { OnceLock::new() }; 1 << STREAM.len()];
static DATAGRAMS: Lists = [const { OnceLock::new() }; 1 << STREAM.len()];

fn chosen(all: &[Way], lists: &'static Lists, can: impl Fn(Mishap) -> bool) -> &'static [Way] {
    let is_in = |set: &usize, (place, (_, mishap)): (usize, &Way)| {
        set | (usize::from(can(*mishap)) << place)
    };
    let set = all.iter().enumerate().fold(0, |set, way| is_in(&set, way));
    lists[set].get_or_init(|| {
        let ways = all.iter().enumerate();
        let ways = ways.filter(|(place, _)| set & (1 << place) != 0);
        ways.map(|(_, way)| *way).collect()
    })
}

/// What goes wrong with a packet on a link of which this was asked for.
pub(super) fn mishap(
    world: &mut World,
    asked: &mut AllAsked,
    of: Of,
    packet: &Packet,
    from: Place,
) -> Option<Mishap> {
    let (name, all, lists): (_, &[Way], _) = match packet.kind() {
        Kind::Connect => ("the connect", &CONNECT, &CONNECTS),
        Kind::Data | Kind::End => ("the connection", &STREAM, &STREAMS),
        Kind::Datagram => ("the datagram", &DATAGRAM, &DATAGRAMS),
        _ => return None,
    };
    let has_halves = packet.bytes().len() > 1;
    let can = |mishap: Mishap| of.asks(mishap.fault()) && (has_halves || !mishap.is_halfway());
    let ways = chosen(all, lists, can);
    for (_, mishap) in ways.iter().filter(|(_, mishap)| !mishap.is_halfway()) {
        asked.could(&of, mishap.fault());
    }
    decided(world, asked, of, (name, ways), from, |mishap| {
        mishap.fault()
    })
}

/// Decides in which of some ways something goes wrong, and notes it of the fault that was asked for.
pub(super) fn decided<W: Copy + 'static>(
    world: &mut World,
    asked: &mut AllAsked,
    of: Of,
    (name, ways): (&'static str, &'static [(&'static str, W)]),
    from: Place,
    fault: impl FnOnce(W) -> Fault,
) -> Option<W> {
    let way = *world.fault(name, ways, from)?;
    asked.did(&of, fault(way), last(world, DecisionKind::Fault));
    Some(way)
}

/// The last decision of a kind.
pub(super) fn last(world: &World, kind: DecisionKind) -> (DecisionKind, u64) {
    (kind, world.decided.numbers[kind.index()] - 1)
}
