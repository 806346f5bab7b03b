//! From the arguments of the attribute and the variables of the environment to a [`Config`].

use std::time::Duration;

use deadheat_words::patience::Patience;
use deadheat_words::seed::Seed;

use crate::base::bounds::{Bounds, Limits};
use crate::engine::beside::Make;
use crate::search::config::Config;
use crate::search::mix::Mix;

use super::environment::{EnvironmentError, Variables};
use super::values::{Schedule, schedule};

/// The arguments of the attribute, as they were written; see [the module](super) for what they mean.
#[derive(Debug, Clone, Default)]
pub struct Arguments {
    /// The seed of the first run.
    pub seed: Option<Seed>,
    /// How many runs at most.
    pub runs: Option<u64>,
    /// For how long.
    pub time: Option<Duration>,
    /// On how many threads.
    pub jobs: Option<usize>,
    /// Who takes the decisions.
    pub scheduler: Option<&'static str>,
    /// Whether every order is made, instead of some that are drawn.
    pub exhaustive: Option<bool>,
    /// How late timers may be.
    pub late: Option<Duration>,
    /// How late turns may be.
    pub task_late: Option<Duration>,
    /// Whether every run is made twice and compared.
    pub check_determinism: Option<bool>,
    /// Whether a sleep that never ends fails the test.
    pub check_starved: Option<bool>,
    /// Whether to stop once runs show nothing new.
    pub until_quiet: Option<bool>,
    /// Turns and timers of a run at most.
    pub steps: Option<u64>,
    /// Turns and timers of a run without time passing, at most.
    pub steps_per_instant: Option<u64>,
    /// Virtual time of a run at most.
    pub virtual_time: Option<Duration>,
    /// After how long a run is told that takes no step.
    pub watchdog: Option<Patience>,
    /// Where failing runs are kept.
    pub regressions: Keep,
    /// What the configuration is made of that the other settings have come to.
    pub config: Option<fn(Config) -> Config>,
    /// Whether runs stand for a runtime of several threads.
    pub multi_thread: Option<bool>,
    /// Whether the test was written for a clock that tokio has paused.
    pub start_paused: Option<bool>,
    /// What stands beside each run.
    pub beside: Option<Make>,
}

/// Where a test keeps its failing runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Keep {
    /// In a file beside the source file, under its name.
    #[default]
    Beside,
    /// In this file, from the folder of the source file.
    At(&'static str),
    /// Nowhere.
    Nowhere,
}

/// Runs at most, unless told otherwise, where every order is wanted.
const EVERY_ORDER_RUNS: u64 = 1_000_000;

/// The configuration, but for name, seed and regressions.
pub(super) fn config(
    arguments: &Arguments,
    variables: &Variables,
) -> Result<Config, EnvironmentError> {
    let schedule = match arguments.scheduler {
        Some(text) => schedule(text).map_err(EnvironmentError::of_argument)?,
        None => variables.schedule.unwrap_or(Schedule::Portfolio),
    };
    if arguments.exhaustive == Some(true) && arguments.scheduler.is_some() {
        let problem =
            "exhaustive = true makes every order, and scheduler = … draws some: one of the two";
        return Err(EnvironmentError::of_argument(problem.to_owned()));
    }
    let every = every(arguments, variables);
    if every.is_some() && variables.only.is_some() {
        let problem = "DEADHEAT_ONLY is for runs that are drawn: one of every order follows from those before it";
        return Err(EnvironmentError::of_argument(problem.to_owned()));
    }
    let time = arguments.time.or(variables.time);
    let runs = arguments.runs.or(variables.runs);
    let default = Config::new();
    let usual = every.map_or(default.runs, |_| EVERY_ORDER_RUNS);
    let unlimited = time.map_or(usual, |_| u64::MAX);
    let check = arguments.check_determinism.or(variables.check_determinism);
    let starved = arguments.check_starved.or(variables.check_starved);
    let (first, runs) = match variables.only {
        Some(number) => (number - 1, number),
        None => (0, runs.unwrap_or(unlimited)),
    };
    Ok(default
        .first(first)
        .runs(runs)
        .jobs(arguments.jobs.or(variables.jobs).unwrap_or(1))
        .mix(mix(schedule, &bounds(arguments, variables)))
        .limits(limits(arguments))
        .multi_thread(arguments.multi_thread.unwrap_or(false))
        .until_quiet(arguments.until_quiet.unwrap_or(false))
        .check_determinism(check.unwrap_or(false))
        .check_starved(starved.unwrap_or(false)))
}

