//! Plain functions that wait inside a run: the run goes on underneath, and its end unwinds them.

use std::cell::Cell;
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use deadheat::search::Single;
use deadheat::{
    Config, Program, Verdict, block_on, check, check_blocking, log, now, run, run_blocking, sleep,
    spawn, spawn_named, yield_now,
};

fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

#[test]
fn a_plain_function_waits_and_time_passes() {
    run_blocking(&Config::new(), || {
        let other = spawn(async {
            sleep(ms(5)).await;
            7
        });
        assert_eq!(block_on(other).unwrap(), 7);
        assert_eq!(block_on(async { 1 }), 1);
        block_on(sleep(ms(5)));
        assert_eq!(now().as_nanos(), 10_000_000);
    })
    .unwrap();
}

#[test]
fn what_is_waited_for_may_borrow_from_the_stack() {
    run_blocking(&Config::new(), || {
        let text = String::from("here");
        let length = block_on(async {
            sleep(ms(1)).await;
            text.len()
        });
        assert_eq!(length, 4);
    })
    .unwrap();
}

#[test]
fn it_works_from_a_turn_that_goes_on_afterwards() {
    run(&Config::new(), || async {
        sleep(ms(1)).await;
        block_on(sleep(ms(1)));
        sleep(ms(1)).await;
        yield_now().await;
        assert_eq!(now().as_nanos(), 3_000_000);
    })
    .unwrap();
}

#[test]
fn a_wake_that_came_while_the_task_blocked_is_not_lost() {
    run(&Config::new(), || async {
        let mut first = Box::pin(sleep(ms(1)));
        let mut polled = 0;
        std::future::poll_fn(|cx| {
            polled += 1;
            let ready = first.as_mut().poll(cx);
            if polled == 1 {
                // The timer fires while this waits.
                block_on(sleep(ms(5)));
            }
            ready
        })
        .await;
        assert_eq!(now().as_nanos(), 5_000_000);
    })
    .unwrap();
}

#[test]
fn tasks_that_block_inside_each_other_all_go_on() {
    run_blocking(&Config::new(), || {
        let sum = Rc::new(Cell::new(0));
        let tasks: Vec<_> = (1..=5)
            .map(|n| {
                let sum = Rc::clone(&sum);
                spawn(async move {
                    block_on(sleep(ms(10 - n)));
                    sleep(ms(n)).await;
                    block_on(yield_now());
                    sum.set(sum.get() + n);
                })
            })
            .collect();
        for task in tasks {
            block_on(task).unwrap();
        }
        assert_eq!(sum.get(), 15);
    })
    .unwrap();
}

struct Starting;

impl Program for Starting {
    type Handles = u64;
    type Outcome = u64;

    fn start(&self) -> u64 {
        let other = spawn_named("other", sleep(ms(2)));
        block_on(other).unwrap();
        now().as_nanos() as u64
    }

    fn finish(&self, at: u64, _verdict: Verdict) -> u64 {
        at
    }
}

#[test]
fn it_works_from_the_start_of_a_program() {
    let (run, at) = Single::of(&Starting, &Config::new()).fifo();
    assert_eq!((run.verdict, at), (Verdict::Done, Some(2_000_000)));
}

#[test]
fn a_run_that_is_stuck_underneath_is_stuck_and_says_who_waits() {
    let failure = run_blocking(&Config::new(), || {
        let _forever = spawn_named("forever", async {
            std::future::pending::<()>().await;
        });
        let sleeper = spawn_named("sleeper", std::future::pending::<()>());
        block_on(sleeper).unwrap();
    })
    .unwrap_err();
    assert_eq!(failure.run.verdict, Verdict::Stuck);
    let text = failure.to_string();
    assert!(text.contains("main waits for the end of sleeper"), "{text}");
    assert!(text.contains("forever waits for"), "{text}");
}

#[test]
fn a_panic_underneath_is_the_panic_of_the_run() {
    let failure = run_blocking(&Config::new(), || {
        spawn_named("bad", async { panic!("on purpose") });
        block_on(sleep(ms(1)));
    })
    .unwrap_err();
    let panic = failure.run.panic.clone().unwrap();
    assert_eq!((&*panic.message, &*panic.task), ("on purpose", "bad"));
}

#[test]
fn a_panic_in_what_is_waited_for_is_the_task_s_own() {
    let failure = run_blocking(&Config::new(), || {
        block_on(async {
            sleep(ms(1)).await;
            panic!("mine")
        })
    })
    .unwrap_err();
    let panic = failure.run.panic.clone().unwrap();
    assert_eq!((&*panic.message, &*panic.task), ("mine", "main"));
}

#[test]
fn whoever_catches_the_end_of_the_run_does_not_change_it() {
    let failure = run_blocking(&Config::new(), || {
        let blocked = || block_on(std::future::pending::<()>());
        let ended = std::panic::catch_unwind(blocked);
        assert!(ended.is_err());
        deadheat::program::busy(ms(1));
        log("and on");
    })
    .unwrap_err();
    assert_eq!(failure.run.verdict, Verdict::Stuck);
    let caught = run_blocking(&Config::new(), || {
        let _ = deadheat::program::catch(|| block_on(std::future::pending::<()>()));
        unreachable!("the end of a run is passed on");
    });
    assert_eq!(caught.unwrap_err().run.verdict, Verdict::Stuck);
}

#[test]
fn the_root_may_end_while_another_task_blocks() {
    run(&Config::new(), || async {
        let _blocked = spawn(async { block_on(std::future::pending::<()>()) });
        sleep(ms(1)).await;
    })
    .unwrap();
}

#[test]
fn every_order_is_explored_underneath_and_is_repeated_by_its_token() {
    let program = || {
        let stored = Rc::new(Cell::new(false));
        let seen = Rc::clone(&stored);
        let writer = spawn(async move {
            sleep(ms(1)).await;
            stored.set(true);
        });
        let reader = spawn(async move {
            sleep(ms(1)).await;
            assert!(seen.get(), "read before it was written");
        });
        block_on(async {
            writer.await.unwrap();
            reader.await.unwrap();
        });
    };
    let failure = check_blocking(&Config::new(), program).unwrap_err();
    assert!(failure.to_string().contains("read before it was written"));
    assert!(!failure.run.stale);
    assert_eq!(failure.run.token.tape.len(), 1);
}

#[test]
fn an_abort_of_a_task_that_blocks_takes_effect_when_it_waits_next() {
    run(&Config::new(), || async {
        let blocked = spawn(async {
            block_on(sleep(ms(2)));
            log("not aborted yet");
            std::future::pending::<()>().await;
        });
        sleep(ms(1)).await;
        blocked.abort();
        assert!(blocked.await.is_err());
        assert_eq!(now().as_nanos(), 2_000_000);
    })
    .unwrap();
}

#[test]
fn a_pick_is_a_decision_and_the_dullest_is_the_first() {
    let failure = check(&Config::new(), || async {
        let picked = [
            deadheat::program::pick(3),
            deadheat::program::pick(3),
            deadheat::program::pick(1),
        ];
        assert_ne!(picked[1], 2, "the third");
    })
    .unwrap_err();
    assert_eq!(failure.run.token.tape.len(), 1, "{failure}");
    let report = failure.to_string();
    let departure = "main tries alternative 3 first   tests/tests/plain_code/blocking.rs:";
    assert!(report.contains(departure), "{report}");
    let first = run(&Config::new(), || async {
        assert_eq!(deadheat::program::pick(9), 0)
    });
    first.unwrap();
}
