//! Sleeps that cannot end: made anew in each round of a loop, and dropped each time since something that ticks faster came
//! first.
//!
//! 1. A sleep is starved if its task makes it again in the moment in which it dropped the one before, for as long, over
//!    three times as long as it is to last, and no sleep of that line ends in any of the runs that are looked at.
//! 2. Each time something has to come first that the round did not begin: an interval, a timer that is older than the
//!    sleep, or a task that has gone on without being woken by this one, nor by one that this one has woken. What is made
//!    with the sleep and is simply faster is what a timeout is for, and so is a reply that was asked for.
//!
//! Deliberately not here: timeouts around a future (they are no sleeps), sleeps whose deadline is moved, and those that
//! stand in place of work that takes a time out of a range.

use std::collections::{BTreeMap, BTreeSet};

use deadheat_timeout::Place;

use crate::record::events::{Raw, Recorded};
use crate::record::origin::Origin;

/// As many times its length a sleep has to be made anew.
const LENGTHS: i64 = 3;

/// What came first, while a sleep was under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum First {
    /// A timer that was made there.
    Timer(Place),
    /// A task.
    Task(u32),
}

/// A sleep that was made anew, without a pause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chain {
    /// How long each was to last.
    pub(crate) length: i64,
    /// How long all of them took.
    pub(crate) over: i64,
    /// How many were dropped.
    pub(crate) rounds: u64,
    /// What came first, and how often.
    pub(crate) first: BTreeMap<First, u64>,
}

/// What a run shows of the sleeps that are made at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Starved {
    pub(crate) made: Place,
    pub(crate) origin: Origin,
    pub(crate) task: String,
    pub(crate) chain: Chain,
    /// What came first, in words, and how often.
    pub(crate) first: Vec<(String, u64)>,
}

/// What became of the timers of one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Ends {
    pub(crate) made: u64,
    pub(crate) ended: u64,
}

/// What a run shows that was looked at for starved sleeps. With nothing in it: it is worth to be looked at.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sightings {
    pub(crate) starved: Vec<Starved>,
    /// By their places.
    pub(crate) timers: BTreeMap<Place, Ends>,
}

/// What became of the timers of each place.
pub(crate) fn ends(events: &[Recorded]) -> BTreeMap<Place, Ends> {
    let (mut ends, mut places) = (BTreeMap::<Place, Ends>::new(), BTreeMap::new());
    for event in events {
        match (event.raw, event.from) {
            (Raw::Arm { number, .. }, Some(made)) => {
                ends.entry(made).or_default().made += 1;
                places.insert(number, made);
            }
            (Raw::Fire(number), _) => {
                let made = places.get(&number);
                if let Some(of) = made.and_then(|made| ends.get_mut(made)) {
                    of.ended += 1;
                }
            }
            _ => {}
        }
    }
    ends
}

/// The longest chain of sleeps that this task made at this place, if that is long enough.
pub(crate) fn longest(
    events: &[Recorded],
    of: (Place, u32),
    intervals: &[Place],
    rounding: u64,
) -> Option<Chain> {
    let mut follower = Follower::new(of, intervals, rounding);
    for event in events {
        follower.event(event);
    }
    follower.longest
}

/// A sleep that is under way.
#[derive(Debug, Clone, Copy)]
struct Sleep {
    number: u64,
    from: i64,
    /// The turn in which it was armed.
    turn: u64,
}

struct Follower<'a> {
    made: Place,
    task: u32,
    intervals: &'a [Place],
    rounding: u64,
    /// How many turns the task has taken.
    turns: u64,
    /// A timer has fired, and nobody was woken yet.
    fired: Option<u64>,
    /// What woke the task for its turn.
    woken_by: Option<Woken>,
    /// Each timer of the task: where it was made, and in which turn it was armed.
    timers: BTreeMap<u64, (Place, u64)>,
    sleep: Option<Sleep>,
    chain: Option<Chain>,
    /// When the last one of the chain was dropped.
    dropped: i64,
    /// Whom the task has woken since the chain began, and whom those have.
    reached: BTreeSet<u32>,
    longest: Option<Chain>,
}

#[derive(Debug, Clone, Copy)]
enum Woken {
    Timer(u64),
    Task(u32),
}

impl<'a> Follower<'a> {
    fn new((made, task): (Place, u32), intervals: &'a [Place], rounding: u64) -> Self {
        Follower {
            made,
            task,
            intervals,
            rounding,
            turns: 0,
            fired: None,
            woken_by: None,
            timers: BTreeMap::new(),
            sleep: None,
            chain: None,
            dropped: 0,
            reached: BTreeSet::new(),
            longest: None,
        }
    }

    fn event(&mut self, event: &Recorded) {
        let own = event.task == Some(self.task);
        let fired = self.fired.take();
        match event.raw {
            Raw::Turn(task) if task == self.task => self.turns += 1,
            Raw::Fire(number) => self.fired = Some(number),
            Raw::Wake(task) if task == self.task => {
                self.woken_by = match event.task {
                    Some(by) => Some(Woken::Task(by)),
                    None => fired.map(Woken::Timer),
                };
            }
            Raw::Wake(task) | Raw::Spawn(task) => {
                let by = event.task.filter(|by| own || self.reached.contains(by));
                self.reached.extend(by.map(|_| task));
            }
            Raw::Arm {
                number, deadline, ..
            } if own => self.armed(event, number, deadline),
            Raw::Disarm(number) => self.disarmed(event.at, number, own),
            _ => {}
        }
    }

    fn armed(&mut self, event: &Recorded, number: u64, deadline: i64) {
        let Some(made) = event.from else { return };
        self.timers.insert(number, (made, self.turns));
        if made != self.made {
            return;
        }
        let length = deadline.saturating_sub(event.at);
        let goes_on = self.chain.as_ref().is_some_and(|chain| {
            self.sleep.is_none()
                && self.dropped == event.at
                && chain.length.abs_diff(length) <= self.rounding
        });
        if !goes_on {
            self.reached.clear();
            self.chain = Some(Chain {
                length,
                over: 0,
                rounds: 0,
                first: BTreeMap::new(),
            });
        }
        self.sleep = Some(Sleep {
            number,
            from: event.at,
            turn: self.turns,
        });
    }

    fn disarmed(&mut self, at: i64, number: u64, own: bool) {
        let Some(sleep) = self.sleep.take_if(|sleep| sleep.number == number) else {
            return;
        };
        self.dropped = at;
        // What is dropped in the turn in which it was made shows nothing.
        if own && sleep.turn == self.turns {
            return;
        }
        let first = self.came_first(&sleep).filter(|_| own);
        let (Some(first), Some(chain)) = (first, &mut self.chain) else {
            self.chain = None;
            return;
        };
        chain.over += at - sleep.from;
        chain.rounds += 1;
        *chain.first.entry(first).or_default() += 1;
        let is_long = chain.over >= chain.length.saturating_mul(LENGTHS);
        let longest = self.longest.as_ref().map_or(0, |longest| longest.over);
        if is_long && chain.over > longest {
            self.longest = Some(chain.clone());
        }
    }

    /// What came first, if the round did not begin it.
    fn came_first(&self, sleep: &Sleep) -> Option<First> {
        match self.woken_by? {
            Woken::Timer(number) => {
                let (made, turn) = *self.timers.get(&number)?;
                let is_older = turn < sleep.turn || self.intervals.contains(&made);
                is_older.then_some(First::Timer(made))
            }
            Woken::Task(by) => {
                let asked = by == self.task || self.reached.contains(&by);
                (!asked).then_some(First::Task(by))
            }
        }
    }
}
