//! What a witness is told, word for word. Each is whole lines, to be written at once.
//!
//! 1. Names and messages are a program's: nothing of them steers the terminal that this is written to.
//! 2. What is told can be read at a glance: a token or a line that is too long for that is not told whole.

use std::time::Duration;

use super::pulse::{Doing, Pulse, Run};
use super::{Again, Subject};
use crate::base::printable::{self, Printable};
use crate::decide::token::Token;
use crate::record::panic::Noted;

/// A longer token is not told whole, only how it begins.
const TOKEN_SHOWN: usize = 200;
/// How much of a longer token is told.
const TOKEN_BEGINNING: usize = 60;
/// A longer line is not told.
const LINE_SHOWN: usize = 2_000;
/// What stands below the beginning of a message.
const INDENT: &str = "    ";

/// Which run it is, in a line.
fn which(run: &Run) -> String {
    let (seed, scheduler) = (run.seed, run.scheduler);
    match &run.again {
        Some(Again::Number(number)) => {
            let run = number.saturating_add(1);
            format!("run {run}, seed {seed}, scheduler {scheduler}")
        }
        Some(Again::Token(token)) => format!("the run of {}, seed {seed}", shown(token)),
        None => format!("a single run, seed {seed}, scheduler {scheduler}"),
    }
}

/// A token, or how it begins and how long it is.
fn shown(token: &Token) -> String {
    let text = token.to_string();
    if text.len() <= TOKEN_SHOWN {
        return text;
    }
    let beginning: String = text.chars().take(TOKEN_BEGINNING).collect();
    format!("{beginning}… ({} characters)", text.len())
}

/// The line that makes a run again, as it is to be told.
enum Line {
    Shown(String),
    /// It has so many characters.
    TooLong(usize),
}

fn line(subject: &Subject, again: &Again) -> Option<Line> {
    let line = (subject.again)(again)?;
    let length = line.chars().count();
    Some(match length > LINE_SHOWN {
        true => Line::TooLong(length),
        false => Line::Shown(line),
    })
}

/// A run begins.
pub(super) fn announcement(subject: &Subject, run: &Run) -> String {
    let again = run.again.as_ref().and_then(|again| line(subject, again));
    let again = match again {
        Some(Line::Shown(line)) => format!("; it alone: {line}"),
        Some(Line::TooLong(length)) => {
            format!("; its line has {length} characters, too many to show")
        }
        None => String::new(),
    };
    let name = printable::name(&subject.name);
    let text = format!("deadheat: {name}: {}{again}\n", which(run));
    Printable(text).to_string()
}

/// The line that makes a run again up to where it is.
fn replay(pulse: &Pulse, run: &Run) -> String {
    let subject = &pulse.subject;
    let so_far = run.token().map(Again::Token).or_else(|| run.again.clone());
    let length = match so_far.and_then(|again| line(subject, &again)) {
        None => return String::new(),
        Some(Line::Shown(line)) => return format!("  replay   {line}\n"),
        Some(Line::TooLong(length)) => length,
    };
    let too_long =
        format!("the line with all that happened so far has {length} characters, too many to show");
    match run.again.as_ref().and_then(|again| line(subject, again)) {
        Some(Line::Shown(line)) => format!("  replay   {line}\n  {too_long}\n"),
        _ if matches!(run.again, Some(Again::Token(_))) => {
            format!("  {too_long}; the token that was given makes the run again\n")
        }
        _ => format!("  {too_long}; seed and scheduler make the run again\n"),
    }
}

/// Which panics came before the last one.
fn earlier(before: &[Noted]) -> String {
    let mut text = String::new();
    for (number, noted) in before.iter().enumerate() {
        let then = if number == 0 { "panicked" } else { "then" };
        text.push_str(&format!("  {then} {}\n", message(noted)));
    }
    text
}

fn message(noted: &Noted) -> String {
    printable::lines(&noted.to_string(), INDENT)
}

/// The process ends by a panic that nothing can catch.
pub(super) fn last_words(pulse: &Pulse, last: &Noted, before: &[Noted]) -> String {
    let run = pulse.run();
    let place = place(pulse.doing(), &run);
    the_end(pulse, &run, last, before, &format!("{place}, "))
}

