//! Where nothing takes time, a run is its order, and few runs of an exploration repeat one.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::{Arc, Mutex};

use deadheat::{Bounds, Config, Main, Mix, Sampler, Watch, explore, spawn, yield_now};

const RUNS: u64 = 20_000;

/// How many orders of three tasks with five awaits, and of the main task that waits for them, come up.
fn orders(mix: Mix) -> usize {
    let seen = Arc::new(Mutex::new(BTreeSet::new()));
    let of_runs = Arc::clone(&seen);
    let program = Main::new(move || {
        let seen = Arc::clone(&of_runs);
        async move {
            let order = Rc::new(RefCell::new(Vec::new()));
            let task = |name: u8| {
                let order = Rc::clone(&order);
                spawn(async move {
                    for _ in 0..5 {
                        order.borrow_mut().push(name);
                        yield_now().await;
                    }
                })
            };
            for task in [1, 2, 3].map(task) {
                task.await.unwrap();
                order.borrow_mut().push(0);
            }
            seen.lock().unwrap().insert(order.take());
        }
    });
    let config = Config::new().mix(mix).runs(RUNS);
    explore(&program, &config, &Watch::default());
    seen.lock().unwrap().len()
}

#[test]
fn few_runs_repeat_an_order() {
    let random = orders(Mix::only(Sampler::Random, Bounds::EXACT));
    assert!(random >= 19_500, "{random} of {RUNS}");
    let default = orders(Mix::default());
    assert!(default >= 18_000, "{default} of {RUNS}");
}
