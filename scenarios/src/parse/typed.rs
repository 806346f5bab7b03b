//! Values with a meaning: texts, durations, truth values, counts, and words out of a list.

use deadheat_words::duration::{expected, parse_ns, parse_signed_ns};
use deadheat_words::{Problem as Wrong, WordError};
use kdl::KdlValue;

use super::header::{Header, describe};
use super::problem::{Checked, Problem, Problems};
use super::tree::Entry;
use super::wording::{code, did_you_mean, list, quoted};
use crate::ast::{End, Latency, ScopeState, When};
use crate::latency::parse_latency;

pub(super) fn text(entry: &Entry, problems: &mut Problems) -> Checked<String> {
    match &entry.value {
        KdlValue::String(text) => Ok(text.clone()),
        other => Err(problems.report(|| {
            let help = match other {
                KdlValue::Integer(number) => format!("put it in double quotes: \"{number}\""),
                _ => "write it in double quotes".to_owned(),
            };
            wrong_type(entry, "a text", help)
        })),
    }
}

/// A duration or a time that is not below zero.
pub(super) fn time(entry: &Entry, problems: &mut Problems) -> Checked<u64> {
    duration(entry, parse_ns, problems)
}

/// A duration that may be below zero.
pub(super) fn signed_time(entry: &Entry, problems: &mut Problems) -> Checked<i64> {
    duration(entry, parse_signed_ns, problems)
}

/// A duration or a range of two.
pub(super) fn latency(entry: &Entry, problems: &mut Problems) -> Checked<Latency> {
    duration(entry, parse_latency, problems)
}

fn duration<T>(
    entry: &Entry,
    parse: fn(&str) -> Result<T, WordError>,
    problems: &mut Problems,
) -> Checked<T> {
    let KdlValue::String(text) = &entry.value else {
        return Err(
            problems.report(|| wrong_type(entry, "a duration", duration_hint(&entry.value)))
        );
    };
    parse(text).map_err(|error| {
        problems.report(|| {
            let wrong = error.problem();
            let message = format!("{} {wrong}", quoted(text));
            Problem::new(entry.span, message, error_hint(wrong)).label("not a duration here")
        })
    })
}

fn duration_hint(value: &KdlValue) -> String {
    match value {
        KdlValue::Integer(number) => {
            format!("add a unit and quotes: \"{number}s\"; {}", form())
        }
        KdlValue::Null => format!("leave the property out for none; {}", form()),
        _ => form(),
    }
}

/// What a duration looks like in a file.
fn form() -> String {
    let form = expected("\"250ms\" or \"1.5s\"");
    format!("a duration is {form}")
}

fn error_hint(wrong: Wrong) -> String {
    match wrong {
        Wrong::Negative => "only `shift` takes a duration below zero".to_owned(),
        Wrong::Range => "only `sleep` and `busy` take a range".to_owned(),
        Wrong::Reversed => "write the smaller one first, such as \"1s..5s\"".to_owned(),
        _ => form(),
    }
}

pub(super) fn truth(entry: &Entry, problems: &mut Problems) -> Checked<bool> {
    match &entry.value {
        KdlValue::Bool(truth) => Ok(*truth),
        _ => Err(problems.report(|| {
            wrong_type(
                entry,
                "`#true` or `#false`",
                "KDL writes them `#true` and `#false`",
            )
        })),
    }
}

/// A whole number of at least `least`.
pub(super) fn count(entry: &Entry, least: u32, problems: &mut Problems) -> Checked<u32> {
    let help = || {
        format!(
            "write a number from {least} to {}, without quotes",
            u32::MAX
        )
    };
    let KdlValue::Integer(number) = &entry.value else {
        return Err(problems.report(|| wrong_type(entry, "a whole number", help())));
    };
    let fitting = u32::try_from(*number)
        .ok()
        .filter(|number| *number >= least);
    fitting.ok_or_else(|| {
        let bound = if *number < i128::from(least) {
            "small"
        } else {
            "large"
        };
        let key = entry.key.as_deref().unwrap_or_default();
        let message = format!("{} is too {bound}", code(&format!("{key}={number}")));
        problems.report(|| Problem::new(entry.span, message, help()))
    })
}

/// One of a few words.
pub(super) fn word<T: Copy>(
    entry: &Entry,
    what: &str,
    known: &[T],
    name: fn(T) -> &'static str,
    problems: &mut Problems,
) -> Checked<T> {
    let written = text(entry, problems)?;
    let found = known.iter().copied().find(|one| name(*one) == written);
    let names = known.iter().map(|one| name(*one));
    found.ok_or_else(|| problems.report(|| unknown_word(entry, &written, what, names)))
}

fn state(entry: &Entry, problems: &mut Problems) -> Checked<ScopeState> {
    word(entry, "state", &ScopeState::ALL, ScopeState::name, problems)
}

/// `#null` for no deadline, or a time.
fn when(entry: &Entry, problems: &mut Problems) -> Checked<When> {
    match &entry.value {
        KdlValue::Null => Ok(When::None),
        _ => time(entry, problems).map(When::At),
    }
}

/// What a `check` or an expectation says about a scope.
pub(super) type Facts = (Option<bool>, Option<ScopeState>, Option<When>);

pub(super) fn facts(header: Header<'_>, problems: &mut Problems) -> Checked<Facts> {
    let expired = header
        .property("expired")
        .map(|entry| truth(entry, problems))
        .transpose();
    let state = header
        .property("state")
        .map(|entry| state(entry, problems))
        .transpose();
    let when = header
        .property("when")
        .map(|entry| when(entry, problems))
        .transpose();
    Ok((expired?, state?, when?))
}

/// How a task ends.
pub(super) fn end(entry: &Entry, problems: &mut Problems) -> Checked<End> {
    let written = text(entry, problems)?;
    match written.as_str() {
        "returned" => Ok(End::Returned),
        "cancelled" => Ok(End::Cancelled),
        "timeout" => Ok(End::Timeout),
        "pending" => Ok(End::Pending),
        other => match other.strip_prefix("error:") {
            Some(name) => Ok(End::Error(name.to_owned())),
            None => Err(problems.report(|| {
                let known = ["returned", "cancelled", "timeout", "pending", "error:NAME"];
                unknown_word(entry, other, "end", known.into_iter())
            })),
        },
    }
}

fn unknown_word(
    entry: &Entry,
    written: &str,
    what: &str,
    known: impl Iterator<Item = &'static str> + Clone,
) -> Problem {
    let help = did_you_mean(written, known.clone(), quoted);
    let help = format!("{help}known are {}", list(known, quoted));
    Problem::new(
        entry.span,
        format!("unknown {what} {}", quoted(written)),
        help,
    )
}

fn wrong_type(entry: &Entry, wanted: &str, help: impl Into<String>) -> Problem {
    let message = format!("{wanted} is needed here, not {}", describe(&entry.value));
    Problem::new(entry.span, message, help).label("wrong type")
}