/// The same on a thread that makes no run, while that of the pulse is under way.
pub(super) fn last_words_elsewhere(pulse: &Pulse, last: &Noted, before: &[Noted]) -> String {
    let run = pulse.run();
    let place = "on a thread that makes no run, while this one was under way on another:\n  ";
    the_end(pulse, &run, last, before, place)
}

fn the_end(pulse: &Pulse, run: &Run, last: &Noted, before: &[Noted], place: &str) -> String {
    let (name, steps) = (printable::name(&pulse.subject.name), pulse.steps());
    let text = format!(
        "\ndeadheat: {name}: the process ends here, by a panic that nothing can catch: {}\n\
         {}  {place}{}, step {steps}\n{}",
        message(last),
        earlier(before),
        which(run),
        replay(pulse, run)
    );
    Printable(text).to_string()
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
        format!("{} (task {task}{place})", printable::name(&name))
    };
    match doing {
        Doing::Turn(number) => format!("in a turn of {}", task(number)),
        Doing::Drop(number) => format!("as it drops {}, which was aborted", task(number)),
        Doing::Wake => "in a waker from outside".to_owned(),
        Doing::Companion => "in a task of the runtime beside the run".to_owned(),
        Doing::Start => "in the program's start".to_owned(),
        Doing::End => {
            "at the end of the run, as its outcome is looked at or what is left is dropped"
                .to_owned()
        }
        Doing::Nothing => "between two runs".to_owned(),
    }
}

/// What the run took from outside, as it may wait for that.
fn outside(run: &Run) -> String {
    let lines = run.outside.iter();
    lines.map(|line| format!("  outside  {line}\n")).collect()
}

/// A run takes no step.
pub(super) fn stuck(pulse: &Pulse, limit: Duration) -> String {
    let run = pulse.run();
    let (place, which) = (place(pulse.doing(), &run), which(&run));
    let (name, steps) = (printable::name(&pulse.subject.name), pulse.steps());
    let (replay, outside) = (replay(pulse, &run), outside(&run));
    let text = format!(
        "\ndeadheat: {name}: no step for {limit:?} of real time, {place}\n  \
         {which}, after {steps} steps\n  \
         what stands still there mostly waits for its own thread, on which all of a run happens: for a\n  \
         std::sync::Mutex or RwLock whose guard another task holds across an .await (use tokio::sync::Mutex, or\n  \
         drop the guard first), for a std::sync::mpsc channel, a blocking_recv, a thread or a socket (use the\n  \
         async form); or it is a loop without an .await\n  \
         it is left to go on; a debugger shows where it is\n{outside}{replay}"
    );
    Printable(text).to_string()
}

/// The process is ended.
pub(super) fn ended(pulse: &Pulse, status: i32) -> String {
    let name = printable::name(&pulse.subject.name);
    format!(
        "deadheat: {name}: its time is over and it takes no step: the process ends with status {status}\n"
    )
}

#[cfg(test)]
mod tests {
    use std::panic::Location;
    use std::sync::Arc;

    use super::*;
    use crate::base::bounds::Bounds;

    /// Steers a terminal, turns a line, begins another.
    const HOSTILE: &str = "\u{1b}[2J\u{202e}\nx";
    const SHOWN: &str = "\\u{1b}[2J\\u{202e}\\nx";

    fn pulse(name: &str, again: Option<Again>) -> Pulse {
        let line = |again: &Again| match again {
            Again::Number(number) => Some(format!("run {number} alone")),
            Again::Token(token) => Some(format!("replay {token}")),
        };
        let pulse = Pulse::new(Arc::new(Subject {
            name: name.to_owned(),
            again: Box::new(line),
        }));
        pulse.begin(again, 7, Bounds::EXACT, "random");
        pulse
    }

    fn announced(pulse: &Pulse) -> String {
        let run = pulse.run();
        announcement(&pulse.subject, &run)
    }

    /// A token of so many departures.
    fn token(departures: u64) -> Token {
        let all = (0..departures).map(|n| format!(".n{n}=1/2"));
        format!("dh1:7{}", all.collect::<String>()).parse().unwrap()
    }