/// Within which bounds every order is to be made, if it is.
pub(super) fn every(arguments: &Arguments, variables: &Variables) -> Option<Bounds> {
    let is_asked_for = arguments.exhaustive.or(variables.exhaustive) == Some(true);
    is_asked_for.then(|| Bounds {
        late: arguments.late.or(variables.late).unwrap_or_default(),
        task_late: arguments.task_late.unwrap_or_default(),
    })
}

fn bounds(arguments: &Arguments, variables: &Variables) -> Vec<Bounds> {
    let task_late = arguments.task_late.unwrap_or_default();
    let of = |late| Bounds { late, task_late };
    match arguments.late.or(variables.late) {
        Some(late) => vec![of(late)],
        None => vec![of(Duration::ZERO), of(Bounds::USUAL_LATE)],
    }
}

fn mix(schedule: Schedule, bounds: &[Bounds]) -> Mix {
    match schedule {
        Schedule::Portfolio => Mix::portfolio(bounds),
        Schedule::Solved => Mix::portfolio(bounds).solving(2),
        Schedule::Only(sampler) => Mix::of(bounds.iter().map(|bounds| (sampler, *bounds))),
    }
}

fn limits(arguments: &Arguments) -> Limits {
    let default = Limits::default();
    Limits {
        steps: arguments.steps.unwrap_or(default.steps),
        steps_per_instant: arguments
            .steps_per_instant
            .unwrap_or(default.steps_per_instant),
        virtual_time: arguments.virtual_time.unwrap_or(default.virtual_time),
        ..default
    }
}

