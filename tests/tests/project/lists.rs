//! What the documents say is what there is: the counts, and the items of the drop-in.

use std::fs;
use std::path::{Path, PathBuf};

use deadheat_scenarios::museum::exhibits;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

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

#[test]
fn the_readme_counts_the_bugs_of_the_museum() {
    let readme = read("README.md");
    let bugs = format!(
        "[{} timing bugs that real projects shipped]",
        in_words(exhibits().len())
    );
    assert!(readme.contains(&bugs), "{bugs}");
    let variants = exhibits().iter().flat_map(|exhibit| exhibit.variants);
    let broken = variants
        .filter(|variant| variant.revision.is_broken())
        .count();
    let found = format!("All {broken} broken variants are found");
    assert!(readme.contains(&found), "{found}");
}

#[test]
fn the_table_of_the_schedulers_has_every_broken_variant() {
    let table = read("docs/SCHEDULERS.md");
    let variants = exhibits().iter().flat_map(|exhibit| exhibit.variants);
    for variant in variants.filter(|variant| variant.revision.is_broken()) {
        let row = format!("| {} |", variant.name);
        assert!(table.contains(&row), "{row}");
    }
}

/// The names of what a source offers: functions that stand alone, types, traits.
fn offered(source: &str) -> Vec<&str> {
    let lines: Vec<&str> = source.lines().collect();
    let kinds = ["fn ", "async fn ", "struct ", "enum ", "trait "];
    let mut names = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some(rest) = line.strip_prefix("pub ") else {
            continue;
        };
        let item = kinds.iter().find_map(|kind| rest.strip_prefix(kind));
        let hidden = at > 0
            && lines[..at]
                .iter()
                .rev()
                .take_while(|line| line.starts_with('#'))
                .any(|line| line.contains("doc(hidden)"));
        if let (Some(item), false) = (item, hidden) {
            let end = item.find(|c: char| !(c.is_alphanumeric() || c == '_'));
            names.push(&item[..end.unwrap_or(item.len())]);
        }
    }
    names
}

#[test]
fn every_item_of_the_drop_in_is_listed() {
    let listed = read("sim/tokio/ITEMS.md");
    let is_listed = |name: &str| {
        let mut found = listed.match_indices(name);
        found.any(|(at, _)| {
            let part = |c: char| c.is_alphanumeric() || c == '_';
            let before = listed[..at].chars().next_back().is_some_and(part);
            let after = listed[at + name.len()..].chars().next().is_some_and(part);
            !before && !after
        })
    };
    let mut folders = vec![root().join("sim/tokio/src/sim")];
    let (mut seen, mut missing) = (0, Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let source = fs::read_to_string(&path).expect("a source");
            for name in offered(&source) {
                seen += 1;
                if !is_listed(name) {
                    missing.push(format!("{}: {name}", path.display()));
                }
            }
        }
    }
    assert!(seen > 30, "only {seen} items found");
    assert!(
        missing.is_empty(),
        "ITEMS.md does not say what they are inside a run: {missing:#?}"
    );
}
