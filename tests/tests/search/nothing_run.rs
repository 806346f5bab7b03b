//! A check that makes no run shows nothing, so it fails and says why.

use std::time::Duration;

use deadheat::{Config, Failure, Regressions, check, check_blocking, sleep};

fn checked(config: &Config) -> Result<u64, Box<Failure>> {
    check(config, || {
        sleep(Duration::from_millis(1)..=Duration::from_millis(2))
    })
}

#[test]
fn no_runs_are_a_problem_and_not_a_test_that_passed() {
    let report = |config: Config| checked(&config).unwrap_err().to_string();
    let none = report(Config::new().name("none").runs(0));
    assert_eq!(
        none,
        "FAILED  none   runs(0) makes no run: nothing was checked\n"
    );
    let beyond = report(Config::new().runs(3).first(3));
    assert!(
        beyond.contains("first(3) leaves none of runs(3): nothing was checked"),
        "{beyond}"
    );
    assert_eq!(checked(&Config::new().runs(3).first(2)).unwrap(), 1);
    let blocking = check_blocking(&Config::new().runs(0), || ()).unwrap_err();
    assert!(blocking.run.unmade.is_some());
}

#[test]
fn a_kept_run_that_passes_shows_something_and_one_that_fits_no_more_does_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let kept = Regressions::at(folder.path().join("kept.txt"));
    let config = Config::new().runs(0).regressions(kept.clone());
    kept.keep(&"dh1:0.n9=1/3".parse().unwrap(), "").unwrap();
    let report = checked(&config).unwrap_err().to_string();
    assert!(report.contains("nothing was checked"), "{report}");
    assert!(report.contains("shows nothing any more"), "{report}");
    kept.keep(&"dh1:0".parse().unwrap(), "").unwrap();
    assert_eq!(checked(&config).unwrap(), 0);
}
