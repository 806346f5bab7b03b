//! How much of what a program can do a search went through, and the words for it.

use std::fmt;
use std::panic::Location;

/// Which orders of a program's events an exploration has seen.
///
/// # Examples
///
/// ```
/// use deadheat::{Bounds, Config, Main, Watch, explore_exhaustive, sleep, spawn};
/// use std::time::Duration;
///
/// let exact = Main::new(|| async { drop(spawn(async {})) });
/// let found = explore_exhaustive(&exact, &Config::new(), Bounds::EXACT, &Watch::default());
/// assert!(found.complete);
///
/// let latency = Main::new(|| sleep(Duration::ZERO..=Duration::from_secs(1)));
/// let found = explore_exhaustive(&latency, &Config::new(), Bounds::EXACT, &Watch::default());
/// assert!(found.complete);
/// assert_eq!(found.orders.to_string(), "every order and tie that the ranges allow");
///
/// let late = explore_exhaustive(&latency, &Config::new(), Bounds::late(Duration::from_secs(1)), &Watch::default());
/// assert!(late.orders.is_exhausted() && !late.complete);
/// assert_eq!(late.orders.to_string(), "every order at the interesting instants");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Orders {
    /// Some of them: runs were sampled or bounded, or the search was cut short, or the program is no function of
    /// its decisions.
    #[default]
    Some,
    /// All that the search takes.
    #[non_exhaustive]
    Every {
        /// Something was late, or computed for a range of time, and how long was taken from a few moments: the pending
        /// deadlines, one tick to either side of them, the moments of what else was late, and the end of the bound. An
        /// order that needs another moment was not seen.
        at_instants: bool,
        /// Something took long, and every order and tie was seen that its range allows.
        in_ranges: bool,
        /// The program looked at the clock, and something took long. What it then does may depend on more than the order of
        /// events: two runs were made of each order, and what only some other moment shows was not seen.
        looked_at_clock: bool,
        /// Where it did so first, if that is known: where std's clock is the run's, it is not.
        clock_read: Option<&'static Location<'static>>,
        /// The program drew numbers of its own, and drew those of this seed in every run.
        draws_of: Option<u64>,
    },
}

impl Orders {
    /// Whether the search went through all that it takes.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(!deadheat::search::Orders::Some.is_exhausted());
    /// ```
    pub fn is_exhausted(&self) -> bool {
        *self != Orders::Some
    }

    /// Whether every order was seen, without an "if": what took long was solved for, nothing was late, and the program
    /// neither looked at the clock nor drew.
    ///
    /// A look is `now` of a clock. An instant that reaches the program otherwise is none: the deadline of a sleep or a scope,
    /// what a tick returns, how late an `Elapsed` was noticed, [`Host::up_since`](crate::net::Host::up_since). A program that
    /// decides by one of those may do more than was seen.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Bounds, Config, Main, Watch, explore_exhaustive, random};
    ///
    /// let die = Main::new(|| async { random(6) });
    /// let orders = explore_exhaustive(&die, &Config::new(), Bounds::EXACT, &Watch::default()).orders;
    /// assert!(orders.is_exhausted() && !orders.is_complete(), "for the draws of one seed only");
    /// ```
    pub fn is_complete(&self) -> bool {
        matches!(
            self,
            Orders::Every {
                at_instants: false,
                looked_at_clock: false,
                draws_of: None,
                ..
            }
        )
    }
}

impl fmt::Display for Orders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Orders::Every {
            at_instants,
            in_ranges,
            looked_at_clock,
            clock_read,
            draws_of,
        } = self
        else {
            return f.write_str("some orders");
        };
        f.write_str(match (at_instants, in_ranges) {
            (true, _) => "every order at the interesting instants",
            (false, true) => "every order and tie that the ranges allow",
            (false, false) => "every order",
        })?;
        if let Some(seed) = draws_of {
            write!(f, ", for the draws of seed {seed}")?;
        }
        if *looked_at_clock {
            f.write_str(", but the program looked at the clock")?;
            if let Some(place) = clock_read {
                write!(f, " ({place})")?;
            }
            f.write_str(
                ": what depends on the moment itself was looked for by two runs of each order",
            )?;
        }
        Ok(())
    }
}
