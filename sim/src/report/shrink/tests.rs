//! Shrinking, judged by what is left and by how many runs that took: what fails is a rule about tokens.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::{Attempt, BUDGET, BUDGET_MIN, LONG_RUN, SEARCH_STEPS, SEARCHED_MAX, STEPS, shrink};
use crate::base::bounds::{Bounds, Limits};
use crate::decide::tape::{Departure, Kind, Tape};
use crate::decide::token::Token;
use crate::record::run::{Run, Setting};

/// Fails by a rule, and counts how often it is asked. A search finds what it is given, if that is allowed.
struct Rule<F> {
    fails: F,
    attempts: AtomicU64,
    searched: Mutex<Vec<(usize, Duration, u64)>>,
    found: Option<Token>,
}

impl<F: Fn(&Token) -> bool + Sync> Rule<F> {
    fn new(fails: F) -> Self {
        Rule {
            fails,
            attempts: AtomicU64::new(0),
            searched: Mutex::default(),
            found: None,
        }
    }

    fn attempts(&self) -> u64 {
        self.attempts.load(Ordering::SeqCst)
    }
}

impl<F: Fn(&Token) -> bool + Sync> Attempt for Rule<F> {
    fn attempt(&self, token: &Token) -> Option<Run> {
        self.attempts.fetch_add(1, Ordering::SeqCst);
        (self.fails)(token).then(|| run(token.clone(), 1))
    }

    fn search(&self, token: &Token, departures: usize, left: &mut u64) -> Option<Run> {
        let searched = (departures, token.bounds.late, *left);
        self.searched.lock().unwrap().push(searched);
        *left -= 10;
        let found = self.found.clone()?;
        (found.tape.len() <= departures).then(|| run(found, 1))
    }
}

fn run(token: Token, steps: u64) -> Run {
    let setting = Setting {
        seed: token.seed,
        bounds: token.bounds,
        limits: Limits::default(),
        trace: false,
        cover: false,
    };
    Run {
        token,
        steps,
        ..Run::unmade(&setting, "random")
    }
}

fn departure(kind: Kind, number: u64, choice: u64) -> Departure {
    Departure {
        kind,
        number,
        choice,
        options: 20,
    }
}

fn token(departures: Vec<Departure>) -> Token {
    Token {
        seed: 0,
        bounds: Bounds::EXACT,
        tape: Tape::of(departures),
        fingerprint: None,
    }
}

/// So many departures, each with this choice.
fn many(count: u64, choice: u64) -> Token {
    let departures = (0..count).map(|number| departure(Kind::Next, number, choice));
    token(departures.collect())
}

fn numbers(token: &Token) -> Vec<u64> {
    let departures = token.tape.departures().iter();
    departures.map(|departure| departure.number).collect()
}

fn has(token: &Token, wanted: &[u64]) -> bool {
    let numbers = numbers(token);
    wanted.iter().all(|number| numbers.contains(number))
}

#[test]
fn only_the_departures_that_matter_are_left_and_finding_them_takes_few_runs() {
    for wanted in [&[][..], &[0], &[99], &[3, 11], &[0, 50, 51, 99]] {
        let rule = Rule::new(|token: &Token| has(token, wanted));
        let shrunk = shrink(run(many(100, 1), 1), &rule, 1);
        assert_eq!(numbers(&shrunk.token), wanted);
        let most = 10 + 40 * wanted.len() as u64;
        assert!(rule.attempts() <= most, "{wanted:?}: {}", rule.attempts());
    }
}

#[test]
fn the_least_choice_that_still_fails_is_taken() {
    let rule = Rule::new(|token: &Token| {
        let choice = |number: usize| token.tape.departures().get(number).map(|one| one.choice);
        choice(0) >= Some(3) && choice(1) >= Some(1)
    });
    let both = vec![departure(Kind::Next, 0, 7), departure(Kind::Next, 1, 9)];
    let shrunk = shrink(run(token(both), 1), &rule, 1);
    let choices: Vec<_> = shrunk
        .token
        .tape
        .departures()
        .iter()
        .map(|one| one.choice)
        .collect();
    assert_eq!(choices, [3, 1]);
}

