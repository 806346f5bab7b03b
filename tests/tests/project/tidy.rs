//! The style rules that a machine can hold.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every Rust file of the project's own, as a path from its root and its text.
fn sources() -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = ["timeout", "sim", "scenarios", "tests", "fuzz"]
        .map(|name| root().join(name))
        .into();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = entry.file_name();
            if path.is_dir() && name != "target" {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let shown = path
                    .strip_prefix(root())
                    .unwrap_or(&path)
                    .display()
                    .to_string();
                found.push((shown, fs::read_to_string(&path).expect("a source file")));
            }
        }
    }
    found.sort();
    assert!(found.len() > 40, "only {} sources found", found.len());
    found
}

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
    offenders("no `//!` header", |_, text| {
        let text = text.strip_prefix("#![no_main]\n").unwrap_or(text);
        !text.trim_start().starts_with("//!")
    });
}

#[test]
fn no_file_outgrows_the_rest() {
    offenders("more than 500 lines", |_, text| text.lines().count() > 500);
}

#[test]
fn no_function_outgrows_a_screen() {
    let mut long = Vec::new();
    let mut seen = 0;
    for (path, text) in sources() {
        for (name, lines) in functions(&text) {
            seen += 1;
            if lines > 60 {
                long.push(format!("{path}: {name} has {lines} lines"));
            }
        }
    }
    assert!(seen > 2_000, "only {seen} functions found");
    assert!(long.is_empty(), "more than 60 lines: {long:#?}");
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
    let marks = [
        concat!("todo", "!("),
        concat!("unimplemented", "!("),
        concat!("FIX", "ME"),
    ];
    offenders("left undone", |_, text| {
        marks.iter().any(|mark| text.contains(mark))
    });
    offenders("an ignored test", |_, text| {
        text.contains(concat!("#[ign", "ore"))
    });
}

#[test]
fn lints_are_expected_with_a_reason_and_never_allowed() {
    offenders("#[allow]", |_, text| {
        text.contains(concat!("#[al", "low(")) || text.contains(concat!("#![al", "low("))
    });
}

#[test]
fn unsafe_code_stands_in_one_module() {
    let mark = concat!("unsafe", " {");
    offenders("unsafe", |path, text| {
        path != "sim/src/engine/waker.rs" && !path.contains("benches") && text.contains(mark)
    });
}

#[test]
fn no_order_comes_from_a_hash_map() {
    offenders("a hash map where order could leak", |path, text| {
        path.starts_with("sim/") && (text.contains("HashMap") || text.contains("HashSet"))
    });
}

#[test]
fn library_code_takes_no_time_environment_or_random_number_from_outside() {
    let marks = [
        "SystemTime::now",
        "std::env",
        "env::var",
        "Instant::now()",
        "thread_rng",
        "println!",
    ];
    offenders("an ambient input", |path, text| {
        let library = ["sim/src", "sim/words/src", "scenarios/src", "timeout/src"];
        // The clock of the runtime beside a run is paused: it is set, and read to see where it stands.
        let paused = path.starts_with("sim/src/engine/companion/");
        let own = !path.contains("/bin/") && path != "timeout/src/tokio_clock.rs" && !paused;
        own && library.iter().any(|folder| path.starts_with(folder))
            && text
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"))
                .any(|line| marks.iter().any(|mark| line.contains(mark)))
    });
}

#[test]
fn dependencies_go_one_way() {
    let manifest = |package: &str| {
        let text = fs::read_to_string(root().join(package).join("Cargo.toml")).expect("a manifest");
        let from = text.find("[dependencies]").expect("dependencies");
        let rest = &text[from + 1..];
        rest[..rest.find("\n[").unwrap_or(rest.len())].to_owned()
    };
    let names = |text: &str, package: &str| {
        text.lines().any(|line| {
            line.trim_start().starts_with(&format!("{package}."))
                || line.trim_start().starts_with(&format!("{package} "))
        })
    };
    let allowed: [(&str, &[&str]); 7] = [
        ("timeout", &[]),
        ("sim/words", &[]),
        ("sim/macros", &["deadheat-words"]),
        ("sim", &["deadheat-timeout", "deadheat-words"]),
        ("sim/ties", &["deadheat-timeout", "deadheat"]),
        ("sim/tokio", &["deadheat-timeout", "deadheat"]),
        (
            "scenarios",
            &["deadheat-timeout", "deadheat", "deadheat-words"],
        ),
    ];
    let ours = [
        "deadheat-timeout",
        "deadheat-words",
        "deadheat",
        "deadheat-ties",
        "deadheat-tokio",
        "deadheat-scenarios",
        "deadheat-tests",
    ];
    for (package, allowed) in allowed {
        let text = manifest(package);
        for name in ours {
            assert!(
                !names(&text, name) || allowed.contains(&name),
                "{package} depends on {name}"
            );
        }
    }
}

/// Every package of the workspace.
const PACKAGES: [&str; 10] = [
    "timeout",
    "sim",
    "sim/words",
    "sim/macros",
    "sim/ties",
    "sim/tokio",
    "sim/tokio/macros",
    "scenarios",
    "tests",
    "tests/guide",
];

#[test]
fn no_manifest_opts_out_of_the_lints() {
    for package in PACKAGES {
        let text = fs::read_to_string(root().join(package).join("Cargo.toml")).expect("a manifest");
        assert!(text.contains("[lints]\nworkspace = true"), "{package}");
    }
}
