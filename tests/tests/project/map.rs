//! What `ARCHITECTURE.md` and the comments in the sources point at is there: files, names in them, rooms.

use std::collections::BTreeSet;

use crate::rooms::ROOMS;
use crate::workspace::{crates, members, read, root, sources};

/// Files of a user's, in examples.
const EXAMPLES: [&str; 1] = ["tests/pool.rs"];

/// The texts in backticks.
fn spans(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The files that a text in backticks names: one, or several in braces.
fn files(span: &str) -> Vec<String> {
    let is_path = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-/{,}.".contains(c);
    if !span.ends_with(".rs") || !span.chars().all(is_path) {
        return Vec::new();
    }
    match span.split_once('{').zip(span.split_once('}')) {
        Some(((before, _), (_, after))) => {
            let inner = &span[before.len() + 1..span.len() - after.len() - 1];
            let files = inner.split(',');
            files.map(|name| format!("{before}{name}{after}")).collect()
        }
        None => vec![span.to_owned()],
    }
}

/// The folders that a text in backticks names.
fn folder(span: &str) -> Option<&str> {
    let is_path = |c: char| c.is_ascii_lowercase() || "_-/".contains(c);
    span.strip_suffix('/').filter(|_| span.chars().all(is_path))
}

/// What a map points at and is not there. Below a heading that names packages a path begins at one of them, at its
/// sources, or at the root; elsewhere at the root. `is_there` is asked for a path from the root, and for a name in it.
fn missing(
    map: &str,
    packages: &[String],
    is_there: impl Fn(&str, Option<&str>) -> bool,
) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![String::new()];
    for block in paragraphs(map) {
        if block.starts_with('#') {
            let named = spans(block).map(|name| name.trim_end_matches('/'));
            let named = named.filter(|name| packages.iter().any(|package| package == name));
            folders = named
                .flat_map(|name| [format!("{name}/src/"), format!("{name}/")])
                .collect();
            folders.push(String::new());
        }
        let exists = |path: &str, name: Option<&str>| {
            let mut whole = folders.iter().map(|folder| format!("{folder}{path}"));
            whole.any(|path| is_there(&path, name))
        };
        let mut last: Option<String> = None;
        for (at, span) in block.split('`').enumerate().filter(|(at, _)| at % 2 == 1) {
            let between = block.split('`').nth(at - 1).unwrap_or_default();
            // A name in brackets behind a file stands in it.
            if let (" (", Some(file)) = (between, &last)
                && !exists(file, Some(span))
            {
                found.push(format!("{span} in {file}"));
            }
            let paths = files(span);
            last = paths.first().cloned();
            let paths = paths.into_iter().chain(folder(span).map(str::to_owned));
            found.extend(paths.filter(|path| !exists(path, None)));
        }
    }
    found
}

/// The parts of a document that stand between empty lines or are a heading; what is set off by three backticks is none.
fn paragraphs(document: &str) -> impl Iterator<Item = &str> {
    let outside = document.split("```").step_by(2);
    outside.flat_map(|text| text.split("\n\n")).map(str::trim)
}

/// The rooms of the table, in its order.
fn rooms(map: &str) -> Vec<&str> {
    let (_, table) = map.split_once("| room |").expect("the table of the rooms");
    let rows = table.lines().skip(2);
    let rows = rows.take_while(|row| row.starts_with('|'));
    rows.filter_map(|row| spans(row).next()?.strip_suffix('/'))
        .collect()
}

#[test]
fn the_map_points_at_what_is_there() {
    let is_there = |path: &str, name: Option<&str>| {
        let file = root().join(path);
        match name {
            Some(name) => file.is_file() && has_word(&read(path), name),
            None => file.exists(),
        }
    };
    let missing = missing(&read("ARCHITECTURE.md"), &members(), is_there);
    assert!(missing.is_empty(), "not there: {missing:#?}");
}

/// Whether a name stands in a source, not in a comment.
fn has_word(source: &str, name: &str) -> bool {
    let code = source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let mut words = code.flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_'));
    words.any(|word| word == name)
}

#[test]
fn a_name_in_a_comment_is_not_in_the_source() {
    let source = "// gone\nfn here_it_is() {}";
    assert!(has_word(source, "here_it_is"));
    assert!(!has_word(source, "here") && !has_word(source, "gone"));
}

#[test]
fn the_map_has_the_rooms_in_their_order() {
    assert_eq!(rooms(&read("ARCHITECTURE.md")), ROOMS);
}

#[test]
fn what_a_map_points_at_in_vain_is_found() {
    let map = "`a/b.rs`, `a/gone.rs`\n\n### `a`: one\n\n`b.rs`, `c.rs`, `d/{e,f}.rs`\nand `d/`, `g/`\n\n\
        | `b.rs` (`here`) | `b.rs` (`not`), `d/e.rs` and `not` |\n\n```text\n`h.rs`\n```\n\n## Two\n\n`b.rs` is `B`";
    let there = ["a/b.rs", "a/src/b.rs", "a/src/d/e.rs", "a/src/d"];
    let is_there = |path: &str, name: Option<&str>| there.contains(&path) && name != Some("not");
    let expected = ["a/gone.rs", "c.rs", "d/f.rs", "g", "not in b.rs", "b.rs"];
    assert_eq!(missing(map, &["a".to_owned()], is_there), expected);
    let table = "`x/`\n| room | |\n|---|---|\n| `b/` | `c/` |\n| `a/` | |\n\n| `d/` |";
    assert_eq!(rooms(table), ["b", "a"]);
}

/// The files that the comments of a source name and that are not among `known`. They are named from the root, or from
/// the folder of their crate.
fn misnamed(folder: &str, source: &str, known: &BTreeSet<&str>) -> Vec<String> {
    let comments = source
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("//"));
    let is_known = |file: &String| {
        let inside = format!("{folder}/{file}");
        known.contains(file.as_str()) || known.contains(inside.as_str())
    };
    let named = comments.flat_map(|line| spans(line).flat_map(files).collect::<Vec<_>>());
    named
        .filter(|file| !is_known(file) && !EXAMPLES.contains(&file.as_str()))
        .collect()
}

#[test]
fn comments_name_files_that_are_there() {
    let (sources, crates) = (sources(), crates());
    let known = sources.iter().map(|(path, _)| path.as_str()).collect();
    let of = |path: &str| {
        crates
            .iter()
            .filter(|folder| path.starts_with(*folder))
            .max()
    };
    let mut found = Vec::new();
    for (path, text) in &sources {
        let folder = of(path).map_or("", String::as_str);
        let misnamed = misnamed(folder, text, &known).into_iter();
        found.extend(misnamed.map(|file| format!("{path} names {file}")));
    }
    assert!(found.is_empty(), "say in which folder: {found:#?}");
}

#[test]
fn a_comment_that_names_a_file_without_its_folder_is_found() {
    let known = BTreeSet::from(["sim/src/engine/step.rs", "sim/src/lib.rs", "a/b.rs"]);
    let source = "//! As `step.rs`, `engine/step.rs`, `lib.rs` and `a/b.rs`.\nlet x = \"`gone.rs`\";\n    // See `gone/x.rs`.";
    assert_eq!(
        misnamed("sim/src", source, &known),
        ["step.rs", "gone/x.rs"]
    );
}
