//! Makes a failing run as dull as it can be: fewest departures first, then the smallest choices, then
//! the smallest bounds.
//!
//! 1. A candidate is accepted only if its own run fails in the same way, and what is kept is the tape
//!    that run recorded, so the result replays as it is.
//! 2. Taking departures away finds a tape of which none can be spared. Runs with wholly other, and
//!    fewer, departures are then searched for, as long as few would do.
//! 3. Each accepted tape is strictly smaller in (departures, choices, bounds): it ends.
//! 4. It draws nothing, so the same failure shrinks to the same tape. Where runs are long, several
//!    candidates are tried at once, on several threads; the first that fails in the same way, in the order
//!    in which one thread would have tried them, is the one that counts. So their number changes nothing.
//!
//! Source: the passes are those of delta debugging (Zeller, Hildebrandt, "Simplifying and Isolating
//! Failure-Inducing Input", TSE 2002); that the run re-records its own tape is internal reduction as
//! in Hypothesis (MacIver, Donaldson, ECOOP 2020).

use std::panic::resume_unwind;
use std::time::Duration;

use crate::base::bounds::Bounds;
use crate::decide::tape::{DecisionKind, Departure, Tape};
use crate::decide::token::Token;
use crate::record::run::Run;
use crate::witness;

/// A run, and whether it fails in the way that is being shrunk.
pub(crate) trait Attempt: Sync {
    /// Replays a token; the run if it fails in the same way.
    fn attempt(&self, token: &Token) -> Option<Run>;

    /// Makes the runs with at most so many departures, with the seed and the bounds of `token`; the
    /// first that fails in the same way. The steps of each run are taken from `left`; no run begins
    /// once nothing is left.
    fn search(&self, token: &Token, departures: usize, left: &mut u64) -> Option<Run>;
}

/// How many runs a shrink may take.
const BUDGET: u64 = 4_000;

/// About how many steps they may take in all, but for the first few of them: long runs are shrunk as far as
/// some seconds go.
const STEPS: u64 = 16_000_000;
const BUDGET_MIN: u64 = 16;

/// A run with this many steps takes longer than to start a thread.
const LONG_RUN: u64 = 2_000;

/// More threads than this are only a burden.
const JOBS_MAX: usize = 64;

/// So many halvings of the bound of a lateness come close enough; the next round goes on from there.
const HALVINGS: u32 = 40;

/// More choices than this are not tried, the smallest first.
const CHOICES_MAX: u64 = 8;

/// How many steps the search for fewer departures may take in all.
const SEARCH_STEPS: u64 = 2_000_000;
/// More departures than this are not searched for.
const SEARCHED_MAX: usize = 8;

/// The dullest run found that fails in the same way, starting from `run`.
#[cfg(test)]
fn shrink(run: Run, attempt: &dyn Attempt, jobs: usize) -> Run {
    shrink_within(run, attempt, jobs).0
}

/// The dullest run found that fails in the same way, starting from `run`, and whether the budget was spent before all was
/// tried.
pub(crate) fn shrink_within(run: Run, attempt: &dyn Attempt, jobs: usize) -> (Run, bool) {
    // A matter of time alone: how many candidates are tried at once changes nothing in what is left.
    let jobs = if run.steps < LONG_RUN { 1 } else { jobs };
    // A candidate takes about as many steps as the run that it was made from. Short runs all have the whole
    // budget, whatever their steps.
    let left = (STEPS / run.steps.max(1)).clamp(BUDGET_MIN, BUDGET);
    let mut shrinker = Shrinker {
        best: run,
        attempt,
        left,
        jobs: jobs.clamp(1, JOBS_MAX),
    };
    loop {
        let before = shrinker.size();
        shrinker.bounds();
        shrinker.departures();
        shrinker.choices();
        if shrinker.size() == before {
            break;
        }
    }
    shrinker.fewer();
    (shrinker.best, shrinker.left == 0)
}

/// One of the two bounds.
type Pick = fn(&mut Bounds) -> &mut Duration;

struct Shrinker<'a> {
    best: Run,
    attempt: &'a dyn Attempt,
    left: u64,
    /// How many candidates to try at once.
    jobs: usize,
}

/// Which of the bounds comes first changes nothing: no candidate raises either.
type Size = (usize, u64, Duration, Duration);

fn size(token: &Token) -> Size {
    let choices = token
        .tape
        .departures()
        .iter()
        .map(|departure| departure.choice)
        .sum();
    (
        token.tape.len(),
        choices,
        token.bounds.late,
        token.bounds.task_late,
    )
}

