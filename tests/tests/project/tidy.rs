//! The style rules that a machine can hold.

use crate::workspace::{members, read, sources};

fn offenders(what: &str, offends: impl Fn(&str, &str) -> bool) {
    let sources = sources();
    let found: Vec<_> = sources
        .iter()
        .filter(|(path, text)| offends(path, text))
        .collect();
    let paths: Vec<&str> = found.iter().map(|(path, _)| path.as_str()).collect();
    assert!(paths.is_empty(), "{what}: {paths:#?}");
}

#[test]
fn every_file_says_first_what_lives_in_it() {
    offenders("no `//!` header", |_, text| has_no_header(text));
}

fn has_no_header(text: &str) -> bool {
    let text = text.strip_prefix("#![no_main]\n").unwrap_or(text);
    !text.trim_start().starts_with("//!")
}

#[test]
fn no_file_outgrows_the_rest() {
    offenders("more than 500 lines", |_, text| is_long(text));
}

fn is_long(text: &str) -> bool {
    text.lines().count() > 500
}

#[test]
fn a_file_of_501_lines_is_found() {
    assert!(!is_long(&"line\n".repeat(500)));
    assert!(is_long(&"line\n".repeat(501)));
}

#[test]
fn no_function_outgrows_a_screen() {
    let sources = sources();
    let seen: usize = sources.iter().map(|(_, text)| functions(text).len()).sum();
    assert!(seen > 2_000, "only {seen} functions found");
    let long = |(path, text): &(String, String)| {
        let told = |name: String| format!("{path}: {name}");
        long_functions(text)
            .into_iter()
            .map(told)
            .collect::<Vec<_>>()
    };
    let long: Vec<String> = sources.iter().flat_map(long).collect();
    assert!(long.is_empty(), "more than 60 lines: {long:#?}");
}

fn long_functions(text: &str) -> Vec<String> {
    let long = functions(text).into_iter().filter(|(_, lines)| *lines > 60);
    long.map(|(name, lines)| format!("{name} has {lines} lines"))
        .collect()
}

#[test]
fn a_function_of_61_lines_is_found_wherever_it_stands() {
    let of = |lines: usize| {
        let body = "        line();\n".repeat(lines - 4);
        format!(
            "impl One {{\n    pub(crate) async fn of(\n        a: u8,\n    ) {{\n{body}    }}\n\n    fn short() {{}}\n}}\n"
        )
    };
    assert!(long_functions(&of(60)).is_empty());
    assert_eq!(long_functions(&of(61)), ["of has 61 lines"]);
    let plain = format!("fn plain() {{\n{}}}\n", "    line();\n".repeat(59));
    assert_eq!(long_functions(&plain), ["plain has 61 lines"]);
}

/// The functions of a formatted file: their names, and how many lines each has. One ends with the first brace
/// that is indented as its first line is.
fn functions(text: &str) -> Vec<(&str, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (from, line) in lines.iter().enumerate() {
        let Some(name) = function_name(line) else {
            continue;
        };
        let indent = &line[..line.len() - line.trim_start().len()];
        let ends = |line: &str| match line.strip_prefix(indent) {
            Some("}") => true,
            // A method of a trait that has no body.
            Some(rest) => rest.starts_with(')') && rest.ends_with(';'),
            None => false,
        };
        let is_whole = line.ends_with(['}', ';']);
        let length = match lines[from..].iter().position(|line| ends(line)) {
            Some(last) if !is_whole => last + 1,
            _ => 1,
        };
        found.push((name, length));
    }
    found
}

/// The name of the function whose first line this is.
fn function_name(line: &str) -> Option<&str> {
    let (before, after) = line.split_once("fn ")?;
    let qualifies = |word: &str| {
        let plain = ["pub", "const", "async", "unsafe", "extern", "\"C\""];
        plain.contains(&word) || word.starts_with("pub(") || word.ends_with(')')
    };
    let name = after
        .split(|c: char| c != '_' && !c.is_alphanumeric())
        .next()?;
    (before.split_whitespace().all(qualifies) && !name.is_empty()).then_some(name)
}

#[test]
fn nothing_is_left_undone() {
    offenders("left undone or ignored", |_, text| is_left_undone(text));
}

fn is_left_undone(text: &str) -> bool {
    let marks = [
        concat!("todo", "!("),
        concat!("unimplemented", "!("),
        concat!("FIX", "ME"),
        concat!("#[ign", "ore"),
    ];
    marks.iter().any(|mark| text.contains(mark))
}

#[test]
fn lints_are_expected_with_a_reason_and_never_allowed() {
    offenders("#[allow]", |_, text| allows_a_lint(text));
}

fn allows_a_lint(text: &str) -> bool {
    text.contains(concat!("#[al", "low(")) || text.contains(concat!("#![al", "low("))
}

#[test]
fn unsafe_code_stands_in_three_modules_and_beneath_what_seals() {
    offenders("unsafe", is_unsafe);
}

fn is_unsafe(path: &str, text: &str) -> bool {
    let modules = [
        "sim/src/engine/waker.rs",
        "sim/src/state/lent.rs",
        // A trait whose function is unsafe to call.
        "sim/tokio/src/sim/net/given.rs",
    ];
    let seals = path.starts_with("sim/seal/");
    let may = seals || modules.contains(&path) || path.contains("benches");
    !may && text.contains(concat!("unsafe", " {"))
}

#[test]
fn no_order_comes_from_a_hash_map() {
    offenders("a hash map where order could leak", has_a_hash_map);
}

fn has_a_hash_map(path: &str, text: &str) -> bool {
    path.starts_with("sim/") && (text.contains("HashMap") || text.contains("HashSet"))
}

