//! What the fuzz targets do, as functions of bytes: one a target, and each panics on what must not be.
//!
//! 1. Any bytes do: there is no input that a function refuses.
//! 2. What a function does follows from its bytes alone.
//! 3. [`oracle`] and [`settle`] are for property tests as well, which make their programs otherwise.
//!
//! Deliberately not here: libFuzzer. `fuzz/` holds targets of three lines over these functions, and the
//! tests replay its corpus through them.

mod bytes;
mod generate;
mod machine;
pub mod oracle;
mod settle;

use std::time::Duration;

use deadheat::decide::Bytes as ByteTape;
use deadheat::search::Single;
use deadheat::{Bounds, Config, Run, Token, Trace, Verdict};

pub use generate::program;
pub use machine::machine;
pub use settle::settle;

use self::bytes::Bytes;
use crate::ast::Scenario;
use crate::parse;
use crate::program::ScenarioProgram;

/// Whatever text is a scenario is printed and read back as an equal one; whatever is none gets an error
/// that can be shown.
///
/// # Panics
///
/// If it is not so.
pub fn parser(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    match parse("fuzz.kdl", &text) {
        Ok(scenario) => reads_back(&scenario),
        Err(error) => drop((
            error.to_string(),
            format!("{:?}", miette::Report::new(error)),
        )),
    }
}

/// Whatever text is a token is written again as the same text; the error of any other points into it.
///
/// # Panics
///
/// If it is not so.
pub fn token(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    match text.parse::<Token>() {
        Ok(token) => assert_eq!(token.to_string(), text, "a token of two forms"),
        Err(error) => {
            assert!(text.is_char_boundary(error.offset()), "{error}");
        }
    }
}

/// Whatever text is a trace is written again as the same text; the error of any other names one of its
/// lines.
///
/// # Panics
///
/// If it is not so.
pub fn trace(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    match Trace::parse(&text) {
        Ok(trace) => assert_eq!(trace.to_string(), text, "a trace of two forms"),
        Err(error) => {
            let lines = text.split('\n').count();
            assert!((1..=lines).contains(&error.line()), "{error}");
        }
    }
}

/// The first bytes are a program, the others the decisions of a run of it: every check holds in that
/// run, those of the harness and those of [`oracle`], and its token makes the same run again.
///
/// The bytes: bounds, how many bytes the program has, the program, the decisions. Where there are no
/// decisions, the program is printed and read back as well, which takes longer than to run it.
///
/// # Panics
///
/// If it is not so.
pub fn program_and_tape(data: &[u8]) {
    let mut bytes = Bytes::of(data);
    let bounds = BOUNDS[bytes.below(BOUNDS.len())];
    let length = bytes.next() as usize;
    let rest = bytes.rest();
    let (head, tape) = rest.split_at(length.min(rest.len()));
    let scenario = program(head);
    if tape.is_empty() {
        reads_back(&scenario);
    }
    let program = ScenarioProgram::new(scenario);
    let config = Config::new().trace(true);
    let (run, _) = Single::of(&program, &config).scheduled(bounds, Box::new(ByteTape::of(tape)));
    if let Err(fault) = sound(&program, &config, &run) {
        panic!("{fault}\n{}\n{}", run.token, program.scenario());
    }
}

/// How late things may be in [`program_and_tape`].
const BOUNDS: [Bounds; 6] = [
    Bounds::EXACT,
    bounds(1, 0),
    bounds(1_000_000, 0),
    bounds(3_000_000_000, 0),
    bounds(0, 1_000_000),
    bounds(1_000_000_000, 1_000_000_000),
];

const fn bounds(late_ns: u64, task_late_ns: u64) -> Bounds {
    Bounds {
        late: Duration::from_nanos(late_ns),
        task_late: Duration::from_nanos(task_late_ns),
    }
}

/// Says what is wrong with a traced run of a scenario, if anything is: a check of the harness or of
/// [`oracle`] does not hold, it panicked or came to a limit, or its token does not make it again.
///
/// # Errors
///
/// The first thing that is wrong, in words.
pub fn sound(program: &ScenarioProgram, config: &Config, run: &Run) -> Result<(), String> {
    if !matches!(run.verdict, Verdict::Done | Verdict::Stuck) {
        let Run {
            verdict,
            violations,
            panic,
            ..
        } = run;
        return Err(format!("{verdict:?}: {violations:?} {panic:?}"));
    }
    let trace = run.trace.as_ref().ok_or("there is no trace")?;
    oracle::check(trace, run.token.bounds)?;
    pending_tasks_wait(run)?;
    replays(program, config, run)
}

/// A task that is stuck on another one is stuck on one that is.
fn pending_tasks_wait(run: &Run) -> Result<(), String> {
    for pending in &run.pending {
        let on = pending.waits_for.as_deref();
        if let Some(on) = on.and_then(|on| on.strip_prefix("task "))
            && !run.pending.iter().any(|other| other.task == on)
        {
            return Err(format!("{pending}, which has ended"));
        }
    }
    Ok(())
}

/// A token makes the very run again that it was made from, also once it was written and read.
fn replays(program: &ScenarioProgram, config: &Config, run: &Run) -> Result<(), String> {
    let text = run.token.to_string();
    let token: Token = text.parse().map_err(|error| format!("{text}: {error}"))?;
    if token != run.token {
        return Err(format!("{text} is read as {token}"));
    }
    let (again, _) = Single::of(program, config).replay(&token);
    let wrong = [
        (again.divergence.is_some(), "diverges"),
        (again.stale, "is stale"),
        (again.fingerprint != run.fingerprint, "is another run"),
        (again.token != run.token, "has another tape"),
        (again.trace != run.trace, "has another trace"),
        (again.verdict != run.verdict, "ends otherwise"),
    ];
    match wrong.iter().find(|(wrong, _)| *wrong) {
        None => Ok(()),
        Some((_, how)) => Err(format!("the replay {how}: {:?}", again.divergence)),
    }
}

fn reads_back(scenario: &Scenario) {
    let printed = scenario.to_string();
    match parse("printed.kdl", &printed) {
        Ok(read) => assert_eq!(read, *scenario, "printed as\n{printed}"),
        Err(error) => panic!("{error}\n{printed}"),
    }
}
