//! `deadheat compare`: how many runs each scheduler takes to find each bug, as Markdown tables, one for each family.
//!
//! A search begins at a seed and ends at its first failing run. Seeds are so far apart that no two
//! searches of a bug make the same run. What a search does not find within its budget counts as found at
//! the end of the budget, which flatters whoever never finds it.

use std::io;

use deadheat::{Bounds, Config, Mix, Sampler, Watch};
use deadheat_scenarios::Subject;
use deadheat_scenarios::families::{self, Family};
use rayon::prelude::*;

use crate::Status;
use crate::args::Compare;
use crate::input::{self, Input, InputError};
use crate::interrupt;
use crate::output::Output;

/// A way to search.
struct Lane {
    name: &'static str,
    what: &'static str,
    mix: Mix,
}

fn lanes() -> Vec<Lane> {
    let bounds = [Bounds::EXACT, Bounds::late(Bounds::USUAL_LATE)];
    let mixed = |sampler| Mix::of(bounds.map(|bounds| (sampler, bounds)));
    let lane = |name, what, mix| Lane { name, what, mix };
    vec![
        lane(
            "naive",
            "random order, exact virtual time, each latency drawn evenly when it begins: what other simulators do",
            Mix::only(Sampler::Naive, Bounds::EXACT),
        ),
        lane(
            "random, exact",
            "random order; latencies meet interesting instants; timers are never late",
            Mix::only(Sampler::Random, Bounds::EXACT),
        ),
        lane(
            "random",
            "the same, timers up to 1 ms late in every other run",
            mixed(Sampler::Random),
        ),
        lane(
            "pos",
            "partial-order sampling, same bounds",
            mixed(Sampler::Pos),
        ),
        lane(
            "pct:3",
            "probabilistic concurrency testing, same bounds",
            mixed(Sampler::Pct(3)),
        ),
        lane(
            "delay:3",
            "at most three departures, same bounds",
            mixed(Sampler::Delay(3)),
        ),
        lane(
            "portfolio",
            "the default: these in turn, same bounds",
            Mix::portfolio(&bounds),
        ),
        lane(
            "solved",
            "the default, and every other run is solved for time",
            Mix::portfolio(&bounds).solving(2),
        ),
    ]
}

/// Bugs that have a table of their own.
struct Group {
    /// Whose they are; nothing of what the user named.
    family: Option<Family>,
    inputs: Vec<Input>,
}

fn groups(args: &Compare) -> Result<Vec<Group>, InputError> {
    if args.inputs.is_empty() {
        let of_family = |family: Family| Group {
            family: Some(family),
            inputs: input::bugs_of(family),
        };
        return Ok(families::all().map(of_family).into());
    }
    let named = args.inputs.iter().map(|argument| input::open(argument));
    let inputs = named.collect::<Result<_, _>>()?;
    let family = None;
    Ok(vec![Group { family, inputs }])
}

pub(crate) fn compare(args: &Compare, output: &mut Output) -> io::Result<Status> {
    let groups = match groups(args) {
        Ok(groups) => groups,
        Err(error) => {
            error.tell(output);
            return Ok(Status::BadInput);
        }
    };
    interrupt::listen();
    let lanes = lanes();
    let inputs: usize = groups.iter().map(|group| group.inputs.len()).sum();
    let bar = interrupt::bar(Some((inputs * lanes.len()) as u64));
    let mut tables = Vec::new();
    for group in &groups {
        let mut table = Vec::new();
        for input in &group.inputs {
            bar.set_message(input.argument.clone());
            let mut row = Vec::new();
            for lane in &lanes {
                row.push(search(args, &input.program, lane));
                bar.inc(1);
            }
            table.push(row);
        }
        tables.push(table);
    }
    bar.finish_and_clear();
    if interrupt::interrupted() {
        output.problem("interrupted: a part of a comparison is none");
        return Ok(Status::Interrupted);
    }
    head(args, &lanes, output)?;
    for (group, table) in groups.iter().zip(&tables) {
        print(args, &lanes, group, table, output)?;
    }
    Ok(Status::Held)
}

/// What the searches of a bug came to.
struct Searched {
    /// The median of the first failing runs, from 1; the budget for those that found none.
    median: u64,
    /// In how many of them it was found.
    found: u64,
}

