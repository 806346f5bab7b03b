//! The decisions that are not about what happens next: draws, latencies, faults. And the one place
//! where a departure is written down.

use std::fmt;

use deadheat_timeout::Place;

use crate::base::interned::interned;
use crate::base::rng::{Purpose, Stream, mix};
use crate::decide::scheduler::{Choice, Decision, Options};
use crate::decide::tape::{DecisionKind, Departure};
use crate::record::events::Raw;
use crate::state::decided::{Chosen, Label};
use crate::state::disks::Made;
use crate::state::world::World;

impl World {
    /// Which decision of its kind this one is.
    #[inline]
    pub(crate) fn take_number(&mut self, kind: DecisionKind) -> u64 {
        let number = self.decided.numbers[kind.index()];
        self.decided.numbers[kind.index()] += 1;
        number
    }

    /// Notes where among the events a scheduler is asked, if those are kept.
    #[inline]
    pub(crate) fn note_asked(&mut self) {
        if self.recorder.keeps {
            let before = self.recorder.events.len();
            self.decided.asked.push((before, self.now));
        }
    }

    /// Writes a departure down; in words only if a trace is kept.
    pub(crate) fn depart(&mut self, departure: Departure, chosen: impl FnOnce() -> Chosen) {
        let words = self.recorder.keeps.then(chosen);
        self.depart_in_words(departure, words);
    }

    /// Writes a departure down; also what was chosen, and in place of what, if that is given.
    #[inline]
    pub(crate) fn depart_in_words(&mut self, departure: Departure, words: Option<Chosen>) {
        self.decided.tape.push(departure);
        if let Some(pulse) = &self.pulse {
            pulse.depart(departure);
        }
        if let Some(words) = words {
            self.decided.labels.push(Label {
                kind: departure.kind,
                number: departure.number,
                at: self.now,
                event: self.recorder.events.len(),
                chosen: words.chosen,
                instead_of: words.instead_of,
                options: words.options,
            });
        }
    }

    /// A draw of the program's own: from the seed, unless the scheduler knows better.
    ///
    /// The n-th draw of a task depends on the seed, the task and n alone, so that what other tasks
    /// draw, or a draw that is added to them, changes nothing here.
    pub(crate) fn draw(&mut self, options: u64, from: Place) -> u64 {
        if options < 2 {
            return 0;
        }
        let number = self.take_number(DecisionKind::Draw);
        let value = match self.scheduler.draw(number, options) {
            Some(choice) => {
                let choice = choice.min(options - 1);
                let departure = Departure {
                    kind: DecisionKind::Draw,
                    number,
                    choice,
                    options,
                };
                self.depart(departure, || Chosen::value(choice));
                choice
            }
            None => self.seeded(options),
        };
        self.record_from(Raw::Draw { value, options }, &from);
        value
    }

    fn seeded(&mut self, options: u64) -> u64 {
        let current = self.current;
        let index = match self
            .draws
            .streams
            .iter()
            .position(|(task, _)| *task == current)
        {
            Some(index) => index,
            None => {
                let stream = Stream::new(self.draws.seed ^ self.draw_key(), Purpose::User);
                self.draws.streams.push((current, stream));
                self.draws.streams.len() - 1
            }
        };
        self.draws.streams[index].1.below(options)
    }

    /// A task is known by its name, or by its number if it has none.
    fn draw_key(&self) -> u64 {
        match self.current {
            None => 0,
            Some(task) => match self.names.given(task) {
                Some(name) => mix(crate::record::events::hash_text(name)),
                None => mix(u64::from(task) + 1),
            },
        }
    }

    /// How long a computation takes that does not yield: between `low` and `high`, aimed at deadlines.
    pub(crate) fn latency(&mut self, low: i64, high: i64) -> i64 {
        let options = self.latencies(low, high);
        if options.len() == 1 {
            return low;
        }
        let choice = self.choose_of(DecisionKind::Latency, &options);
        options[choice as usize]
    }

    fn latencies(&self, low: i64, high: i64) -> Vec<i64> {
        let mut options = vec![low];
        if let Some(deadline) = self.timers.peek() {
            let to_deadline = deadline.saturating_sub(self.now);
            let around = [to_deadline - 1, to_deadline, to_deadline + 1];
            options.extend(around.iter().filter(|at| low < **at && **at < high));
        }
        if high > low {
            options.push(high);
        }
        options
    }

    /// Takes one of several values; the first is the dullest.
    fn choose_of(&mut self, kind: DecisionKind, values: &[i64]) -> u64 {
        let options = values.len() as u64;
        let number = self.take_number(kind);
        let view = Values(values);
        let decision = Decision::new(kind, number, options, &view).at(self.now);
        self.note_asked();
        let choice = self.scheduler.choose(&decision).min(options - 1);
        if choice != 0 {
            let departure = Departure {
                kind,
                number,
                choice,
                options,
            };
            self.depart(departure, || Chosen::among(&view, choice, options));
        }
        choice
    }

    /// Which of `options` comes first, where the program leaves that open.
    pub(crate) fn pick(&mut self, options: u64, at: Place) -> u64 {
        if options < 2 || self.closing {
            return 0;
        }
        let number = self.take_number(DecisionKind::Pick);
        let view = Picks(at);
        let decision = Decision::new(DecisionKind::Pick, number, options, &view).at(self.now);
        self.note_asked();
        let choice = self.scheduler.choose(&decision).min(options - 1);
        if choice != 0 {
            let departure = Departure {
                kind: DecisionKind::Pick,
                number,
                choice,
                options,
            };
            self.depart(departure, || Chosen::among(&view, choice, options));
        }
        choice
    }

