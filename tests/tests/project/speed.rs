//! What the documents say of speed is what was counted, of the tokio that is tested with; and what counts it is nobody's
//! dependency.

use std::collections::BTreeSet;

use crate::workspace::read;

/// The rows of the table of instructions.
fn rows(document: &str) -> Vec<&str> {
    let (_, rest) = document
        .split_once("<!-- begin instructions -->")
        .expect("the table");
    let table = rest.split("<!-- end").next().unwrap_or_default();
    let lines = table.lines().filter(|line| line.starts_with('|'));
    lines.skip(2).collect()
}

/// The counts of a row: numbers without a point.
fn counts(row: &str) -> impl Iterator<Item = u64> {
    let cells = row.split('|').skip(2).map(str::trim);
    cells.filter_map(|cell| cell.replace(',', "").parse().ok())
}

/// The counts of rows that were not written down.
fn uncounted(rows: &[&str], baseline: &str) -> Vec<u64> {
    let lines = baseline.lines().filter_map(|line| {
        let (name, count) = line.split_once(' ')?;
        name.contains("::").then(|| count.parse().ok())?
    });
    let known: BTreeSet<u64> = lines.collect();
    let all = rows.iter().flat_map(|row| counts(row));
    all.filter(|count| !known.contains(count)).collect()
}

/// The versions of a package in a lock file.
fn locked<'a>(lock: &'a str, package: &str) -> Vec<&'a str> {
    let start = format!("name = \"{package}\"\nversion = \"");
    let after = lock.split(&start).skip(1);
    after.filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn the_tables_of_instructions_are_what_was_counted() {
    let (readme, speed) = (read("README.md"), read("docs/SPEED.md"));
    let (short, full) = (rows(&readme), rows(&speed));
    assert!(short.len() > 3 && full.len() > short.len());
    let stray: Vec<_> = short.iter().filter(|row| !full.contains(row)).collect();
    assert!(stray.is_empty(), "not in docs/SPEED.md: {stray:#?}");
    let uncounted = uncounted(&full, &read("tests/bench/baseline.txt"));
    assert!(
        uncounted.is_empty(),
        "not in the baseline, run tests/bench/run --write: {uncounted:?}"
    );
}

#[test]
fn the_library_that_counts_is_nobodys_dependency() {
    let (all, benches) = (read("Cargo.lock"), read("tests/bench/Cargo.lock"));
    assert_eq!(locked(&all, "gungraun"), [""; 0]);
    assert_eq!(locked(&benches, "gungraun").len(), 1);
    assert_eq!(locked(&all, "tokio"), locked(&benches, "tokio"));
}

#[test]
fn a_figure_that_was_not_counted_is_found() {
    let document = "| 1 |\n<!-- begin instructions -->\n| work | here |\n|---|---|\n\
        | 3 tasks | 1,234 | – | 0.58 |\n| more | 7 |\n<!-- end instructions -->\n| 2 |";
    let rows = rows(document);
    assert_eq!(rows.len(), 2);
    let baseline = "# Of 7\nrustc: 9\nnative::a 1234\n";
    assert_eq!(uncounted(&rows, baseline), [7]);
    let lock = "name = \"a\"\nversion = \"1\"\nname = \"ab\"\nversion = \"2\"\n";
    assert_eq!(locked(lock, "a"), ["1"]);
}
