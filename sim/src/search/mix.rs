//! Who takes the decisions of which run: a lane is anything that makes a scheduler for a run's number.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::base::bounds::Bounds;
use crate::decide::scheduler::Scheduler;
use crate::search::sampler::Sampler;

/// Which run of a mix is FIFO.
const FIFO_RUN: u64 = 4;

type Make = dyn Fn(u64) -> Box<dyn Scheduler> + Send + Sync;

/// Who takes the decisions of some runs: a sampler of deadheat's, or a scheduler of one's own.
#[derive(Clone)]
pub struct Lane(Who);

#[derive(Clone)]
enum Who {
    Sampler(Sampler),
    Solved,
    Own(Arc<Make>),
}

impl Lane {
    /// A scheduler of one's own. `make` makes the one for the run of a number, from 0; it may be called on any
    /// thread. What it makes should depend on the number alone, and on the seed that the scheduler is begun with:
    /// then an exploration is the same on any number of threads.
    ///
    /// A run of it is replayed from its token, without the scheduler. One that goes on from run to run, as
    /// [`Exhaustive`](crate::decide::Exhaustive) does, begins anew in each: for such a one there are
    /// [`Single::next`](crate::search::Single::next) and [`explore_exhaustive`](crate::explore_exhaustive).
    ///
    /// # Panics
    ///
    /// If `make` or the scheduler panics, the run counts for nothing, and fails the test with the place of the panic.
    pub fn own<S: Scheduler + 'static>(make: impl Fn(u64) -> S + Send + Sync + 'static) -> Self {
        Lane(Who::Own(Arc::new(move |number| Box::new(make(number)))))
    }

    /// Runs that are solved for time: each makes a drawn run first, and then one in which other timers come first, or
    /// meet, by latencies that are computed. They are on an exact clock.
    ///
    /// # Examples
    ///
    /// Two latencies that have to differ by just two milliseconds:
    ///
    /// ```
    /// use deadheat::search::Lane;
    /// use deadheat::{Bounds, Config, Mix, check, now, sleep, spawn};
    /// use std::time::Duration;
    ///
    /// let ms = Duration::from_millis;
    /// let config = Config::new().mix(Mix::only(Lane::solved(), Bounds::EXACT));
    /// let met = check(&config, move || async move {
    ///     let after = |more| async move {
    ///         sleep(ms(10)..=ms(20)).await;
    ///         sleep(ms(more)).await;
    ///         now()
    ///     };
    ///     let (one, other) = (spawn(after(5)), spawn(after(7)));
    ///     assert_ne!(one.await.unwrap(), other.await.unwrap());
    /// });
    /// assert!(met.is_err());
    /// ```
    pub fn solved() -> Self {
        Lane(Who::Solved)
    }

    /// Whether it is that of solved runs.
    #[inline]
    pub(crate) fn is_solved(&self) -> bool {
        matches!(self.0, Who::Solved)
    }

    /// Whether it is a scheduler of the user's own.
    pub(crate) fn is_own(&self) -> bool {
        matches!(self.0, Who::Own(_))
    }

    /// The sampler, if it is one.
    #[inline]
    pub(crate) fn sampler(&self) -> Option<Sampler> {
        match &self.0 {
            Who::Sampler(sampler) => Some(*sampler),
            Who::Solved | Who::Own(_) => None,
        }
    }

    /// The scheduler for the run of a number.
    #[inline]
    pub(crate) fn scheduler(&self, number: u64) -> Box<dyn Scheduler> {
        match &self.0 {
            Who::Sampler(sampler) => sampler.in_turn(number),
            Who::Solved => Sampler::Random.in_turn(number),
            Who::Own(make) => make(number),
        }
    }
}

impl From<Sampler> for Lane {
    fn from(sampler: Sampler) -> Self {
        Lane(Who::Sampler(sampler))
    }
}

impl fmt::Debug for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Who::Sampler(sampler) => sampler.fmt(f),
            Who::Solved => f.write_str("solved"),
            Who::Own(_) => f.write_str("own"),
        }
    }
}

/// Two lanes of one's own are equal if one is a clone of the other.
impl PartialEq for Lane {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Who::Sampler(one), Who::Sampler(other)) => one == other,
            (Who::Solved, Who::Solved) => true,
            (Who::Own(one), Who::Own(other)) => Arc::ptr_eq(one, other),
            _ => false,
        }
    }
}

impl Eq for Lane {}

/// Who takes the decisions of which run of an exploration.
///
/// # Examples
///
/// Every other run is made by a scheduler of one's own:
///
/// ```
/// use deadheat::{Bounds, Config, Mix, Sampler, check, spawn};
/// use deadheat::decide::{Decision, Scheduler};
/// use deadheat::search::Lane;
///
/// /// Takes the last option each time.
/// struct Last;
///
/// impl Scheduler for Last {
///     fn name(&self) -> &'static str {
///         "last"
///     }
///     fn begin(&mut self, _seed: u64) -> bool {
///         true
///     }
///     fn choose(&mut self, decision: &Decision<'_>) -> u64 {
///         decision.options - 1
///     }
/// }
///
/// let lanes = [Lane::from(Sampler::Random), Lane::own(|_number| Last)];
/// let mix = Mix::of_lanes(lanes.map(|lane| (lane, Bounds::EXACT)));
/// let runs = check(&Config::new().mix(mix), || async {
///     let (one, other) = (spawn(async {}), spawn(async {}));
///     (one.await.unwrap(), other.await.unwrap());
/// });
/// assert_eq!(runs.unwrap(), 1000);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a mix does nothing until it is part of a configuration"]
pub struct Mix {
    lanes: Vec<(Lane, Bounds)>,
}

