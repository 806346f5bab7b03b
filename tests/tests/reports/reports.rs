//! What a failure says, word for word: people grep for it.

use std::rc::Rc;
use std::time::Duration;

use deadheat::invariant::{Event, Happened, Invariant};
use deadheat::program::spawn_task;
use deadheat::{
    Bounds, Config, Failure, Limits, Mix, Sampler, always, check, clock, log, replay, run, sleep,
    spawn, spawn_named, yield_now,
};
use deadheat_timeout::Interrupted;

const SECOND: Duration = Duration::from_secs(1);

/// Source positions are of this file and machine: they are no part of what is fixed.
fn steady(failure: &Failure) -> String {
    let text = failure.to_string();
    let mut steady = String::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find(".rs:") {
        let end = at + 4;
        let digits = rest[end..]
            .find(|c: char| !c.is_ascii_digit() && c != ':')
            .unwrap_or(0);
        let start = rest[..at].rfind([' ', '\n']).map_or(0, |index| index + 1);
        let name = rest[..at].rfind('/').map_or(start, |index| index + 1);
        steady.push_str(&rest[..start]);
        steady.push_str(&rest[name..end]);
        steady.push('…');
        rest = &rest[end + digits..];
        if rest.starts_with(' ') || rest.starts_with('\n') {
            continue;
        }
        rest = rest.strip_prefix(':').unwrap_or(rest);
        steady.push(':');
    }
    steady.push_str(rest);
    steady
}

#[test]
fn stuck() {
    let failure = run(&Config::new().name("mailbox"), || async {
        let never = spawn_named("never", std::future::pending::<()>());
        let (sender, mut receiver) = tokio::sync::mpsc::channel::<u32>(1);
        let held = Rc::new(sender);
        let keep = Rc::clone(&held);
        spawn_named("reader", async move {
            sleep(SECOND).await;
            deadheat::program::waiting_for("a letter".into(), receiver.recv()).await;
            drop(keep);
        });
        never.await.unwrap();
        drop(held);
    });
    insta::assert_snapshot!(steady(&failure.unwrap_err()));
}

#[test]
fn livelock() {
    let limits = Limits {
        steps_per_instant: 50,
        ..Limits::default()
    };
    let failure = run(&Config::new().name("spin").limits(limits), || async {
        loop {
            yield_now().await;
        }
    });
    insta::assert_snapshot!(steady(&failure.unwrap_err()));
}

#[test]
fn limit_on_steps_although_a_keep_alive_timer_never_ends() {
    let limits = Limits {
        steps: 60,
        ..Limits::default()
    };
    let failure = run(&Config::new().name("keep-alive").limits(limits), || async {
        let waits = spawn_named("waits", std::future::pending::<()>());
        spawn_named("keep alive", async {
            loop {
                sleep(SECOND).await;
            }
        });
        waits.await.unwrap();
    });
    insta::assert_snapshot!(steady(&failure.unwrap_err()));
}

#[test]
fn limit_on_virtual_time() {
    let limits = Limits {
        virtual_time: Duration::from_secs(3600),
        ..Limits::default()
    };
    let failure = run(&Config::new().name("patient").limits(limits), || {
        sleep_days(2)
    });
    insta::assert_snapshot!(steady(&failure.unwrap_err()));
}

async fn sleep_days(days: u64) {
    sleep(Duration::from_secs(86_400 * days)).await;
}

#[test]
fn panic_in_a_task() {
    let failure = run(&Config::new().name("oops"), || async {
        let worker = spawn_named("worker", async {
            sleep(SECOND).await;
            let nothing: Option<u32> = std::hint::black_box(None);
            nothing.expect("a number")
        });
        worker.await.unwrap();
    });
    insta::assert_snapshot!(steady(&failure.unwrap_err()));
}

#[test]
fn a_statement_that_does_not_hold_with_the_departures_that_break_it() {
    let failure = check(&Config::new().name("cancel is refused"), || async {
        let main = spawn_task("main", async |cx| {
            // The mistake: a cancel that comes with the value is dropped.
            let got = cx.wait(sleep(SECOND * 3)).await;
            log(if got.is_ok() {
                "value"
            } else {
                "cancel refused"
            });
            always(got.is_ok(), || "a cancel request was refused".to_owned());
            Ok::<_, Interrupted>(())
        });
        let canceller = main.clone();
        let ops = spawn_named("ops", async move {
            sleep(SECOND * 3).await;
            canceller.cancel();
        });
        ops.await.unwrap();
        let _ = main.ended().await;
    });
    insta::assert_snapshot!(steady(&failure.unwrap_err()));
}

