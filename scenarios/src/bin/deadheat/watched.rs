//! What the command gives to whoever watches over its runs: a real clock, standard error, and its end.
//!
//! A scenario cannot hang, and its interpreter should not. Should a run take no step or end the process all the
//! same, it is told which one it was and how to make it again.

use std::env;
use std::fs;
use std::io::{self, Write};
use std::process;
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Instant;

use deadheat::testing::Patience;
use deadheat::witness::{Again, Outside, Watchdog, Witness, is_traced};

use crate::args::{Command, Watching};
use crate::output::{argument as named, quoted};

static WITNESS: OnceLock<Arc<Witness>> = OnceLock::new();

/// Runs the command `f`, and looks after the runs that it makes.
pub(crate) fn during<R>(command: &Command, f: impl FnOnce() -> R) -> R {
    let (watching, time) = match command {
        Command::Run(run) => (run.watching, None),
        Command::Explore(explore) => (explore.watching, explore.time),
        Command::Replay(replay) => (replay.watching, None),
        Command::List(_) | Command::Compare(_) => return f(),
    };
    let Watching { announce, watchdog } = watching;
    let make = || Arc::new(Witness::new(tell).announcing(announce));
    let witness = WITNESS.get_or_init(make);
    let begun = Instant::now();
    let outside = Outside {
        elapsed: &|| begun.elapsed(),
        pause: thread::park_timeout,
        tell,
        end: |status| process::exit(status),
        debugged: || fs::read_to_string("/proc/self/status").is_ok_and(|text| is_traced(&text)),
    };
    match watchdog.unwrap_or(Patience::For(Watchdog::LIMIT)) {
        Patience::Forever => f(),
        Patience::For(limit) => {
            let watchdog = Watchdog::new(limit).ends_after(time);
            watchdog.during(&outside, witness, f)
        }
    }
}

/// Makes the runs of one input, which are watched.
pub(crate) fn watch<R>(name: &str, argument: &str, command: &str, f: impl FnOnce() -> R) -> R {
    let Some(witness) = WITNESS.get() else {
        return f();
    };
    let called = format!("{command} explore {}", named(argument));
    let replay = format!("{command} replay {}", named(argument));
    let again = move |again: &Again| match again {
        Again::Number(number) => {
            let (options, number) = (of_a_run(arguments()), number.saturating_add(1));
            Some(format!("{called}{options} --only {number}"))
        }
        Again::Token(token) => Some(format!("{replay} '{token}'")),
        _ => None,
    };
    witness.watch(name, again, f)
}

/// The command line. What is no text in it is the name of a file or folder, and of no use here.
fn arguments() -> impl Iterator<Item = String> {
    env::args_os().map(|argument| argument.to_string_lossy().into_owned())
}

/// The options among the arguments that decide what run `n` is, each with a blank before it.
fn of_a_run(arguments: impl Iterator<Item = String>) -> String {
    let mut text = String::new();
    let mut arguments = arguments.take_while(|argument| argument != "--");
    while let Some(argument) = arguments.next() {
        let (option, value) = match argument.split_once('=') {
            Some((option, value)) => (option, Some(value.to_owned())),
            None => (&*argument, None),
        };
        if ["--scheduler", "--late", "--seed"].contains(&option)
            && let Some(value) = value.or_else(|| arguments.next())
        {
            text.push_str(&format!(" {option} {}", quoted(&value)));
        }
    }
    text
}

fn tell(text: &str) {
    // If it is closed, there is nobody to tell.
    let _ = io::stderr().write_all(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_options_that_decide_what_a_run_is_are_given_on() {
        let given = |text: &str| of_a_run(text.split(' ').map(ToOwned::to_owned));
        let line = "deadheat explore a.kdl --late 2ms --jobs 2 --seed=0x7 --json --scheduler pct:3";
        assert_eq!(given(line), " --late 2ms --seed 0x7 --scheduler pct:3");
        assert_eq!(given("deadheat explore a.kdl --jobs 2"), "");
        assert_eq!(
            given("deadheat explore --seed 7 -- --late 1ms"),
            " --seed 7"
        );
    }
}
