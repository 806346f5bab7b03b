//! The arguments.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use deadheat::{Bounds, Sampler};
use deadheat_words::patience::{self, Patience};
use deadheat_words::{Problem, WordError, count as counts, duration, scheduler, seed};

/// What the command ends with.
const EXIT_STATUS: &str = "Exit status:
  0    All is as it should be: what is run, replayed or explored holds. To explore, by name or
       with all others, a bug of the catalogue or the museum is to find it
  1    Something failed, a known bug was not found, or nothing was shown
  2    Bad use or bad input, or something could not be written
  124  The time was over, and a run took no step (--time)
  130  It was interrupted (Ctrl-C), and nothing had failed by then";

/// Finds timing bugs in timeout logic, reproduces them from one line, and shows the smallest change of
/// order or time that causes them.
#[derive(Debug, Parser)]
#[command(
    name = "deadheat",
    version,
    propagate_version = true,
    arg_required_else_help = true,
    after_help = EXIT_STATUS
)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the catalogue of timeout patterns, the museum of real bugs and the families beside it, one line each
    List(List),
    /// Run each scenario once, FIFO and on time unless told otherwise
    Run(Run),
    /// Run each scenario many times, each time in another order and with another lateness
    Explore(Explore),
    /// Run a scenario as a token says, and show the trace
    Replay(Replay),
    /// Tell how many runs each scheduler takes to find each bug of the museum and of the families beside it, as Markdown
    /// tables
    Compare(Compare),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct List {
    /// One JSON object a line
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = EXIT_STATUS)]
pub(crate) struct Run {
    /// Scenario files, or names from the catalogue or the museum
    #[arg(required = true, value_name = "FILE|NAME")]
    pub(crate) inputs: Vec<String>,
    /// Who decides what happens next
    #[arg(long, default_value = Sampler::Fifo.name(), value_name = "NAME", value_parser = sampler)]
    pub(crate) scheduler: Sampler,
    /// The seed of the scheduler and of the program's own draws, decimal or 0x…
    #[arg(long, default_value = "0", value_name = "N", value_parser = number)]
    pub(crate) seed: u64,
    /// How late a timer may fire
    #[arg(long, default_value = "0s", value_name = "DURATION", value_parser = time)]
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
#[command(after_help = EXIT_STATUS)]
pub(crate) struct Explore {
    /// Scenario files, or names from the catalogue or the museum; all of both if there are none
    #[arg(value_name = "FILE|NAME")]
    pub(crate) inputs: Vec<String>,
    /// How many runs of each scenario [default: 1000; with --exhaustive 1000000; with --time no limit]
    #[arg(long, value_name = "N")]
    pub(crate) executions: Option<u64>,
    /// For how long, shared evenly by the scenarios; if a run takes no step then, the watchdog ends the process with
    /// status 124, and with --watchdog off nothing does
    #[arg(long, value_name = "DURATION", value_parser = time)]
    pub(crate) time: Option<Duration>,
    /// Who decides what happens next
    #[arg(long, default_value = scheduler::PORTFOLIO.name, value_name = "NAME", value_parser = explorer)]
    pub(crate) scheduler: Explorer,
    /// Every order and tie that latencies allow, for the draws of the seed (the same as --scheduler exhaustive); with
    /// --late at the interesting instants only
    #[arg(long, conflicts_with = "scheduler")]
    pub(crate) exhaustive: bool,
    /// With --exhaustive: also every number that the program draws from few
    #[arg(long)]
    pub(crate) draws: bool,
    #[arg(long, value_name = "DURATION", value_parser = time, help = late_help())]
    pub(crate) late: Option<Duration>,
    /// The seed of the first run; each run has that of the one before it, plus one
    #[arg(long, default_value = "0", value_name = "N", value_parser = number)]
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
    #[arg(long, value_name = "N", value_parser = count,
          conflicts_with_all = ["executions", "exhaustive", "save", "until_quiet"])]
    pub(crate) only: Option<u64>,
    #[command(flatten)]
    pub(crate) watching: Watching,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = EXIT_STATUS)]