impl Shrinker<'_> {
    fn size(&self) -> Size {
        size(&self.best.token)
    }

    /// Tries a candidate and keeps its run if that is smaller and fails in the same way.
    fn try_token(&mut self, token: Token) -> bool {
        if self.left == 0 {
            return false;
        }
        self.left -= 1;
        match self.attempt.attempt(&token) {
            Some(run) if size(&run.token) < self.size() => {
                self.best = run;
                true
            }
            _ => false,
        }
    }

    fn try_departures(&mut self, departures: Vec<Departure>) -> bool {
        let token = self.token(departures);
        self.try_token(token)
    }

    fn token(&self, departures: Vec<Departure>) -> Token {
        Token {
            tape: Tape::of(departures),
            fingerprint: None,
            ..self.best.token
        }
    }

    /// The best, with a lateness of its own.
    fn with_bound(&self, pick: Pick, bound: Duration) -> Token {
        let mut token = self.token(self.best.token.tape.departures().to_vec());
        *pick(&mut token.bounds) = bound;
        token
    }

    /// Tries several candidates, all made from the same run, as if one after the other; the index of the
    /// first that is kept.
    fn try_tokens(&mut self, tokens: &[Token]) -> Option<usize> {
        let affordable = usize::try_from(self.left).unwrap_or(usize::MAX);
        let tokens = &tokens[..tokens.len().min(affordable)];
        let attempt = self.attempt;
        let watched = witness::watched();
        let watched = &watched;
        let runs: Vec<_> = std::thread::scope(|scope| {
            let trial = |token| {
                scope.spawn(move || witness::also(watched.clone(), || attempt.attempt(token)))
            };
            let trials: Vec<_> = tokens.iter().map(trial).collect();
            trials
                .into_iter()
                .map(|trial| trial.join().unwrap_or_else(|panic| resume_unwind(panic)))
                .collect()
        });
        let best = self.size();
        let smaller = |run: &Option<Run>| run.as_ref().is_some_and(|run| size(&run.token) < best);
        let first = runs.iter().position(smaller);
        // Counts only what one thread would have tried; the rest was tried in vain.
        self.left -= first.map_or(tokens.len(), |first| first + 1) as u64;
        if let Some(run) = first
            .and_then(|first| runs.into_iter().nth(first))
            .flatten()
        {
            self.best = run;
        }
        first
    }

    /// Leaves departures out: all, halves, quarters, …, single ones. Once no run may be made any more, it ends:
    /// to make the candidates of a long tape takes minutes by itself.
    fn departures(&mut self) {
        let mut chunk = self.best.token.tape.len();
        while chunk > 0 {
            let mut end = self.best.token.tape.len();
            while end > 0 && self.left > 0 {
                end = self.leave_out(chunk, end.min(self.best.token.tape.len()));
            }
            chunk /= 2;
        }
    }

    /// Leaves out the chunk of departures that ends at `end`, or the first of some before it without which
    /// it still fails; up to where that was tried.
    fn leave_out(&mut self, chunk: usize, end: usize) -> usize {
        let departures = self.best.token.tape.departures();
        let ends = (0..self.jobs).map(|nth| end.saturating_sub(nth * chunk));
        let chunks: Vec<_> = ends
            .take_while(|end| *end > 0)
            .map(|end| (end.saturating_sub(chunk), end))
            .collect();
        let without = |(start, end): &(usize, usize)| {
            self.token([&departures[..*start], &departures[*end..]].concat())
        };
        let tokens: Vec<_> = chunks.iter().map(without).collect();
        // For a single candidate a thread costs more than it saves.
        let kept = match tokens.len() {
            1 => self.try_token(tokens[0].clone()).then_some(0),
            _ => self.try_tokens(&tokens),
        };
        let (start, _) = chunks[kept.unwrap_or(chunks.len() - 1)];
        start
    }

    /// Takes a smaller choice at single departures.
    fn choices(&mut self) {
        let mut index = 0;
        while index < self.best.token.tape.len() && self.left > 0 {
            let departures = self.best.token.tape.departures().to_vec();
            let departure = departures[index];
            let least = u64::from(departure.kind != DecisionKind::Draw);
            for choice in least..departure.choice.min(least + CHOICES_MAX) {
                let mut smaller = departures.clone();
                smaller[index].choice = choice;
                if self.try_departures(smaller) {
                    break;
                }
            }
            index += 1;
        }
    }

    /// What is left has no departure that could be left out; but leaving one out renumbers the decisions
    /// behind it, so there may be another run with fewer, or one that needs no lateness. Where there
    /// are few departures, all such runs can be tried.
    fn fewer(&mut self) {
        let mut left = SEARCH_STEPS;
        let most = self.best.token.tape.len().min(SEARCHED_MAX);
        for departures in 0..=most {
            for bounds in [Bounds::EXACT, self.best.token.bounds] {
                let token = Token {
                    bounds,
                    tape: Tape::new(),
                    fingerprint: None,
                    ..self.best.token
                };
                let smaller = |run: &Run| size(&run.token) < size(&self.best.token);
                let found = self.attempt.search(&token, departures, &mut left);
                if let Some(run) = found.filter(smaller) {
                    self.best = run;
                    self.choices();
                    self.bounds();
                    return;
                }
            }
        }
    }

    /// No lateness at all, or the least that still shows it. The tape changes with the bound, since
    /// the options do; so this is a search by trying, not by reasoning.
    fn bounds(&mut self) {
        let picks: [Pick; 2] = [|bounds| &mut bounds.late, |bounds| &mut bounds.task_late];
        for pick in picks {
            let bound = |shrinker: &Self| {
                let mut bounds = shrinker.best.token.bounds;
                *pick(&mut bounds)
            };
            if bound(self).is_zero() {
                continue;
            }
            self.try_token(self.with_bound(pick, Duration::ZERO));
            let mut low = Duration::ZERO;
            for _ in 0..HALVINGS {
                let middle = low + bound(self).saturating_sub(low) / 2;
                if middle == low {
                    break;
                }
                if !self.try_token(self.with_bound(pick, middle)) {
                    low = middle;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