    fn depart(pulse: &Pulse, token: &Token) {
        let all = token.tape.departures();
        all.iter().for_each(|departure| pulse.depart(*departure));
    }

    fn is_printable(text: &str) {
        assert!(
            !text.contains(|c| c != '\n' && printable::hides(c)),
            "{text:?}"
        );
        assert!(!text.contains("\nx"), "a name stays in its line: {text}");
    }

    #[test]
    fn what_the_run_took_from_outside_is_told_where_it_stands_still() {
        let pulse = pulse("pool", None);
        let told = || stuck(&pulse, Duration::from_secs(10));
        assert!(!told().contains("outside  "));
        pulse.take_from_outside("a thread was started at src/pool.rs:7".to_owned());
        assert!(told().contains("\n  outside  a thread was started at src/pool.rs:7\n"));
        pulse.begin(None, 8, Bounds::EXACT, "random");
        assert!(!told().contains("outside  "), "that was another run");
    }

    #[test]
    fn nothing_of_names_and_messages_steers_the_terminal() {
        let pulse = pulse(HOSTILE, None);
        pulse.learn([(0, Some(HOSTILE), *Location::caller())].into_iter());
        pulse.beat(1, Doing::Turn(0));
        let last = Noted::of("the last\n\u{1b}[31mline");
        let before = [Noted::of(HOSTILE), Noted::of("\u{9b}")];
        let texts = [
            announced(&pulse),
            last_words(&pulse, &last, &before),
            last_words_elsewhere(&pulse, &last, &before),
            stuck(&pulse, Duration::from_secs(5)),
            ended(&pulse, 124),
        ];
        for text in &texts {
            assert!(text.contains(&format!("deadheat: {SHOWN}: ")), "{text}");
            is_printable(text);
        }
        assert!(
            texts[1].contains(&format!("in a turn of {SHOWN} (task 0, spawned at ")),
            "{}",
            texts[1]
        );
        assert!(
            texts[1].contains("the last\n    \\u{1b}[31mline\n"),
            "{}",
            texts[1]
        );
    }

    #[test]
    fn a_long_token_is_told_by_its_beginning_and_its_length() {
        let short = announced(&pulse("a", Some(Again::Token(token(2)))));
        assert_eq!(
            short,
            "deadheat: a: the run of dh1:7.n0=1/2.n1=1/2, seed 7; it alone: replay dh1:7.n0=1/2.n1=1/2\n"
        );
        let long = token(50_000);
        let length = long.to_string().len();
        let pulse = pulse("a", Some(Again::Token(long)));
        let told = announced(&pulse);
        assert!(
            told.starts_with("deadheat: a: the run of dh1:7.n0=1/2."),
            "{told}"
        );
        assert!(
            told.contains(&format!("… ({length} characters), seed 7; its line has ")),
            "{told}"
        );
        assert!(told.len() < 300, "{told}");
    }

    #[test]
    fn in_the_place_of_a_line_that_is_too_long_is_told_how_to_get_it() {
        let long = token(5_000);
        let of = |again: Option<Again>| {
            let pulse = pulse("a", again);
            depart(&pulse, &long);
            let told = stuck(&pulse, Duration::from_secs(5));
            assert!(told.len() < 1_500, "{told}");
            let length = "replay ".len() + long.to_string().len();
            let too_long = format!("so far has {length} characters, too many to show");
            assert!(told.contains(&too_long), "{told}");
            told
        };
        assert!(of(Some(Again::Number(17))).contains("\n  replay   run 17 alone\n"));
        let told = of(Some(Again::Token(long.clone())));
        assert!(
            told.ends_with("; the token that was given makes the run again\n"),
            "{told}"
        );
        assert!(of(None).ends_with("; seed and scheduler make the run again\n"));
    }

    #[test]
    fn a_line_that_is_not_too_long_is_told_whole() {
        let pulse = pulse("a", Some(Again::Number(17)));
        let few = token(20);
        depart(&pulse, &few);
        let told = stuck(&pulse, Duration::from_secs(5));
        assert!(
            told.ends_with(&format!("\n  replay   replay {few}\n")),
            "{told}"
        );
    }
}
