//! Whatever a program is and in whatever order it runs: the checks hold, judged by the harness and again
//! from the trace, and what was run once can be run again.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use deadheat::decide::{Decision, DecisionKind, Departure, Exhaustive, Scheduler};
use deadheat::record::EventKind;
use deadheat::search::{Orders, Single};
use deadheat::{
    Bounds, Config, Mix, Run, Sampler, Token, Trace, Verdict, Watch, explore, explore_exhaustive,
};
use deadheat_scenarios::fuzzing::{oracle, sound};
use deadheat_scenarios::strategy::Drawn;
use deadheat_scenarios::{Outcome, ScenarioProgram, parse};
use deadheat_tests::strategy::{cases, crowd, scenario, small_scenario};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;

const fn bounds(late_ns: u64, task_late_ns: u64) -> Bounds {
    Bounds {
        late: Duration::from_nanos(late_ns),
        task_late: Duration::from_nanos(task_late_ns),
    }
}

const BOUNDS: [Bounds; 6] = [
    Bounds::EXACT,
    bounds(1, 0),
    bounds(1_000_000, 0),
    bounds(3_000_000_000, 0),
    bounds(0, 1_000_000),
    bounds(1_000_000_000, 1_000_000_000),
];
const SEEDS: u64 = 2;

type Made = (Run, Option<Outcome>);

fn traced(seed: u64) -> Config {
    Config::new().trace(true).seed(seed)
}

fn sampled(program: &ScenarioProgram, how: (Sampler, Bounds), seed: u64) -> Made {
    let (sampler, bounds) = how;
    Single::of(program, &traced(seed)).scheduled(bounds, sampler.scheduler())
}

/// Every scheduler within every bound.
fn lanes() -> impl Iterator<Item = (Sampler, Bounds)> {
    let samplers = Sampler::ALL.into_iter();
    samplers.flat_map(|sampler| BOUNDS.map(|bounds| (sampler, bounds)))
}

fn lane() -> impl Strategy<Value = (Sampler, Bounds)> {
    select(lanes().collect::<Vec<_>>())
}

/// FIFO and on time first, then every other lane, from several seeds.
fn runs(program: &ScenarioProgram) -> impl Iterator<Item = Made> {
    lanes().flat_map(move |lane| {
        let seeds = if lane.0 == Sampler::Fifo { 1 } else { SEEDS };
        (0..seeds).map(move |seed| sampled(program, lane, seed))
    })
}

fn holds(rule: Result<(), String>, run: &Run) -> Result<(), TestCaseError> {
    rule.map_err(|fault| TestCaseError::fail(format!("{fault}\n{}", run.token)))
}

/// What an outcome says must be what the trace says.
fn outcome_is_that_of_the_trace(outcome: &Outcome, trace: &Trace) -> Result<(), String> {
    let mut ended = BTreeSet::new();
    for event in &trace.events {
        match &event.what {
            EventKind::Exit { scope, state, .. } => {
                let of = outcome.scopes.iter().find(|of| of.name == *scope);
                if of.is_some_and(|of| of.state != state.to_string()) {
                    return Err(format!("outcome: {of:?} left as {state}"));
                }
            }
            EventKind::End(_) => {
                let of = outcome
                    .tasks
                    .iter()
                    .find(|of| Some(&of.name) == event.task.as_ref());
                let at = of.and_then(|of| of.at_ns);
                if at != Some(event.at.as_nanos()) {
                    return Err(format!("outcome: {of:?} ended at {}", event.at));
                }
                ended.insert(&event.task);
            }
            _ => {}
        }
    }
    let pending = outcome.tasks.iter().filter(|task| task.end == "pending");
    if ended.len() + pending.count() == outcome.tasks.len() {
        Ok(())
    } else {
        Err(format!("outcome: {} tasks ended", ended.len()))
    }
}

