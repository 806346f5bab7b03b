//! In a lane, below its blocks: a whisker for each timer that could have been otherwise, and notes.

use super::super::chart::{Bar, Lane, Mark, Note, Whisker};
use super::super::layout::{LEFT, Rows, WIDTH};
use super::super::svg::width;
use super::super::words;
use super::{Drawing, ROW};

/// How many notes a lane shows.
const NOTES: usize = 8;

impl Drawing<'_> {
    pub(super) fn whiskers(&mut self, lane: &Lane, top: f64) -> f64 {
        let mut rows = Rows::default();
        let shown = lane.whiskers.iter();
        let mut shown: Vec<&Whisker> = shown
            .filter(|whisker| whisker.departs || !whisker.late || lane.whiskers.len() < 6)
            .collect();
        shown.sort_by_key(|whisker| !whisker.departs);
        for whisker in shown.into_iter().take(6) {
            let (low, high) = (self.axis.x(whisker.low), self.axis.x(whisker.high));
            let label = self.told_of(whisker);
            let size = width(&label) * 1.1 + 20.0;
            let fits = high + size < WIDTH;
            let (from, to) = if fits {
                (low, high + size)
            } else {
                (low - size, high)
            };
            let row = rows.take(from - 6.0, to + 6.0);
            let y = top + row as f64 * ROW + 7.0;
            self.whisker(whisker, y, &label);
            let class = if whisker.departs { "dl" } else { "wl" };
            let x = if fits { high + 12.0 } else { from };
            self.svg.text(class, (x, y + 4.0), &label, "");
        }
        rows.len() as f64 * ROW
    }

    fn whisker(&mut self, whisker: &Whisker, y: f64, label: &str) {
        let (low, high, chosen) = (
            self.axis.x(whisker.low),
            self.axis.x(whisker.high),
            self.axis.x(whisker.chosen),
        );
        let place = whisker
            .origin
            .as_ref()
            .map_or_else(String::new, |origin| format!(", made at {origin}"));
        let title = format!(
            "timer #{}{place}: {} to {}; {label} (event {})",
            whisker.timer,
            words::time(whisker.low),
            words::time(whisker.high),
            whisker.event + 1
        );
        let class = if whisker.late {
            "whisker lateness"
        } else {
            "whisker"
        };
        self.svg.path(
            class,
            &format!(
                "M{low:.1},{y:.1} L{high:.1},{y:.1} M{low:.1},{:.1} l0,8 M{high:.1},{:.1} l0,8",
                y - 4.0,
                y - 4.0
            ),
            &title,
        );
        self.svg.circle("ontime", (low, y), 3.5, &title);
        match (whisker.departs, whisker.fired) {
            (true, _) => self.svg.diamond((chosen, y), &title),
            (false, true) => self.svg.circle("chosen", (chosen, y), 3.0, &title),
            (false, false) => self.svg.cross("given-up", (chosen, y), &title),
        }
    }

    fn told_of(&self, whisker: &Whisker) -> String {
        let at = words::moment(whisker.chosen, &self.deadlines);
        let by = words::time(whisker.chosen.saturating_sub(whisker.low));
        let number = whisker.timer;
        match (whisker.fired, whisker.late) {
            (false, _) => format!("#{number} given up at {at}"),
            (true, true) => format!("#{number} fires at {at}, {by} late"),
            (true, false) if whisker.chosen == whisker.low => {
                format!("#{number} at {at}, on time")
            }
            (true, false) => format!(
                "#{number} at {at} (at the earliest {})",
                words::time(whisker.low)
            ),
        }
    }

    pub(super) fn notes(&mut self, lane: &Lane, top: f64) -> f64 {
        let mut notes = noted(lane);
        notes.sort_by_key(|(note, _)| note.mark);
        let hidden = notes.len().saturating_sub(NOTES);
        notes.truncate(NOTES);
        notes.sort_by_key(|(note, _)| (note.at, note.event));
        let mut rows = Rows::default();
        for (note, is_flag) in &notes {
            self.note(note, *is_flag, top, &mut rows);
        }
        if hidden > 0 {
            let row = rows.take(LEFT, WIDTH);
            let text = format!("… and {hidden} more below, event by event");
            self.svg
                .text("nl", (LEFT + 4.0, top + row as f64 * ROW + 11.0), &text, "");
        }
        rows.len() as f64 * ROW
    }

    fn note(&mut self, note: &Note, is_flag: bool, top: f64, rows: &mut Rows) {
        let x = self.axis.x(note.at);
        let text = words::cut(&note.text, 100);
        let size = width(&text) * 1.08 + 14.0;
        let fits = x + size < WIDTH;
        let (from, to) = if fits {
            (x - 6.0, x + size)
        } else {
            ((x - size).max(0.0), x + 6.0)
        };
        let y = top + rows.take(from, to) as f64 * ROW + 7.0;
        let event = note
            .event
            .map_or_else(String::new, |event| format!(" (event {})", event + 1));
        let title = format!("{} at {}{event}", note.text, words::time(note.at));
        let class = match note.mark {
            Mark::Violation => {
                self.svg.cross("violation", (x, y), &title);
                "bad"
            }
            Mark::Departure => {
                self.svg.diamond((x, y), &title);
                "dl"
            }
            Mark::Cancel => {
                self.svg.text("glyph bad", (x - 5.0, y + 4.0), "✂", &title);
                "bad"
            }
            Mark::Fault => {
                self.svg.text("glyph bad", (x - 5.0, y + 4.0), "ϟ", &title);
                "bad"
            }
            Mark::EndsBadly if is_flag => {
                self.svg.text("glyph bad", (x - 4.0, y + 4.0), "⚑", &title);
                "bad"
            }
            Mark::EndsBadly => {
                self.svg
                    .rect("ends badly", (x - 3.0, y - 3.0), (7.0, 7.0), &title);
                "bad"
            }
            Mark::Ends => {
                self.svg
                    .rect("ends", (x - 3.0, y - 3.0), (7.0, 7.0), &title);
                "ok"
            }
            Mark::Log => {
                self.svg.circle("log", (x, y), 2.0, &title);
                "nl"
            }
        };
        let (anchor, x) = if fits {
            ("", x + 9.0)
        } else {
            (" end", x - 9.0)
        };
        self.svg
            .text(&format!("{class}{anchor}"), (x, y + 4.0), &text, "");
    }
}

