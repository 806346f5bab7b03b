//! Tests with the attribute. Those that fail do so only when they are run by `child`.

use std::cell::Cell;
use std::process::ExitCode;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use deadheat::{Regressions, Token, always, random, sleep, sometimes, spawn_named, trace};

use crate::child;

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Fails if the reply takes longer than the deadline.
async fn reply(deadline: u64) {
    let reply = spawn_named("reply", sleep(ms(10)..=ms(100)));
    sleep(ms(deadline)).await;
    trace!("looked after {deadline} ms");
    assert!(reply.is_finished(), "the reply is late");
}

#[deadheat::test]
async fn passes() {
    sometimes!(random(4) == 3);
    sometimes!(random(4) == 4, "a fifth of four");
    reply(110).await;
}

#[deadheat::test(regressions = false)]
async fn fails() {
    reply(if child::is_asked_for() { 50 } else { 110 }).await;
}

#[deadheat::test(
    runs = 30,
    seed = 7,
    jobs = 2,
    scheduler = "random",
    late = "0",
    check_starved = true,
    regressions = false
)]
async fn has_arguments() {
    reply(110).await;
}

#[deadheat::test(exhaustive = true, regressions = false)]
async fn sees_every_order() {
    let reply = spawn_named("reply", sleep(ms(10)..=ms(100)));
    sleep(ms(if child::is_asked_for() { 100 } else { 101 })).await;
    assert!(reply.is_finished(), "the reply is late");
}

#[deadheat::test(regressions = false)]
async fn returns_a_code() -> ExitCode {
    ExitCode::from(u8::from(child::is_asked_for()))
}

#[deadheat::test]
async fn returns_success() -> Result<ExitCode, String> {
    Ok(ExitCode::SUCCESS)
}

#[deadheat::test(regressions = false)]
async fn returns_an_error() -> Result<(), std::num::ParseIntError> {
    let text = if child::is_asked_for() && random(8) == 7 {
        "seven"
    } else {
        "7"
    };
    text.parse::<u8>()?;
    Ok(())
}

#[deadheat::test]
#[should_panic(expected = "the reply is late")]
async fn should_panic() {
    reply(1).await;
}

/// In some runs the reply is there in time.
#[should_panic]
#[deadheat::test]
async fn panics_in_some_runs() {
    reply(if child::is_asked_for() { 50 } else { 1 }).await;
}

/// What a report says is not what the program says.
#[deadheat::test]
#[should_panic(expected = "main")]
async fn panics_with_something_else() {
    if child::is_asked_for() {
        panic!("something else");
    }
    panic!("in main");
}

#[deadheat::test(regressions = false)]
#[should_panic]
async fn waits_and_should_panic() {
    if child::is_asked_for() {
        std::future::pending::<()>().await;
    }
    spawn_named("other", async { panic!("of another task") })
        .await
        .unwrap();
}

#[deadheat::test(regressions = false)]
async fn states_what_does_not_hold() {
    let most = if child::is_asked_for() { 6 } else { 7 };
    let roll = random(8);
    always!(roll <= most, "{roll} of at most {most}");
}

#[deadheat::test(runs = 3, regressions = false)]
async fn does_not_repeat() {
    static RUNS: AtomicU64 = AtomicU64::new(0);
    if child::is_asked_for() {
        sleep(ms(RUNS.fetch_add(1, Ordering::Relaxed))).await;
    }
}

#[deadheat::test(regressions = false)]
async fn has_nothing_to_decide() {}

/// What it draws changes nothing that it does.
#[deadheat::test(regressions = false)]
async fn draws_and_looks_at_nothing() {
    random(2);
}

/// An error type of the test's own, and a return type with a path.
#[derive(Debug)]
struct Odd;

#[deadheat::test(runs = 10)]
async fn waits_on_the_same_thread() -> std::result::Result<(), Odd> {
    let shared = Rc::new(Cell::new(0));
    sleep(ms(1)).await;
    shared.set(1);
    if shared.get() == 1 { Ok(()) } else { Err(Odd) }
}

/// For several at once: keeps runs of its own in the file it is told.
#[test]
fn keeps_many() {
    if let Some((path, from)) = child::keeping() {
        let regressions = Regressions::at(path).named(&format!("process {from}"));
        for number in 0..25 {
            let token: Token = format!("dh1:{:x}", from * 100 + number).parse().unwrap();
            regressions.keep(&token, "one of many").unwrap();
        }
    }
}
