//! A runtime that is started or dropped in an asynchronous function panics as tokio's does, with its words; in a
//! plain function it does not. Each case is made on tokio itself, too.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use deadheat::{Config, check_blocking, run, run_blocking};
use deadheat_tokio as tokio;
use tokio::runtime::{Builder, Handle, LocalRuntime, Runtime};
use tokio::task::{LocalSet, block_in_place, spawn_blocking};
use tokio::time::sleep;

const MS: Duration = Duration::from_millis(1);
const START: &str = "Cannot start a runtime from within a runtime. This happens because a function (like `block_on`) \
                     attempted to block the current thread while the thread is being used to drive asynchronous \
                     tasks. If you are in an async function, use `.await` on the future instead of blocking on it.";
const DROP: &str = "Cannot drop a runtime in a context where blocking is not allowed. This happens when a runtime is \
                    dropped from within an asynchronous context.";

fn new() -> Runtime {
    Runtime::new().unwrap()
}

fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// What the cases are made on: a run, whose future is asynchronous by itself, and tokio, whatever is there of it.
#[derive(Debug, Clone, Copy)]
enum On {
    Root,
    SpawnedByDeadheat,
    SpawnedByTokio,
    BlockOnOfARuntime,
    Tokio,
}

const ALL: [On; 5] = [
    On::Root,
    On::SpawnedByDeadheat,
    On::SpawnedByTokio,
    On::BlockOnOfARuntime,
    On::Tokio,
];

/// Makes a case in an asynchronous function; the message if it panics.
fn panic_of<F>(on: On, case: fn() -> F) -> Option<String>
where
    F: Future<Output = ()> + Send + 'static,
{
    let config = Config::new();
    let made = match on {
        On::Root => run(&config, case),
        On::SpawnedByDeadheat => run(&config, move || async move {
            deadheat::spawn(case()).await.unwrap();
        }),
        On::SpawnedByTokio => run(&config, move || async move {
            // A panic that is not looked at fails the run.
            let task = tokio::spawn(case());
            while !task.is_finished() {
                sleep(MS).await;
            }
        }),
        On::BlockOnOfARuntime => run_blocking(&config, move || {
            let outer = new();
            outer.block_on(case());
        }),
        On::Tokio => {
            let caught = catch_unwind(AssertUnwindSafe(|| new().block_on(case())));
            return caught
                .err()
                .map(|payload| match payload.downcast::<String>() {
                    Ok(text) => *text,
                    Err(payload) => (*payload.downcast::<&str>().unwrap()).to_owned(),
                });
        }
    };
    made.err()
        .map(|failure| failure.run.panic.clone().expect("a panic").message)
}

#[track_caller]
fn panics<F>(with: &str, case: fn() -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    for on in ALL {
        assert_eq!(panic_of(on, case).as_deref(), Some(with), "{on:?}");
    }
}

#[track_caller]
fn passes<F>(case: fn() -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    for on in ALL {
        assert_eq!(panic_of(on, case), None, "{on:?}");
    }
}

#[test]
fn starting_one_in_an_asynchronous_function_panics() {
    panics(START, || async {
        let runtime = std::mem::ManuallyDrop::new(new());
        runtime.block_on(async {});
    });
    panics(START, || async { Handle::current().block_on(async {}) });
    panics(START, || async {
        let runtime = std::mem::ManuallyDrop::new(current_thread());
        LocalSet::new().block_on(&runtime, async {});
    });
    panics(START, || async {
        let runtime = std::mem::ManuallyDrop::new(LocalRuntime::new().unwrap());
        runtime.block_on(async {});
    });
}

#[test]
fn dropping_one_in_an_asynchronous_function_panics() {
    panics(DROP, || async { drop(new()) });
    panics(DROP, || async { drop(current_thread()) });
    panics(DROP, || async { drop(LocalRuntime::new().unwrap()) });
    panics(DROP, || async {
        let _kept_over_an_await = new();
        sleep(MS).await;
    });
    panics(DROP, || async { new().shutdown_timeout(MS) });
    panics(DROP, || async {
        LocalRuntime::new().unwrap().shutdown_timeout(MS)
    });
}

#[test]
fn shutting_one_down_without_a_wait_does_not() {
    passes(|| async { new().shutdown_background() });
    passes(|| async { current_thread().shutdown_timeout(Duration::ZERO) });
    passes(|| async { LocalRuntime::new().unwrap().shutdown_background() });
    passes(|| async {
        let runtime = new();
        runtime.spawn(sleep(MS)).await.unwrap();
        let _entered = runtime.enter();
        drop(_entered);
        runtime.shutdown_background();
    });
}

#[test]
fn a_plain_function_that_may_block_does_what_it_likes() {
    passes(|| async {
        block_in_place(|| {
            let runtime = new();
            runtime.block_on(sleep(MS));
            Handle::current().block_on(sleep(MS));
        });
    });
    passes(|| async {
        let blocking = spawn_blocking(|| {
            let runtime = current_thread();
            runtime.block_on(sleep(MS));
        });
        blocking.await.unwrap();
    });
}

#[test]
fn beneath_a_plain_function_that_waits_everything_is_asynchronous_again() {
    let failure = run_blocking(&Config::new(), || {
        deadheat::block_on(async { drop(new()) });
    });
    assert_eq!(
        failure.unwrap_err().run.panic.as_ref().unwrap().message,
        DROP
    );
    let failure = check_blocking(&Config::new(), || {
        deadheat::spawn(async { drop(new()) });
        new().block_on(sleep(MS));
    });
    assert_eq!(
        failure.unwrap_err().run.panic.as_ref().unwrap().message,
        DROP
    );
}

#[test]
fn a_program_with_runtimes_of_its_own_is_a_plain_function() {
    check_blocking(&Config::new(), || {
        for runtime in [new(), current_thread()] {
            let set = LocalSet::new();
            set.block_on(&runtime, sleep(MS));
            runtime.block_on(async {
                spawn_blocking(|| drop(new())).await.unwrap();
            });
        }
        let local = LocalRuntime::new().unwrap();
        local.block_on(sleep(MS));
        local.shutdown_timeout(MS);
    })
    .unwrap();
}

#[test]
fn one_that_a_task_still_has_when_the_run_ends_is_dropped_with_it() {
    run(&Config::new(), || async {
        let (runtime, inner) = (new(), new());
        let handle = runtime.handle().clone();
        deadheat::spawn(async move {
            let _runtime = runtime;
            std::future::pending::<()>().await;
        });
        // Dropped by the runtime that is dropped.
        handle.spawn(async move {
            let _inner = inner;
            std::future::pending::<()>().await;
        });
        sleep(MS).await;
    })
    .unwrap();
}
