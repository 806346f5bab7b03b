//! What a witness is told, word for word. Each is whole lines, to be written at once.

use std::time::Duration;

use super::pulse::{Doing, Pulse, Run};
use super::{Again, Subject};
use crate::record::panic::Noted;

/// Which run it is, in a line.
fn which(run: &Run) -> String {
    let (seed, scheduler) = (run.seed, run.scheduler);
    match &run.again {
        Some(Again::Number(number)) => {
            let run = number.saturating_add(1);
            format!("run {run}, seed {seed}, scheduler {scheduler}")
        }
        Some(Again::Token(token)) => format!("the run of {token}, seed {seed}"),
        None => format!("a single run, seed {seed}, scheduler {scheduler}"),
    }
}

/// A run begins.
pub(super) fn announcement(subject: &Subject, run: &Run) -> String {
    let again = run.again.as_ref().and_then(|again| (subject.again)(again));
    let again = again.map_or_else(String::new, |line| format!("; it alone: {line}"));
    format!("deadheat: {}: {}{again}\n", subject.name, which(run))
}

/// The line that makes a run again up to where it is.
fn replay(pulse: &Pulse, run: &Run) -> String {
    let again = run.token().map(Again::Token).or_else(|| run.again.clone());
    let line = again.and_then(|again| (pulse.subject.again)(&again));
    line.map_or_else(String::new, |line| format!("  replay   {line}\n"))
}

/// The process ends by a panic that nothing can catch.
pub(super) fn last_words(
    pulse: &Pulse,
    task: Option<&str>,
    last: &Noted,
    before: &[Noted],
) -> String {
    let run = pulse.run();
    let mut text = format!(
        "\ndeadheat: {}: the process ends here, by a panic that nothing can catch: {last}\n",
        pulse.subject.name
    );
    let task = match task {
        Some(task) => format!("in a turn of {task}, "),
        None => String::new(),
    };
    for (number, noted) in before.iter().enumerate() {
        let then = if number == 0 { "panicked" } else { "then" };
        text.push_str(&format!("  {then} {noted}\n"));
    }
    let steps = pulse.steps();
    text.push_str(&format!("  {task}{}, step {steps}\n", which(&run)));
    text.push_str(&replay(pulse, &run));
    text
}

/// Where a run stands still.
fn place(doing: Doing, run: &Run) -> String {
    let task = |task: u32| {
        let known = run.task(task);
        let name = known.and_then(|known| known.name.clone());
        let name = name.unwrap_or_else(|| format!("task-{task}"));
        let place = known.map_or_else(String::new, |known| {
            format!(", spawned at {}", known.spawned_at)
        });
        format!("{name} (task {task}{place})")
    };
    match doing {
        Doing::Turn(number) => format!("in a turn of {}", task(number)),
        Doing::Drop(number) => format!("as it drops {}, which was aborted", task(number)),
        Doing::Wake => "in a waker from outside".to_owned(),
        Doing::Companion => "in a task of the tokio runtime beside the run".to_owned(),
        Doing::Start => "in the program's start".to_owned(),
        Doing::End => "at the end of the run, as what is left is dropped".to_owned(),
        Doing::Nothing => "between two runs".to_owned(),
    }
}

/// A run takes no step.
pub(super) fn stuck(pulse: &Pulse, limit: Duration) -> String {
    let run = pulse.run();
    let (place, which) = (place(pulse.doing(), &run), which(&run));
    let (name, steps) = (&pulse.subject.name, pulse.steps());
    let replay = replay(pulse, &run);
    format!(
        "\ndeadheat: {name}: no step for {limit:?} of real time, {place}\n  \
         {which}, after {steps} steps\n  \
         such a turn mostly waits for its own thread, on which all tasks of a run take their turns: for a\n  \
         std::sync::Mutex or RwLock whose guard another task holds across an .await (use tokio::sync::Mutex, or\n  \
         drop the guard first), for a std::sync::mpsc channel, a thread or a socket (use the async form); or it\n  \
         is a loop without an .await\n  \
         it is left to go on; a debugger shows where it is\n{replay}"
    )
}

/// The process is ended.
pub(super) fn ended(pulse: &Pulse, status: i32) -> String {
    let name = &pulse.subject.name;
    format!(
        "deadheat: {name}: its time is over and it takes no step: the process ends with status {status}\n"
    )
}