fn search(args: &Compare, program: &Subject, lane: &Lane) -> Searched {
    let first = |number: u64| {
        let config = Config::new()
            .seed(args.seed.wrapping_add(number.wrapping_mul(args.executions)))
            .runs(args.executions)
            .mix(lane.mix.clone());
        let watch = Watch {
            stop: &interrupt::interrupted,
            first_failure: true,
            ..Watch::default()
        };
        let exploration = deadheat::explore(program, &config, &watch);
        exploration.failure().map(|failing| failing.number + 1)
    };
    let mut firsts: Vec<_> = (0..args.seeds).into_par_iter().map(first).collect();
    let found = firsts.iter().flatten().count() as u64;
    firsts.sort_by_key(|first| first.unwrap_or(u64::MAX));
    let middle = firsts.get(firsts.len() / 2).copied().flatten();
    Searched {
        median: middle.unwrap_or(args.executions),
        found,
    }
}

fn head(args: &Compare, lanes: &[Lane], output: &mut Output) -> io::Result<()> {
    let Compare {
        seeds, executions, ..
    } = args;
    output.line(format_args!(
        "# How many runs it takes\n\nWritten by `{} compare`.\n",
        output.command().to_owned()
    ))?;
    output.line(format_args!(
        "Runs to the first failure: the median of {seeds} searches of at most {executions} runs each, and in\n\
         brackets the share of searches that found the bug, where it is not 100 %.\n"
    ))?;
    for lane in lanes {
        output.line(format_args!("- **{}**: {}.", lane.name, lane.what))?;
    }
    Ok(())
}

/// The table of a group, and what it comes to.
fn print(
    args: &Compare,
    lanes: &[Lane],
    group: &Group,
    table: &[Vec<Searched>],
    output: &mut Output,
) -> io::Result<()> {
    if let Some(Family { title, what, .. }) = group.family {
        output.line(format_args!("\n## {title}\n\nThese are {what}."))?;
    }
    let names: Vec<_> = lanes.iter().map(|lane| lane.name).collect();
    output.line(format_args!("\n| bug | {} |", names.join(" | ")))?;
    output.line(format_args!("|---|{}", "---:|".repeat(lanes.len())))?;
    for (input, row) in group.inputs.iter().zip(table) {
        let cells: Vec<_> = row.iter().map(|searched| cell(args, searched)).collect();
        output.line(format_args!(
            "| {} | {} |",
            input.argument,
            cells.join(" | ")
        ))?;
    }
    summary(args, lanes, table, output)
}

/// The means of the lanes' medians, how much was found, and what that says of the portfolio.
fn summary(
    args: &Compare,
    lanes: &[Lane],
    table: &[Vec<Searched>],
    output: &mut Output,
) -> io::Result<()> {
    let means: Vec<f64> = (0..lanes.len()).map(|lane| mean(table, lane)).collect();
    let cells: Vec<_> = means.iter().map(|mean| format!("{mean:.1}")).collect();
    output.line(format_args!(
        "| **geometric mean** | {} |",
        cells.join(" | ")
    ))?;
    let shares: Vec<_> = (0..lanes.len())
        .map(|lane| share_found(args, table, lane))
        .collect();
    output.line(format_args!(
        "| **searches that found it** | {} |",
        shares.join(" | ")
    ))?;
    let mean_of = |name| Some(means[lanes.iter().position(|lane| lane.name == name)?]);
    if let (Some(naive), Some(portfolio)) = (mean_of("naive"), mean_of("portfolio")) {
        output.line(format_args!(
            "\nThe portfolio takes {:.1} times fewer runs than the naive search.",
            naive / portfolio
        ))?;
    }
    Ok(())
}

fn cell(args: &Compare, searched: &Searched) -> String {
    let Searched { median, found } = searched;
    match found * 1000 / args.seeds.max(1) {
        1000 => median.to_string(),
        0 => "never".to_owned(),
        share if found * 2 > args.seeds => format!("{median} ({}.{} %)", share / 10, share % 10),
        share => format!("> {} ({}.{} %)", args.executions, share / 10, share % 10),
    }
}

/// The geometric mean of a lane's medians.
fn mean(table: &[Vec<Searched>], lane: usize) -> f64 {
    let logarithms = table.iter().map(|row| (row[lane].median as f64).ln());
    (logarithms.sum::<f64>() / table.len().max(1) as f64).exp()
}

/// Which share of all the searches of a lane found their bug.
fn share_found(args: &Compare, table: &[Vec<Searched>], lane: usize) -> String {
    let found: u64 = table.iter().map(|row| row[lane].found).sum();
    let searches = args.seeds * table.len() as u64;
    let share = found * 1000 / searches.max(1);
    format!("{}.{} %", share / 10, share % 10)
}
