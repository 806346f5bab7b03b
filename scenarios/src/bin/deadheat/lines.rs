//! The outcomes of an exploration as lines of JSON.

use deadheat::Config;
use deadheat::search::Found;
use deadheat_scenarios::Outcome;
use serde::Serialize;

use crate::input::Input;
use crate::record::Record;

/// One distinct outcome.
#[derive(Serialize)]
struct Line<'a> {
    scenario: &'a str,
    outcome: Record<'a>,
    count: u64,
    replay: String,
}

/// The distinct outcomes, a line each. Their runs are made again for it, on as many threads as the exploration had.
pub(crate) fn of(
    input: &Input,
    config: &Config,
    found: &[Found<Outcome>],
) -> Result<Vec<u8>, String> {
    let lines = |found: &[Found<Outcome>]| -> serde_json::Result<Vec<u8>> {
        let mut lines = Vec::new();
        for found in found {
            let run = found.run(&input.program, config);
            let line = Line {
                scenario: input.name(),
                outcome: Record::of(input.name(), &run, found.outcome.as_ref()),
                count: found.count,
                replay: run.token.to_string(),
            };
            serde_json::to_writer(&mut lines, &line)?;
            lines.push(b'\n');
        }
        Ok(lines)
    };
    let share = found.len().div_ceil(config.jobs.max(1)).max(SHARE_MIN);
    let lines = &lines;
    let shares = std::thread::scope(|scope| -> Vec<_> {
        let shares = found.chunks(share);
        let threads: Vec<_> = shares
            .map(|share| scope.spawn(move || lines(share)))
            .collect();
        threads.into_iter().map(|thread| thread.join()).collect()
    });
    let mut all = Vec::new();
    for share in shares {
        let share = share.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        all.append(&mut share.map_err(|error| error.to_string())?);
    }
    Ok(all)
}

/// Fewer outcomes than this are not worth a thread.
const SHARE_MIN: usize = 64;
