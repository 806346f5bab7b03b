//! Over the runs of a test: sleeps that are made anew again and again, and end in no run.
//!
//! 1. All runs are looked at in passing (`state/restarts.rs`). Only if that shows something are the first ones made again
//!    and looked at closely (`record/starved.rs`): so most programs are run no more often for it.
//! 2. What is said is of the runs that were looked at closely, and does not depend on threads.

use std::collections::BTreeMap;
use std::fmt;

use deadheat_timeout::Place;

use crate::base::time::Instant;
use crate::decide::token::Token;
use crate::engine::program::Program;
use crate::record::leaks::Leak;
use crate::record::run::Keeps;
use crate::record::starved::{Ends, Sightings, Starved};
use crate::search::config::Config;
use crate::search::exploration::Exploration;
use crate::search::maker::Maker;
use crate::search::single;

/// So many runs are looked at, and so few if those show nothing.
const LOOKED_AT: u64 = 64;
const ENOUGH: u64 = 8;
/// What came first is told of so many.
const FIRST_MAX: usize = 3;

/// A sleep that ends in none of the runs that were looked at, since its task made it anew each time.
#[derive(Debug)]
pub(crate) struct NeverEnds {
    /// As the first run shows it in which it was so, by its number.
    shown: Starved,
    number: u64,
    /// In how many runs it was so.
    runs: u64,
    /// How many were looked at.
    of: u64,
    /// How often it was made in those.
    made: u64,
}

impl fmt::Display for NeverEnds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (chain, task) = (&self.shown.chain, &self.shown.task);
        let (length, over) = (time(chain.length), time(chain.over));
        let (at, times) = (&self.shown.origin, chain.rounds);
        match self.of {
            1 => write!(
                f,
                "the sleep of {length} at {at} never ended: {task} made it anew at once each time it dropped it, {times} \
                 times in a row, over {over}"
            )?,
            of => write!(
                f,
                "the sleep of {length} at {at} never ended in the {of} runs that were looked at. It was made {} times \
                 and dropped before, and in {} of the runs made anew at once each time: in run {} {task} did so {times} \
                 times in a row, over {over}",
                self.made,
                self.runs,
                self.number + 1,
            )?,
        }
        f.write_str(", since this came first: ")?;
        self.first(f)?;
        f.write_str(
            ". In a loop a sleep begins anew in each round; make it before the loop, or wait until a moment that stays \
             (sleep_until). If each round is to begin it anew, as an idle timeout does, it was never idle for that long",
        )
    }
}

impl NeverEnds {
    fn first(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = &self.shown.first;
        for (index, (what, times)) in first.iter().take(FIRST_MAX).enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            write!(f, "{what} ({times} times)")?;
        }
        match first.len().saturating_sub(FIRST_MAX) {
            0 => Ok(()),
            more => write!(f, ", and {more} more"),
        }
    }
}

fn time(nanos: i64) -> Instant {
    Instant::from_nanos(nanos)
}

/// What is to be said of runs none of which failed, a line each: sleeps that never ended, and what the program took from
/// outside. Some runs are made again for it.
///
/// # Examples
///
/// ```
/// use deadheat::{Config, Main, Watch, explore};
/// use deadheat::search::notes;
/// use std::time::Duration;
///
/// let program = Main::new(|| async { deadheat::sleep(Duration::from_millis(1)).await });
/// let exploration = explore(&program, &Config::new(), &Watch::default());
/// assert!(notes(&program, &Config::new(), &exploration, &|| false).is_empty());
/// ```
pub fn notes<P: Program>(
    program: &P,
    config: &Config,
    exploration: &Exploration<P::Outcome>,
    stop: &(dyn Fn() -> bool + Sync),
) -> Vec<String> {
    let starved = match exploration.starved && program.has_lines() {
        true => look(program, config, exploration.runs, stop),
        false => Vec::new(),
    };
    let mut notes: Vec<String> = starved.iter().map(NeverEnds::to_string).collect();
    notes.extend(exploration.leaks.iter().map(Leak::to_string));
    notes
}

/// Makes the first runs again, of `runs` that were made, and looks for sleeps that end in none of them.
pub(crate) fn look<P: Program>(
    program: &P,
    config: &Config,
    runs: u64,
    stop: &(dyn Fn() -> bool + Sync),
) -> Vec<NeverEnds> {
    let mut seen = Seen::default();
    for number in config.first..config.first.saturating_add(runs.min(LOOKED_AT)) {
        let is_vain = seen.runs >= ENOUGH && seen.starved.is_empty();
        if is_vain || stop() {
            break;
        }
        seen.look_at(program, config, number);
    }
    seen.never_end()
}

/// The same of one run that failed, in words.
pub(crate) fn in_run<P: Program>(program: &P, config: &Config, token: &Token) -> Vec<String> {
    let mut seen = Seen::default();
    let maker = Maker::new(program, config).keeping(Keeps::Sleeps);
    let (run, _) = maker.replay(token);
    seen.add(0, *run.sleeps.unwrap_or_default());
    let never = seen.never_end();
    never.iter().map(NeverEnds::to_string).collect()
}

#[derive(Default)]
struct Seen {
    runs: u64,
    timers: BTreeMap<Place, Ends>,
    /// By their places: the first run, and how many.
    starved: BTreeMap<Place, (Starved, u64, u64)>,
}

impl Seen {
    fn look_at<P: Program>(&mut self, program: &P, config: &Config, number: u64) {
        let sightings = single::looked_at(program, config, number).sleeps;
        self.add(number, *sightings.unwrap_or_default());
    }

    /// What the sleeps of run `number` came to.
    fn add(&mut self, number: u64, sightings: Sightings) {
        self.runs += 1;
        for (place, ends) in sightings.timers {
            let all = self.timers.entry(place).or_default();
            all.made += ends.made;
            all.ended += ends.ended;
        }
        let mut counted = Vec::new();
        for starved in sightings.starved {
            let place = starved.made;
            let known = self.starved.entry(place).or_insert((starved, number, 0));
            // Several tasks of a run may do so.
            if !counted.contains(&place) {
                known.2 += 1;
                counted.push(place);
            }
        }
    }

    fn never_end(self) -> Vec<NeverEnds> {
        let Seen {
            runs: of,
            timers,
            starved,
        } = self;
        let ends = |place: &Place| timers.get(place).copied().unwrap_or_default();
        let never = starved
            .into_iter()
            .filter(|(place, _)| ends(place).ended == 0);
        never
            .map(|(place, (shown, number, runs))| NeverEnds {
                shown,
                number,
                runs,
                of,
                made: ends(&place).made,
            })
            .collect()
    }
}
