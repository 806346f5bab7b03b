//! Timer events among many sleeping tasks, and moving a deadline.

#[path = "floor/calendar.rs"]
mod calendar;
#[path = "../../timeout/benches/harness/mod.rs"]
mod harness;

use std::cell::Cell;
use std::future::poll_fn;
use std::hint::black_box;
use std::task::Poll;
use std::time::{Duration, Instant};

use calendar::Calendar;
use deadheat::search::Single;
use deadheat::{Config, Limits, Program, Verdict};
use deadheat_timeout::{Clock, Timer};
use harness::{Goal, Row, Table, nanos_of, per_operation};
use tokio::runtime::Builder;
use tokio::task::JoinSet;

const LONGEST_NS: u64 = 1_000_000_000;

/// Starts the clock once every task sleeps, and stops it after so many events more.
#[derive(Debug, Clone, Copy)]
struct Meter {
    left: u64,
    events: u64,
    start: Option<Instant>,
    taken: f64,
}

thread_local! {
    static METER: Cell<Meter> = const {
        Cell::new(Meter { left: 0, events: 0, start: None, taken: 0.0 })
    };
}

impl Meter {
    /// A warm-up in which every task has slept once or twice, then `events` that count.
    fn begin(tasks: u64, events: u64) {
        METER.set(Meter {
            left: 2 * tasks,
            events,
            start: None,
            taken: 0.0,
        });
    }

    /// Counts an event; false once all were counted.
    fn count() -> bool {
        let mut meter = METER.get();
        if meter.left == 0 {
            match meter.start {
                None => (meter.start, meter.left) = (Some(Instant::now()), meter.events),
                Some(start) if meter.taken == 0.0 => {
                    meter.taken = nanos_of(start.elapsed()) / meter.events as f64;
                }
                Some(_) => {}
            }
        }
        meter.left = meter.left.saturating_sub(1);
        METER.set(meter);
        meter.taken == 0.0
    }

    fn end() -> f64 {
        METER.get().taken
    }
}

/// xorshift64: the sleeps of a task, so cheap that they do not count.
fn next(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    1 + *state % LONGEST_NS
}

/// A program of so many tasks that sleep again and again.
struct Sleepers(u64);

impl Program for Sleepers {
    type Handles = ();
    type Outcome = ();

    fn start(&self) {
        for task in 1..=self.0 {
            deadheat::spawn(async move {
                let mut state = task * 0x9e37_79b9;
                loop {
                    deadheat::sleep(Duration::from_nanos(next(&mut state))).await;
                    if !Meter::count() {
                        return;
                    }
                }
            });
        }
    }

    fn finish(&self, _handles: (), _verdict: Verdict) {}
}

fn calendar(tasks: u64, events: u64) -> f64 {
    Meter::begin(0, 0);
    let mut states: Vec<u64> = (1..=tasks).map(|task| task * 0x9e37_79b9).collect();
    let mut calendar = Calendar::new(tasks as usize, LONGEST_NS);
    for (task, state) in states.iter_mut().enumerate() {
        calendar.arm(next(state), task as u32);
    }
    let mut turn = || {
        if let Some((now, task)) = calendar.next() {
            calendar.arm(now + next(&mut states[task as usize]), task);
        }
    };
    (0..2 * tasks).for_each(|_| turn());
    per_operation(events, || (0..events).for_each(|_| turn()))
}

fn on_tokio(tasks: u64, events: u64) -> f64 {
    Meter::begin(tasks, events);
    let runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let mut set = JoinSet::new();
        for task in 1..=tasks {
            set.spawn(async move {
                let mut state = task * 0x9e37_79b9;
                loop {
                    tokio::time::sleep(Duration::from_nanos(next(&mut state))).await;
                    if !Meter::count() {
                        return;
                    }
                }
            });
        }
        while Meter::end() == 0.0 {
            set.join_next().await;
        }
    });
    Meter::end()
}

fn ours(tasks: u64, events: u64) -> f64 {
    Meter::begin(tasks, events);
    let config = Config::new().limits(Limits {
        steps: u64::MAX,
        steps_per_instant: u64::MAX,
        ..Limits::default()
    });
    let (run, _) = Single::of(&Sleepers(tasks), &config).fifo();
    assert_eq!(run.verdict, Verdict::Done, "the program ends");
    Meter::end()
}

fn sleepers(tasks: u64, goal: f64, there: f64) -> Row<'static> {
    let events = (2 * tasks).max(50_000);
    Row {
        work: format!("a timer event, {tasks} tasks sleep"),
        goal: Goal {
            nanos: Some(goal),
            of_tokio: Some(goal / there),
        },
        floor: Some(Box::new(move || calendar(tasks, events))),
        tokio: Some(Box::new(move || on_tokio(tasks, events))),
        ours: Box::new(move || ours(tasks, events)),
    }
}

/// A program that moves one armed deadline to and fro.
struct Moves {
    later: bool,
}

const MOVES: u64 = 20_000;
const FAR_NS: i64 = 3_600_000_000_000;

impl Program for Moves {
    type Handles = ();
    type Outcome = ();

    fn start(&self) {
        let step = if self.later { 1_000_000 } else { -1_000_000 };
        deadheat::spawn(async move {
            let instant = deadheat::Instant::from_nanos;
            let mut timer = std::pin::pin!(deadheat::clock().timer(instant(FAR_NS)));
            let mut armed = timer.as_mut();
            poll_fn(|cx| {
                assert!(armed.as_mut().poll(cx).is_pending(), "it is far ahead");
                Poll::Ready(())
            })
            .await;
            let start = Instant::now();
            let mut at = FAR_NS;
            for _ in 0..MOVES {
                at += step;
                armed.as_mut().reset(instant(black_box(at)));
            }
            let taken = nanos_of(start.elapsed()) / MOVES as f64;
            METER.set(Meter {
                taken,
                ..METER.get()
            });
        });
    }

    fn finish(&self, _handles: (), _verdict: Verdict) {}
}

fn move_sleep(later: bool) -> f64 {
    let step = Duration::from_millis(1);
    let runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let mut at = tokio::time::Instant::now() + Duration::from_nanos(FAR_NS as u64);
        let mut sleep = Box::pin(tokio::time::sleep_until(at));
        poll_fn(|cx| {
            assert!(sleep.as_mut().poll(cx).is_pending(), "it is far ahead");
            Poll::Ready(())
        })
        .await;
        per_operation(MOVES, || {
            for _ in 0..MOVES {
                at = if later { at + step } else { at - step };
                sleep.as_mut().reset(black_box(at));
            }
        })
    })
}

fn moving(name: &str, later: bool) -> Row<'static> {
    Row {
        work: format!("moving a deadline {name}, simulated"),
        goal: Goal {
            nanos: None,
            of_tokio: Some(1.0),
        },
        floor: None,
        tokio: Some(Box::new(move || move_sleep(later))),
        ours: Box::new(move || {
            Single::of(&Moves { later }, &Config::new()).fifo();
            Meter::end()
        }),
    }
}

fn main() {
    let mut table = Table::new();
    table.row(sleepers(1_000, 30.0, 350.0));
    table.row(sleepers(10_000, 40.0, 341.0));
    table.row(sleepers(100_000, 85.0, 554.0));
    table.row(moving("later", true));
    table.row(moving("earlier", false));
    table.end();
}
