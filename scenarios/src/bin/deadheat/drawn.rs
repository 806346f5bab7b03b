//! A replayed run as a picture, with what other runs tell about it if it failed.

use std::fs;

use deadheat::picture::{self, Subject as Drawn};
use deadheat::record::Run;
use deadheat::report::report_kept;
use deadheat::{Config, Failure, Program};
use deadheat_scenarios::catalogue;

use crate::args::TraceForm;
use crate::input::Input;
use crate::run::replay_line;

/// The picture of a run in a form other than text.
pub(crate) fn drawn(
    input: &Input,
    config: &Config,
    run: &Run,
    form: TraceForm,
    command: &str,
) -> String {
    let of_run = Drawn::from(run).named(input.name());
    match form {
        TraceForm::Json => picture::json(of_run),
        TraceForm::Perfetto => picture::perfetto(of_run),
        TraceForm::Html | TraceForm::Text => match reported(input, config, run, command) {
            Some(failure) => picture::html(Drawn::from(&failure).with_sources(&source)),
            None => picture::html(of_run),
        },
    }
}

fn reported(input: &Input, config: &Config, run: &Run, command: &str) -> Option<Failure> {
    if input.program.expects(run.verdict) {
        return None;
    }
    let mut failure = report_kept(&input.program, config, &run.token)?;
    failure.replay = vec![replay_line(input, &failure.run, command)];
    Some(failure)
}

/// The text of a file; the catalogue's are in the command.
fn source(file: &str) -> Option<String> {
    let of_catalogue = || {
        let entry = catalogue::entries()
            .iter()
            .find(|entry| entry.file() == file);
        entry.map(|entry| entry.text.to_owned())
    };
    fs::read_to_string(file).ok().or_else(of_catalogue)
}
