//! Contenders for the same work, side by side: the tightest loop we could write, tokio, and ours.
//!
//! 1. The contenders of a row take turns in one process, sample by sample, so that a machine that
//!    slows down slows all of them; what is printed is the fastest of many samples.
//! 2. A sample says itself how long it took per operation, so that a contender can leave its set-up
//!    out.
//!
//! `cargo bench -- WORD` measures the rows whose name contains the word; `-- --ours WORD` runs ours
//! alone, for a profiler; `-- --samples N` takes more or fewer samples.

#![expect(
    clippy::print_stdout,
    reason = "a table on the screen is what a benchmark is for"
)]

use std::fmt;
use std::time::{Duration, Instant};

/// One sample: nanoseconds per operation.
pub(crate) type Contender<'a> = Box<dyn FnMut() -> f64 + 'a>;

/// What a row is held to: the figures of DESIGN.md, section 8. Either of the two will do.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Goal {
    /// At most so many nanoseconds.
    pub(crate) nanos: Option<f64>,
    /// At most this share of what tokio takes: as far ahead is as good, on a slower machine.
    pub(crate) of_tokio: Option<f64>,
}

impl Goal {
    fn verdict(self, tokio: f64, ours: f64) -> &'static str {
        if self.nanos.is_some_and(|nanos| ours <= nanos) {
            "met"
        } else if self.of_tokio.is_some_and(|share| ours <= share * tokio) {
            "met (of tokio)"
        } else {
            "MISSED"
        }
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = self.nanos.map(|nanos| format!("≤ {nanos}"));
        let share = self
            .of_tokio
            .map(|share| format!("≤ tokio/{:.1}", 1.0 / share));
        let either: Vec<String> = nanos.into_iter().chain(share).collect();
        f.pad(&either.join(" or "))
    }
}

/// The same work, done by each contender.
pub(crate) struct Row<'a> {
    /// What is measured.
    pub(crate) work: String,
    /// What ours is held to.
    pub(crate) goal: Goal,
    /// The tightest loop for the same work.
    pub(crate) floor: Option<Contender<'a>>,
    /// tokio.
    pub(crate) tokio: Option<Contender<'a>>,
    /// Ours.
    pub(crate) ours: Contender<'a>,
}

/// What the command line asks for.
#[derive(Debug)]
pub(crate) struct Table {
    word: String,
    ours_alone: bool,
    samples: usize,
    missed: usize,
}

impl Table {
    /// Reads the command line and prints the head of the table.
    pub(crate) fn new() -> Self {
        let mut table = Table {
            word: String::new(),
            ours_alone: false,
            samples: 60,
            missed: 0,
        };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--ours" => table.ours_alone = true,
                "--samples" => {
                    let count = arguments.next().and_then(|count| count.parse().ok());
                    table.samples = count.expect("--samples wants a number");
                }
                // What cargo adds by itself.
                "--bench" | "--test" => {}
                word => table.word = word.to_owned(),
            }
        }
        println!(
            "{:<46} {:>8} {:>8} {:>8} {:>10} {:>10}  {:<22}",
            "ns", "floor", "tokio", "ours", "tokio/ours", "ours/floor", "goal"
        );
        table
    }

    /// Measures a row and prints it.
    pub(crate) fn row(&mut self, mut row: Row<'_>) {
        if !row.work.contains(&self.word) {
            return;
        }
        if self.ours_alone {
            row.floor = None;
            row.tokio = None;
        }
        let mut best = [f64::INFINITY; 3];
        for _ in 0..self.samples {
            let contenders = [row.floor.as_mut(), row.tokio.as_mut(), Some(&mut row.ours)];
            for (best, contender) in best.iter_mut().zip(contenders) {
                if let Some(contender) = contender {
                    *best = best.min(contender());
                }
            }
        }
        self.print(&row, best);
    }

    fn print(&mut self, row: &Row<'_>, [floor, tokio, ours]: [f64; 3]) {
        let verdict = row.goal.verdict(tokio, ours);
        self.missed += usize::from(verdict == "MISSED");
        println!(
            "{:<46} {:>8} {:>8} {:>8} {:>10} {:>10}  {:<22} {verdict}",
            row.work,
            nanos(floor),
            nanos(tokio),
            nanos(ours),
            ratio(tokio, ours),
            ratio(ours, floor),
            row.goal,
        );
    }

    /// Prints how many goals were missed.
    pub(crate) fn end(self) {
        println!("{} goals missed", self.missed);
    }
}

fn nanos(value: f64) -> String {
    match value {
        _ if value.is_infinite() => "–".to_owned(),
        _ if value < 100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

fn ratio(of: f64, to: f64) -> String {
    if of.is_infinite() || to.is_infinite() {
        "–".to_owned()
    } else {
        format!("{:.2}", of / to)
    }
}

/// How long `work` took, by the operation, if it does `operations` of them.
pub(crate) fn per_operation(operations: u64, work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    nanos_of(start.elapsed()) / operations as f64
}

/// A duration in nanoseconds.
pub(crate) fn nanos_of(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e9
}
