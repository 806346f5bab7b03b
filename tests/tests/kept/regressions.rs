//! Failing runs are kept, made first, and never lost; explorations go on where they were.

use std::fs;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use deadheat::search::write_whole;
use deadheat::{
    Config, Main, Program, Regressions, Token, Verdict, Watch, check, explore, random, sleep,
    spawn_named,
};

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Fails if the reply is later than the deadline; more to do makes it another program.
async fn reply(deadline: u64, more: bool) {
    if more {
        let other = spawn_named("other", sleep(ms(1)..=ms(2)));
        other.await.unwrap();
    }
    let reply = spawn_named("reply", sleep(ms(10)..=ms(100)));
    sleep(ms(deadline)).await;
    assert!(reply.is_finished(), "late");
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

#[test]
fn a_failure_is_kept_shrunk_and_made_first_the_next_time() {
    let folder = folder();
    let regressions = Regressions::at(folder.path().join("deep/reply.txt"));
    let config = Config::new().regressions(regressions.clone());
    let failure = check(&config, || reply(50, false)).unwrap_err();
    assert_eq!(
        regressions.load().unwrap(),
        std::slice::from_ref(&failure.run.token)
    );
    let again = check(&config, || reply(50, false)).unwrap_err();
    assert_eq!(again.run.token, failure.run.token);
    assert_eq!(again.number, None, "it was not explored for");
    assert!(again.to_string().contains("it failed before"), "{again}");
    assert_eq!(
        check(&config, || reply(110, false)).unwrap(),
        1000,
        "mended"
    );
}

#[test]
fn a_stale_run_says_at_which_decision_the_program_has_diverged() {
    let folder = folder();
    let regressions = Regressions::at(folder.path().join("reply.txt"));
    let config = Config::new().regressions(regressions.clone());
    regressions
        .keep(&"dh1:0.n7=1/9".parse().unwrap(), "")
        .unwrap();
    let failure = check(&config, || reply(50, true)).unwrap_err();
    assert!(
        failure.to_string().contains(
            "passes now; the schedule no longer fits, from decision n7 on, which was not reached"
        ),
        "{failure}"
    );
}

#[test]
fn what_stands_in_the_file_stays_and_what_cannot_be_read_is_told() {
    let folder = folder();
    let path = folder.path().join("reply.txt");
    fs::write(&path, "# mine\ndh1:5   # why").unwrap();
    let regressions = Regressions::at(&path);
    let token: Token = "dh1:6".parse().unwrap();
    regressions.keep(&token, "because\nof two lines").unwrap();
    regressions.keep(&token, "again").unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text, "# mine\ndh1:5   # why\ndh1:6  # because\n");

    fs::write(&path, "dh1:5\nnonsense\n").unwrap();
    let failure = check(&Config::new().regressions(regressions), || reply(50, false)).unwrap_err();
    let report = failure.to_string();
    assert!(
        report.contains("line 2: this is no replay token"),
        "{report}"
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), "dh1:5\nnonsense\n");
}

#[test]
fn a_file_that_somebody_else_is_writing_is_left_alone() {
    let folder = folder();
    let path = folder.path().join("reply.txt");
    let other = folder.path().join("reply.txt.new0");
    fs::write(&other, "half a li").unwrap();
    Regressions::at(&path)
        .keep(&"dh1:6".parse().unwrap(), "")
        .unwrap();
    assert_eq!(Regressions::at(&path).load().unwrap().len(), 1);
    assert_eq!(fs::read_to_string(&other).unwrap(), "half a li");
}

/// A die of the program's own.
struct Die;

impl Program for Die {
    type Handles = ();
    type Outcome = u64;

    fn start(&self) {}

    fn finish(&self, (): (), _: Verdict) -> u64 {
        random(6)
    }
}

#[test]
fn an_exploration_that_goes_on_makes_the_runs_that_were_left() {
    let whole = explore(&Die, &Config::new().runs(10_000), &Watch::default());
    let stop = AtomicU64::new(0);
    let done = AtomicU64::new(0);
    let watch = Watch {
        stop: &|| stop.fetch_add(1, Ordering::Relaxed) > 3_000,
        done: &|runs| done.store(runs, Ordering::Relaxed),
        ..Watch::default()
    };
    let config = Config::new().runs(10_000).jobs(2);
    explore(&Die, &config, &watch);
    let first = done.load(Ordering::Relaxed);
    assert!((64..3_001).contains(&first), "{first}");
    let rest = explore(&Die, &config.first(first), &Watch::default());
    assert_eq!(rest.runs + first, whole.runs);
}

#[test]
fn it_stops_when_it_is_quiet_wherever_the_runs_are_made() {
    let quiet = |jobs| {
        let config = Config::new().runs(1_000_000).until_quiet(true).jobs(jobs);
        let program = Main::new(|| async {
            let slow = spawn_named("slow", sleep(ms(10)..=ms(90)));
            sleep(ms(50)).await;
            slow.await.unwrap();
        });
        let all = explore(&program, &config, &Watch::default());
        (all.runs, all.last_new, all.coverage)
    };
    let (runs, last_new, coverage) = quiet(1);
    assert!(
        runs < 10_000 && last_new > 0,
        "{runs} runs, the last new thing at {last_new}"
    );
    assert!(
        coverage.tied > 0 && coverage.pairs > coverage.tied,
        "{coverage:?}"
    );
    assert_eq!(quiet(2), (runs, last_new, coverage));
}

#[test]
fn what_a_killed_process_left_half_written_is_no_obstacle_and_is_not_left() {
    let folder = folder();
    let path = folder.path().join("reply.txt");
    let regressions = Regressions::at(&path);
    for number in 0..100_u64 {
        fs::write(
            folder.path().join(".reply.txt.of-deadheat"),
            "dh1:half of a li",
        )
        .unwrap();
        let token: Token = format!("dh1:{number:x}").parse().unwrap();
        regressions.keep(&token, "").unwrap();
    }
    assert_eq!(regressions.load().unwrap().len(), 100);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_file_that_cannot_be_written_leaves_nothing_beside_it() {
    let folder = folder();
    let path = folder.path().join("kept");
    fs::create_dir(&path).unwrap();
    for _ in 0..100 {
        write_whole(&path, "in the place of a folder").unwrap_err();
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    fs::remove_dir(&path).unwrap();
    write_whole(&path, "all of it").unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "all of it");
}

#[test]
fn in_the_place_of_a_run_that_is_not_kept_nothing_is_written() {
    let folder = folder();
    let regressions = Regressions::at(folder.path().join("reply.txt"));
    let (kept, other) = ("dh1:7".parse().unwrap(), "dh1:8".parse().unwrap());
    regressions.replace(&kept, &other, "").unwrap();
    assert!(!regressions.path().exists());
    regressions.keep(&kept, "").unwrap();
    regressions.replace(&other, &kept, "").unwrap();
    assert_eq!(regressions.load().unwrap(), [kept]);
}
