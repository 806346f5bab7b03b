//! The same programs on CPython 3.13 and here: the outcome is equal under FIFO.

use std::path::Path;

use deadheat_tests::cpython::{Case, corpus, difference, folder};

fn data(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn all_equal(cases: &[Case], at_least: usize) {
    assert!(cases.len() >= at_least, "only {} programs", cases.len());
    let differences: Vec<String> = cases.iter().filter_map(difference).collect();
    let shown: Vec<_> = differences.iter().take(3).map(String::as_str).collect();
    assert!(
        differences.is_empty(),
        "{} programs differ:\n{}",
        differences.len(),
        shown.join("\n")
    );
}

#[test]
fn every_conformance_program_ends_as_on_cpython() {
    all_equal(&folder(&data("data/conformance")), 27);
}

#[test]
fn every_program_about_the_order_of_turns_ends_as_on_cpython() {
    all_equal(&folder(&data("cpython/hops")), 60);
}

#[test]
fn thousands_of_random_programs_end_as_on_cpython() {
    all_equal(&corpus(&data("data/cpython.jsonl.gz")), 5_000);
}