impl Mix {
    /// The same for every run.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Bounds, Config, Mix, Sampler};
    ///
    /// let config = Config::new().mix(Mix::only(Sampler::Pos, Bounds::EXACT));
    /// assert_ne!(config, Config::new());
    /// ```
    pub fn only(lane: impl Into<Lane>, bounds: Bounds) -> Self {
        Mix {
            lanes: vec![(lane.into(), bounds)],
        }
    }

    /// In turn, these; FIFO and on time if there are none.
    pub fn of(lanes: impl IntoIterator<Item = (Sampler, Bounds)>) -> Self {
        let lane = |(sampler, bounds)| (Lane::from(sampler), bounds);
        Mix::of_lanes(lanes.into_iter().map(lane))
    }

    /// The same for lanes, of which some may be schedulers of one's own.
    pub fn of_lanes(lanes: impl IntoIterator<Item = (Lane, Bounds)>) -> Self {
        let mut lanes: Vec<(Lane, Bounds)> = lanes.into_iter().collect();
        if lanes.is_empty() {
            lanes.push((Lane::from(Sampler::Fifo), Bounds::EXACT));
        }
        Mix { lanes }
    }

    /// The same, and every so many runs one that is solved ([`Lane::solved`]); at zero none is.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::search::Lane;
    /// use deadheat::{Bounds, Mix, Sampler};
    ///
    /// let mix = Mix::only(Sampler::Random, Bounds::EXACT).solving(3);
    /// let solved = (0..6).filter(|number| mix.lane(*number).0 == Lane::solved());
    /// assert_eq!(solved.collect::<Vec<_>>(), [2, 5]);
    /// ```
    pub fn solving(self, every: usize) -> Self {
        let solved = || (Lane::solved(), Bounds::EXACT);
        let between = match every {
            0 => return self,
            1 => return Mix::of_lanes([solved()]),
            _ => every - 1,
        };
        // So many rounds that all others have had their turn.
        let rounds = self.lanes.len();
        let mut others = self.lanes.iter().cycle().cloned();
        let round = |_| {
            let others: Vec<_> = others.by_ref().take(between).collect();
            others.into_iter().chain([solved()])
        };
        let lanes = (0..rounds).flat_map(round).collect();
        Mix { lanes }
    }

    /// Whether in some of the runs timers may be late by just this much.
    pub(crate) fn is_late_by(&self, late: Duration) -> bool {
        self.lanes.iter().any(|(_, bounds)| bounds.late == late)
    }

    /// In turn, the samplers that draw, with each of the bounds; the first of the bounds twice as often.
    ///
    /// No sampler is the best on every bug. The shares follow from how many runs each takes to find the
    /// bugs of the museum (`deadheat compare`).
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Bounds, Config, Mix, check, sleep};
    /// use std::time::Duration;
    ///
    /// let late = Bounds::late(Duration::from_secs(1));
    /// let failure = check(&Config::new().mix(Mix::portfolio(&[Bounds::EXACT, late])), || async {
    ///     sleep(Duration::from_secs(2)).await;
    ///     assert!(deadheat::now().as_nanos() < 2_500_000_000, "half a second late");
    /// });
    /// assert!(failure.is_err());
    /// ```
    pub fn portfolio(bounds: &[Bounds]) -> Self {
        let samplers = [
            Sampler::Random,
            Sampler::Random,
            Sampler::Pos,
            Sampler::Random,
            Sampler::Pct(3),
            Sampler::Random,
            Sampler::Pos,
            Sampler::Random,
            Sampler::Pct(3),
            Sampler::Delay(3),
        ];
        let shares: Vec<&Bounds> = bounds.iter().take(1).chain(bounds).collect();
        // Each round of the samplers begins with the next bounds, so that every pair comes up.
        let count = if shares.is_empty() {
            0
        } else {
            samplers.len() * shares.len()
        };
        let lane = |number: usize| {
            let sampler = samplers[number % samplers.len()];
            (
                sampler,
                *shares[(number + number / samplers.len()) % shares.len()],
            )
        };
        Mix::of((0..count).map(lane))
    }

    /// Who takes the decisions of run `number`, from 0, and how late things may be in it. One early run is FIFO, so
    /// that the plainest failure is found early.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::search::Lane;
    /// use deadheat::{Mix, Sampler};
    ///
    /// assert_eq!(Mix::default().lane(4).0, Lane::from(Sampler::Fifo));
    /// ```
    #[inline]
    pub fn lane(&self, number: u64) -> (Lane, Bounds) {
        let (lane, bounds) = &self.lanes[(number % self.lanes.len() as u64) as usize];
        if number == FIFO_RUN && self.lanes.len() > 1 {
            return (Lane::from(Sampler::Fifo), *bounds);
        }
        (lane.clone(), *bounds)
    }
}

impl Default for Mix {
    /// The portfolio, on time and up to [`Bounds::USUAL_LATE`] late.
    fn default() -> Self {
        Mix::portfolio(&[Bounds::EXACT, Bounds::late(Bounds::USUAL_LATE)])
    }
}
