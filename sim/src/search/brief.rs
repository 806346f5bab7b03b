//! A run as it is kept while others are made: most have nothing but a few numbers and a tape, and an empty place for
//! each thing that other runs have.

use crate::base::time::Instant;
use crate::base::verdict::Verdict;
use crate::decide::token::Token;
use crate::record::run::Run;

/// A run in little room.
#[derive(Debug)]
pub(super) enum Brief {
    Plain(Box<Plain>),
    Whole(Box<Run>),
}

/// A run of which there is nothing to be told but this.
#[derive(Debug)]
pub(super) struct Plain {
    verdict: Verdict,
    scheduler: &'static str,
    at: Instant,
    steps: u64,
    decisions: u64,
    token: Token,
}

impl Brief {
    pub(super) fn of(run: Run) -> Brief {
        if !is_plain(&run) {
            return Brief::Whole(Box::new(run));
        }
        Brief::Plain(Box::new(Plain {
            verdict: run.verdict,
            scheduler: run.scheduler,
            at: run.at,
            steps: run.steps,
            decisions: run.decisions,
            token: run.token,
        }))
    }

    pub(super) fn run(self) -> Run {
        let plain = match self {
            Brief::Whole(run) => return *run,
            Brief::Plain(plain) => *plain,
        };
        let Token { seed, bounds, .. } = plain.token;
        Run {
            verdict: plain.verdict,
            at: plain.at,
            steps: plain.steps,
            decisions: plain.decisions,
            fingerprint: plain.token.fingerprint.unwrap_or_default(),
            token: plain.token,
            ..Run::unmade(seed, bounds, plain.scheduler)
        }
    }
}

/// Whether a run has nothing but what a [`Plain`] has.
fn is_plain(run: &Run) -> bool {
    // Every field by its name, so that one that is added is thought of.
    let Run {
        verdict: _,
        scheduler: _,
        at: _,
        steps: _,
        decisions: _,
        token,
        fingerprint,
        violations,
        more_violations,
        statements,
        pending,
        panic,
        escapes,
        leaks,
        trace,
        departures,
        marks,
        relations,
        unmade,
        nondeterminism,
        divergence,
        panic_line: _,
        stale,
    } = run;
    let lists = violations.is_empty()
        && statements.is_empty()
        && pending.is_empty()
        && escapes.is_empty()
        && leaks.is_empty()
        && departures.is_empty()
        && marks.is_empty()
        && relations.is_empty();
    let others = panic.is_none()
        && trace.is_none()
        && unmade.is_none()
        && nondeterminism.is_none()
        && divergence.is_none();
    lists && others && *more_violations == 0 && !stale && token.fingerprint == Some(*fingerprint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::single::sampled;
    use crate::{Config, Main, fault, random, sleep, sometimes};

    /// Runs of every kind: done, stuck, panicked, with a departure, with a statement, with a trace.
    fn runs() -> Vec<Run> {
        let program = Main::new(|| async {
            sleep(std::time::Duration::from_millis(1)).await;
            match random(6) {
                0 => panic!("one of six"),
                1 => std::future::pending().await,
                2 => sometimes(true, "two"),
                _ => drop(fault("a link")),
            }
        });
        let config = Config::new();
        let mut runs: Vec<Run> = (0..60)
            .map(|number| sampled(&program, &config, number).run)
            .collect();
        runs.push(Run {
            stale: true,
            ..runs[0].clone()
        });
        runs.push(
            crate::search::Single::of(&program, &config.trace(true))
                .fifo()
                .0,
        );
        runs
    }

    #[test]
    fn a_run_comes_out_as_it_went_in() {
        let (mut plain, mut whole) = (0, 0);
        for run in runs() {
            let before = format!("{run:?}");
            let brief = Brief::of(run);
            match &brief {
                Brief::Plain(_) => plain += 1,
                Brief::Whole(_) => whole += 1,
            }
            assert_eq!(format!("{:?}", brief.run()), before);
        }
        assert!(plain > 5 && whole > 5, "{plain} plain, {whole} whole");
    }
}
