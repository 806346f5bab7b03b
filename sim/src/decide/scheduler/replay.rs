//! Takes the decisions of a tape, and says where the program no longer fits it.

use std::fmt;

use crate::decide::tape::{DecisionKind, Departure, Tape};

use super::{Decision, Scheduler};

/// Takes the departures of a tape, and the dullest option everywhere else.
#[derive(Debug, Clone)]
pub struct Replay {
    /// Per kind, in the order of the numbers.
    departures: [Vec<Departure>; DecisionKind::ALL.len()],
    next: [usize; DecisionKind::ALL.len()],
    divergence: Option<Divergence>,
}

/// Where a program did not fit a tape: it has changed since, or it is not deterministic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Divergence {
    /// The departure that did not fit.
    pub departure: Departure,
    /// How many options there were this time; none if the decision never came.
    pub found: Option<u64>,
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Departure {
            kind,
            number,
            options,
            ..
        } = self.departure;
        write!(
            f,
            "the schedule no longer fits, from decision {}{number} on, which ",
            kind.letter()
        )?;
        match self.found {
            Some(found) => write!(f, "had {options} options then and has {found} now")?,
            None => f.write_str("was not reached")?,
        }
        f.write_str(": the program has changed since the token was made")
    }
}

impl Replay {
    /// Replays `tape`.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Bounds, Config, Main, Token};
    /// use deadheat::decide::Replay;
    /// use deadheat::search::Single;
    ///
    /// let token: Token = "dh1:0.n7=1/3".parse().unwrap();
    /// let replay = Box::new(Replay::new(&token.tape));
    /// let (run, _) = Single::of(&Main::new(|| async {}), &Config::new()).scheduled(Bounds::EXACT, replay);
    /// assert!(run.divergence.unwrap().to_string().contains("from decision n7 on, which was not reached"));
    /// ```
    pub fn new(tape: &Tape) -> Self {
        let mut departures: [Vec<Departure>; DecisionKind::ALL.len()] = Default::default();
        for departure in tape.departures() {
            departures[departure.kind.index()].push(*departure);
        }
        for departures in &mut departures {
            departures.sort_by_key(|departure| departure.number);
        }
        Replay {
            departures,
            next: [0; DecisionKind::ALL.len()],
            divergence: None,
        }
    }
}

impl Scheduler for Replay {
    fn name(&self) -> &'static str {
        "replay"
    }

    fn begin(&mut self, _seed: u64) -> bool {
        self.next = [0; DecisionKind::ALL.len()];
        self.divergence = None;
        true
    }

    fn choose(&mut self, decision: &Decision<'_>) -> u64 {
        let departure = self.take(decision.kind, decision.number, decision.options);
        departure.map_or(0, |departure| still(&departure, decision))
    }

    fn draw(&mut self, number: u64, options: u64) -> Option<u64> {
        let departure = self.take(DecisionKind::Draw, number, options)?;
        Some(departure.choice.min(options - 1))
    }

    fn settle(&mut self, timer: u64, options: u64) -> Option<u64> {
        let departure = self.take(DecisionKind::Armed, timer, options)?;
        Some(departure.choice.min(options - 1))
    }

    fn divergence(&self) -> Option<Divergence> {
        self.divergence.or_else(|| {
            let left =
                |kind: DecisionKind| self.departures[kind.index()].get(self.next[kind.index()]);
            let departure = *DecisionKind::ALL.into_iter().find_map(left)?;
            Some(Divergence {
                departure,
                found: None,
            })
        })
    }
}

impl Replay {
    /// The departure of the tape at this decision, if it departs here.
    fn take(&mut self, kind: DecisionKind, number: u64, options: u64) -> Option<Departure> {
        let departure = *self.departures[kind.index()].get(self.next[kind.index()])?;
        if departure.number != number {
            return None;
        }
        self.next[kind.index()] += 1;
        if departure.options != options && self.divergence.is_none() {
            self.divergence = Some(Divergence {
                departure,
                found: Some(options),
            });
        }
        Some(departure)
    }
}

/// The option that a departure means here. The options that mean lateness come last, so they are matched from the
/// end: they mean the same however many other events can happen.
fn still(departure: &Departure, decision: &Decision<'_>) -> u64 {
    let from_end = departure.options.saturating_sub(departure.choice);
    match from_end <= decision.late && from_end > 0 {
        true => decision.options - from_end,
        false => departure.choice.min(decision.options - 1),
    }
}
