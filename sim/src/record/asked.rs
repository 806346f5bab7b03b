//! What was asked to go wrong around a program in a run, on its network, its hosts and their disks: where that was, how often it could have, and how often it did.

use std::collections::BTreeSet;
use std::fmt;
use std::io;

use deadheat_timeout::Place;

use crate::base::rng::mix;
use crate::decide::tape::DecisionKind;

/// What may go wrong around a program, if it is asked for: on the network, with hosts and their files, and with processes.
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
    /// A host goes down ([`Host::may_crash`](crate::net::Host::may_crash)).
    Crash,
    /// A host is started again by itself ([`Host::starts_again_after`](crate::net::Host::starts_again_after)).
    Restart,
    /// What was not synced is lost, on a host that may crash and has its files in memory
    /// ([`Host::files_in_memory`](crate::net::Host::files_in_memory)).
    Lost,
    /// An operation on a file takes its time ([`Files::latency`](crate::net::Files::latency)).
    FileLatency,
    /// A write finds no room, or a sync fails ([`Files::may_fail`](crate::net::Files::may_fail)).
    FileFail,
    /// A write is short ([`Files::may_write_less`](crate::net::Files::may_write_less)).
    FileShort,
    /// A disk is full ([`Files::room`](crate::net::Files::room)).
    FileRoom,
    /// All tasks of a process stall ([`Process::may_stall`](crate::fault::Process::may_stall)).
    ProcessStall,
}

impl Fault {
    /// All that there are.
    pub const ALL: [Fault; 23] = [
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
        Fault::Crash,
        Fault::Restart,
        Fault::Lost,
        Fault::FileLatency,
        Fault::FileFail,
        Fault::FileShort,
        Fault::FileRoom,
        Fault::ProcessStall,
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
            Fault::Crash => "turn of a task",
            Fault::Restart => "crash with something to run (Host::runs)",
            Fault::Lost => "loss of power while something was not synced",
            Fault::FileLatency => "operation on a file",
            Fault::FileFail => "write or sync of a file",
            Fault::FileShort => "write of two bytes or more",
            Fault::FileRoom => "write to a file",
            Fault::ProcessStall => "wake of a task of the process",
        }
    }

    /// Whether a program is answered otherwise wherever it happens.
    pub(crate) fn is_always_felt(self) -> bool {
        use Fault::{
            Crash, Cut, CutOneWay, Duplicate, FileFail, FileShort, Hold, Lose, Lost, Reset, Stall,
        };
        !matches!(
            self,
            Reset
                | Cut
                | CutOneWay
                | Stall
                | Hold
                | Lose
                | Duplicate
                | Crash
                | Lost
                | FileFail
                | FileShort
        )
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Fault::Latency | Fault::NameLatency | Fault::FileLatency => "latency",
            Fault::Refuse => "may_refuse",
            Fault::Hang | Fault::NameHang => "may_hang",
            Fault::Reset => "may_reset",
            Fault::Cut => "may_cut",
            Fault::CutOneWay => "may_cut_one_way",
            Fault::Stall | Fault::ProcessStall => "may_stall",
            Fault::Hold => "hold",
            Fault::Short => "may_be_short",
            Fault::Lose => "may_lose",
            Fault::Duplicate => "may_duplicate",
            Fault::Overtake => "may_overtake",
            Fault::NameFail | Fault::FileFail => "may_fail",
            Fault::Crash => "may_crash",
            Fault::Restart => "starts_again_after",
            Fault::Lost => "files_in_memory",
            Fault::FileShort => "may_write_less",
            Fault::FileRoom => "room",
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
    pub(crate) decisions: Vec<(DecisionKind, u64)>,
}

impl Asked {
    /// How often it happened.
    pub(crate) fn happened(&self) -> u64 {
        self.times + self.decisions.len() as u64
    }
}

/// What was asked for of one link, name, host or disk: for each fault its place among all that was.
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

    /// It happened by a decision of this number among those of its kind.
    pub(crate) fn did(&mut self, of: &Of, fault: Fault, decision: (DecisionKind, u64)) {
        if let Some(asked) = self.get(of, fault) {
            asked.decisions.push(decision);
        }
    }

    /// It happened, as time passes.
    pub(crate) fn passed(&mut self, of: &Of, fault: Fault) {
        if let Some(asked) = self.get(of, fault) {
            asked.times += 1;
        }
    }

    /// What has this place could happen.
    pub(crate) fn could_at(&mut self, index: u32) {
        if let Some(asked) = self.0.get_mut(index as usize) {
            asked.chances += 1;
        }
    }

    /// What has this place happened, as time passes.
    pub(crate) fn passed_at(&mut self, index: u32) {
        if let Some(asked) = self.0.get_mut(index as usize) {
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

    /// What was asked for elsewhere comes behind.
    pub(crate) fn extend(&mut self, others: &AllAsked) {
        self.0.extend_from_slice(&others.0);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
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

/// A hash of what sockets and files have answered to the program, in order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Answers(u64);

impl Answers {
    pub(crate) fn add(&mut self, answer: u64) {
        // Not zero, which would leave a hash of zero as it is.
        self.0 = mix(self.0 ^ mix(answer.wrapping_add(1)));
    }

    /// Whether a call succeeded, or how it failed. That it would block is no answer.
    pub(crate) fn add_result<R>(&mut self, result: &io::Result<R>) {
        match result {
            Ok(_) => self.add(0),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => self.add(1 + error.kind() as u64),
        }
    }
}

/// The names in a call: those of a link's two ends, or the one that is looked up.
pub(crate) fn quoted(call: &str) -> Vec<String> {
    let parts = call.split('"');
    parts.skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn all_faults_are_among_all_in_order() {
    for (place, fault) in Fault::ALL.into_iter().enumerate() {
        assert_eq!(fault as usize, place);
    }
}