    /// In which of some ways something goes wrong here, if it does.
    pub(crate) fn fault<W>(
        &mut self,
        name: &'static str,
        ways: &'static [(&'static str, W)],
        from: Place,
    ) -> Option<&'static W> {
        let (words, way) = self.goes_wrong(&Faults::of(name, ways))?;
        let raw = self.recorder.fault(name, words);
        self.record_from(raw, &from);
        Some(way)
    }

    /// The same for what happens once or so in a run, and is asked often.
    pub(crate) fn rare_fault<W>(
        &mut self,
        name: &'static str,
        ways: &'static [(&'static str, W)],
        made: impl FnOnce(&World) -> Made,
    ) -> Option<(&'static W, Made)> {
        let rare = Faults {
            is_rare: true,
            ..Faults::of(name, ways)
        };
        let (words, way) = self.goes_wrong(&rare)?;
        let made = made(self);
        let raw = self.recorder.fault(name, words);
        self.record_made(raw, made);
        Some((way, made))
    }

    /// [`fault`](Self::fault) of what was made where it says.
    pub(crate) fn fault_made<W>(
        &mut self,
        name: &'static str,
        ways: &'static [(&'static str, W)],
        made: Made,
    ) -> Option<&'static W> {
        let (words, way) = self.goes_wrong(&Faults::of(name, ways))?;
        let raw = self.recorder.fault(name, words);
        self.record_made(raw, made);
        Some(way)
    }

    fn goes_wrong<W>(&mut self, view: &Faults<W>) -> Option<&'static (&'static str, W)> {
        if view.ways.is_empty() || self.closing || self.faults >= self.limits.faults {
            return None;
        }
        let way = self.chosen_way(DecisionKind::Fault, view)?;
        self.faults += 1;
        Some(way)
    }

    /// What becomes of something after a crash: as likely one thing as another, where a fault would be seldom.
    pub(crate) fn aftermath<W>(
        &mut self,
        name: &str,
        ways: &'static [(&'static str, W)],
        made: Made,
    ) -> Option<&'static W> {
        if self.closing {
            return None;
        }
        let told = match self.recorder.keeps {
            true => interned(name),
            false => "",
        };
        let view = Faults::of(told, ways);
        let (words, way) = self.chosen_way(DecisionKind::Pick, &view)?;
        let raw = self.recorder.fault(name, words);
        self.record_made(raw, made);
        Some(way)
    }

    fn chosen_way<W>(
        &mut self,
        kind: DecisionKind,
        view: &Faults<W>,
    ) -> Option<&'static (&'static str, W)> {
        let options = view.ways.len() as u64 + 1;
        let number = self.take_number(kind);
        let decision = Decision::new(kind, number, options, view).at(self.now);
        self.note_asked();
        let choice = self.scheduler.choose(&decision).min(options - 1);
        let way = view.way(choice)?;
        let departure = Departure {
            kind,
            number,
            choice,
            options,
        };
        self.depart(departure, || Chosen::among(view, choice, options));
        Some(way)
    }

    /// What part of a latency's span is settled when its timer is armed, in place of being decided as
    /// time passes.
    pub(crate) fn settled(&mut self, timer: u64, span: i64) -> Option<i64> {
        let options = (span as u64).saturating_add(1);
        let choice = self.scheduler.settle(timer, options)?.min(options - 1);
        if choice != 0 {
            let departure = Departure {
                kind: DecisionKind::Armed,
                number: timer,
                choice,
                options,
            };
            self.depart(departure, || Chosen::value(choice));
        }
        (choice != 0).then_some(choice as i64)
    }
}

#[derive(Debug)]
struct Values<'a>(&'a [i64]);

impl Options for Values<'_> {
    fn option(&self, index: u64) -> Choice {
        Choice::Value(self.0.get(index as usize).map_or(0, |nanos| *nanos as u64))
    }
}

#[derive(Debug)]
struct Picks(Place);

impl Options for Picks {
    fn option(&self, index: u64) -> Choice {
        Choice::Pick(index, self.0)
    }
}

struct Faults<W: 'static> {
    name: &'static str,
    ways: &'static [(&'static str, W)],
    is_rare: bool,
}

impl<W> Faults<W> {
    fn of(name: &'static str, ways: &'static [(&'static str, W)]) -> Self {
        Faults {
            name,
            ways,
            is_rare: false,
        }
    }

    /// What an option means; none is that nothing goes wrong.
    fn way(&self, index: u64) -> Option<&'static (&'static str, W)> {
        self.ways.get((index as usize).checked_sub(1)?)
    }
}

impl<W> fmt::Debug for Faults<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = self.ways.iter().map(|(words, _)| *words);
        write!(f, "{}: {}", self.name, words.collect::<Vec<_>>().join(", "))
    }
}

impl<W> Options for Faults<W> {
    fn is_rare(&self) -> bool {
        self.is_rare
    }

    fn option(&self, index: u64) -> Choice {
        let words = self.way(index).map(|(words, _)| *words);
        Choice::Fault(self.name, words.unwrap_or("goes well"))
    }
}
