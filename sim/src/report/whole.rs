//! The whole report of a failing run: whether it repeats, what it was shrunk to, what other runs tell of it.

use crate::decide::token::Token;
use crate::engine::program::Program;
use crate::record::run::Run;
use crate::report::failure::Failure;
use crate::report::trials::Spent;
use crate::report::{dullest, fate, nearest, repeat, slack, waits};
use crate::search::config::Config;
use crate::search::single::Single;
use crate::search::starved;

/// The report of a run that was kept because it failed, if it still fails.
///
/// # Examples
///
/// ```
/// use deadheat::{Config, Main, Watch, explore};
/// use deadheat::report::report_kept;
///
/// let die = Main::new(|| async { assert!(deadheat::random(6) != 3, "a four") });
/// let exploration = explore(&die, &Config::new(), &Watch::default());
/// let failing = exploration.failure().unwrap();
/// let report = report_kept(&die, &Config::new(), &failing.run.token).unwrap();
/// assert!(report.to_string().contains("a four"));
/// ```
#[must_use = "a report that nobody reads tells nothing"]
pub fn report_kept<P: Program>(program: &P, config: &Config, token: &Token) -> Option<Failure> {
    let (run, _) = Single::runs_of(program, config).replay(token);
    if program.expects(run.verdict) {
        return None;
    }
    Some(report_of(program, config, run))
}

/// The report of a run that failed, as it is: nothing is shrunk.
pub(crate) fn report_of<P: Program>(program: &P, config: &Config, run: Run) -> Failure {
    let mut failure = Failure::new(&*config.name, repeat::repeated(program, config, run));
    if let Some(how) = explain(program, config, &mut failure) {
        failure.run.nondeterminism = Some(how);
        failure = Failure::new(&*config.name, failure.run);
    }
    failure
}

/// Puts into a report what other runs tell about its run. If its run does not repeat any more, none of that counts,
/// and the reason is given.
fn explain<P: Program>(program: &P, config: &Config, failure: &mut Failure) -> Option<String> {
    if !failure.repeats() {
        return None;
    }
    waits::find(program, config, &mut failure.run);
    let untried;
    (failure.decisive, untried) = dullest::decisive(program, config, &failure.run);
    if untried {
        failure.notes.push(UNTRIED.to_owned());
    }
    let mut unsought = Vec::new();
    let (run, decisive) = (&failure.run, &failure.decisive);
    failure.slack = or_unsought(SLACK, slack::slack(program, config, run), &mut unsought);
    failure.fate = or_unsought(FATE, fate::fate(program, config, run), &mut unsought);
    let nearest = nearest::nearest(program, config, run, decisive);
    failure.nearest = or_unsought(NEAREST, nearest, &mut unsought);
    failure.notes.extend(not_looked_for(&unsought, run.steps));
    repeat::no_more(program, config, &failure.run)
}

/// The report of a failing run that an exploration found: shrunk, traced, reproducible. Of a run that does not
/// repeat it is the report as it failed (see [`Failure::repeats`]).
///
/// # Examples
///
/// ```
/// use deadheat::{Config, Main, Watch, explore};
/// use deadheat::report::report;
///
/// let die = Main::new(|| async { assert!(deadheat::random(6) != 3, "a four") });
/// let exploration = explore(&die, &Config::new(), &Watch::default());
/// let failing = exploration.failure().unwrap();
/// let report = report(&die, &Config::new(), failing.number, &failing.run);
/// assert!(report.to_string().contains("a four"));
/// ```
#[must_use = "a report that nobody reads tells nothing"]
pub fn report<P: Program>(program: &P, config: &Config, number: u64, run: &Run) -> Failure {
    let traced = repeat::repeated(program, config, run.clone());
    let says_all = traced.nondeterminism.is_some() || traced.unmade.is_some();
    let mut failure = match says_all {
        true => Failure::new(&*config.name, traced),
        false => shrunk_report(program, config, run, traced),
    };
    if run.sleeps.is_some() && failure.repeats() && program.has_lines() {
        (failure.notes).extend(starved::in_run(program, config, &run.token));
    }
    failure.number = Some((number, config.runs));
    failure.scheduler = run.scheduler;
    failure
}

/// What is said where not all departures were left out, one by one.
const UNTRIED: &str =
    "which departures are decisive was not tried for all of them, as that takes too many steps";

/// What other runs tell, in the words of [`not_looked_for`].
const SLACK: &str = "how late timers have to be";
const FATE: &str = "from where on the run was lost";
const NEAREST: &str = "the nearest run that passes";

/// What was found; what took too many steps is named instead.
fn or_unsought<T>(
    what: &'static str,
    found: Result<Option<T>, Spent>,
    unsought: &mut Vec<&'static str>,
) -> Option<T> {
    found.unwrap_or_else(|Spent| {
        unsought.push(what);
        None
    })
}

/// What is said of that.
fn not_looked_for(unsought: &[&str], steps: u64) -> Option<String> {
    let last = unsought.last()?;
    let what = match &unsought[..unsought.len() - 1] {
        [] => (*last).to_owned(),
        others => format!("{} and {last}", others.join(", ")),
    };
    Some(format!(
        "not looked for: {what}; the run has {steps} steps, too many to make it again and again"
    ))
}

/// What is said where shrinking was cut short.
fn cut_short(steps: u64) -> String {
    format!(
        "shrinking was cut short, as each run takes some {steps} steps: there may be a shorter schedule that fails"
    )
}

/// The report of what a run that repeats was shrunk to; of the run itself if it does not repeat after all.
fn shrunk_report<P: Program>(program: &P, config: &Config, run: &Run, mut traced: Run) -> Failure {
    let how = match dullest::dullest(program, config, run) {
        Ok((dullest, is_cut)) => {
            let mut failure = Failure::new(&*config.name, dullest);
            if is_cut {
                failure.notes.push(cut_short(run.steps));
            }
            failure.departures_before = Some(run.token.tape.len());
            match explain(program, config, &mut failure) {
                None => return failure,
                Some(how) => how,
            }
        }
        Err(how) => how,
    };
    traced.nondeterminism = Some(how);
    Failure::new(&*config.name, traced)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::program::Main;
    use crate::program::wait::yield_now;

    /// Fails after so many turns of two tasks, whatever their order.
    fn failing_after(turns: u32) -> Failure {
        let program = Main::new(move || async move {
            let other = crate::spawn(async move {
                for _ in 0..turns {
                    yield_now().await;
                }
            });
            for _ in 0..turns {
                yield_now().await;
            }
            other.await.expect("it ends");
            crate::always(false, || "no good".to_owned());
        });
        let (run, _) = Single::of(&program, &Config::new()).fifo();
        report(&program, &Config::new(), 0, &run)
    }

    #[test]
    fn a_run_of_many_steps_says_what_was_not_looked_for() {
        let told = |failure: &Failure| {
            let text = failure.to_string();
            let mut notes = text.lines().filter(|line| line.contains("not looked for"));
            notes.next().map(str::to_owned)
        };
        assert_eq!(told(&failing_after(2)), None);
        let expected = "  note: not looked for: from where on the run was lost and the nearest run that passes; the run has \
                        20003 steps, too many to make it again and again";
        assert_eq!(told(&failing_after(10_000)).as_deref(), Some(expected));
    }
}
