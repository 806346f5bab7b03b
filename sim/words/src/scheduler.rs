//! The names of schedulers, and of what searches with them: plain data, from which parsing, errors and help follow.

use crate::digits::digits;
use crate::error::{Problem, WordError};

/// A name, and whether a number goes with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scheduler {
    /// As it is written.
    pub name: &'static str,
    /// What may stand behind it and a colon, as in `pct:3`.
    pub number: Option<Number>,
}

/// The number that goes with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number {
    /// What it is; help shows it in capitals.
    pub what: &'static str,
    /// The least that it may be.
    pub least: u32,
    /// The most that it may be.
    pub most: u32,
    /// What it is where the plain name is written.
    pub plain: u32,
}

/// The most change points and departures of schedulers that are given a number of them.
pub const NUMBER_MAX: u32 = 64;

/// The list of what decides in a single run: to add a scheduler, write its file in `decide/scheduler` of `deadheat`, and
/// its line here. Whatever needs the list gives the name of a macro that takes it.
#[macro_export]
macro_rules! schedulers {
    ($taker:ident) => {
        $taker! {
            /// The dullest option, always: asyncio's order.
            fifo: Fifo,
            /// Each decision evenly.
            random: Random,
            /// What can happen has a random priority for as long as it can happen.
            pos: Pos,
            /// Tasks and timers have a random priority through the run, which changes at one point less than this
            /// depth. It is from 1 to 64: less or more is taken as that.
            pct: Pct(depth, 3),
            /// At most so many departures, at random places. From 1 to 64: less or more is taken as that.
            delay: Delay(departures, 3),
            /// A random order on an exact clock, each latency drawn evenly when its timer is armed: what other
            /// simulators do, to compare with.
            naive: Naive,
        }
    };
}

