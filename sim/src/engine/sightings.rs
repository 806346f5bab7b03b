//! What the sleeps of a run came to, looked at when it has ended.

use deadheat_timeout::Place;

use crate::record::starved::{First, Sightings, Starved, ends, longest};
use crate::state::restarts::ROUNDING;
use crate::state::world::World;

impl World {
    /// What the run shows of sleeps that are made anew and of all timers. Its events were kept.
    pub(crate) fn sightings(&self) -> Sightings {
        let found = self.restarts.found.iter();
        Sightings {
            starved: found.filter_map(|of| self.starved(*of)).collect(),
            timers: ends(&self.recorder.events),
        }
    }

    fn starved(&self, (made, task): (Place, u32)) -> Option<Starved> {
        let intervals = &self.restarts.intervals;
        let chain = longest(&self.recorder.events, (made, task), intervals, ROUNDING)?;
        let mut first: Vec<_> = chain
            .first
            .iter()
            .map(|(first, times)| (self.came_first(*first, task), *times))
            .collect();
        first.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
        Some(Starved {
            made,
            // What has no lines of its own cannot be told.
            origin: self.recorder.origins.of(made, Some(task))?,
            task: self.task_name(task),
            chain,
            first,
        })
    }

    fn came_first(&self, first: First, task: u32) -> String {
        match first {
            First::Task(by) => format!("a wake by {}", self.task_name(by)),
            First::Timer(made) => {
                let what = match self.restarts.intervals.contains(&made) {
                    true => "interval",
                    false => "timer",
                };
                match self.recorder.origins.of(made, Some(task)) {
                    Some(origin) => format!("the {what} made at {origin}"),
                    None => format!("a {what}"),
                }
            }
        }
    }
}
