//! A replayed run as a picture, with what other runs tell about it if it failed.

use std::fs;

use deadheat::picture::{self, Subject as Drawn};
use deadheat::record::{Run, TraceEvent};
use deadheat::report::report_kept;
use deadheat::{Config, Failure, Program};
use deadheat_scenarios::Subject;

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
    let mut run = run.clone();
    let is_scenario = matches!(input.program, Subject::Scenario(_));
    if is_scenario {
        without_places(&mut run);
    }
    let of_run = Drawn::from(&run).named(input.name());
    match form {
        TraceForm::Json => picture::json(of_run),
        TraceForm::Perfetto => picture::perfetto(of_run),
        TraceForm::Html | TraceForm::Text => match reported(input, config, &run, command) {
            Some(mut failure) => {
                if is_scenario {
                    without_places(&mut failure.run);
                    let nearest = failure.nearest.iter_mut();
                    nearest.for_each(|nearest| forget(&mut nearest.trace.events));
                }
                let read = |file: &str| fs::read_to_string(file).ok();
                picture::html(Drawn::from(&failure).with_sources(&read))
            }
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

/// The lines of a scenario's events are those of its interpreter, which tell a reader nothing.
fn without_places(run: &mut Run) {
    run.departures
        .iter_mut()
        .for_each(|departure| departure.origin = None);
    run.trace
        .iter_mut()
        .for_each(|trace| forget(&mut trace.events));
}

fn forget(events: &mut [TraceEvent]) {
    events.iter_mut().for_each(|event| event.origin = None);
}