proptest! {
    #![proptest_config(cases(800))]

    #[test]
    fn every_run_is_sound_and_its_token_makes_it_again(drawn in scenario()) {
        let program = drawn.program();
        for (run, outcome) in runs(&program) {
            holds(sound(&program, &traced(run.seed()), &run), &run)?;
            let (trace, outcome) = (run.trace.as_ref().unwrap(), outcome.unwrap());
            holds(outcome_is_that_of_the_trace(&outcome, trace), &run)?;
        }
    }
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn a_random_program_is_a_file(Drawn(scenario) in scenario()) {
        let printed = scenario.to_string();
        let read = parse("drawn.kdl", &printed).map_err(|error| error.to_string());
        prop_assert_eq!(read, Ok(scenario));
    }

    #[test]
    fn fifo_is_fifo_and_on_time(drawn in prop_oneof![scenario(), crowd()]) {
        let (run, _) = Single::of(&drawn.program(), &traced(0)).fifo();
        holds(oracle::fifo_order(run.trace.as_ref().unwrap()), &run)?;
        prop_assert!(run.token.tape.is_empty());
    }

    #[test]
    fn a_run_made_twice_is_one_run(drawn in scenario(), seed in 0..1_000_u64, lane in lane()) {
        let program = drawn.program();
        let make = || sampled(&program, lane, seed);
        let ((first, outcome), (second, again)) = (make(), make());
        prop_assert_eq!(first.fingerprint, second.fingerprint);
        prop_assert_eq!(&first.token, &second.token);
        prop_assert_eq!(&first.trace, &second.trace);
        prop_assert_eq!(outcome.unwrap().log, again.unwrap().log);
        let numbers = |run: &Run| (run.steps, run.decisions, run.at);
        prop_assert_eq!(numbers(&first), numbers(&second));
    }

    #[test]
    fn tracing_changes_nothing(drawn in scenario(), seed in 0..1_000_u64, lane in lane()) {
        let program = drawn.program();
        let (traced, _) = sampled(&program, lane, seed);
        let config = Config::new().seed(seed);
        let (plain, _) = Single::of(&program, &config).scheduled(lane.1, lane.0.scheduler());
        prop_assert_eq!(plain.token, traced.token);
    }

    #[test]
    fn a_token_without_its_fingerprint_makes_the_same_run(drawn in scenario(), seed in 0..1_000_u64, lane in lane()) {
        let program = drawn.program();
        let (run, _) = sampled(&program, lane, seed);
        let token = Token { fingerprint: None, ..run.token.clone() };
        let (again, _) = Single::of(&program, &Config::new()).replay(&token);
        prop_assert_eq!(again.token, run.token);
    }
}

/// What is compared of an exploration.
fn told(program: &ScenarioProgram, config: &Config) -> Vec<String> {
    let explored = explore(program, config, &Watch::default());
    let found = explored.found.iter().map(|found| {
        let token = found.run(program, config).token;
        format!("{} {} {} {token}", found.verdict, found.first, found.count)
    });
    found.collect()
}

proptest! {
    #![proptest_config(cases(100))]

    #[test]
    fn an_exploration_is_the_same_on_one_thread_and_on_two(drawn in scenario(), seed in 0..1_000_u64) {
        let program = drawn.program();
        let config = Config::new().runs(48).seed(seed).mix(Mix::of(lanes()));
        let one = told(&program, &config);
        prop_assert_eq!(&told(&program, &config.clone().jobs(2)), &one);
        prop_assert_eq!(&told(&program, &config.check_determinism(true)), &one);
    }
}

/// An exhaustive scheduler that can be kept while it is lent to one run after the other.
#[derive(Clone, Default)]
struct Lent(Arc<Mutex<Exhaustive>>);

