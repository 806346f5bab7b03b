//! What `DEADHEAT_TRACE` asks for.

/// What is to be told of the events of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Traced {
    Nothing,
    /// They stand in the report.
    Printed,
    /// They are drawn in a file; as text they stand in the report, too.
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

    pub(super) fn is_printed(self) -> bool {
        matches!(self, Traced::Printed | Traced::Drawn(Form::Text))
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
