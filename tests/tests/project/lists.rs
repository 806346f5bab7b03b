//! What the documents say of the museum is what there is: how many bugs, which variants, how many that only lateness
//! finds.

use std::collections::BTreeSet;

use deadheat_scenarios::families::{self, Family};

use crate::workspace::read;

/// A number from 20 to 99 in words, as a sentence begins with it.
fn in_words(number: usize) -> String {
    let tens = [
        "Twenty", "Thirty", "Forty", "Fifty", "Sixty", "Seventy", "Eighty", "Ninety",
    ];
    let ones = [
        "", "-one", "-two", "-three", "-four", "-five", "-six", "-seven", "-eight", "-nine",
    ];
    format!("{}{}", tens[number / 10 - 2], ones[number % 10])
}

/// The names of the broken variants.
fn broken(family: Family) -> BTreeSet<&'static str> {
    let broken = family
        .variants()
        .filter(|variant| variant.revision.is_broken());
    broken.map(|variant| variant.name).collect()
}

/// The rows of a family's table of the schedulers: the variant, and how many runs the naive search takes. The last rows
/// are of all together.
fn rows<'a>(document: &'a str, family: &str) -> Vec<(&'a str, &'a str)> {
    let heading = format!("## {family}\n");
    let (_, table) = document.split_once(&heading).unwrap_or_default();
    let (table, _) = table.split_once("\n## ").unwrap_or((table, ""));
    let rows = table.lines().filter(|line| line.starts_with('|')).skip(2);
    let rows = rows.filter(|row| !row.starts_with("| **"));
    rows.filter_map(two_cells).collect()
}

fn two_cells(row: &str) -> Option<(&str, &str)> {
    let mut cells = row.split('|').skip(1).map(str::trim);
    cells.next().zip(cells.next())
}

/// The sentences of the readme that count, as they ought to be, that are not in it.
fn miscounted(readme: &str, bugs: usize, broken: usize, never: usize) -> Vec<String> {
    let readme = readme.split_whitespace().collect::<Vec<_>>().join(" ");
    let sentences = [
        format!(
            "[{} timing bugs that real projects shipped]",
            in_words(bugs)
        ),
        format!("All {broken} broken variants are found"),
        format!("never finds {never} of them"),
    ];
    let missing = sentences
        .into_iter()
        .filter(|sentence| !readme.contains(sentence));
    missing.collect()
}

#[test]
fn the_readme_counts_the_bugs_of_the_museum() {
    let [museum, ..] = families::all();
    let table = read("docs/SCHEDULERS.md");
    let never = rows(&table, "The museum")
        .into_iter()
        .filter(|(_, naive)| *naive == "never");
    let missing = miscounted(
        &read("README.md"),
        museum.exhibits.len(),
        broken(museum).len(),
        never.count(),
    );
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn the_tables_of_the_schedulers_have_each_broken_variant_and_no_other() {
    let document = read("docs/SCHEDULERS.md");
    for family in families::all() {
        let rows = rows(&document, family.title);
        let names: Vec<&str> = rows.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, broken(family).into_iter().collect::<Vec<_>>());
    }
}

#[test]
fn a_wrong_count_is_found() {
    let readme = "[Twenty-one timing bugs that\nreal projects shipped]; All 30 broken variants are found, it never finds 7 of them";
    assert!(miscounted(readme, 21, 30, 7).is_empty());
    assert_eq!(miscounted(readme, 22, 30, 7).len(), 1);
    assert_eq!(miscounted(readme, 21, 31, 7).len(), 1);
    assert_eq!(miscounted(readme, 21, 30, 8), ["never finds 8 of them"]);
    assert_eq!(miscounted(readme, 90, 3, 0).len(), 3);
}

#[test]
fn the_table_is_read_by_its_rows() {
    let first = "x\n\n## One\n\n| bug | naive |\n|---|---:|\n| one | never |\n| two | 1 |\n| **mean** | 3 |\n";
    let table = format!("{first}\n## Other\n\n| bug | naive |\n|---|---:|\n| three | 5 |\n");
    assert_eq!(rows(&table, "One"), [("one", "never"), ("two", "1")]);
    assert_eq!(rows(&table, "Other"), [("three", "5")]);
    assert!(rows(&table, "None").is_empty());
}

/// The README's first command names no binary, and the package has two.
#[test]
fn cargo_run_calls_the_command() {
    let manifest = read("scenarios/Cargo.toml");
    assert!(manifest.contains("\ndefault-run = \"deadheat\"\n"));
}
