//! Random programs whose times are few, so that all of them can be counted through.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use deadheat::decide::{Purpose, Stream};
use deadheat::{Main, Program, busy, sleep, spawn};
use deadheat_timeout::timeout;

/// What a task of a random program does next. Times are in units.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Step {
    /// Waits for so long; a latency if the second is more than the first.
    Sleep(u64, u64),
    /// The same with a timeout around it.
    Timeout(u64, u64, u64),
    /// Spawns the steps of a task of its own.
    Spawn(Vec<Step>),
    /// Makes a timer that is waited for after the next step; a latency if the second is more than the first.
    Ahead(u64, u64),
    /// Lets time pass while no other task takes its turn.
    Busy(u64),
}

/// How long a unit is: a multiple of every small number, so that it can be divided.
pub(super) const UNIT: u64 = 60_000_000;

pub(super) fn units(count: u64) -> Duration {
    Duration::from_nanos(count * UNIT)
}

fn steps(stream: &mut Stream, latencies: &mut u64, depth: u64) -> Vec<Step> {
    let count = 1 + stream.below(2);
    let mut range = |stream: &mut Stream| {
        let low = stream.below(3);
        match *latencies > 0 && stream.below(3) > 0 {
            true => {
                *latencies -= 1;
                (low, low + 1 + stream.below(2))
            }
            false => (low + 1, low + 1),
        }
    };
    let mut steps = Vec::new();
    for _ in 0..count {
        let (low, high) = range(stream);
        steps.push(match stream.below(8) {
            0 | 1 => Step::Timeout(1 + stream.below(3), low, high),
            2 | 3 => Step::Ahead(low, high),
            4 if low == high => Step::Busy(low),
            _ => Step::Sleep(low, high),
        });
    }
    if depth > 0 && stream.below(3) == 0 {
        let inner = self::steps(stream, latencies, depth - 1);
        steps.insert(
            stream.below(steps.len() as u64 + 1) as usize,
            Step::Spawn(inner),
        );
    }
    steps
}

pub(super) fn drawn(seed: u64) -> Vec<Vec<Step>> {
    let mut stream = Stream::new(seed, Purpose::User);
    let mut latencies = 1 + stream.below(3);
    (0..2 + stream.below(2))
        .map(|_| steps(&mut stream, &mut latencies, 1))
        .collect()
}

/// What happened, in order: which step of which task ended, and how.
type Seen = Rc<RefCell<Vec<(String, bool)>>>;

/// How long each latency takes: its range, or the values of a list in the order of the text.
type Fixed = Option<Rc<Vec<u64>>>;

fn wait(low: u64, high: u64, index: &mut usize, fixed: &Fixed) -> impl Future<Output = ()> + use<> {
    if low == high {
        return sleep(units(low));
    }
    let nanos = fixed.as_ref().map(|fixed| fixed[*index]);
    *index += 1;
    match nanos {
        None => sleep(units(low)..=units(high)),
        Some(nanos) => sleep(Duration::from_nanos(low * UNIT + nanos)),
    }
}

pub(super) fn latencies(steps: &[Step]) -> Vec<u64> {
    let of = |step: &Step| match step {
        Step::Sleep(low, high) | Step::Timeout(_, low, high) | Step::Ahead(low, high)
            if high > low =>
        {
            vec![high - low]
        }
        Step::Spawn(inner) => latencies(inner),
        _ => Vec::new(),
    };
    steps.iter().flat_map(of).collect()
}

fn perform(
    name: String,
    steps: Vec<Step>,
    mut index: usize,
    fixed: Fixed,
    seen: Seen,
) -> std::pin::Pin<Box<dyn Future<Output = ()>>> {
    Box::pin(async move {
        let mut ahead = None;
        let mut children = Vec::new();
        for (number, step) in steps.into_iter().enumerate() {
            let here = format!("{name}.{number}");
            let ok = match &step {
                Step::Sleep(low, high) => {
                    wait(*low, *high, &mut index, &fixed).await;
                    true
                }
                Step::Timeout(limit, low, high) => {
                    let inner = wait(*low, *high, &mut index, &fixed);
                    let result = timeout(&deadheat::clock(), units(*limit), inner).await;
                    result.is_ok()
                }
                Step::Spawn(inner) => {
                    let own = index;
                    index += latencies(inner).len();
                    let (fixed, seen) = (fixed.clone(), seen.clone());
                    children.push(spawn(perform(
                        here.clone(),
                        inner.clone(),
                        own,
                        fixed,
                        seen,
                    )));
                    continue;
                }
                Step::Ahead(low, high) => {
                    ahead = Some(wait(*low, *high, &mut index, &fixed));
                    continue;
                }
                Step::Busy(count) => {
                    busy(units(*count));
                    true
                }
            };
            seen.borrow_mut().push((here.clone(), ok));
            if let Some(timer) = ahead.take() {
                timer.await;
                seen.borrow_mut()
                    .push((format!("{here} and the timer"), true));
            }
        }
        for child in children {
            child.await.unwrap();
        }
    })
}

pub(super) type Outcome = Vec<(String, bool)>;

pub(super) fn program(
    tasks: Vec<Vec<Step>>,
    fixed: Option<Vec<u64>>,
) -> impl Program<Outcome = Option<Outcome>> {
    Main::new(move || {
        let (tasks, fixed): (_, Fixed) = (tasks.clone(), fixed.clone().map(Rc::new));
        async move {
            let seen = Seen::default();
            let mut index = 0;
            let mut spawned = Vec::new();
            for (number, steps) in tasks.into_iter().enumerate() {
                let count = latencies(&steps).len();
                let body = perform(
                    number.to_string(),
                    steps,
                    index,
                    fixed.clone(),
                    seen.clone(),
                );
                spawned.push(spawn(body));
                index += count;
            }
            for task in spawned {
                task.await.unwrap();
            }
            seen.take()
        }
    })
}
