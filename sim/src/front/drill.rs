//! The drill: whether what was asked to go wrong around a program does, and whether the program feels it.
//!
//! A test that asks for a cut which cuts nothing passes, and shows nothing. That is easily done: a name is misspelt, both
//! sides are on one host, the link is spoken of when all was sent, a probability is too small. So the drill makes runs of the
//! test and looks at each fault that was asked for.
//!
//! 1. A fault *could* happen where a decision about it was taken, or where time passed by it.
//! 2. It *bites* if it happened and the program felt it. A short read, a connect that hangs or a name that is not found is
//!    felt by whoever asks, and so is time that passes. Of others the run is made again up to the fault, once with it and once without it, and both go on
//!    FIFO and on time: if turns come at other moments, or sockets or files answer otherwise, it was felt.
//! 3. Whether the program holds out is not looked at: that is what [`check`](crate::check) is for.

mod why;

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;

use crate::base::verdict::Verdict;
use crate::decide::tape::{DecisionKind, Departure, Tape};
use crate::decide::token::Token;
use crate::engine::program::{Main, Program, Unit};
use crate::record::asked::{Asked, Told};
use crate::record::run::{Keeps, Run};
use crate::record::trace::{EventKind, Trace};
use crate::search::config::Config;
use crate::search::maker::Maker;
use crate::search::single::sampled_run;

pub use crate::record::asked::Fault;

/// So many times at most it is looked whether a program has felt a fault.
const LOOKS: u64 = 32;

/// What came of a drill.
///
/// # Examples
///
/// See [`drill`](fn@drill).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Drill {
    /// How many runs were made.
    pub runs: u64,
    /// What was asked for, in the order of the calls that asked.
    pub bites: Vec<Bite>,
    /// Why the first run failed that did, if one did. That is no fault of the drill: a fault that bites may break a program.
    pub failed: Option<String>,
}

/// One fault that was asked for.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Bite {
    /// Which.
    pub fault: Fault,
    /// The call that asked for it.
    pub call: String,
    /// Where that is.
    pub at: String,
    /// In how many runs it was asked for.
    pub runs: u64,
    /// How often it could have happened.
    pub chances: u64,
    /// How often it happened.
    pub happened: u64,
    /// Whether a program has felt it.
    pub bites: bool,
    /// Why it did not bite, most likely.
    pub why: Option<String>,
}

/// Makes `config.runs` runs of a test, and says of each fault that it asks for whether it bites: on the network, with hosts
/// and their files, and with processes.
///
/// # Panics
///
/// If a thread cannot be started, or inside of a run.
///
/// # Examples
///
/// The host is called `db`, and so nothing is lost on a link to `dbb`:
///
/// ```
/// use deadheat::drill::drill;
/// use deadheat::net::{self, Socket};
///
/// let drill = drill(&deadheat::Config::new().runs(50), || async {
///     let address = (net::host("db").address(), 53).into();
///     net::link("test", "dbb").may_lose();
///     let any = "0.0.0.0:0".parse().unwrap();
///     let socket = Socket::open(|net, host| net.udp_bind(host, any)).unwrap();
///     socket.call(|net, id| net.udp_send_to(id, b"hello", address)).unwrap();
/// });
/// assert!(!drill.all_bite());
/// let told = drill.to_string();
/// assert!(told.contains("nothing was sent between \"test\" and \"dbb\""), "{told}");
/// ```
pub fn drill<F, Fut>(config: &Config, program: F) -> Drill
where
    F: Fn() -> Fut + Sync,
    Fut: Future + 'static,
    Fut::Output: 'static,
{
    drilled(&Unit(Main::new(program)), config)
}

/// Asserts that each fault bites that a test asks for; see [`drill`](fn@drill).
///
/// # Panics
///
/// With what was found, if one does not bite, or if none was asked for.
///
/// # Examples
///
/// ```
/// use deadheat::net::{self, Socket};
///
/// deadheat::assert_faults_bite(&deadheat::Config::new().runs(50), || async {
///     net::link("test", "test").may_refuse();
///     let address = "127.0.0.1:80".parse().unwrap();
///     let listener = Socket::open(|net, host| net.tcp_listen(host, address, 128)).unwrap();
///     let client = Socket::open(|net, host| net.tcp_connect(host, address)).unwrap();
///     drop((listener, client));
/// });
/// ```
#[track_caller]
pub fn assert_faults_bite<F, Fut>(config: &Config, program: F)
where
    F: Fn() -> Fut + Sync,
    Fut: Future + 'static,
    Fut::Output: 'static,
{
    let drill = drill(config, program);
    assert!(drill.all_bite(), "{drill}");
}

impl Drill {
    /// Whether something was asked for, and all of it bites.
    ///
    /// # Examples
    ///
    /// See [`drill`](fn@drill).
    pub fn all_bite(&self) -> bool {
        !self.bites.is_empty() && self.bites.iter().all(|bite| bite.bites)
    }
}

