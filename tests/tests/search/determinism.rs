//! Same seed, same fingerprint: in another process, on another number of threads, and for ever.

use std::process::Command;

use deadheat::search::{Exploration, Single, explore_bounded};
use deadheat::{Bounds, Config, Main, Mix, Sampler, Watch, explore, explore_exhaustive};
use deadheat_scenarios::catalogue;

/// The fingerprints of some runs of every scenario of the catalogue, a line each.
fn fingerprints() -> String {
    let late = Bounds::late(std::time::Duration::from_millis(1));
    let mut lines = String::new();
    for entry in catalogue::entries() {
        let program = entry.program().expect("the catalogue parses");
        let mut print = |seed: u64, sampler: Sampler, bounds| {
            let config = Config::new().seed(seed);
            let (run, _) = Single::of(&program, &config).scheduled(bounds, sampler.scheduler());
            lines.push_str(&format!("{} {sampler} {seed} {}\n", entry.name, run.token));
        };
        print(0, Sampler::Fifo, Bounds::EXACT);
        for seed in 1..4 {
            print(seed, Sampler::Random, Bounds::EXACT);
            print(seed, Sampler::Random, late);
        }
    }
    lines
}

/// Prints for the test below when that runs this file in a process of its own.
#[test]
fn child_prints_the_fingerprints() {
    println_to_parent(&fingerprints());
}

fn println_to_parent(text: &str) {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    for line in text.lines() {
        writeln!(out, "@{line}").expect("standard output");
    }
}

#[test]
fn another_process_gets_the_same_fingerprints() {
    let this = std::env::current_exe().expect("this test's own file");
    let child = Command::new(this)
        .args([
            "--exact",
            "determinism::child_prints_the_fingerprints",
            "--nocapture",
        ])
        .output()
        .expect("a process");
    let text = String::from_utf8(child.stdout).expect("text");
    let theirs: String = text
        .lines()
        .filter_map(|line| line.split_once('@'))
        .map(|(_, line)| format!("{line}\n"))
        .collect();
    assert_eq!(theirs, fingerprints());
}

#[test]
fn making_a_run_twice_on_a_thread_that_made_others_changes_nothing() {
    let first = fingerprints();
    assert_eq!(first, fingerprints());
    let elsewhere = std::thread::spawn(fingerprints).join().expect("a thread");
    assert_eq!(first, elsewhere);
}

#[test]
fn the_number_of_jobs_changes_nothing() {
    for entry in catalogue::entries() {
        let program = entry.program().expect("the catalogue parses");
        let tokens = |jobs: usize| -> Vec<(u64, u64, String)> {
            let config = Config::new().runs(60).jobs(jobs).mix(Mix::default());
            let found = explore(&program, &config, &Watch::default()).found;
            found
                .iter()
                .map(|found| {
                    let token = found.run(&program, &config).token.to_string();
                    (found.first, found.count, token)
                })
                .collect()
        };
        assert_eq!(tokens(1), tokens(3), "{}", entry.name);
    }
}

#[test]
fn every_way_to_make_runs_compares_them_with_themselves_where_that_is_asked_for() {
    use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

    let lives_on = AtomicU64::new(0);
    let program = Main::new(|| {
        let time = std::time::Duration::from_nanos(lives_on.fetch_add(1, Relaxed));
        deadheat::sleep(time)
    });
    let fails = |checked: bool| {
        let config = Config::new().runs(3).check_determinism(checked);
        let watch = Watch::default();
        let failed = |exploration: Exploration<_>| exploration.found.iter().any(|it| it.failed);
        [
            Single::of(&program, &config)
                .fifo()
                .0
                .nondeterminism
                .is_some(),
            failed(explore(&program, &config, &watch)),
            failed(explore_exhaustive(&program, &config, Bounds::EXACT, &watch)),
            failed(explore_bounded(&program, &config, Bounds::EXACT, 1, &watch)),
        ]
    };
    assert_eq!(fails(true), [true; 4]);
    assert_eq!(fails(false), [false; 4]);
}
