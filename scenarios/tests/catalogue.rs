//! Every planted bug is found, every twin holds: a quick version of what the catalogue promises.

use std::collections::BTreeSet;
use std::path::Path;

use deadheat::search::Single;
use deadheat::{Bounds, Config, Mix, Sampler, Watch, explore, explore_exhaustive};
use deadheat_scenarios::ScenarioProgram;
use deadheat_scenarios::catalogue::{Entry, entries, find};

fn program(entry: &Entry) -> ScenarioProgram {
    (entry.program()).unwrap_or_else(|error| panic!("{} does not parse: {error}", entry.name))
}

fn planted() -> impl Iterator<Item = &'static Entry> {
    entries().iter().filter(|entry| entry.planted.is_some())
}

fn sound() -> impl Iterator<Item = &'static Entry> {
    entries().iter().filter(|entry| entry.planted.is_none())
}

fn first_failure() -> Watch<'static> {
    Watch {
        first_failure: true,
        ..Watch::default()
    }
}

/// The run that failed first, reported, if one of `config.runs` did.
fn failure(entry: &Entry, config: &Config) -> Option<(u64, deadheat::Failure)> {
    let (program, config) = (program(entry), config.clone().name(entry.name));
    let exploration = explore(&program, &config, &first_failure());
    let failing = exploration.failure()?;
    let report = deadheat::report::report(&program, &config, failing.number, &failing.run);
    Some((failing.number, report))
}

fn holds(entry: &Entry, config: &Config) {
    if let Some((_, report)) = failure(entry, config) {
        panic!("{report}");
    }
}

#[test]
fn every_file_is_an_entry_and_every_entry_is_its_file() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("catalogue");
    let files: BTreeSet<String> = std::fs::read_dir(&folder)
        .expect("the folder of the catalogue")
        .map(|file| {
            file.expect("a file")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    let names = entries().iter().map(|entry| format!("{}.kdl", entry.name));
    assert_eq!(files, names.collect());
    for entry in entries() {
        let text = std::fs::read_to_string(folder.join(format!("{}.kdl", entry.name)));
        assert_eq!(text.expect("a file"), entry.text, "{}", entry.name);
    }
}

#[test]
fn names_are_sorted_and_each_bug_follows_its_twin() {
    assert!(entries().is_sorted_by(|a, b| a.name < b.name));
    for entry in entries() {
        assert_eq!(find(entry.name).map(|found| found.name), Some(entry.name));
        let twin = entry.twin.map(|twin| find(twin).expect("the twin"));
        assert!(twin.is_none_or(|twin| twin.twin == Some(entry.name)));
        assert!(twin.is_none_or(|twin| twin.planted.is_some() != entry.planted.is_some()));
    }
    let bugs = entries()
        .windows(2)
        .filter(|pair| pair[1].planted.is_some());
    for pair in bugs {
        assert_eq!(pair[1].name, format!("{}-bug", pair[0].name));
    }
    assert!(find("no such pattern").is_none());
}

#[test]
fn every_file_explains_itself_and_says_what_it_expects() {
    let mut titles = BTreeSet::new();
    for entry in entries() {
        let word = if entry.planted.is_some() {
            "The race:"
        } else {
            "Must hold:"
        };
        let comment = entry.text.replace("\n// ", " ");
        assert!(comment.starts_with("// "), "{}", entry.name);
        assert!(comment.contains(word), "{} lacks {word:?}", entry.name);
        let program = program(entry);
        assert!(!program.scenario().expect.is_empty(), "{}", entry.name);
        assert!(
            titles.insert(program.scenario().name.clone()),
            "{}",
            entry.name
        );
    }
}

#[test]
fn fifo_on_time_shows_no_planted_bug() {
    for entry in entries() {
        let program = program(entry);
        let (run, _) = Single::of(&program, &Config::new()).fifo();
        assert!(
            deadheat::Program::expects(&program, run.verdict),
            "{}",
            entry.name
        );
    }
}

#[test]
fn every_planted_bug_is_found_within_a_thousand_runs() {
    for entry in planted() {
        for seed in [0, 1_000, 2_000, 3_000, 4_000] {
            let found = failure(entry, &Config::new().seed(seed));
            assert!(found.is_some(), "{} from seed {seed}", entry.name);
        }
    }
}

#[test]
fn a_report_of_a_planted_bug_names_what_was_violated_and_what_made_it_happen() {
    for entry in planted() {
        let (_, report) = failure(entry, &Config::new()).expect("a failure");
        assert!(!report.run.violations.is_empty(), "{report}");
        assert!((1..=8).contains(&report.run.token.tape.len()), "{report}");
        let token = report.run.token.clone();
        let (again, _) =
            deadheat::search::Single::of(&program(entry), &Config::new()).replay(&token);
        assert_eq!(again.violations, report.run.violations);
    }
}

#[test]
fn what_must_hold_survives_two_thousand_runs() {
    for entry in sound() {
        holds(entry, &Config::new().runs(2_000));
    }
}

#[test]
fn what_must_hold_survives_timers_that_are_ten_milliseconds_late() {
    let late = Bounds::late(std::time::Duration::from_millis(10));
    for entry in sound() {
        let mix = Mix::only(Sampler::Random, late);
        holds(entry, &Config::new().runs(2_000).mix(mix));
    }
}

#[test]
fn every_order_is_seen_on_time_and_only_planted_bugs_fail() {
    for entry in entries() {
        let config = Config::new().name(entry.name).runs(10_000);
        let program = program(entry);
        let seen = explore_exhaustive(&program, &config, Bounds::EXACT, &Watch::default());
        assert!(
            seen.orders.is_exhausted(),
            "{}: more than {} orders",
            entry.name,
            seen.runs
        );
        assert_eq!(
            seen.failure().is_some(),
            entry.planted.is_some(),
            "{}",
            entry.name
        );
    }
}