impl fmt::Display for Drill {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.bites.is_empty() {
            write!(
                f,
                "no fault was asked for in {} runs: deadheat::net::link, deadheat::net::name, Host::may_crash, \
                 Host::files_in_memory and Process::may_stall ask for some",
                self.runs
            )?;
            return match &self.failed {
                Some(why) => write!(f, "; a run failed: {why}"),
                None => Ok(()),
            };
        }
        write!(f, "faults in {} runs", self.runs)?;
        for bite in &self.bites {
            let word = if bite.bites { "bites" } else { "NEVER" };
            write!(f, "\n  {word}  {}   {}", bite.call, bite.at)?;
            write!(
                f,
                "\n         it could happen {} times, and did {}",
                bite.chances, bite.happened
            )?;
            if let Some(why) = &bite.why {
                write!(f, "\n         {why}")?;
            }
        }
        Ok(())
    }
}

/// What is known of a call that asks for a fault, over all runs so far.
struct Known {
    bite: Bite,
    looks: u64,
}

/// A call, by its place and its words.
type Call = (&'static str, u32, u32, String);

fn drilled<P: Program>(program: &P, config: &Config) -> Drill {
    let mut calls: BTreeMap<Call, Known> = BTreeMap::new();
    let mut seen = why::Seen::default();
    let mut failed = None;
    for number in 0..config.runs {
        let run = sampled_run(program, config, number);
        if run.verdict != Verdict::Done || run.panic.is_some() {
            failed.get_or_insert_with(|| run.reason());
        }
        let Some(told) = &run.asked else {
            continue;
        };
        seen.add(told);
        for asked in told.asked.iter() {
            let at = asked.at;
            let call = (at.file(), at.line(), at.column(), asked.call.clone());
            let known = calls.entry(call).or_insert_with(|| Known::of(asked));
            known.add(program, config, &run, asked);
        }
    }
    let bites = calls.into_values().map(|known| known.bite);
    let bites = bites.map(|bite| match bite.bites {
        true => bite,
        false => {
            let why = Some(seen.why(&bite, config));
            Bite { why, ..bite }
        }
    });
    Drill {
        runs: config.runs,
        bites: bites.collect(),
        failed,
    }
}

impl Known {
    fn of(asked: &Asked) -> Known {
        let bite = Bite {
            fault: asked.fault,
            call: asked.call.clone(),
            at: asked.at.to_string(),
            runs: 0,
            chances: 0,
            happened: 0,
            bites: false,
            why: None,
        };
        Known { bite, looks: 0 }
    }

    fn add<P: Program>(&mut self, program: &P, config: &Config, run: &Run, asked: &Asked) {
        let bite = &mut self.bite;
        bite.runs += 1;
        bite.chances += asked.chances;
        bite.happened += asked.happened();
        let is_felt = asked.fault.is_always_felt() && asked.happened() > 0;
        bite.bites |= is_felt || asked.times > 0;
        for (kind, number) in &asked.decisions {
            if bite.bites || self.looks >= LOOKS {
                return;
            }
            self.looks += 1;
            bite.bites = is_felt_by(program, config, &run.token, (*kind, *number));
        }
    }
}

/// Whether a program does something else without a fault.
fn is_felt_by<P: Program>(
    program: &P,
    config: &Config,
    token: &Token,
    (kind, number): (DecisionKind, u64),
) -> bool {
    let departures = token.tape.departures();
    let is_it = |departure: &Departure| departure.kind == kind && departure.number == number;
    let Some(place) = departures.iter().position(is_it) else {
        return false;
    };
    let up_to = |end: usize| {
        let token = Token {
            tape: Tape::of(departures[..end].to_vec()),
            fingerprint: None,
            ..token.clone()
        };
        let maker = Maker::new(program, config).keeping(Keeps::Trace);
        Felt::of(&maker.replay(&token).0)
    };
    up_to(place + 1) != up_to(place)
}

/// What a program does, as far as it does not depend on what the network does by itself.
#[derive(Debug, PartialEq, Eq)]
struct Felt {
    ended: String,
    answers: crate::record::asked::Answers,
    done: Vec<(i64, usize, EventKind)>,
}

impl Felt {
    fn of(run: &Run) -> Felt {
        let nothing = Told::default();
        let told = run.asked.as_deref().unwrap_or(&nothing);
        Felt {
            ended: format!("{} {}", run.verdict, run.reason()),
            answers: told.answers,
            done: done(run.trace(), told),
        }
    }
}

/// The turns of a program's tasks and what they say, each with its moment. Tasks have their place among all, since their
/// numbers depend on how many packets travel.
fn done(trace: &Trace, told: &Told) -> Vec<(i64, usize, EventKind)> {
    let travels = |task: &str| {
        let ends = task
            .split(" (")
            .next()
            .and_then(|task| task.split_once(" to "));
        ends.is_some_and(|(a, b)| told.travelled.contains(&(a.to_owned(), b.to_owned())))
    };
    let mut tasks: Vec<&str> = Vec::new();
    let mut done = Vec::new();
    for event in &trace.events {
        let Some(task) = event.task.as_deref().filter(|task| !travels(task)) else {
            continue;
        };
        let is_its_own = matches!(
            event.what,
            EventKind::Turn | EventKind::End(_) | EventKind::Log(_) | EventKind::Draw { .. }
        );
        if !is_its_own {
            continue;
        }
        let place = tasks.iter().position(|known| *known == task);
        let place = place.unwrap_or_else(|| {
            tasks.push(task);
            tasks.len() - 1
        });
        done.push((event.at.as_nanos(), place, event.what.clone()));
    }
    done
}
