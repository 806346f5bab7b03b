//! `deadheat compare`: how many runs each scheduler takes to find each bug, as a Markdown table.
//!
//! A search begins at a seed and ends at its first failing run. Seeds are so far apart that no two
//! searches of a bug make the same run. What a search does not find within its budget counts as found at
//! the end of the budget, which flatters whoever never finds it.

use std::io;

use deadheat::{Bounds, Config, Mix, Sampler, Watch};
use deadheat_scenarios::Subject;
use rayon::prelude::*;

use crate::Status;
use crate::args::Compare;
use crate::input::{self, Input};
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

pub(crate) fn compare(args: &Compare, output: &mut Output) -> io::Result<Status> {
    let mut inputs = Vec::new();
    let named = args.inputs.iter().map(|argument| input::open(argument));
    let all = if args.inputs.is_empty() {
        input::museum()
    } else {
        named.collect()
    };
    for input in all {
        match input {
            Ok(input) if args.inputs.is_empty() && input.bug.is_none() => {}
            Ok(input) => inputs.push(input),
            Err(error) => {
                error.tell(output);
                return Ok(Status::BadInput);
            }
        }
    }
    interrupt::listen();
    let lanes = lanes();
    let bar = interrupt::bar(Some((inputs.len() * lanes.len()) as u64));
    let mut table = Vec::new();
    for input in &inputs {
        bar.set_message(input.argument.clone());
        let mut row = Vec::new();
        for lane in &lanes {
            row.push(search(args, &input.program, lane));
            bar.inc(1);
        }
        table.push(row);
    }
    bar.finish_and_clear();
    if interrupt::interrupted() {
        output.problem("interrupted: a part of a comparison is none");
        return Ok(Status::Interrupted);
    }
    print(args, &lanes, &inputs, &table, output)?;
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

fn print(
    args: &Compare,
    lanes: &[Lane],
    inputs: &[Input],
    table: &[Vec<Searched>],
    output: &mut Output,
) -> io::Result<()> {
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
    let names: Vec<_> = lanes.iter().map(|lane| lane.name).collect();
    output.line(format_args!("\n| bug | {} |", names.join(" | ")))?;
    output.line(format_args!("|---|{}", "---:|".repeat(lanes.len())))?;
    for (input, row) in inputs.iter().zip(table) {
        let cells: Vec<_> = row.iter().map(|searched| cell(args, searched)).collect();
        output.line(format_args!(
            "| {} | {} |",
            input.argument,
            cells.join(" | ")
        ))?;
    }
    let means: Vec<f64> = (0..lanes.len()).map(|lane| mean(table, lane)).collect();
    let cells: Vec<_> = means.iter().map(|mean| format!("{mean:.1}")).collect();
    output.line(format_args!(
        "| **geometric mean** | {} |",
        cells.join(" | ")
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
