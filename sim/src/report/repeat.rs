//! Whether a failing run repeats. Only then can other runs tell something about it.
//!
//! 1. A run that does not repeat is reported as it failed, and nothing of another run stands beside it: no trace,
//!    no fewer departures, no slack.
//! 2. A run that repeats costs two more runs, one of which gives it its trace.

use crate::base::printable;
use crate::engine::program::Program;
use crate::record::run::{Keeps, Run};
use crate::record::trace::Trace;
use crate::report::signature::signature;
use crate::search::config::Config;
use crate::search::determinism;
use crate::search::maker::Maker;
use crate::search::single;

/// More runs than the first two are made in search of a difference that can be shown.
const MORE: usize = 3;

/// A run that failed, with a trace if it repeats. If it does not, the run says so.
pub(crate) fn repeated<P: Program>(program: &P, config: &Config, mut run: Run) -> Run {
    if run.nondeterminism.is_some() || run.unmade.is_some() {
        return run;
    }
    let keeps = match run.trace {
        None => Keeps::Trace,
        Some(_) => Keeps::Nothing,
    };
    let mut first = Maker::new(program, config)
        .keeping(keeps)
        .replay(&run.token)
        .0;
    let second = Maker::new(program, config)
        .keeping(Keeps::Nothing)
        .replay(&run.token)
        .0;
    if is_same(&run, &first) && is_same(&run, &second) {
        if keeps == Keeps::Trace {
            run.trace = first.trace.take();
            run.departures = std::mem::take(&mut first.departures);
            run.marks = std::mem::take(&mut first.marks);
            // The same ones, and where among the events they stand.
            run.violations = std::mem::take(&mut first.violations);
        }
        return run;
    }
    let (one, two) = (
        became(program, &run, &first),
        became(program, &run, &second),
    );
    let how = match one == two {
        true => format!("made again twice, by the same decisions, it {one} each time"),
        false => format!("made again, by the same decisions, it {one}; and once more, it {two}"),
    };
    let shown = shown(program, config, &run, first.trace);
    run.nondeterminism = Some(format!("{how}\n{shown}"));
    determinism::suspect_what_outlives(program, config, &mut run);
    run
}

/// Whether run `number`, which passed before one that failed, fails when it is made again after it: then something
/// outlives a run, and the failing one may be a run like any other. It repeats, since what outlived it stays.
pub(crate) fn outlived<P: Program>(program: &P, config: &Config, number: u64) -> Option<String> {
    let config = config.clone().check_determinism(false);
    let again = single::sampled_run(program, &config, number);
    (!program.expects(again.verdict)).then(|| {
        format!(
            "run {} passed before it, and fails now that it is made again ({})\nsomething outlives a run, in the \
             program or in an invariant of one's own",
            number + 1,
            printable::line(&again.reason())
        )
    })
}

/// Why a run that repeated at first does not any more, if so.
pub(crate) fn no_more<P: Program>(program: &P, config: &Config, run: &Run) -> Option<String> {
    let again = Maker::new(program, config)
        .keeping(Keeps::Nothing)
        .replay(&run.token)
        .0;
    changed(program, run, &again)
}

/// Why `again` is not the run that it should be, if so.
pub(crate) fn changed<P: Program>(program: &P, run: &Run, again: &Run) -> Option<String> {
    if is_same(run, again) {
        return None;
    }
    let became = became(program, run, again);
    Some(format!(
        "made again and again, by the same decisions, it did the same at first; then it {became}"
    ))
}

fn is_same(run: &Run, again: &Run) -> bool {
    again.fingerprint == run.fingerprint && signature(again) == signature(run)
}

/// What became of a run that was made again.
fn became<P: Program>(program: &P, run: &Run, again: &Run) -> String {
    if program.expects(again.verdict) {
        "passed".to_owned()
    } else if is_same(run, again) {
        "did the same".to_owned()
    } else if signature(again) == signature(run) {
        "failed in the same way, but other things had happened".to_owned()
    } else {
        format!(
            "failed in another way ({})",
            printable::line(&again.reason())
        )
    }
}

/// The first difference that can be shown: of the run itself if it has a trace, else among its repetitions.
fn shown<P: Program>(program: &P, config: &Config, run: &Run, first: Option<Trace>) -> String {
    let more = || {
        Maker::new(program, config)
            .keeping(Keeps::Trace)
            .replay(&run.token)
            .0
            .trace
    };
    let made = run.trace.clone().into_iter().chain(first);
    let made = made.chain((0..MORE).filter_map(|_| more()));
    match determinism::among(made) {
        Some(difference) if run.trace.is_some() => format!("first difference: {difference}"),
        Some(difference) => format!("first difference among its repetitions: {difference}"),
        None => {
            "no difference among the runs that were made again: what made this one fail was there \
                 only once, or leaves no event"
                .to_owned()
        }
    }
}
