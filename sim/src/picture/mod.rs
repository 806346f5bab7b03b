//! Pictures of a run: a page to look at, a timeline for Perfetto, JSON for programs.
//!
//! | | for |
//! |---|---|
//! | [`html`] | people: one file that needs nothing else, works without scripts, prints, and does not tell by colour alone |
//! | [`perfetto`] | `ui.perfetto.dev` and `chrome://tracing` |
//! | [`json`] | programs: a line an event, each with fields of its own, as [`json_schema`] says |
//!
//! Each takes a [`Failure`] or a [`Run`] that has a trace ([`Config::trace`](crate::Config::trace); a failure has one).
//! Times are drawn to scale; where more happens at nearly one moment than can be seen, a lens shows it in order.

mod chart;
mod compact;
mod end;
mod fields;
mod follow;
mod json;
mod lanes;
mod layout;
mod lens;
mod page;
mod perfetto;
mod side;
mod subject;
mod svg;
mod table;
mod ties;
mod told;
mod value;
mod words;

pub use subject::Subject;

use told::Told;

#[cfg(doc)]
use crate::{record::Run, report::Failure};

/// A page with the picture of a run: lanes, waits, scopes with their deadlines, what was late, who woke and cancelled
/// whom, the ties enlarged, and below it the nearest run that passes.
///
/// # Examples
///
/// ```
/// use deadheat::{Config, check, random};
///
/// let failure = check(&Config::new(), || async { assert!(random(6) != 3, "a four") }).unwrap_err();
/// let page = deadheat::picture::html(&failure);
/// assert!(page.starts_with("<!doctype html>") && page.contains("a four"));
/// ```
#[must_use]
pub fn html<'a>(of: impl Into<Subject<'a>>) -> String {
    page::page(&of.into())
}

/// A timeline in the Trace Event Format.
///
/// # Examples
///
/// ```
/// use deadheat::{Config, run, sleep};
/// use std::time::Duration;
///
/// let run = run(&Config::new().trace(true), || sleep(Duration::from_secs(1))).unwrap();
/// assert!(deadheat::picture::perfetto(&run).contains("\"traceEvents\""));
/// ```
#[must_use]
pub fn perfetto<'a>(of: impl Into<Subject<'a>>) -> String {
    let subject = of.into();
    perfetto::timeline(&subject.name(), &Told::of_run(subject.run()))
}

/// The events as JSON, one a line.
///
/// # Examples
///
/// ```
/// use deadheat::{Config, run, sleep};
/// use std::time::Duration;
///
/// let run = run(&Config::new().trace(true), || sleep(Duration::from_secs(1))).unwrap();
/// let lines = deadheat::picture::json(&run);
/// assert!(lines.contains(r#""kind":"arm","timer":1,"deadline_ns":1000000000"#));
/// ```
#[must_use]
pub fn json<'a>(of: impl Into<Subject<'a>>) -> String {
    json::lines(&Told::of_run(of.into().run()))
}

/// The JSON schema of a line of [`json`].
///
/// # Examples
///
/// ```
/// assert!(deadheat::picture::json_schema().contains("\"const\":\"arm\""));
/// ```
#[must_use]
pub fn json_schema() -> String {
    fields::schema()
}