pub(crate) struct Replay {
    /// A scenario file, or a name from the catalogue or the museum
    #[arg(value_name = "FILE|NAME")]
    pub(crate) input: String,
    /// The token that a report printed, dh1:…
    pub(crate) token: String,
    /// Fail if the run passes and the schedule no longer fits the scenario
    #[arg(long)]
    pub(crate) strict: bool,
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
#[command(after_help = EXIT_STATUS)]
pub(crate) struct Compare {
    /// Scenario files, or names that `list` shows; every bug of each family if there are none, the families apart
    #[arg(value_name = "FILE|NAME")]
    pub(crate) inputs: Vec<String>,
    /// How many searches of each bug with each scheduler
    #[arg(long, default_value = "1000", value_name = "N", value_parser = up_to_a_million)]
    pub(crate) seeds: u64,
    /// How many runs a search makes at most
    #[arg(long, default_value = "1000", value_name = "N", value_parser = up_to_a_billion)]
    pub(crate) executions: u64,
    /// The seed of the first run of the first search
    #[arg(long, default_value = "0", value_name = "N", value_parser = number)]
    pub(crate) seed: u64,
}

fn late_help() -> String {
    let late = duration::write(Bounds::USUAL_LATE);
    format!("How late a timer may fire [default: 0 and {late} in turn; with --exhaustive 0]")
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

/// Who takes the decisions of an exploration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Explorer {
    Portfolio,
    Solved,
    Exhaustive,
    /// At most so many departures.
    Bounded(usize),
    Only(Sampler),
}

fn sampler(text: &str) -> Result<Sampler, String> {
    text.parse()
        .map_err(|error: deadheat::search::UnknownScheduler| error.to_string())
}

fn explorer(text: &str) -> Result<Explorer, String> {
    let asked = scheduler::parse(text, scheduler::OF_A_SEARCH);
    let asked = asked.map_err(|error| error.to_string())?;
    let of = |word: scheduler::Scheduler| asked.name == word.name;
    match asked.number {
        _ if of(scheduler::PORTFOLIO) => Ok(Explorer::Portfolio),
        _ if of(scheduler::SOLVED) => Ok(Explorer::Solved),
        _ if of(scheduler::EXHAUSTIVE) => Ok(Explorer::Exhaustive),
        Some(most) if of(scheduler::BOUNDED) => Ok(Explorer::Bounded(most as usize)),
        _ => sampler(text).map(Explorer::Only),
    }
}

fn time(text: &str) -> Result<Duration, String> {
    duration::setting(text).map_err(|error| no_duration(&error))
}

fn no_duration(error: &WordError) -> String {
    format!("{error}; write {}", duration::expected("30s"))
}

fn number(text: &str) -> Result<u64, String> {
    seed::parse_number(text).map_err(|error| format!("a seed is {}", error.expected()))
}

fn up_to(most: u64, text: &str) -> Result<u64, String> {
    counts::parse(text, most).map_err(|error| format!("it is {}", error.expected()))
}

fn count(text: &str) -> Result<u64, String> {
    up_to(u64::MAX, text)
}

fn up_to_a_million(text: &str) -> Result<u64, String> {
    up_to(1_000_000, text)
}

fn up_to_a_billion(text: &str) -> Result<u64, String> {
    up_to(1_000_000_000, text)
}

/// After how long a run is told that takes no step.
fn patience(text: &str) -> Result<Patience, String> {
    patience::parse(text).map_err(|error| match error.problem() {
        Problem::NoTime => format!("{}, or off", error.expected()),
        _ => format!("{}; or off", no_duration(&error)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scheduler_of_a_search_is_read() {
        for word in scheduler::OF_A_SEARCH {
            let expected = match word.name {
                "portfolio" => Explorer::Portfolio,
                "solved" => Explorer::Solved,
                "exhaustive" => Explorer::Exhaustive,
                "bounded" => Explorer::Bounded(3),
                name => Explorer::Only(name.parse().unwrap()),
            };
            assert_eq!(explorer(word.name), Ok(expected));
        }
        assert_eq!(explorer("bounded:0"), Ok(Explorer::Bounded(0)));
        assert_eq!(explorer("pct:7"), Ok(Explorer::Only(Sampler::Pct(7))));
        assert!(
            explorer("psychic")
                .unwrap_err()
                .contains("bounded:DEPARTURES")
        );
    }

    #[test]
    fn errors_say_what_is_wrong_and_what_to_write() {
        let form = "\"5\" has no unit; write a number and a unit (ns us ms s m h), such as 30s";
        assert_eq!(time("5"), Err(form.to_owned()));
        assert_eq!(patience("5"), Err(format!("{form}; or off")));
        assert_eq!(patience("0"), Err("more than no time, or off".to_owned()));
        let seed = "a seed is a number from 0 to 18446744073709551615, decimal or 0x…";
        assert_eq!(number("x"), Err(seed.to_owned()));
    }
}
