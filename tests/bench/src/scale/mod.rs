//! Seconds and memory, from 10 to 1,000,000 tasks, timers and runs.
//!
//! Every figure is measured in a process of its own, so that none finds memory of another; the contenders take turns,
//! and the fastest of a few counts.

mod meter;
mod pending;
#[path = "../../benches/workloads/scattered.rs"]
mod scattered;
mod simulated;
mod tokio_paused;

use std::env;
use std::process::Command;

use crate::documents;
use crate::table::grouped;
use meter::Measured;

/// How often a task sleeps.
const SLEEPS: u64 = 5;
/// Timers are in no more tasks than that.
const MOST_TASKS: u64 = 1_000;
/// How many processes measure the same.
const PROCESSES: usize = 3;

/// A piece of work: what it is called, what does it on tokio, and what does it here.
struct Work {
    name: &'static str,
    tokio: fn(u64),
    here: fn(u64),
}

const WORKS: [Work; 5] = [
    Work {
        name: "tasks",
        tokio: tokio_paused::tasks,
        here: simulated::tasks,
    },
    Work {
        name: "timers",
        tokio: tokio_paused::timers,
        here: simulated::timers,
    },
    Work {
        name: "runs",
        tokio: tokio_paused::runs,
        here: simulated::runs,
    },
    Work {
        name: "polled",
        tokio: pending::polled_tokio,
        here: pending::polled_ours,
    },
    Work {
        name: "a-task-each",
        tokio: pending::a_task_each_tokio,
        here: pending::a_task_each_ours,
    },
];

/// What a process of its own does: `measure WORK tokio|here NUMBER`.
pub fn measure(arguments: &[String]) -> Result<(), String> {
    let [name, who, number] = arguments else {
        return Err("measure what?".to_owned());
    };
    let work = WORKS
        .iter()
        .find(|work| work.name == name)
        .ok_or("no such work")?;
    let done = if who == "tokio" {
        work.tokio
    } else {
        work.here
    };
    let number = number
        .parse()
        .map_err(|_| format!("how many is {number}?"))?;
    println!("{}", meter::measured(number, || done(number)).line());
    Ok(())
}

/// Measures a piece of work on tokio and here, by turns.
fn both(name: &str, number: u64) -> Result<[Measured; 2], String> {
    let mut best: [Option<Measured>; 2] = [None; 2];
    for _ in 0..PROCESSES {
        for (best, who) in best.iter_mut().zip(["tokio", "here"]) {
            let measured = in_a_process(name, who, number)?;
            let is_better = |before: Measured| measured.took < before.took;
            if best.is_none_or(is_better) {
                *best = Some(measured);
            }
        }
    }
    let [tokio, here] = best;
    let both = tokio.zip(here).map(|(tokio, here)| [tokio, here]);
    both.ok_or("nothing was measured".to_owned())
}

fn in_a_process(name: &str, who: &str, number: u64) -> Result<Measured, String> {
    let program = env::current_exe().map_err(|error| error.to_string())?;
    let mut command = Command::new(program);
    command.args(["measure", name, who, &number.to_string()]);
    let output = command.output().map_err(|error| error.to_string())?;
    let printed = String::from_utf8_lossy(&output.stdout);
    let failed = || {
        format!(
            "{name} of {number}, {who}: {}",
            String::from_utf8_lossy(&output.stderr)
        )
    };
    Measured::read(&printed).ok_or_else(failed)
}

/// Prints the tables, and writes them to the document if that is asked for.
pub fn scale(write: bool) -> Result<(), String> {
    let mut tables = String::new();
    for part in [million, scaling, timeouts] {
        let table = part()?;
        println!("{table}");
        tables += &format!("{table}\n");
    }
    match write {
        true => documents::put("docs/SPEED.md", "scale", &tables),
        false => Ok(()),
    }
}

fn million() -> Result<String, String> {
    let mut table = String::from(
        "| 1,000,000 of | tokio, s | here, s | tokio / here | tokio, MiB | here, MiB |\n|---|---|---|---|---|---|\n",
    );
    let works = [
        ("tasks", "tasks that sleep 5 times each"),
        ("timers", "timers pending at once, in 1,000 tasks"),
        ("runs", "small runs, each from scratch"),
    ];
    for (name, what) in works {
        let [tokio, here] = both(name, 1_000_000)?;
        let seconds = |measured: Measured| measured.took.as_secs_f64();
        let mebibytes = |measured: Measured| measured.most >> 20;
        table += &format!(
            "| {what} | {:.2} | {:.2} | {:.2} | {} | {} |\n",
            seconds(tokio),
            seconds(here),
            seconds(tokio) / seconds(here),
            mebibytes(tokio),
            mebibytes(here)
        );
    }
    Ok(table)
}

/// Nanoseconds of one of `number` operations, on tokio and here, their ratio, and the bytes of one of `waiting` things.
fn cells([tokio, here]: [Measured; 2], number: u64, waiting: u64) -> String {
    let nanos = |measured: Measured| measured.took.as_nanos() as f64 / number as f64;
    let bytes = |measured: Measured| measured.held / waiting;
    let ratio = nanos(tokio) / nanos(here);
    let (tokio_bytes, bytes) = (bytes(tokio), bytes(here));
    let (tokio, here) = (nanos(tokio), nanos(here));
    format!("{tokio:.0} | {here:.0} | {ratio:.2} | {tokio_bytes} | {bytes}")
}

fn scaling() -> Result<String, String> {
    let mut table = String::from(
        "| tasks | tokio, ns a timer event | here, ns | tokio / here | tokio, bytes a task | here, bytes |\n|---|---|---|---|---|---|\n",
    );
    for number in [10, 100, 1_000, 10_000, 100_000, 1_000_000] {
        let measured = both("tasks", number)?;
        let cells = cells(measured, number * SLEEPS, number);
        table += &format!("| {} | {cells} |\n", grouped(number));
    }
    Ok(table)
}

fn timeouts() -> Result<String, String> {
    const NUMBER: u64 = 100_000;
    let mut table = String::from(
        "| 100,000 timeouts on tokio | tokio's, ns each | ours, ns | tokio / ours | tokio's, bytes each | ours, bytes |\n|---|---|---|---|---|---|\n",
    );
    for (name, what) in [
        ("polled", "all in one task"),
        ("a-task-each", "a task each"),
    ] {
        let measured = both(name, NUMBER)?;
        table += &format!("| {what} | {} |\n", cells(measured, NUMBER, NUMBER));
    }
    Ok(table)
}