/// The notes of a lane, and whether each is of a deadline.
fn noted(lane: &Lane) -> Vec<(Note, bool)> {
    let (expired, others): (Vec<&Bar>, Vec<&Bar>) = lane.scopes.iter().partition(|bar| bar.expired);
    let few = lane.scopes.len() < 6;
    let missed = expired.into_iter().filter_map(missed);
    let spared = others.into_iter().filter(|_| few).filter_map(spared);
    let own = lane.notes.iter().map(|note| (note.clone(), false));
    let of_deadlines = |note| (note, true);
    own.chain(missed.chain(spared).map(of_deadlines)).collect()
}

/// A deadline that was reached.
fn missed(bar: &Bar) -> Option<Note> {
    let at = bar.deadline()?;
    let (name, when) = (&bar.name, words::time(at));
    let text = match bar.is_timer {
        true => format!("{name} fires at {when}"),
        false => format!("deadline of {name} at {when}: expired"),
    };
    let (mark, event) = (Mark::EndsBadly, Some(bar.event));
    Some(Note {
        at,
        mark,
        text,
        event,
    })
}

/// A deadline that was not.
fn spared(bar: &Bar) -> Option<Note> {
    let spare = bar.deadline()?.saturating_sub(bar.to);
    let ended = (bar.end.is_some() || bar.is_timer) && spare > 0;
    let text = format!("{} ended with {} to spare", bar.name, words::time(spare));
    let (at, mark, event) = (bar.to, Mark::Log, Some(bar.event));
    ended.then_some(Note {
        at,
        mark,
        text,
        event,
    })
}
