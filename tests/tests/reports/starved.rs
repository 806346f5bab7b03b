//! A sleep that is made anew in each round of a loop and never ends is noticed, and nothing that looks like it.

use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use deadheat::testing::{Arguments, Keep, Place, Test};
use deadheat::{
    Config, Main, Program, Verdict, check, check_program, clock, now, sleep, sleep_until, spawn,
    spawn_named,
};
use deadheat_scenarios::museum::{self, Revision};
use deadheat_scenarios::{Outcome, ScenarioProgram, catalogue};
use deadheat_tests::strategy::{cases, scenario};
use deadheat_timeout::timeout;
use proptest::prelude::*;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// What is told of a test whose runs pass.
fn told<Fut: Future<Output = ()> + 'static>(body: impl Fn() -> Fut + Sync) -> String {
    let place = Place {
        function: "starved",
        module: "service::tests",
        ..Place::default()
    };
    let arguments = Arguments {
        regressions: Keep::Nowhere,
        runs: Some(100),
        ..Arguments::default()
    };
    let test = Test::new(place, &arguments, [], || 0).unwrap();
    test.run(&|| Duration::ZERO, body).unwrap().to_string()
}

/// The note about a sleep that never ends, if there is one.
fn note<Fut: Future<Output = ()> + 'static>(body: impl Fn() -> Fut + Sync) -> Option<String> {
    let told = told(body);
    let mut lines = told.lines();
    let line = lines.find(|line| line.contains("never ended"))?;
    Some(line.to_owned())
}

/// Sends so many blocks, one every 250 ms.
fn blocks(many: u32) -> UnboundedReceiver<u32> {
    let (news, blocks) = unbounded_channel();
    spawn_named("node", async move {
        for block in 0..many {
            sleep(ms(250)).await;
            news.send(block).ok();
        }
    });
    blocks
}

/// Waits for a block, for two seconds from the last one on.
async fn waits_for(number: u32, mut blocks: UnboundedReceiver<u32>) -> Option<u32> {
    loop {
        tokio::select! {
            biased;
            block = blocks.recv() => if block.is_none_or(|block| block == number) { return block },
            () = sleep(ms(2_000)) => return None,
        }
    }
}

#[test]
fn a_sleep_that_begins_anew_with_each_message_is_told() {
    let told = told(|| async {
        let confirmed = waits_for(40, blocks(50)).await;
        assert_eq!(confirmed, Some(40), "2 s were over long ago");
    });
    insta::assert_snapshot!(told);
}

#[test]
fn if_it_is_asked_for_the_test_fails() {
    let config = Config::new().name("wait").runs(10).check_starved(true);
    let failure = check(&config, || async {
        waits_for(40, blocks(50)).await;
    });
    insta::assert_snapshot!(failure.unwrap_err());
    check(&config, || async {
        waits_for(4, blocks(50)).await;
    })
    .expect("it does not take as long as it may");
}

#[test]
fn one_that_ends_in_some_run_is_not_told() {
    let ends = note(|| async {
        let (news, mut blocks) = unbounded_channel();
        spawn(async move {
            for block in 0..40 {
                sleep(ms(250)).await;
                news.send(block).ok();
            }
            // The service is idle in a few runs.
            sleep(ms(250)..=ms(5_000)).await;
        });
        loop {
            tokio::select! {
                biased;
                block = blocks.recv() => if block.is_none() { break },
                () = sleep(ms(2_000)) => break,
            }
        }
    });
    assert_eq!(ends, None);
}

#[test]
fn a_timeout_around_what_is_always_in_time_is_not_told() {
    let in_time = note(|| async {
        for _ in 0..100 {
            let second = ms(1_000);
            timeout(&clock(), second, sleep(ms(250))).await.unwrap();
        }
    });
    assert_eq!(in_time, None);
    let by_hand = note(|| async {
        for _ in 0..100 {
            tokio::select! {
                biased;
                () = sleep(ms(250)) => {}
                () = sleep(ms(1_000)) => panic!("too late"),
            }
        }
    });
    assert_eq!(by_hand, None);
}

#[test]
fn a_reply_that_was_asked_for_is_not_told() {
    let asked = note(|| async {
        let (requests, mut asked) = unbounded_channel();
        let (replies, mut replied) = unbounded_channel();
        spawn(async move {
            while let Some(request) = asked.recv().await {
                sleep(ms(250)).await;
                replies.send(request).ok();
            }
        });
        for request in 0..100 {
            requests.send(request).unwrap();
            tokio::select! {
                biased;
                reply = replied.recv() => assert_eq!(reply, Some(request)),
                () = sleep(ms(1_000)) => panic!("no reply"),
            }
        }
    });
    assert_eq!(asked, None);
}

