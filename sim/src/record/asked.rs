//! What was asked to go wrong on the network in a run: where that was, how often it could have, and how often it did.

use std::collections::BTreeSet;
use std::fmt;

use deadheat_timeout::Place;

use crate::base::rng::mix;

/// What may go wrong on the network, if it is asked for.
///
/// It shows itself as the method that asks for it.
///
/// # Examples
///
/// ```
/// use deadheat::net::Fault;
///
/// assert_eq!(Fault::Reset.to_string(), "may_reset");
/// assert!(Fault::ALL.contains(&Fault::Reset));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Fault {
    /// What is sent takes its time ([`Link::latency`](crate::net::Link::latency)).
    Latency,
    /// A connect is refused.
    Refuse,
    /// A connect hangs.
    Hang,
    /// A connection is reset.
    Reset,
    /// A link is cut, by a decision or by the test.
    Cut,
    /// A link is cut in one direction, by a decision or by the test.
    CutOneWay,
    /// Nothing arrives for a while.
    Stall,
    /// Nothing arrives until the test says so ([`hold`](fn@crate::net::hold)).
    Hold,
    /// A read or a write is short.
    Short,
    /// A datagram is lost.
    Lose,
    /// A datagram comes twice.
    Duplicate,
    /// A datagram arrives before one that was sent first.
    Overtake,
    /// A name is found late ([`Name::latency`](crate::net::Name::latency)).
    NameLatency,
    /// A name is not found.
    NameFail,
    /// Nobody answers who is asked for a name.
    NameHang,
}

impl Fault {
    /// All that there are.
    pub const ALL: [Fault; 15] = [
        Fault::Latency,
        Fault::Refuse,
        Fault::Hang,
        Fault::Reset,
        Fault::Cut,
        Fault::CutOneWay,
        Fault::Stall,
        Fault::Hold,
        Fault::Short,
        Fault::Lose,
        Fault::Duplicate,
        Fault::Overtake,
        Fault::NameLatency,
        Fault::NameFail,
        Fault::NameHang,
    ];

    /// What it happens to.
    pub(crate) fn happens_to(self) -> &'static str {
        match self {
            Fault::Latency | Fault::Hold => "packet",
            Fault::Refuse | Fault::Hang => "connect",
            Fault::Reset | Fault::Cut | Fault::CutOneWay => "write or end of a connection",
            Fault::Stall => "connect, write or end of a connection",
            Fault::Short => "read or write of two bytes or more",
            Fault::Lose | Fault::Duplicate => "datagram",
            Fault::Overtake => "datagram behind another one that was still on its way",
            Fault::NameLatency | Fault::NameFail | Fault::NameHang => "lookup",
        }
    }

    /// Whether a program is answered otherwise wherever it happens.
    pub(crate) fn is_always_felt(self) -> bool {
        use Fault::{Cut, CutOneWay, Duplicate, Hold, Lose, Reset, Stall};
        !matches!(
            self,
            Reset | Cut | CutOneWay | Stall | Hold | Lose | Duplicate
        )
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Fault::Latency | Fault::NameLatency => "latency",
            Fault::Refuse => "may_refuse",
            Fault::Hang | Fault::NameHang => "may_hang",
            Fault::Reset => "may_reset",
            Fault::Cut => "may_cut",
            Fault::CutOneWay => "may_cut_one_way",
            Fault::Stall => "may_stall",
            Fault::Hold => "hold",
            Fault::Short => "may_be_short",
            Fault::Lose => "may_lose",
            Fault::Duplicate => "may_duplicate",
            Fault::Overtake => "may_overtake",
            Fault::NameFail => "may_fail",
        })
    }
}

/// One fault that was asked for in a run.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) fault: Fault,
    /// The call that asked for it.
    pub(crate) call: String,
    /// Where it was asked for.
    pub(crate) at: Place,
    /// How often it could have happened.
    pub(crate) chances: u64,
    /// How often it happened, where that is no decision about a fault.
    pub(crate) times: u64,
    /// The decisions by which it happened, by their numbers.
    pub(crate) decisions: Vec<u64>,
}

impl Asked {
    /// How often it happened.
    pub(crate) fn happened(&self) -> u64 {
        self.times + self.decisions.len() as u64
    }
}

/// What was asked for of one link or one name: for each fault its place among all that was.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Of([Option<u32>; Fault::ALL.len()]);

impl Of {
    pub(crate) fn asks(&self, fault: Fault) -> bool {
        self.0[fault as usize].is_some()
    }

    /// It is asked for from now on. What was asked for before keeps its place.
    pub(crate) fn add(&mut self, fault: Fault, index: u32) {
        self.0[fault as usize].get_or_insert(index);
    }
}

/// All that was asked for in a run.
#[derive(Debug, Clone, Default)]
pub(crate) struct AllAsked(Vec<Asked>);

impl AllAsked {
    /// A fault is asked for by a call. Gives its place.
    pub(crate) fn ask(&mut self, fault: Fault, call: String, at: Place) -> u32 {
        self.0.push(Asked {
            fault,
            call,
            at,
            chances: 0,
            times: 0,
            decisions: Vec::new(),
        });
        self.0.len() as u32 - 1
    }

    fn get(&mut self, of: &Of, fault: Fault) -> Option<&mut Asked> {
        self.0.get_mut(of.0[fault as usize]? as usize)
    }

    /// It could happen here.
    pub(crate) fn could(&mut self, of: &Of, fault: Fault) {
        if let Some(asked) = self.get(of, fault) {
            asked.chances += 1;
        }
    }

    /// It happened by a decision of this number.
    pub(crate) fn did(&mut self, of: &Of, fault: Fault, number: u64) {
        if let Some(asked) = self.get(of, fault) {
            asked.decisions.push(number);
        }
    }

    /// It happened, as time passes.
    pub(crate) fn passed(&mut self, of: &Of, fault: Fault) {
        if let Some(asked) = self.get(of, fault) {
            asked.times += 1;
        }
    }

    /// What has this place happened, as the test wanted it.
    pub(crate) fn done(&mut self, index: Option<u32>) {
        let asked = index.and_then(|index| self.0.get_mut(index as usize));
        if let Some(asked) = asked {
            asked.chances += 1;
            asked.times += 1;
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Asked> {
        self.0.iter()
    }
}

/// What a network tells of a run in which something was asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Told {
    pub(crate) asked: AllAsked,
    /// Between which hosts something was sent, by their names.
    pub(crate) travelled: BTreeSet<(String, String)>,
    /// The hosts that have tasks.
    pub(crate) inhabited: BTreeSet<String>,
    pub(crate) answers: Answers,
}

/// A hash of what sockets have answered to the program, in order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Answers(u64);

impl Answers {
    pub(crate) fn add(&mut self, answer: u64) {
        self.0 = mix(self.0 ^ mix(answer));
    }
}

#[test]
fn all_faults_are_among_all_in_order() {
    for (place, fault) in Fault::ALL.into_iter().enumerate() {
        assert_eq!(fault as usize, place);
    }
}