#[test]
fn a_draw_may_be_taken_to_zero_and_stays_on_the_tape() {
    let rule = Rule::new(|token: &Token| token.tape.len() == 1);
    let draw = vec![departure(Kind::Draw, 0, 5)];
    let shrunk = shrink(run(token(draw), 1), &rule, 1);
    assert_eq!(
        shrunk.token.tape.departures(),
        [departure(Kind::Draw, 0, 0)]
    );
}

#[test]
fn the_least_lateness_that_still_fails_is_found_by_halving() {
    let least = Duration::from_micros(300);
    let pick: [fn(&mut Token) -> &mut Duration; 2] = [super::pick_late, super::pick_task_late];
    for pick in pick {
        let rule = Rule::new(move |token: &Token| *pick(&mut token.clone()) >= least);
        let mut late = token(Vec::new());
        *pick(&mut late) = Duration::from_secs(1);
        let mut shrunk = shrink(run(late, 1), &rule, 1);
        assert_eq!(*pick(&mut shrunk.token), least);
        assert!(rule.attempts() < 100, "{}", rule.attempts());
    }
    let rule = Rule::new(|_: &Token| true);
    let mut late = token(Vec::new());
    late.bounds.late = Duration::from_secs(1);
    assert_eq!(shrink(run(late, 1), &rule, 1).token.bounds, Bounds::EXACT);
}

#[test]
fn no_more_runs_are_made_than_the_budget_allows_and_long_ones_have_less() {
    let budget = |steps| {
        let rule = Rule::new(|_: &Token| false);
        shrink(run(many(5_000, 1), steps), &rule, 1);
        rule.attempts()
    };
    assert_eq!(budget(1), BUDGET);
    assert_eq!(budget(STEPS / 1_000), 1_000);
    assert_eq!(budget(u64::MAX), BUDGET_MIN);
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let wanted = [0, 17, 18, 63];
    let shrunk = |jobs| {
        let rule = Rule::new(|token: &Token| has(token, &wanted));
        let start = run(many(64, 2), LONG_RUN);
        (shrink(start, &rule, jobs).token, rule.attempts())
    };
    let (alone, runs) = shrunk(1);
    assert_eq!(numbers(&alone), wanted);
    for jobs in [2, 3, 8, 1_000] {
        let (together, tried) = shrunk(jobs);
        assert_eq!(together, alone);
        assert!(tried >= runs, "{jobs}: {tried} of {runs}");
    }
}

#[test]
fn a_run_with_fewer_departures_is_searched_for_and_taken() {
    let mut rule = Rule::new(|token: &Token| has(token, &[1, 2, 3]) || has(token, &[8]));
    rule.found = Some(token(vec![departure(Kind::Next, 8, 4)]));
    let shrunk = shrink(run(many(4, 1), 1), &rule, 1);
    assert_eq!(
        shrunk.token.tape.departures(),
        [departure(Kind::Next, 8, 1)]
    );
    let searched = rule.searched.into_inner().unwrap();
    let spent =
        |(index, (_, _, left)): (usize, &(_, _, u64))| SEARCH_STEPS - 10 * index as u64 == *left;
    assert!(searched.iter().enumerate().all(spent), "{searched:?}");
    let departures: Vec<_> = searched
        .iter()
        .map(|(departures, ..)| *departures)
        .collect();
    assert_eq!(departures, [0, 0, 1]);
}

#[test]
fn a_search_that_finds_nothing_smaller_leaves_what_was_found() {
    let mut rule = Rule::new(|token: &Token| has(token, &[1, 2]));
    rule.found = Some(token(vec![
        departure(Kind::Next, 8, 9),
        departure(Kind::Next, 9, 9),
    ]));
    let mut start = many(3, 1);
    start.bounds.late = Duration::from_secs(1);
    let shrunk = shrink(run(start, 1), &rule, 1);
    assert_eq!(numbers(&shrunk.token), [1, 2]);
    let searched = rule.searched.into_inner().unwrap();
    let departures: Vec<_> = searched
        .iter()
        .map(|(departures, ..)| *departures)
        .collect();
    assert_eq!(departures, [0, 0, 1, 1, 2, 2]);

    let rule = Rule::new(|token: &Token| token.tape.len() == 30);
    shrink(run(many(30, 1), 1), &rule, 1);
    let searched = rule.searched.into_inner().unwrap();
    assert_eq!(
        searched.last().map(|(departures, ..)| *departures),
        Some(SEARCHED_MAX)
    );
}
