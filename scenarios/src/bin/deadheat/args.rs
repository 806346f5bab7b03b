//! The arguments.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use deadheat::Sampler;
use deadheat::testing::Patience;
use deadheat_scenarios::duration::parse_ns;

/// Finds timing bugs in timeout logic, reproduces them from one line, and shows the smallest change of
/// order or time that causes them.
#[derive(Debug, Parser)]
#[command(
    name = "deadheat",
    version,
    propagate_version = true,
    arg_required_else_help = true
)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the catalogue of timeout patterns and the museum of real bugs, one line each
    List(List),
    /// Run each scenario once, FIFO and on time unless told otherwise
    Run(Run),
    /// Run each scenario many times, each time in another order and with another lateness
    Explore(Explore),
    /// Run a scenario as a token says, and show the trace
    Replay(Replay),
    /// Tell how many runs each scheduler takes to find each bug of the museum, as a Markdown table
    Compare(Compare),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct List {
    /// One JSON object a line
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Run {
    /// Scenario files, or names from the catalogue or the museum
    #[arg(required = true, value_name = "FILE|NAME")]
    pub(crate) inputs: Vec<String>,
    /// Who decides what happens next
    #[arg(long, default_value = "fifo", value_name = "NAME", value_parser = sampler)]
    pub(crate) scheduler: Sampler,
    /// The seed of the scheduler and of the program's own draws, decimal or 0x…
    #[arg(long, default_value = "0", value_name = "N", value_parser = seed)]
    pub(crate) seed: u64,
    /// How late a timer may fire
    #[arg(long, default_value = "0s", value_name = "DURATION", value_parser = duration)]
    pub(crate) late: Duration,
    /// Print what happened, event by event
    #[arg(long)]
    pub(crate) trace: bool,
    /// One JSON object a line, a file a line, in order
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) watching: Watching,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Explore {
    /// Scenario files, or names from the catalogue or the museum; all of both if there are none
    #[arg(value_name = "FILE|NAME")]
    pub(crate) inputs: Vec<String>,
    /// How many runs of each scenario [default: 1000; with --exhaustive 1000000; with --time no limit]
    #[arg(long, value_name = "N")]
    pub(crate) executions: Option<u64>,
    /// For how long, shared evenly by the scenarios; if a run takes no step then, the watchdog ends the process with
    /// status 124, and with --watchdog off nothing does
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) time: Option<Duration>,
    /// Who decides what happens next
    #[arg(long, default_value = "portfolio", value_name = "NAME", value_parser = explorer)]
    pub(crate) scheduler: Explorer,
    /// Every order exactly once, at the interesting instants and for the draws of the seed (the same as
    /// --scheduler exhaustive)
    #[arg(long, conflicts_with = "scheduler")]
    pub(crate) exhaustive: bool,
    /// How late a timer may fire [default: 0 and 1ms in turn; with --exhaustive 0]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) late: Option<Duration>,
    /// The seed of the first run; run n has the seed plus n
    #[arg(long, default_value = "0", value_name = "N", value_parser = seed)]
    pub(crate) seed: u64,
    /// On how many threads [default: as many as there are cores]
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<usize>,
    /// Keep failing runs in this folder as they are found, make them first, and go on where the last
    /// exploration was interrupted; once the scenario, the arguments or deadheat has changed, begin anew
    #[arg(long, value_name = "FOLDER")]
    pub(crate) save: Option<PathBuf>,
    /// Stop once runs show nothing new
    #[arg(long)]
    pub(crate) until_quiet: bool,
    /// Repeat every run and compare it with itself
    #[arg(long)]
    pub(crate) check_determinism: bool,
    /// One JSON object per distinct outcome, then a summary
    #[arg(long)]
    pub(crate) json: bool,
    /// Make run N alone, from 1, as announcements and reports count them
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..),
          conflicts_with_all = ["executions", "exhaustive", "save", "until_quiet"])]
    pub(crate) only: Option<u64>,
    #[command(flatten)]
    pub(crate) watching: Watching,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Replay {
    /// A scenario file, or a name from the catalogue or the museum
    #[arg(value_name = "FILE|NAME")]
    pub(crate) input: String,
    /// The token that a report printed, dh1:…
    pub(crate) token: String,
    /// In which form to print what happened
    #[arg(long, value_enum, default_value_t = TraceForm::Text, value_name = "FORM")]
    pub(crate) trace: TraceForm,
    #[command(flatten)]
    pub(crate) watching: Watching,
}