#[test]
fn library_code_takes_no_time_environment_or_random_number_from_outside() {
    offenders("an ambient input", takes_from_outside);
}

fn takes_from_outside(path: &str, text: &str) -> bool {
    let marks = [
        "SystemTime::now",
        "std::env",
        "env::var",
        "Instant::now()",
        "thread_rng",
        "println!",
    ];
    let library = [
        "sim/src",
        "sim/words/src",
        "sim/net/src",
        "sim/disk/src",
        "scenarios/src",
        "timeout/core/src",
        "timeout/src",
    ];
    let own = !path.contains("/bin/") && path != "timeout/src/tokio_clock.rs";
    let mut code = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    own && library.iter().any(|folder| path.starts_with(folder))
        && code.any(|line| marks.iter().any(|mark| line.contains(mark)))
}

#[test]
fn planted_slips_are_found_where_they_count() {
    assert!(has_no_header("use std::fmt;\n//! Late.") && !has_no_header("\n//! What.\n"));
    let planted = |mark: &str| format!("fn one() {{\n    {mark}\n}}");
    for mark in [
        concat!("todo", "!()"),
        concat!("// FIX", "ME"),
        concat!("#[ign", "ore]"),
    ] {
        assert!(is_left_undone(&planted(mark)), "{mark}");
    }
    assert!(allows_a_lint(concat!("#![al", "low(dead_code)]")));
    let block = planted(concat!("unsafe", " { two() }"));
    assert!(is_unsafe("sim/src/engine/step.rs", &block));
    assert!(!is_unsafe("sim/src/engine/waker.rs", &block));
    let map = planted("HashSet::new();");
    assert!(has_a_hash_map("sim/src/state/queue.rs", &map));
    let clock = planted("let now = Instant::now();");
    assert!(takes_from_outside("timeout/core/src/scope.rs", &clock));
    assert!(!takes_from_outside(
        "scenarios/src/bin/deadheat/main.rs",
        &clock
    ));
    assert!(!takes_from_outside(
        "timeout/core/src/scope.rs",
        &planted("// println!")
    ));
}

/// What the packages take from each other, but for what only their tests need.
const DEPENDENCIES: [(&str, &[&str]); 14] = [
    ("timeout", &["deadheat-timeout-core"]),
    ("timeout/core", &[]),
    ("sim/words", &[]),
    ("sim/net", &[]),
    ("sim/disk", &[]),
    ("sim/seal", &[]),
    ("sim/macros", &["deadheat-words"]),
    (
        "sim",
        &[
            "deadheat-disk",
            "deadheat-macros",
            "deadheat-net",
            "deadheat-seal",
            "deadheat-timeout-core",
            "deadheat-words",
        ],
    ),
    ("sim/ties", &["deadheat", "deadheat-timeout"]),
    ("sim/tokio/macros", &[]),
    (
        "sim/tokio",
        &["deadheat", "deadheat-timeout", "deadheat-tokio-macros"],
    ),
    (
        "scenarios",
        &["deadheat", "deadheat-timeout", "deadheat-words"],
    ),
    (
        "tests",
        &["deadheat", "deadheat-scenarios", "deadheat-timeout"],
    ),
    ("tests/guide", &["deadheat-tokio"]),
];

/// Our packages on which the package of a manifest depends, in the order of their names.
fn dependencies(manifest: &str) -> Vec<String> {
    let (_, rest) = manifest
        .split_once("\n[dependencies]\n")
        .expect("dependencies");
    let lines = rest.lines().take_while(|line| !line.starts_with('['));
    let package = |line: &str| {
        let renamed = line.split_once("package = \"").map(|(_, name)| name);
        let name = renamed.unwrap_or(line).split([' ', '.', '=', '"']).next();
        name.filter(|name| name.starts_with("deadheat"))
            .map(str::to_owned)
    };
    let mut found: Vec<String> = lines.filter_map(package).collect();
    found.sort();
    found
}

#[test]
fn dependencies_go_one_way() {
    for package in members() {
        let listed = DEPENDENCIES.iter().find(|(known, _)| *known == package);
        let (_, listed) = listed.unwrap_or_else(|| panic!("{package} is not listed"));
        let manifest = read(&format!("{package}/Cargo.toml"));
        assert_eq!(dependencies(&manifest), *listed, "{package}");
    }
    assert_eq!(DEPENDENCIES.len(), members().len());
}

/// An optional dependency counts as one where cargo looks for a circle: a package that takes tokio's place, and stands
/// on the simulator, would make one.
#[test]
fn what_the_simulator_takes_of_the_timeouts_does_not_know_tokio() {
    let manifest = read("timeout/core/Cargo.toml");
    let (_, rest) = manifest.split_once("\n[dependencies]\n").expect("some");
    let own = rest.split("\n[").next().unwrap_or_default();
    assert!(!own.contains("tokio"), "{own}");
}

#[test]
fn dependencies_are_read_however_they_are_written() {
    let manifest = "[package]\n\n[dependencies]\ndeadheat.workspace = true\nserde = \"1\"\n\
        deadheat-words = { path = \"..\" }\ntokio = { package = \"deadheat-tokio\" }\n\n\
        [dev-dependencies]\ndeadheat-scenarios.workspace = true\n";
    let expected = ["deadheat", "deadheat-tokio", "deadheat-words"];
    assert_eq!(dependencies(manifest), expected);
}

#[test]
fn no_manifest_opts_out_of_the_lints() {
    for package in members() {
        let manifest = read(&format!("{package}/Cargo.toml"));
        assert!(manifest.contains("[lints]\nworkspace = true"), "{package}");
    }
}
