//! Shrinking, judged by what is left and by how many runs that took: what fails is a rule about tokens.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::{
    Attempt, BUDGET, BUDGET_MIN, CHOICES_MAX, HALVINGS, LONG_RUN, SEARCH_STEPS, SEARCHED_MAX,
    STEPS, shrink,
};
use crate::base::bounds::Bounds;
use crate::decide::tape::{DecisionKind, Departure, Tape};
use crate::decide::token::Token;
use crate::record::run::Run;

/// Fails by a rule, and counts how often it is asked. A search finds what it is given, if that is allowed.
struct Rule<F> {
    fails: F,
    /// What a run records that was to replay a token.
    records: fn(Token) -> Token,
    attempts: AtomicU64,
    searched: Mutex<Vec<(usize, Duration, u64)>>,
    found: Option<Token>,
}

impl<F: Fn(&Token) -> bool + Sync> Rule<F> {
    fn new(fails: F) -> Self {
        Rule {
            fails,
            records: |token| token,
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
        assert_eq!(token.fingerprint, None, "nobody has seen this run");
        (self.fails)(token).then(|| run((self.records)(token.clone()), 1))
    }

    fn search(&self, token: &Token, departures: usize, left: &mut u64) -> Option<Run> {
        let searched = (departures, token.bounds.late, *left);
        self.searched.lock().unwrap().push(searched);
        assert!(token.tape.is_empty() && token.fingerprint.is_none());
        *left -= 10;
        let found = self.found.clone()?;
        (found.tape.len() <= departures).then(|| run(found, 1))
    }
}

fn run(token: Token, steps: u64) -> Run {
    let token = Token {
        fingerprint: Some(7),
        ..token
    };
    Run {
        token,
        steps,
        ..Run::unmade(0, Bounds::EXACT, "random")
    }
}

fn departure(kind: DecisionKind, number: u64, choice: u64) -> Departure {
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
    let departures = (0..count).map(|number| departure(DecisionKind::Next, number, choice));
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
    let both = vec![
        departure(DecisionKind::Next, 0, 7),
        departure(DecisionKind::Next, 1, 9),
    ];
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
    let draw = vec![departure(DecisionKind::Draw, 0, 5)];
    let shrunk = shrink(run(token(draw), 1), &rule, 1);
    assert_eq!(
        shrunk.token.tape.departures(),
        [departure(DecisionKind::Draw, 0, 0)]
    );
}

#[test]
fn the_least_lateness_that_still_fails_is_found_by_halving() {
    let bounds = |late, task_late| Bounds { late, task_late };
    let (none, least, most) = (
        Duration::ZERO,
        Duration::from_micros(300),
        Duration::from_secs(1),
    );
    for (from, to) in [
        (bounds(most, none), bounds(least, none)),
        (bounds(none, most), bounds(none, least)),
        (bounds(most, most), bounds(least, 2 * least)),
    ] {
        let rule = Rule::new(move |token: &Token| {
            token.bounds.late >= to.late && token.bounds.task_late >= to.task_late
        });
        let mut late = token(Vec::new());
        late.bounds = from;
        assert_eq!(shrink(run(late, 1), &rule, 1).token.bounds, to);
        assert!(rule.attempts() < 130, "{}", rule.attempts());
    }
    let rule = Rule::new(|_: &Token| true);
    let mut late = token(Vec::new());
    late.bounds.late = Duration::from_secs(1);
    assert_eq!(shrink(run(late, 1), &rule, 1).token.bounds, Bounds::EXACT);
}

#[test]
fn no_more_runs_are_made_than_the_budget_allows_and_long_ones_have_less() {
    let budget = |steps, jobs| {
        let rule = Rule::new(|_: &Token| false);
        shrink(run(many(5_000, 1), steps), &rule, jobs);
        rule.attempts()
    };
    assert_eq!(budget(0, 1), BUDGET);
    assert_eq!(budget(1, 1), BUDGET);
    for jobs in [0, 1, 7] {
        assert_eq!(budget(STEPS / 1_000, jobs), 1_000);
        assert_eq!(budget(u64::MAX, jobs), BUDGET_MIN);
    }
    let rule = Rule::new(|_: &Token| false);
    let mut late = token(Vec::new());
    late.bounds.late = Duration::MAX;
    shrink(run(late, u64::MAX), &rule, 1);
    assert_eq!(rule.attempts(), BUDGET_MIN);
    // The very last one counts, too: 15 go into leaving one of eight departures out.
    let rule = Rule::new(|token: &Token| token.tape.len() == 8);
    let shrunk = shrink(run(many(8, 2), u64::MAX), &rule, 1);
    assert_eq!(shrunk.token.tape.departures()[0].choice, 1);
    assert_eq!(rule.attempts(), BUDGET_MIN);
}

#[test]
fn a_tape_of_any_length_is_left_alone_once_no_run_may_be_made() {
    let rule = Rule::new(|_: &Token| false);
    let shrunk = shrink(run(many(300_000, 9), u64::MAX), &rule, 1);
    assert_eq!(shrunk.token, run(many(300_000, 9), 1).token);
}

/// Also where the budget does not reach far: what was tried beside the first that failed costs nothing of it.
#[test]
fn the_number_of_threads_changes_nothing() {
    let wanted = [0, 17, 18, 63];
    let shrunk = |steps, jobs| {
        let rule = Rule::new(|token: &Token| has(token, &wanted));
        let start = run(many(64, 2), steps);
        (shrink(start, &rule, jobs).token, rule.attempts())
    };
    assert_eq!(numbers(&shrunk(LONG_RUN, 1).0), wanted);
    let budgets = (BUDGET_MIN..80).step_by(3).map(|budget| STEPS / budget);
    for steps in budgets.chain([LONG_RUN]) {
        let (alone, runs) = shrunk(steps, 1);
        for jobs in [2, 3, 8, 1_000] {
            let (together, tried) = shrunk(steps, jobs);
            assert_eq!(together, alone, "{steps} steps, {jobs} jobs");
            assert!(tried >= runs, "{jobs}: {tried} of {runs}");
        }
    }
}

#[test]
fn what_became_needless_by_a_smaller_choice_is_left_out_in_another_round() {
    let rule = Rule::new(|token: &Token| {
        let departures = token.tape.departures();
        has(token, &[0]) && (has(token, &[1]) || departures[0].choice == 1)
    });
    let shrunk = shrink(run(many(2, 5), 1), &rule, 1);
    assert_eq!(
        shrunk.token.tape.departures(),
        [departure(DecisionKind::Next, 0, 1)]
    );
}

#[test]
fn nothing_is_tried_that_is_no_smaller() {
    let rule = Rule::new(|token: &Token| {
        let departures = token.tape.departures();
        departures.first().is_some_and(|one| one.choice >= 3)
    });
    shrink(run(many(1, 5), 1), &rule, 1);
    // None at all, 1, 2, and 3 is kept; then none, 1, and 2 again.
    assert_eq!(rule.attempts(), 4 + 3);
}

#[test]
fn of_many_choices_the_smallest_are_tried() {
    let shrunk = |least| {
        let rule = Rule::new(move |token: &Token| {
            let departures = token.tape.departures();
            departures.first().is_some_and(|one| one.choice >= least)
        });
        let shrunk = shrink(run(many(1, 19), 1), &rule, 1);
        shrunk.token.tape.departures()[0].choice
    };
    assert_eq!(shrunk(CHOICES_MAX), CHOICES_MAX);
    assert_eq!(shrunk(CHOICES_MAX + 1), 19);
}

#[test]
fn so_many_halvings_are_made_in_a_round() {
    let most = Duration::from_nanos(i64::MAX as u64);
    let rule = Rule::new(move |token: &Token| token.bounds.late >= most);
    let mut late = token(Vec::new());
    late.bounds.late = most;
    shrink(run(late, 1), &rule, 1);
    assert_eq!(rule.attempts(), 1 + u64::from(HALVINGS));
}

#[test]
fn a_run_that_recorded_no_smaller_tape_than_there_is_does_not_count() {
    let records: [fn(Token) -> Token; 2] = [
        |_| token(vec![departure(DecisionKind::Next, 9, 2)]),
        |_| many(20, 1),
    ];
    for records in records {
        for (jobs, steps) in [(1, 1), (3, LONG_RUN)] {
            let mut rule = Rule::new(|_: &Token| true);
            rule.records = records;
            let start = token(vec![departure(DecisionKind::Next, 3, 2)]);
            let shrunk = shrink(run(start.clone(), steps), &rule, jobs);
            assert_eq!(shrunk.token.tape, start.tape);
        }
    }
    // Several at once, and of the same size as what there is.
    let mut rule = Rule::new(|_: &Token| true);
    rule.records = |_| {
        token(
            (10..14)
                .map(|number| departure(DecisionKind::Next, number, 1))
                .collect(),
        )
    };
    let shrunk = shrink(run(many(4, 1), LONG_RUN), &rule, 3);
    assert_eq!(shrunk.token.tape, many(4, 1).tape);
}

#[test]
fn a_run_that_recorded_far_less_than_it_was_to_replay_is_shrunk_further() {
    for (jobs, steps) in [(1, 1), (3, LONG_RUN)] {
        let mut rule = Rule::new(|token: &Token| has(token, &[0]));
        rule.records = |token| match has(&token, &[1]) {
            true => many(2, 1),
            false => token,
        };
        let shrunk = shrink(run(many(64, 1), steps), &rule, jobs);
        assert_eq!(numbers(&shrunk.token), [0]);
    }
}

#[test]
fn a_run_with_fewer_departures_is_searched_for_and_taken() {
    let mut rule = Rule::new(|token: &Token| has(token, &[1, 2, 3]) || has(token, &[8]));
    rule.found = Some(token(vec![departure(DecisionKind::Next, 8, 4)]));
    let shrunk = shrink(run(many(4, 1), 1), &rule, 1);
    assert_eq!(
        shrunk.token.tape.departures(),
        [departure(DecisionKind::Next, 8, 1)]
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
        departure(DecisionKind::Next, 8, 9),
        departure(DecisionKind::Next, 9, 9),
    ]));
    let shrunk = shrink(run(many(3, 1), 1), &rule, 1);
    assert_eq!(numbers(&shrunk.token), [1, 2]);
    let searched = rule.searched.into_inner().unwrap();
    let departures: Vec<_> = searched
        .iter()
        .map(|(departures, ..)| *departures)
        .collect();
    assert_eq!(departures, [0, 0, 1, 1, 2, 2]);

    let mut rule = Rule::new(|token: &Token| has(token, &[1]));
    rule.found = Some(token(vec![departure(DecisionKind::Next, 8, 1)]));
    let shrunk = shrink(run(many(2, 1), 1), &rule, 1);
    assert_eq!(numbers(&shrunk.token), [1], "no larger, but no smaller");

    let rule = Rule::new(|token: &Token| token.tape.len() == 30);
    shrink(run(many(30, 1), 1), &rule, 1);
    let searched = rule.searched.into_inner().unwrap();
    assert_eq!(
        searched.last().map(|(departures, ..)| *departures),
        Some(SEARCHED_MAX)
    );
}

#[test]
fn runs_without_lateness_are_searched_before_those_with_it_and_what_is_found_is_made_as_dull_as_the_rest()
 {
    let (least, most) = (Duration::from_millis(1), Duration::from_secs(1));
    let mut rule = Rule::new(move |token: &Token| {
        token.bounds.late >= least && (has(token, &[1, 2]) || has(token, &[8]))
    });
    let mut found = token(vec![departure(DecisionKind::Next, 8, 4)]);
    found.bounds.late = most;
    rule.found = Some(found);
    let mut start = many(3, 1);
    start.bounds.late = most;
    let shrunk = shrink(run(start, 1), &rule, 1);
    assert_eq!(shrunk.token.bounds, Bounds::late(least));
    assert_eq!(
        shrunk.token.tape.departures(),
        [departure(DecisionKind::Next, 8, 1)]
    );
    let searched = rule.searched.into_inner().unwrap();
    let searched: Vec<_> = searched
        .iter()
        .map(|(most, late, _)| (*most, *late))
        .collect();
    let none = Duration::ZERO;
    assert_eq!(searched, [(0, none), (0, least), (1, none)]);
}
