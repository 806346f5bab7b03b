//! A runtime beside a run that is sealed.

use std::cell::Cell;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::rc::Rc;

use deadheat::beside::Beside;
use deadheat::{Config, Instant, run, sleep};

use crate::MS;

/// It panics where the clock moves within a turn.
#[derive(Debug)]
struct Panics;

impl Beside for Panics {
    fn moved(&self, _: Instant) {
        panic!("it cannot keep up");
    }
}

fn beside_one_that_panics() -> Config {
    Config::new().sealed(true).beside(|| Rc::new(Panics))
}

#[test]
fn a_panic_of_it_in_a_sleep_of_the_thread_fails_the_run() {
    let failed = run(&beside_one_that_panics(), || async {
        std::thread::sleep(MS);
        std::thread::sleep(MS);
        sleep(MS).await;
        unreachable!("the turn is over");
    });
    let panic = failed.unwrap_err().run.panic.clone().unwrap();
    assert_eq!(panic.message, "it cannot keep up");
    assert!(panic.place.contains("outside/beside.rs"), "{panic:?}");
}

#[test]
fn a_panic_of_it_where_the_program_starts_fails_the_run() {
    let failed = run(&beside_one_that_panics(), || {
        std::thread::sleep(MS);
        sleep(MS)
    });
    let report = failed.unwrap_err().to_string();
    assert!(report.contains("it cannot keep up"), "{report}");
    // It is of that run alone.
    run(&beside_one_that_panics(), || sleep(MS)).unwrap();
}

thread_local! {
    static DREW: Cell<u64> = const { Cell::new(0) };
}

/// It draws the keys of hash maps first of all, as tokio does.
#[derive(Debug)]
struct Draws;

impl Beside for Draws {
    fn begin(&self) {
        DREW.set(RandomState::new().hash_one(1));
    }
}

#[test]
fn what_it_draws_is_the_chance_of_the_run() {
    let drawn = |seed| {
        let config = Config::new()
            .seed(seed)
            .sealed(true)
            .beside(|| Rc::new(Draws));
        let made = run(&config, || async {
            sleep(MS * (RandomState::new().hash_one(2) % 1_000) as u32).await;
            sleep(MS * (DREW.get() % 1_000) as u32).await;
        });
        made.unwrap().fingerprint
    };
    assert_eq!(drawn(1), drawn(1));
    assert_ne!(drawn(1), drawn(2));
}
