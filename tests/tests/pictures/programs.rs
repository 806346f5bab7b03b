//! What is drawn here: a bug of the catalogue, a retry with faults, a deadline that moves, a hundred tasks.

use std::sync::Arc;
use std::time::Duration;

use deadheat::search::Single;
use deadheat::{Config, Failure, check, clock, fault, log, sleep, spawn_named};
use deadheat_scenarios::ScenarioProgram;
use deadheat_timeout::timeout;
use tokio::sync::Semaphore;

const MS: fn(u64) -> Duration = Duration::from_millis;
const POOL: &str = include_str!("../../../scenarios/catalogue/connection-pool-bug.kdl");

/// The connection is handed over a nanosecond before the deadline.
pub(crate) fn pool() -> Failure {
    let program =
        ScenarioProgram::new(deadheat_scenarios::parse("pool.kdl", POOL).expect("a scenario"));
    let token = "dh1:1.n2=1/5.fp=84e9e8951778a857".parse().expect("a token");
    let config = Config::new().name("connection-pool-bug");
    deadheat::report::report_kept(&program, &config, &token).expect("it still fails")
}

/// A call that is tried anew until its budget is used up.
pub(crate) fn retry() -> Failure {
    let config = Config::new().name("retry").runs(3_000);
    let failure = check(&config, || async {
        let budget = timeout(&clock(), MS(140), async {
            let mut pause = 10;
            loop {
                sleep(MS(5)..=MS(40)).await;
                if !fault("backend") {
                    return;
                }
                log("the backend fails");
                sleep(MS(pause)).await;
                pause *= 2;
            }
        });
        assert!(budget.await.is_ok(), "the budget is used up");
    });
    *failure.expect_err("four faults are too many")
}

/// A hundred callers of three workers, each with a patience of its own.
pub(crate) fn hundred() -> Failure {
    let config = Config::new().name("a hundred callers").runs(200);
    let failure = check(&config, || async {
        let workers = Arc::new(Semaphore::new(3));
        let callers: Vec<_> = (0..99_u64)
            .map(|number| {
                let workers = workers.clone();
                spawn_named(format!("caller {number}"), async move {
                    sleep(MS(number * 3)).await;
                    let served = timeout(&clock(), MS(30), async {
                        let _permit = workers.acquire().await.expect("it stays open");
                        sleep(MS(9)..=MS(13)).await;
                    });
                    served.await.is_ok()
                })
            })
            .collect();
        for (number, caller) in callers.into_iter().enumerate() {
            assert!(
                caller.await.expect("it ends"),
                "caller {number} is not served in time"
            );
        }
    });
    *failure.expect_err("one who waits too long")
}

/// A run that passes, in order and on time.
pub(crate) fn passing() -> deadheat::record::Run {
    let config = Config::new().trace(true);
    let program = deadheat::Main::new(|| async {
        let worker = spawn_named("worker", async { sleep(MS(30)).await });
        worker.await.expect("it ends");
    });
    Single::of(&program, &config).fifo().0
}