#[test]
fn a_deadline_that_stays_and_a_sleep_outside_of_the_loop_are_not_told() {
    let stays = note(|| async {
        let mut blocks = blocks(50);
        let deadline = now() + ms(60_000);
        loop {
            tokio::select! {
                biased;
                block = blocks.recv() => if block.is_none() { break },
                () = sleep_until(deadline) => break,
            }
        }
    });
    assert_eq!(stays, None);
    let outside = note(|| async {
        let mut blocks = blocks(50);
        let mut too_long = pin!(sleep(ms(60_000)));
        loop {
            tokio::select! {
                biased;
                block = blocks.recv() => if block.is_none() { break },
                () = &mut too_long => break,
            }
        }
    });
    assert_eq!(outside, None);
}

#[test]
fn a_pause_between_two_sleeps_is_a_new_beginning() {
    let paused = note(|| async {
        let mut blocks = blocks(50);
        loop {
            tokio::select! {
                biased;
                block = blocks.recv() => if block.is_none() { break },
                () = sleep(ms(2_000)) => break,
            }
            sleep(ms(10)).await; // what is done with the block
        }
    });
    assert_eq!(paused, None);
}

#[test]
fn what_is_mended_in_the_museum_is_not_told() {
    let config = Config::new().runs(200).check_starved(true);
    let variants = museum::exhibits()
        .iter()
        .flat_map(|exhibit| exhibit.variants);
    for variant in variants.filter(|variant| variant.revision == Revision::Fixed) {
        let checked = check_program(variant, &config);
        assert!(
            checked.is_ok(),
            "{}: {}",
            variant.name,
            checked.unwrap_err()
        );
    }
}

#[test]
fn the_report_of_the_museums_bug_tells_the_sleep() {
    let exhibit = museum::find("timeout-restarts-in-loop").unwrap();
    let failure = check_program(&exhibit.variants[0], &Config::new()).unwrap_err();
    let [note] = &*failure.notes else {
        panic!("{failure}");
    };
    insta::assert_snapshot!(note);
}

/// A scenario whose sleeps have lines, those of the interpreter, and which may end in any way.
struct WithLines(ScenarioProgram);

impl Program for WithLines {
    type Handles = <ScenarioProgram as Program>::Handles;
    type Outcome = Outcome;

    fn start(&self) -> Self::Handles {
        self.0.start()
    }

    fn finish(&self, handles: Self::Handles, verdict: Verdict) -> Outcome {
        self.0.finish(handles, verdict)
    }

    fn expects(&self, _: Verdict) -> bool {
        true
    }
}

#[test]
fn no_program_of_the_catalogue_is_told() {
    let config = Config::new().runs(200).check_starved(true);
    for entry in catalogue::entries() {
        let program = WithLines(entry.program().unwrap());
        let checked = check_program(&program, &config);
        assert!(checked.is_ok(), "{}: {}", entry.name, checked.unwrap_err());
    }
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn no_random_program_is_told(drawn in scenario()) {
        let config = Config::new().runs(20).check_starved(true);
        let checked = check_program(&WithLines(drawn.program()), &config);
        prop_assert!(checked.is_ok(), "{}", checked.unwrap_err());
    }
}

#[test]
fn a_program_without_such_sleeps_is_made_no_more_often_for_it() {
    let made = AtomicU64::new(0);
    let program = || {
        made.fetch_add(1, Ordering::Relaxed);
        async {
            for _ in 0..100 {
                timeout(&clock(), ms(1_000), sleep(ms(250))).await.unwrap();
            }
        }
    };
    let config = Config::new().runs(50).check_starved(true);
    assert_eq!(check_program(&Main::new(program), &config).unwrap(), 50);
    assert_eq!(made.into_inner(), 50);
}

#[test]
fn what_is_told_does_not_depend_on_the_number_of_threads() {
    let told = |jobs| {
        let config = Config::new().runs(200).check_starved(true).jobs(jobs);
        let failure = check(&config, || async {
            waits_for(40, blocks(50)).await;
        });
        failure.unwrap_err().to_string()
    };
    assert_eq!(told(1), told(3));
}
