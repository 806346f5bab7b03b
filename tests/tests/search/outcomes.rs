//! What is kept of the outcomes of many runs: few numbers each, and not of more than so many.

use std::sync::Mutex;

use deadheat::program::always;
use deadheat::search::{Exploration, explore_bounded};
use deadheat::{
    Bounds, Config, Main, Program, Run, Watch, explore, explore_exhaustive, random, sleep, spawn,
};

/// How many outcomes are kept of those that are as they should be, and as many of the others.
const KEPT: usize = 10_000;

/// Each run has another outcome, nearly; every other run fails.
fn all_differ() -> impl Program<Outcome = Option<u64>> {
    Main::new(|| async {
        let drawn = random(1 << 40);
        always(drawn.is_multiple_of(2), || "it is odd".to_owned());
        drawn
    })
}

#[test]
fn those_that_came_first_are_kept_and_the_rest_is_counted_with_any_number_of_jobs() {
    let program = all_differ();
    let runs = 3 * KEPT as u64;
    let explored = |jobs| {
        let config = Config::new().runs(runs).jobs(jobs);
        explore(&program, &config, &Watch::default())
    };
    let told = |exploration: &Exploration<_>| {
        let found = exploration.found.iter();
        let found = found.map(|found| (found.first, found.count, found.outcome, found.failed));
        (found.collect::<Vec<_>>(), exploration.unlisted)
    };
    let one = explored(1);
    let firsts = |failed| {
        let of_kind = one.found.iter().filter(move |found| found.failed == failed);
        of_kind.map(|found| found.first).collect::<Vec<_>>()
    };
    let (passing, failing) = (firsts(false), firsts(true));
    assert_eq!((passing.len(), failing.len()), (KEPT, KEPT));
    // Up to where there is no room any more for one of the two kinds, each run is another outcome, and there.
    let end = passing[KEPT - 1].min(failing[KEPT - 1]);
    let before = one.found.iter().map(|found| found.first);
    assert!((0..end).eq(before.take_while(|first| *first < end)));
    let listed: u64 = one.found.iter().map(|found| found.count).sum();
    assert_eq!((listed, one.unlisted), (2 * KEPT as u64, runs - listed));
    for jobs in [2, 5] {
        let several = explored(jobs);
        assert_eq!(told(&several), told(&one), "{jobs} jobs");
        let number = |exploration: &Exploration<_>| exploration.failure().map(|it| it.number);
        assert_eq!(number(&several), number(&one));
    }
}

/// Every run of these fails, so that each is told of.
fn orders() -> impl Program<Outcome = Option<u64>> {
    Main::new(|| async {
        let tasks = [1, 2, 3].map(|number| {
            spawn(async move {
                sleep(std::time::Duration::from_millis(2)).await;
                number
            })
        });
        let mut all = 0;
        for task in tasks {
            all += task.await.unwrap();
        }
        always(false, || "each run is told of".to_owned());
        all * 10 + random(4)
    })
}

#[test]
fn the_run_of_an_outcome_is_made_again_as_it_was() {
    let program = orders();
    let made: Mutex<Vec<(u64, String)>> = Mutex::default();
    let found = |number, run: &Run| {
        made.lock().unwrap().push((number, format!("{run:?}")));
    };
    let watch = Watch {
        found: &found,
        ..Watch::default()
    };
    let config = Config::new().runs(200).seed(7);
    let late = Bounds::late(std::time::Duration::from_millis(1));
    let checked = config.clone().check_determinism(true);
    for exploration in [
        &(|| explore(&program, &config, &watch)) as &dyn Fn() -> Exploration<_>,
        &|| explore(&program, &checked, &watch),
        &|| explore_exhaustive(&program, &config, late, &watch),
        &|| explore_bounded(&program, &config, late, 2, &watch),
    ] {
        made.lock().unwrap().clear();
        let exploration = exploration();
        let made = made.lock().unwrap();
        assert!(!exploration.found.is_empty());
        for found in &exploration.found {
            let again = format!("{:?}", found.run(&program, &config));
            let first = made.iter().find(|(number, _)| *number == found.first);
            assert_eq!(Some(&again), first.map(|(_, run)| run));
        }
    }
}
