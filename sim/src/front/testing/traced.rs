//! What `DEADHEAT_TRACE` asks for.

use crate::record::run::Run;
use crate::report::excerpt::{self, Excerpt};

/// What is to be told of the events of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Traced {
    Nothing,
    /// They stand above the report, in the language of traces.
    Printed,
    /// They are drawn in a file; as text they stand above the report, too, in its words.
    Drawn(Form),
}

/// In which form a run is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Html,
    Json,
    Perfetto,
    Text,
}

impl Traced {
    /// Reads the value of `DEADHEAT_TRACE`.
    pub(super) fn read(text: &str) -> Option<Traced> {
        Some(match text {
            "html" => Traced::Drawn(Form::Html),
            "json" => Traced::Drawn(Form::Json),
            "perfetto" => Traced::Drawn(Form::Perfetto),
            "text" => Traced::Drawn(Form::Text),
            "true" | "1" => Traced::Printed,
            "false" | "0" => Traced::Nothing,
            _ => return None,
        })
    }

    /// What stands above the report of a run.
    pub(super) fn printed(self, run: &Run) -> Option<String> {
        match self {
            Traced::Printed => run.trace.as_ref().map(ToString::to_string),
            Traced::Drawn(Form::Text) => run.trace.is_some().then(|| in_words(run)),
            Traced::Nothing | Traced::Drawn(_) => None,
        }
    }

    pub(super) fn form(self) -> Option<Form> {
        match self {
            Traced::Drawn(form) => Some(form),
            Traced::Nothing | Traced::Printed => None,
        }
    }
}

impl Form {
    pub(super) fn ending(self) -> &'static str {
        match self {
            Form::Html => "html",
            Form::Json => "jsonl",
            Form::Perfetto => "perfetto.json",
            Form::Text => "txt",
        }
    }
}

/// All events of a run in the words of a report; none without a trace.
pub(super) fn in_words(run: &Run) -> String {
    let before = |departure: &crate::record::departures::Explained| departure.events_before;
    let whole = |trace| {
        excerpt::whole(&Excerpt {
            trace,
            departures: run.departures.iter().map(before).collect(),
            lost: None,
            violated: &run.violations,
            late: run.token.bounds.late_ns(),
        })
    };
    run.trace.as_ref().map(whole).unwrap_or_default()
}
