//! Contenders for the same work, side by side: the tightest loop we could write, tokio, and ours.
//!
//! 1. The contenders of a row take turns in one process, sample by sample, so that a machine that
//!    slows down slows all of them; what is printed is the fastest of many samples.
//! 2. A sample says itself how long it took per operation, so that a contender can leave its set-up
//!    out.
//!
//! `cargo bench -- WORD` measures the rows whose name contains the word; `-- --ours WORD` runs ours
//! alone, for a profiler; `-- --samples N` takes more or fewer samples.

#![expect(clippy::print_stdout, reason = "a table on the screen is what a benchmark is for")]

use std::time::{Duration, Instant};

/// One sample: nanoseconds per operation.
pub type Contender<'a> = Box<dyn FnMut() -> f64 + 'a>;

/// What the row is held to.
#[derive(Debug, Clone, Copy)]
pub enum Goal {
    /// At most so many nanoseconds.
    Nanos(f64),
    /// No slower than tokio.
    Tokio,
    /// No slower than this many times the floor: for what is no work at all.
    Floor(f64),
}

/// The same work, done by each contender.
pub struct Row<'a> {
    /// What is measured.
    pub work: String,
    /// What ours is held to.
    pub goal: Goal,
    /// The tightest loop for the same work.
    pub floor: Option<Contender<'a>>,
    /// tokio.
    pub tokio: Option<Contender<'a>>,
    /// Ours.
    pub ours: Contender<'a>,
}

/// What the command line asks for.
#[derive(Debug)]
pub struct Table {
    word: String,
    ours_alone: bool,
    samples: usize,
    missed: usize,
}

impl Table {
    /// Reads the command line and prints the head of the table.
    pub fn new() -> Self {
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
            "{:<52} {:>9} {:>9} {:>9} {:>11} {:>10} {:>12}",
            "ns per operation", "floor", "tokio", "ours", "tokio/ours", "ours/floor", "goal"
        );
        table
    }

    /// Measures a row and prints it.
    pub fn row(&mut self, mut row: Row<'_>) {
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
        let (limit, goal) = match row.goal {
            Goal::Nanos(nanos) => (nanos, format!("≤ {nanos}")),
            Goal::Tokio => (tokio, "≤ tokio".to_owned()),
            Goal::Floor(times) => (floor * times, format!("≤ {times}x floor")),
        };
        let met = ours <= limit;
        self.missed += usize::from(!met);
        println!(
            "{:<52} {:>9} {:>9} {:>9} {:>11} {:>10} {:>12} {}",
            row.work,
            nanos(floor),
            nanos(tokio),
            nanos(ours),
            ratio(tokio, ours),
            ratio(ours, floor),
            goal,
            if met { "met" } else { "MISSED" }
        );
    }

    /// Prints how many goals were missed.
    pub fn end(self) {
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
pub fn per_operation(operations: u64, work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    nanos_of(start.elapsed()) / operations as f64
}

/// A duration in nanoseconds.
pub fn nanos_of(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e9
}
