//! Decisions, and the tape that keeps those which were not the dullest.
//!
//! 1. Choice 0 of every decision is the dullest: FIFO, on time, no fault.
//! 2. A tape holds departures only, so an empty tape is "FIFO and on time".
//! 3. Each departure names its decision by kind and number within that kind, and how many options
//!    there were, so that a program that has changed is told where it diverged.

use std::fmt;

/// What a decision is about. The letter stands in tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum DecisionKind {
    /// What happens next: a turn, a timer, or time.
    Next,
    /// How long a computation takes that does not yield.
    Latency,
    /// A draw of the program's own.
    Draw,
    /// Whether something goes wrong: a fault point, a clock, a link.
    Fault,
    /// A latency that was settled when its timer was armed. Its number is the timer's.
    Armed,
    /// Which of several things the program itself begins with, as a `select!` does.
    Pick,
}

impl DecisionKind {
    /// Every kind.
    pub const ALL: [DecisionKind; 6] = [
        DecisionKind::Next,
        DecisionKind::Latency,
        DecisionKind::Draw,
        DecisionKind::Fault,
        DecisionKind::Armed,
        DecisionKind::Pick,
    ];

    /// The letter in tokens.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(deadheat::decide::DecisionKind::Fault.letter(), 'f');
    /// ```
    pub fn letter(self) -> char {
        match self {
            DecisionKind::Next => 'n',
            DecisionKind::Latency => 'l',
            DecisionKind::Draw => 'r',
            DecisionKind::Fault => 'f',
            DecisionKind::Armed => 'a',
            DecisionKind::Pick => 'p',
        }
    }

    pub(crate) fn of_letter(letter: char) -> Option<DecisionKind> {
        DecisionKind::ALL
            .into_iter()
            .find(|kind| kind.letter() == letter)
    }

    pub(crate) fn index(self) -> usize {
        self as usize
    }
}

/// One decision that was not the dullest.
///
/// # Examples
///
/// ```
/// use deadheat::decide::{Departure, DecisionKind};
///
/// let departure = Departure { kind: DecisionKind::Next, number: 12, choice: 1, options: 3 };
/// assert_eq!(departure.to_string(), "n12=1/3");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Departure {
    /// What was decided.
    pub kind: DecisionKind,
    /// Which decision of that kind it was, from 0.
    pub number: u64,
    /// What was chosen, from 0.
    pub choice: u64,
    /// How many options there were.
    pub options: u64,
}

impl fmt::Display for Departure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Departure {
            kind,
            number,
            choice,
            options,
        } = self;
        write!(f, "{}{number}={choice}/{options}", kind.letter())
    }
}

/// The departures of a run, in the order in which they were decided.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Tape {
    departures: Vec<Departure>,
}

impl Tape {
    /// The tape of a run that is FIFO and on time.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(deadheat::decide::Tape::new().is_empty());
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// A tape of these departures.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::decide::{Departure, DecisionKind, Tape};
    ///
    /// let departure = Departure { kind: DecisionKind::Next, number: 12, choice: 1, options: 3 };
    /// assert_eq!(Tape::of(vec![departure]).len(), 1);
    /// ```
    pub fn of(departures: Vec<Departure>) -> Self {
        Tape { departures }
    }

    /// The departures, in order.
    ///
    /// # Examples
    ///
    /// ```
    /// let token: deadheat::Token = "dh1:7.n12=1/3.f0=1/2".parse().unwrap();
    /// assert_eq!(token.tape.departures()[1].kind, deadheat::decide::DecisionKind::Fault);
    /// ```
    pub fn departures(&self) -> &[Departure] {
        &self.departures
    }

    /// How many departures there are.
    ///
    /// # Examples
    ///
    /// ```
    /// let token: deadheat::Token = "dh1:7.n12=1/3.f0=1/2".parse().unwrap();
    /// assert_eq!(token.tape.len(), 2);
    /// ```
    pub fn len(&self) -> usize {
        self.departures.len()
    }

    /// Whether the run was FIFO and on time.
    ///
    /// # Examples
    ///
    /// ```
    /// let token: deadheat::Token = "dh1:7.n12=1/3.f0=1/2".parse().unwrap();
    /// assert!(!token.tape.is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.departures.is_empty()
    }

    pub(crate) fn push(&mut self, departure: Departure) {
        self.departures.push(departure);
    }

    pub(crate) fn clear(&mut self) {
        self.departures.clear();
    }
}

#[cfg(test)]
mod tests;