impl Lent {
    fn with<R>(&self, f: impl FnOnce(&mut Exhaustive) -> R) -> R {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Scheduler for Lent {
    fn name(&self) -> &'static str {
        "lent"
    }

    fn begin(&mut self, _seed: u64) -> bool {
        true
    }

    fn choose(&mut self, decision: &Decision<'_>) -> u64 {
        self.with(|exhaustive| exhaustive.choose(decision))
    }
}

/// Runs of an exhaustive exploration at most.
const ORDERS_MAX: usize = 1_500;

/// Every run that there is, one after the other, at most so many.
fn every_run(program: &ScenarioProgram, bounds: Bounds) -> Vec<Made> {
    let lent = Lent::default();
    let next = || {
        lent.with(|exhaustive| exhaustive.begin(0))
            .then(|| Single::of(program, &traced(0)).scheduled(bounds, Box::new(lent.clone())))
    };
    std::iter::from_fn(next).take(ORDERS_MAX).collect()
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn every_order_is_taken_once_and_each_is_sound(drawn in small_scenario(), bounds in 0..3_usize) {
        let (program, bounds) = (drawn.program(), BOUNDS[bounds]);
        let all = every_run(&program, bounds);
        let tapes: BTreeSet<String> = all.iter().map(|(run, _)| run.token.to_string()).collect();
        prop_assert_eq!(tapes.len(), all.len(), "each run has a tape of its own");
        let prints: BTreeSet<u64> = all.iter().map(|(run, _)| run.fingerprint).collect();
        prop_assert_eq!(prints.len(), all.len(), "each run is another run");
        for (run, _) in all.iter().step_by(1 + all.len() / 50) {
            holds(sound(&program, &traced(0), run), run)?;
        }
    }

    #[test]
    fn exhaustive_finds_what_fifo_and_random_orders_find(drawn in small_scenario(), bounds in 0..3_usize) {
        let (program, bounds) = (drawn.program(), BOUNDS[bounds]);
        let config = Config::new().runs(ORDERS_MAX as u64);
        let all = explore_exhaustive(&program, &config, bounds, &Watch::default());
        let known: BTreeSet<_> = all.found.iter().map(|found| (found.verdict, found.outcome.clone())).collect();
        let (fifo, outcome) = Single::of(&program, &config).fifo();
        prop_assert!(known.contains(&(fifo.verdict, outcome)), "FIFO's outcome is not among them");
        // Where all that ranges allow is there, it is at other moments, which are part of these outcomes.
        if matches!(all.orders, Orders::Every { in_ranges: true, .. }) {
            return Ok(());
        }
        if all.orders.is_exhausted() {
            // The naive one takes latencies that no decision offers.
            let aimed = |sampler: &Sampler| bounds == Bounds::EXACT || *sampler != Sampler::Naive;
            for (sampler, seed) in Sampler::ALL.into_iter().filter(aimed).cycle().zip(0..20) {
                let (run, outcome) = sampled(&program, (sampler, bounds), seed);
                // Nor are latencies that are settled when they begin.
                let settled = |departure: &Departure| {
                    bounds != Bounds::EXACT && departure.kind == DecisionKind::Armed
                };
                if !run.token.tape.departures().iter().any(settled) {
                    prop_assert!(known.contains(&(run.verdict, outcome)), "{}", run.token);
                }
            }
        }
        let every = every_run(&program, bounds);
        if every.len() < ORDERS_MAX {
            let outcomes: BTreeSet<_> =
                every.iter().map(|(run, outcome)| (run.verdict, outcome.clone())).collect();
            if bounds == Bounds::EXACT {
                prop_assert!(outcomes.is_subset(&known), "what the instants show, the ranges show");
            } else {
                prop_assert!(all.orders.is_exhausted() && all.runs <= every.len() as u64);
                prop_assert_eq!(outcomes, known, "the reduction leaves no outcome out");
            }
        }
    }
}

/// The strategy is worth something only if what it draws happens.
#[test]
fn random_programs_do_everything_a_program_can_do() {
    let mut runner = proptest::test_runner::TestRunner::new(cases(256));
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for _ in 0..400 {
        let drawn = scenario().new_tree(&mut runner).unwrap().current();
        seen.extend(words(&drawn.0.to_string()));
        for (run, _) in runs(&drawn.program()) {
            let trace = run.trace.unwrap();
            seen.extend(trace.events.iter().map(|event| kind(&event.what)));
            seen.insert(format!("{:?}", matches!(run.verdict, Verdict::Stuck)));
        }
    }
    let wanted = "sleep yield busy log timeout wait-for await cancel uncancel reschedule shift update reject \
        set clear wait send recv acquire try raise fail check shield=#true .. true false \
        Expire Reschedule Late Deliver Join Uncancel Busy Disarm Scope Task Waiter Returned Failed Cancelled \
        Elapsed Error Value";
    let missing: Vec<&str> = wanted
        .split_whitespace()
        .filter(|word| !seen.contains(*word))
        .collect();
    assert_eq!(missing, [""; 0], "{seen:?}");
}

fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    let range = text.contains("..").then(|| "..".to_owned());
    text.split_whitespace().map(str::to_owned).chain(range)
}

/// The name of what happened, or of what is telling in it.
fn kind(what: &EventKind) -> String {
    let name = match what {
        EventKind::Cancel(by) => format!("{by:?}"),
        EventKind::End(how) => format!("{how:?}"),
        EventKind::Exit { end, .. } => format!("{end:?}"),
        what => format!("{what:?}"),
    };
    let end = name.find(|c: char| !c.is_alphanumeric());
    name[..end.unwrap_or(name.len())].to_owned()
}