/// The variables that decide what run `n` is, each with a blank behind it. A random seed that the attribute asks
/// for cannot be had again by a variable.
pub(super) fn of_a_run(arguments: &Arguments, variables: &Variables, seed: u64) -> Option<String> {
    // One of every order does not follow from its number.
    if arguments.seed == Some(Seed::Random) || every(arguments, variables).is_some() {
        return None;
    }
    let mut text = String::new();
    for (name, value) in &variables.of_a_run {
        let random = *name == "DEADHEAT_SEED" && variables.seed == Some(Seed::Random);
        match random {
            true => text.push_str(&format!("{name}={seed:#x} ")),
            false => text.push_str(&format!("{name}={value} ")),
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::sampler::Sampler;

    fn variables(pairs: &[(&str, &str)]) -> Variables {
        let pairs = pairs
            .iter()
            .map(|(name, value)| (name.into(), value.into()));
        Variables::read(pairs).unwrap()
    }

    #[test]
    fn an_argument_counts_before_the_environment_and_the_environment_before_the_default() {
        let environment = variables(&[("DEADHEAT_RUNS", "7"), ("DEADHEAT_JOBS", "2")]);
        let arguments = Arguments {
            runs: Some(5),
            ..Arguments::default()
        };
        let config = config(&arguments, &environment).unwrap();
        assert_eq!((config.runs, config.jobs), (5, 2));
        let defaults = super::config(&Arguments::default(), &variables(&[])).unwrap();
        assert_eq!(defaults, Config::new());
    }

    #[test]
    fn what_is_to_be_checked_is_asked_for_by_either() {
        let asked = |arguments, environment: &[_]| {
            let config = config(&arguments, &variables(environment)).unwrap();
            (config.check_determinism, config.check_starved)
        };
        let starved = Arguments {
            check_starved: Some(true),
            ..Arguments::default()
        };
        assert_eq!(asked(Arguments::default(), &[]), (false, false));
        assert_eq!(asked(starved.clone(), &[]), (false, true));
        let on = [("DEADHEAT_CHECK_STARVED", "1")];
        assert_eq!(asked(Arguments::default(), &on), (false, true));
        let off = [("DEADHEAT_CHECK_STARVED", "0")];
        assert_eq!(
            asked(starved, &off),
            (false, true),
            "the argument counts first"
        );
    }

    #[test]
    fn a_time_lifts_the_default_limit_on_runs_and_no_other() {
        let time = variables(&[("DEADHEAT_TIME", "1s")]);
        let config = |arguments| config(&arguments, &time).unwrap().runs;
        assert_eq!(config(Arguments::default()), u64::MAX);
        let five = Arguments {
            runs: Some(5),
            ..Arguments::default()
        };
        assert_eq!(config(five), 5);
    }

    #[test]
    fn every_order_is_asked_for_by_either_on_an_exact_clock_and_with_runs_enough() {
        let asked = |arguments: &Arguments, pairs: &[_]| {
            let variables = variables(pairs);
            let config = config(arguments, &variables).unwrap();
            (every(arguments, &variables), config.runs)
        };
        let on = Arguments {
            exhaustive: Some(true),
            ..Arguments::default()
        };
        let exact = (Some(Bounds::EXACT), 1_000_000);
        assert_eq!(asked(&on, &[]), exact);
        let variable = ("DEADHEAT_EXHAUSTIVE", "1");
        assert_eq!(asked(&Arguments::default(), &[variable]), exact);
        let late = Some(Bounds::late(Duration::from_millis(2)));
        let some = [variable, ("DEADHEAT_LATE", "2ms"), ("DEADHEAT_RUNS", "9")];
        assert_eq!(asked(&Arguments::default(), &some), (late, 9));
        let off = Arguments {
            exhaustive: Some(false),
            ..Arguments::default()
        };
        assert_eq!(asked(&off, &[variable]), (None, 1_000));
    }

    #[test]
    fn every_order_has_no_scheduler_and_no_run_by_its_number() {
        let on = Arguments {
            exhaustive: Some(true),
            ..Arguments::default()
        };
        let drawn = Arguments {
            scheduler: Some("pct:2"),
            ..on.clone()
        };
        let error = config(&drawn, &variables(&[])).unwrap_err().to_string();
        assert!(error.contains("one of the two"), "{error}");
        let only = variables(&[("DEADHEAT_ONLY", "7")]);
        let error = config(&on, &only).unwrap_err().to_string();
        assert!(error.contains("follows from those before it"), "{error}");
        assert_eq!(of_a_run(&on, &variables(&[]), 0), None);
    }

    #[test]
    fn each_limit_is_an_argument_of_its_own() {
        let arguments = Arguments {
            steps: Some(11),
            steps_per_instant: Some(7),
            virtual_time: Some(Duration::from_secs(3)),
            ..Arguments::default()
        };
        let limits = config(&arguments, &variables(&[])).unwrap().limits;
        let expected = Limits {
            steps: 11,
            steps_per_instant: 7,
            virtual_time: Duration::from_secs(3),
            ..Limits::default()
        };
        assert_eq!(limits, expected);
    }

    #[test]
    fn one_run_alone_is_that_of_its_number() {
        let only = variables(&[("DEADHEAT_ONLY", "18"), ("DEADHEAT_RUNS", "5")]);
        let config = config(&Arguments::default(), &only).unwrap();
        assert_eq!((config.first, config.runs), (17, 18));
    }

    #[test]
    fn lateness_and_scheduler_make_the_mix() {
        let pct = variables(&[("DEADHEAT_SCHEDULER", "pct:2"), ("DEADHEAT_LATE", "3us")]);
        let config = config(&Arguments::default(), &pct).unwrap();
        let late = Bounds::late(Duration::from_micros(3));
        assert_eq!(config.mix, Mix::only(Sampler::Pct(2), late));
        let exact = Arguments {
            late: Some(Duration::ZERO),
            scheduler: Some("fifo"),
            ..Arguments::default()
        };
        let config = super::config(&exact, &pct).unwrap();
        assert_eq!(config.mix, Mix::only(Sampler::Fifo, Bounds::EXACT));
    }
}
