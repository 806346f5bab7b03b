//! A sleep that begins anew with each tick of an interval never ends, and that is told (agent-browser #1110).

use std::time::Duration;

use deadheat::{Config, check};
use deadheat_tokio as tokio;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn config() -> Config {
    Config::new().runs(50).check_starved(true)
}

/// What is told of a sleep that never ends.
fn told<F: Future<Output = ()> + 'static>(program: fn() -> F) -> Option<String> {
    let failure = check(&config(), program).err()?;
    let report = failure.to_string();
    assert!(report.contains("never ended"), "{report}");
    Some(report)
}

/// The commands of a client that sends one, is silent for a minute, and hangs up.
fn client() -> UnboundedReceiver<&'static str> {
    let (commands, received) = unbounded_channel();
    tokio::spawn(async move {
        commands.send("open").ok();
        sleep(ms(60_000)).await;
    });
    received
}

/// A daemon that drains its connections twice a second, and ends once it has been idle for three seconds.
async fn daemon(mut commands: UnboundedReceiver<&'static str>) {
    let mut drain = interval(ms(500));
    drain.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            command = commands.recv() => if command.is_none() { break },
            _ = drain.tick() => {}
            () = sleep(ms(3_000)) => break,
        }
    }
}

#[test]
fn an_idle_timeout_that_each_tick_begins_anew_is_told_with_both_lines() {
    let told = told(|| daemon(client())).unwrap();
    let line = |what: &str| {
        let mut lines = include_str!("starved.rs").lines();
        1 + lines.position(|line| line.contains(what)).unwrap()
    };
    let sleep = format!(
        "tests/starved.rs:{}:",
        line("() = sleep(ms(3_000)) => break")
    );
    let tick = format!("tests/starved.rs:{}:", line("interval(ms(500))"));
    assert!(
        told.contains(&format!("the sleep of 3 s at sim/tokio/{sleep}")),
        "{told}"
    );
    assert!(
        told.contains(&format!("the interval made at sim/tokio/{tick}")),
        "{told}"
    );
}

#[test]
fn the_same_with_the_sleep_before_the_loop_is_not() {
    let fixed = told(|| async {
        let mut commands = client();
        let mut drain = interval(ms(500));
        let mut idle = std::pin::pin!(sleep(ms(3_000)));
        loop {
            tokio::select! {
                command = commands.recv() => {
                    if command.is_none() {
                        break;
                    }
                    idle.as_mut().reset(tokio::time::Instant::now() + ms(3_000));
                }
                _ = drain.tick() => {}
                () = &mut idle => break,
            }
        }
    });
    assert_eq!(fixed, None);
}

#[test]
fn timeouts_that_are_in_time_are_not() {
    let of_ticks = told(|| async {
        let mut ticks = interval(ms(500));
        for _ in 0..100 {
            timeout(ms(3_000), ticks.tick()).await.unwrap();
        }
    });
    assert_eq!(of_ticks, None);
    let of_a_call = told(|| async {
        let mut ticks = interval(ms(500));
        for _ in 0..100 {
            ticks.tick().await;
            tokio::select! {
                () = sleep(ms(100)) => {} // a call
                () = sleep(ms(300)) => panic!("no reply"),
            }
        }
    });
    assert_eq!(of_a_call, None);
    let in_a_loop = told(|| async {
        let mut commands = client();
        let command = timeout(ms(90_000), async {
            while commands.recv().await.is_some() {}
        });
        command.await.unwrap();
    });
    assert_eq!(in_a_loop, None);
}

#[test]
fn a_sleep_that_is_moved_each_time_is_meant_to_be() {
    let moved = told(|| async {
        let mut ticks = interval(ms(500));
        let mut watched = std::pin::pin!(sleep(ms(3_000)));
        for _ in 0..100 {
            tokio::select! {
                _ = ticks.tick() => watched.as_mut().reset(tokio::time::Instant::now() + ms(3_000)),
                () = &mut watched => panic!("no tick"),
            }
        }
    });
    assert_eq!(moved, None);
}