#[test]
fn a_late_timer() {
    let mix = Mix::only(Sampler::Random, Bounds::late(Duration::from_millis(1)));
    let failure = check(&Config::new().name("punctual").mix(mix), || async {
        sleep(SECOND).await;
        always(clock_ns() == 1_000_000_000, || "not punctual".to_owned());
        spawn(async {}).await.unwrap();
    });
    insta::assert_snapshot!(steady(&failure.unwrap_err()));
}

fn clock_ns() -> i64 {
    use deadheat_timeout::Clock;
    clock().now().as_nanos()
}

#[test]
fn a_failure_pastes_back_and_fails_in_the_same_way() {
    let program = || async {
        let writer = spawn(sleep(SECOND));
        let reader = spawn_named("reader", async {
            sleep(SECOND).await;
            always(false, || "always".to_owned());
        });
        writer.await.unwrap();
        reader.await.unwrap();
    };
    let config = Config::new().name("paste");
    let failure = check(&config, program).unwrap_err();
    let line = &failure.replay[0];
    let token = line.split('"').nth(1).unwrap();
    let Err(deadheat::ReplayError::Failure(again)) = replay(&config, token, program) else {
        panic!("the replay did not fail");
    };
    assert_eq!(again.run.violations, failure.run.violations);
    assert_eq!(again.run.trace, failure.run.trace);
    assert_eq!(again.run.fingerprint, failure.run.fingerprint);
    assert!(!again.run.stale && again.run.divergence.is_none());
}

#[test]
fn a_stale_token_says_where_the_program_diverged() {
    let config = Config::new();
    let stale = replay(&config, "dh1:0.n3=1/7", || async {
        always(false, || "fails anyway".to_owned());
    });
    let Err(deadheat::ReplayError::Failure(failure)) = stale else {
        panic!("it did not fail")
    };
    insta::assert_snapshot!(steady(&failure));
}

#[test]
fn a_bad_token_says_what_is_wrong_and_where() {
    let tokens = [
        "",
        "dh2:0",
        "dh1:",
        "dh1:xyz",
        "dh1:0.n1",
        "dh1:0.n1=0/2",
        "dh1:0.n1=2/2",
        "dh1:0.q1=1/2",
        "dh1:0.late=0",
        "dh1:0.late=5.late=6",
        "dh1:00",
        "dh1:0.",
    ];
    let said: Vec<String> = tokens
        .iter()
        .map(|token| {
            format!(
                "{token:?}: {}",
                token.parse::<deadheat::Token>().unwrap_err()
            )
        })
        .collect();
    insta::assert_snapshot!(said.join("\n"));
}

/// Which of these words stand among the events of a report, line by line.
fn lines_with<'a>(report: &'a str, words: &[&str]) -> Vec<&'a str> {
    let (_, events) = report.split_once("What happened").unwrap();
    let lines = events.lines().filter_map(|line| {
        let word = words.iter().find(|word| line.contains(*word))?;
        Some(&line[line.find(word)?..][..word.len()])
    });
    lines.collect()
}

/// A task of the library ends twice in what is recorded, and once in a trace.
#[test]
fn a_statement_stands_among_the_events_where_it_was_made() {
    let failure = run(&Config::new(), || async {
        let work = spawn_task("work", async |cx| {
            cx.wait(sleep(SECOND)).await?;
            Ok::<_, Interrupted>(())
        });
        work.ended().await.unwrap();
        log("before");
        always(false, || "in between".to_owned());
        log("after");
    });
    let failure = failure.unwrap_err();
    let place = failure.run.violations[0].place.clone().unwrap();
    assert_eq!((&*place.file, place.line), (file!(), line!() - 5));
    let report = failure.to_string();
    let words = ["\"before\"", "violated: in between", "\"after\""];
    assert_eq!(lines_with(&report, &words), words, "{report}");
    assert!(report.contains("at 1 s, stated at "), "{report}");
}

#[test]
fn what_must_hold_in_every_run_has_the_place_of_the_event_that_breaks_it() {
    struct Silent;
    impl Invariant for Silent {
        fn name(&self) -> &'static str {
            "nothing is said"
        }

        fn event(&mut self, event: &Event<'_>) -> Result<(), String> {
            match event.what {
                Happened::Logged(text) => Err(format!("{text} was said")),
                _ => Ok(()),
            }
        }
    }
    let config = Config::new().invariant(|| Silent);
    let failure = run(&config, || async { log("a word") }).unwrap_err();
    let place = failure.run.violations[0].place.clone().unwrap();
    assert_eq!((&*place.file, place.line), (file!(), line!() - 2));
    let report = failure.to_string();
    let words = ["\"a word\"", "violated: nothing is said: a word was said"];
    assert_eq!(lines_with(&report, &words), words, "{report}");
    assert!(report.contains("at 0 ms, caused at "), "{report}");
}