macro_rules! of_a_run {
    ($($(#[$docs:meta])* $name:ident: $type:ident $(($what:ident, $plain:literal))?,)*) => {
        &[$(Scheduler {
            name: stringify!($name),
            // The number of the line, if it has one.
            number: [$(Some(number(stringify!($what), 1, $plain)),)? None][0],
        },)*]
    };
}

/// Those that draw, in turn.
pub const PORTFOLIO: Scheduler = plain("portfolio");
/// The same, and every other run is solved for time.
pub const SOLVED: Scheduler = plain("solved");
/// Every order once.
pub const EXHAUSTIVE: Scheduler = plain("exhaustive");
/// Few departures, enumerated.
pub const BOUNDED: Scheduler = Scheduler {
    name: "bounded",
    number: Some(number("departures", 0, 3)),
};

/// What decides in a single run.
pub const OF_A_RUN: &[Scheduler] = schedulers!(of_a_run);
/// What decides in the runs of a test.
pub const OF_A_TEST: &[Scheduler] =
    &joined::<{ OF_A_RUN.len() + 2 }>(&[PORTFOLIO, SOLVED], OF_A_RUN);
/// What decides in the runs of `deadheat explore`.
pub const OF_A_SEARCH: &[Scheduler] =
    &joined::<{ OF_A_TEST.len() + 2 }>(OF_A_TEST, &[EXHAUSTIVE, BOUNDED]);

const fn plain(name: &'static str) -> Scheduler {
    Scheduler { name, number: None }
}

const fn number(what: &'static str, least: u32, plain: u32) -> Number {
    let most = NUMBER_MAX;
    Number {
        what,
        least,
        most,
        plain,
    }
}

/// One list behind another.
const fn joined<const N: usize>(first: &[Scheduler], then: &[Scheduler]) -> [Scheduler; N] {
    let mut all = [PORTFOLIO; N];
    let mut place = 0;
    while place < N {
        all[place] = match place < first.len() {
            true => first[place],
            false => then[place - first.len()],
        };
        place += 1;
    }
    all
}

/// A scheduler that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// Its name.
    pub name: &'static str,
    /// The number that goes with it: the one that was written, or that of the plain name.
    pub number: Option<u32>,
}

/// Reads the name of one of `known`, such as [`OF_A_RUN`].
///
/// # Examples
///
/// ```
/// use deadheat_words::scheduler::{Asked, OF_A_RUN, OF_A_TEST, parse};
///
/// assert_eq!(parse("pct:7", OF_A_RUN), Ok(Asked { name: "pct", number: Some(7) }));
/// assert_eq!(parse("pct", OF_A_RUN), Ok(Asked { name: "pct", number: Some(3) }));
/// assert!(parse("portfolio", OF_A_TEST).is_ok());
///
/// let error = parse("psychic", OF_A_RUN).unwrap_err();
/// assert!(error.to_string().starts_with("no scheduler is named \"psychic\"; there are: fifo, random, "));
/// ```
///
/// # Errors
///
/// If none has that name, none with a number that is given one, or the number is out of range.
pub fn parse(text: &str, known: &[Scheduler]) -> Result<Asked, WordError> {
    let (name, written) = match text.split_once(':') {
        Some((name, number)) => (name, Some(number)),
        None => (text, None),
    };
    let scheduler = known.iter().find(|known| known.name == name);
    let number = |of: &Scheduler| match (of.number, written) {
        (number, None) => Some(number.map(|number| number.plain)),
        (Some(of), Some(written)) => {
            let number = digits(written, 10)?;
            (of.least..=of.most)
                .contains(&number)
                .then_some(Some(number))
        }
        (None, Some(_)) => None,
    };
    let asked = scheduler.and_then(|scheduler| {
        let name = scheduler.name;
        number(scheduler).map(|number| Asked { name, number })
    });
    asked.ok_or_else(|| unknown(text, known))
}

/// The error that no scheduler of `known` has this name.
pub fn unknown(text: &str, known: &[Scheduler]) -> WordError {
    WordError::new(text, Problem::Unknown, expected(known))
}

/// The names of `known` in a row, and those that take a number, by their range.
///
/// # Examples
///
/// ```
/// use deadheat_words::scheduler::{BOUNDED, PORTFOLIO, expected};
///
/// let expected = expected(&[PORTFOLIO, BOUNDED]);
/// assert_eq!(expected, "portfolio, bounded, bounded:DEPARTURES with a number from 0 to 64");
/// ```
pub fn expected(known: &[Scheduler]) -> String {
    let names: Vec<&str> = known.iter().map(|scheduler| scheduler.name).collect();
    let mut text = names.join(", ");
    let form = |name, number: Number| format!("{name}:{}", number.what.to_uppercase());
    for (forms, number) in by_range(known, form) {
        let (least, most) = (number.least, number.most);
        text.push_str(&format!(", {forms} with a number from {least} to {most}"));
    }
    text
}

/// The names of `known` in quotes, as the attribute takes them.
///
/// # Examples
///
/// ```
/// use deadheat_words::scheduler::{BOUNDED, PORTFOLIO, expected_in_quotes};
///
/// let expected = r#"one of "portfolio", "bounded", and "bounded:N" with N from 0 to 64"#;
/// assert_eq!(expected_in_quotes(&[PORTFOLIO, BOUNDED]), expected);
/// ```
pub fn expected_in_quotes(known: &[Scheduler]) -> String {
    let quoted = |scheduler: &Scheduler| format!("{:?}", scheduler.name);
    let names: Vec<String> = known.iter().map(quoted).collect();
    let mut text = format!("one of {}", names.join(", "));
    let form = |name, _| format!("\"{name}:N\"");
    for (forms, number) in by_range(known, form) {
        let (least, most) = (number.least, number.most);
        text.push_str(&format!(", and {forms} with N from {least} to {most}"));
    }
    text
}

/// Those that take a number, in groups of the same range: how each is written, and a number of the group.
fn by_range(
    known: &[Scheduler],
    form: impl Fn(&'static str, Number) -> String,
) -> Vec<(String, Number)> {
    let numbered = known
        .iter()
        .filter_map(|scheduler| Some((scheduler.name, scheduler.number?)));
    let mut groups: Vec<(String, Number)> = Vec::new();
    for (name, number) in numbered {
        let form = form(name, number);
        let same = |of: &Number| (of.least, of.most) == (number.least, number.most);
        match groups.iter_mut().find(|(_, of)| same(of)) {
            Some((forms, _)) => *forms = format!("{forms} and {form}"),
            None => groups.push((form, number)),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_name_has_its_own_number_and_a_written_one_counts() {
        let read = |text| parse(text, OF_A_SEARCH).map(|asked| (asked.name, asked.number));
        assert_eq!(read("fifo"), Ok(("fifo", None)));
        assert_eq!(read("pct"), Ok(("pct", Some(3))));
        assert_eq!(read("pct:1"), Ok(("pct", Some(1))));
        assert_eq!(read("delay:64"), Ok(("delay", Some(64))));
        assert_eq!(read("pct:007"), Ok(("pct", Some(7))));
        assert_eq!(read("bounded"), Ok(("bounded", Some(3))));
        assert_eq!(read("bounded:0"), Ok(("bounded", Some(0))));
    }

    #[test]
    fn what_no_scheduler_is_named_is_refused() {
        for bad in [
            "",
            ":",
            "pct:",
            "pct:0",
            "pct:65",
            "bounded:65",
            "pct:-1",
            "pct:+3",
            "pct:3:3",
            "pct: 3",
            "fifo:1",
            "fifo:",
            "portfolio:1",
            "Pct",
            "zebra",
            "pct:4294967299",
        ] {
            let error = parse(bad, OF_A_SEARCH).unwrap_err();
            assert_eq!(error.problem(), Problem::Unknown, "{bad:?}");
        }
        assert!(parse("portfolio", OF_A_RUN).is_err());
        assert!(parse("exhaustive", OF_A_TEST).is_err());
    }

    #[test]
    fn errors_name_all_that_there_are_and_the_ranges() {
        let text = |known| parse("x", known).unwrap_err().to_string();
        assert_eq!(
            text(OF_A_RUN),
            "no scheduler is named \"x\"; there are: fifo, random, pos, pct, delay, naive, \
             pct:DEPTH and delay:DEPARTURES with a number from 1 to 64"
        );
        assert!(text(OF_A_SEARCH).ends_with(
            ", naive, exhaustive, bounded, pct:DEPTH and delay:DEPARTURES with a number from 1 to 64, \
             bounded:DEPARTURES with a number from 0 to 64"
        ));
    }

    #[test]
    fn each_plain_number_is_in_its_range_and_each_name_is_there_once() {
        for (place, scheduler) in OF_A_SEARCH.iter().enumerate() {
            if let Some(number) = scheduler.number {
                assert!((number.least..=number.most).contains(&number.plain));
            }
            let before = &OF_A_SEARCH[..place];
            assert!(before.iter().all(|other| other.name != scheduler.name));
        }
    }
}
