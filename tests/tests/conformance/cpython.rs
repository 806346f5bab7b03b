//! The same programs on CPython 3.13 and here: the outcome is equal under FIFO.

use std::path::Path;
use std::thread;

use deadheat_tests::cpython::{Case, corpus, difference, folder};

fn data(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// What differs, by the names of the programs.
fn differences(cases: &[Case]) -> Vec<(&str, String)> {
    let named = cases
        .iter()
        .map(|case| (case.name.as_str(), difference(case)));
    named.filter_map(|(name, how)| Some((name, how?))).collect()
}

/// The same on two threads.
fn differences_of_many(cases: &[Case]) -> Vec<(&str, String)> {
    let (first, second) = cases.split_at(cases.len() / 2);
    thread::scope(|scope| {
        let first = scope.spawn(|| differences(first));
        let second = differences(second);
        let mut all = first.join().expect("a comparison that does not panic");
        all.extend(second);
        all
    })
}

/// Says which programs differ, and of the first ones how.
fn all_equal(cases: &[Case], at_least: usize) {
    assert!(cases.len() >= at_least, "only {} programs", cases.len());
    let differences = differences_of_many(cases);
    let names: Vec<&str> = differences.iter().map(|(name, _)| *name).collect();
    let shown: Vec<&str> = differences.iter().map(|(_, how)| &**how).take(3).collect();
    assert!(
        differences.is_empty(),
        "{} programs differ: {}\n{}",
        names.len(),
        names[..names.len().min(40)].join(", "),
        shown.join("\n")
    );
}

#[test]
fn every_conformance_program_ends_as_on_cpython() {
    all_equal(&folder(&data("data/conformance")), 27);
}

#[test]
fn every_program_about_the_order_of_turns_ends_as_on_cpython() {
    all_equal(&folder(&data("cpython/hops")), 70);
}

#[test]
fn thousands_of_random_programs_end_as_on_cpython() {
    all_equal(&corpus(&data("data/cpython.jsonl.gz")), 10_000);
}