/// What is told on standard error of runs that are under way.
#[derive(Debug, Clone, Copy, ClapArgs)]
pub(crate) struct Watching {
    /// Tell each run on standard error before it begins
    #[arg(long)]
    pub(crate) announce: bool,
    /// Tell of a run that takes no step for so long, in real time; or off [default: 5s]
    #[arg(long, value_name = "DURATION", value_parser = patience)]
    pub(crate) watchdog: Option<Patience>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Compare {
    /// Scenario files, or names from the catalogue or the museum; every bug of the museum if there are none
    #[arg(value_name = "FILE|NAME")]
    pub(crate) inputs: Vec<String>,
    /// How many searches of each bug with each scheduler
    #[arg(long, default_value = "1000", value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub(crate) seeds: u64,
    /// How many runs a search makes at most
    #[arg(long, default_value = "1000", value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    pub(crate) executions: u64,
    /// The seed of the first run of the first search
    #[arg(long, default_value = "0", value_name = "N", value_parser = seed)]
    pub(crate) seed: u64,
}

/// In which form to print a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TraceForm {
    /// One line an event, under the report
    Text,
    /// One JSON object an event
    Json,
    /// For ui.perfetto.dev and chrome://tracing
    Perfetto,
    /// A page that stands by itself
    Html,
}

/// The departures of plain `bounded`.
const DEPARTURES: usize = 3;

/// Who takes the decisions of an exploration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Explorer {
    Portfolio,
    Exhaustive,
    /// At most so many departures.
    Bounded(usize),
    Only(Sampler),
}

fn sampler(text: &str) -> Result<Sampler, String> {
    text.parse()
        .map_err(|error: deadheat::UnknownScheduler| error.to_string())
}

fn explorer(text: &str) -> Result<Explorer, String> {
    match text {
        "portfolio" => Ok(Explorer::Portfolio),
        "exhaustive" => Ok(Explorer::Exhaustive),
        "bounded" => Ok(Explorer::Bounded(DEPARTURES)),
        name => match name.strip_prefix("bounded:").map(str::parse) {
            Some(Ok(departures @ 0..=64)) => Ok(Explorer::Bounded(departures)),
            _ => sampler(name).map(Explorer::Only).map_err(|error| {
                format!("{error}, portfolio, exhaustive, bounded, bounded:DEPARTURES")
            }),
        },
    }
}

pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    match text {
        "0" => Ok(Duration::ZERO),
        text => parse_ns(text).map(Duration::from_nanos).map_err(|error| {
            format!("{text:?} {error}; write a number and a unit (ns us ms s m h), such as 30s")
        }),
    }
}

fn seed(text: &str) -> Result<u64, String> {
    let parsed = match text.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16),
        None => text.parse(),
    };
    parsed.map_err(|error| {
        format!(
            "a seed is a number from 0 to {}, decimal or 0x…: {error}",
            u64::MAX
        )
    })
}

/// After how long a run is told that takes no step.
fn patience(text: &str) -> Result<Patience, String> {
    match text {
        "off" => Ok(Patience::Forever),
        text => match duration(text) {
            Ok(Duration::ZERO) => Err("more than no time, or off".to_owned()),
            Ok(time) => Ok(Patience::For(time)),
            Err(problem) => Err(format!("{problem}; or off")),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_is_more_than_no_time_or_none_is_needed() {
        assert_eq!(patience("off"), Ok(Patience::Forever));
        assert_eq!(patience("2s"), Ok(Patience::For(Duration::from_secs(2))));
        assert!(patience("0").is_err() && patience("0s").is_err() && patience("on").is_err());
    }
}
