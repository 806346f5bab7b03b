//! Programs of thousands of tasks: their lateness, their runs and their reports stay what they are for a few.

use std::time::Duration;

use deadheat::{
    Config, Main, Watch, check, explore, explore_future, now, replay, run, sleep, spawn,
};

const MS: Duration = Duration::from_millis(1);

/// So many sleeps of 1 to 3 ms at once; whether each took longer than 2.
async fn sleeps(tasks: usize) -> usize {
    let long = async || {
        sleep(MS..=MS * 3).await;
        now().as_nanos() > 2_000_000
    };
    let handles: Vec<_> = (0..tasks).map(|_| spawn(long())).collect();
    let mut longer = 0;
    for handle in handles {
        longer += usize::from(handle.await.unwrap());
    }
    longer
}

#[test]
fn one_that_takes_longer_does_so_however_many_end_at_the_instant_before() {
    // After the turns of so many tasks, the first decision about a timer is the one with this number.
    let token = |tasks: usize| {
        format!(
            "dh1:0.n{}={}/{}",
            tasks - 1,
            tasks.min(4096),
            tasks.min(4096) + 1
        )
    };
    for tasks in [2, 249, 251, 400, 1_000, 1_126, 5_000] {
        let longer = move || async move { assert_eq!(sleeps(tasks).await, 1, "of {tasks}") };
        let run = replay(&Config::new(), &token(tasks), longer).unwrap();
        assert_eq!(run.divergence, None);
        assert_eq!(run.at.as_nanos(), 3_000_000, "of {tasks}");
    }
}

#[test]
fn a_task_that_waits_actively_still_ends_the_lateness_of_what_it_waits_for() {
    let waits = || async {
        let handles: Vec<_> = (0..2_000).map(|_| spawn(sleep(MS))).collect();
        let last = spawn(sleep(MS));
        sleep(MS).await;
        while !last.is_finished() {
            deadheat::yield_now().await;
        }
        drop(handles);
    };
    let exploration = explore_future(&Config::new().runs(30), &Watch::default(), waits);
    assert!(
        exploration.failure().is_none(),
        "{:?}",
        exploration.failure().map(|failing| failing.run.verdict)
    );
}

#[test]
fn events_that_end_at_moments_of_their_own_are_not_late_from_one_to_the_next_without_end() {
    for number in 0..12 {
        let config = Config::new().first(number).runs(number + 1);
        let program = Main::new(|| async {
            sleeps(3_000).await;
        });
        let exploration = explore(&program, &config, &Watch::default());
        let run = exploration.found[0].run(&program, &config);
        let departures = run.token.tape.len() as u64;
        assert!(
            departures < 10 * run.steps,
            "run {number}: {departures} departures, {} steps",
            run.steps
        );
    }
}

#[test]
fn a_report_on_thousands_of_departures_lists_some_and_counts_the_rest() {
    let half = || async { assert!(sleeps(200).await < 100) };
    let failure = check(&Config::new(), half).unwrap_err();
    assert_eq!(failure.run.token.tape.len(), 100);
    let report = failure.to_string();
    assert_eq!(report.matches(" ends at ").count(), 32, "{report}");
    assert!(
        report.contains("    … and 68 more departures\n"),
        "{report}"
    );
    // The lines to paste are whole all the same.
    assert!(report.contains(&failure.run.token.to_string()));
}

#[test]
fn one_departure_is_found_among_thousands() {
    let none = || async { assert_eq!(sleeps(3_000).await, 0) };
    let failure = check(&Config::new(), none).unwrap_err();
    assert!(failure.departures_before > Some(1_000));
    assert_eq!(failure.run.token.tape.len(), 1);
}

#[test]
fn what_was_late_stays_late_where_fewer_things_can_happen_than_when_the_token_was_made() {
    let program = |tasks| move || async move { assert_eq!(sleeps(tasks).await, 1) };
    // Made with ten tasks: the first of ten timers is late, or the eleventh of eleven options is taken.
    let token = "dh1:0.n9=10/11";
    assert_eq!(
        replay(&Config::new(), token, program(10))
            .unwrap()
            .divergence,
        None
    );
    let fewer = replay(&Config::new(), "dh1:0.n4=10/11", program(5)).unwrap();
    assert!(fewer.divergence.is_some());
    let more = replay(&Config::new(), "dh1:0.n19=10/11", program(20)).unwrap();
    assert!(more.divergence.is_some());
}

#[test]
fn the_last_run_of_all_ends_on_several_threads_too() {
    let config = Config::new().first(u64::MAX - 1).runs(u64::MAX).jobs(3);
    let exploration = explore_future(&config, &Watch::default(), || sleep(MS));
    assert_eq!(exploration.runs, 1);
    assert!(run(&Config::new(), || sleep(MS)).is_ok());
}
