//! How the sources import each other: from an upper room to a lower one, and in no circle.
//!
//! A room is a folder right below `sim/src`. An import is a path that begins with `crate::` or `super::`, in code, not
//! in a comment. Unit tests may import what they like. A module and its face (`a/b.rs` and `a.rs`) are one idea, so
//! that neither's import of the other counts.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms of the simulation, each with what it may import: itself and those before it.
const ROOMS: [&str; 12] = [
    "base",
    "decide",
    "invariant",
    "record",
    "witness",
    "state",
    "engine",
    "program",
    "fault",
    "search",
    "report",
    "front",
];

/// The packages that are looked at.
const PACKAGES: [&str; 8] = [
    "timeout/src",
    "sim/src",
    "sim/words/src",
    "sim/macros/src",
    "sim/ties/src",
    "sim/tokio/src",
    "scenarios/src",
    "scenarios/src/bin/deadheat",
];

/// The folders of tests, each a binary.
const TESTS: [&str; 10] = [
    "tests/tests/conformance",
    "tests/tests/contract",
    "tests/tests/faults",
    "tests/tests/interleavings",
    "tests/tests/kept",
    "tests/tests/plain_code",
    "tests/tests/project",
    "tests/tests/reports",
    "tests/tests/search",
    "tests/tests/strategies",
];

/// Files that import each other because they are one idea, and which.
const CIRCLES: [(&str, &[&str], &str); 3] = [
    (
        "timeout/src",
        &["cx", "join", "task", "timeout"],
        "a task gives its body a context, which makes tasks, joins and scopes, which give their bodies one",
    ),
    (
        "sim/src",
        &["engine/companion/beside", "engine/companion/driving"],
        "the runtime beside a run, and how it is driven, in two files for their length",
    ),
    (
        "sim/tokio/src",
        &["sim/task/body", "sim/task/join", "sim/task/local"],
        "a local set spawns and joins tasks, whose bodies leave the set that is the current one",
    ),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The modules of one package, by their paths without an ending (`decide/tape`), and the code of each.
struct Package {
    name: &'static str,
    modules: BTreeMap<String, String>,
}

impl Package {
    fn read(name: &'static str) -> Self {
        let top = root().join(name);
        let mut modules = BTreeMap::new();
        let mut folders = vec![top.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
                let path = entry.path();
                let relative = path.strip_prefix(&top).expect("below the package");
                let module = relative.with_extension("").display().to_string();
                if path.is_dir() {
                    // The command is a package of its own here.
                    if entry.file_name() != "bin" {
                        folders.push(path);
                    }
                } else if path.extension().is_some_and(|extension| extension == "rs") {
                    let text = fs::read_to_string(&path).expect("a source file");
                    let module = module.trim_end_matches("/mod").to_owned();
                    modules.insert(module, code(&text));
                }
            }
        }
        // Unit tests are declared by `#[cfg(test)] mod name;`.
        let tests: Vec<String> = modules
            .iter()
            .flat_map(|(module, text)| tests_of(module, text))
            .collect();
        modules.retain(|module, _| !tests.contains(module));
        assert!(modules.len() > 2, "{name} has {} modules", modules.len());
        Package { name, modules }
    }

    /// The module that a path of names leads to, as far as it does.
    fn module(&self, names: &[&str]) -> Option<String> {
        let prefixes = (1..=names.len())
            .rev()
            .map(|length| names[..length].join("/"));
        prefixes
            .into_iter()
            .find(|module| self.modules.contains_key(module))
    }

    /// What a module imports: modules, and names that are none.
    fn imports(&self, module: &str) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let own: Vec<&str> = module.split('/').collect();
        for path in paths(&self.modules[module]) {
            let mut names: Vec<&str> = path.split("::").collect();
            let mut from = match names.remove(0) {
                "crate" => Vec::new(),
                _ => own[..own.len() - 1].to_vec(),
            };
            while names.first() == Some(&"super") {
                names.remove(0);
                from.pop();
            }
            from.extend(names);
            if let Some(to) = self.module(&from).filter(|to| !is_one_idea(module, to)) {
                found.insert(to);
            }
        }
        found
    }
}

/// A module and what lies in its folder.
fn is_one_idea(one: &str, other: &str) -> bool {
    let lies_in = |inner: &str, outer: &str| {
        inner
            .strip_prefix(outer)
            .is_some_and(|rest| rest.starts_with('/'))
    };
    one == other || lies_in(one, other) || lies_in(other, one)
}

/// A source without its comments and without the unit tests at its end.
fn code(text: &str) -> String {
    let text = text
        .split("#[cfg(test)]\nmod tests {")
        .next()
        .unwrap_or_default();
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

fn tests_of(module: &str, text: &str) -> Vec<String> {
    let declared = text.split("#[cfg(test)]\nmod ").skip(1);
    let names = declared.filter_map(|rest| rest.split_once(';').map(|(name, _)| name));
    names
        .filter(|name| !name.contains(' '))
        .map(|name| format!("{module}/{name}"))
        .collect()
}

/// The paths from `crate` or `super` on, those in braces each whole.
fn paths(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for start in ["crate::", "super::"] {
        for (at, _) in code.match_indices(start) {
            let before = code[..at].chars().next_back();
            if before.is_some_and(|before| {
                before.is_alphanumeric() || before == '_' || before == ':' || before == '$'
            }) {
                continue;
            }
            expand(&code[at..], "", &mut found);
        }
    }
    found
}

/// Reads one path, or a group in braces; returns how long it is.
fn expand(text: &str, prefix: &str, found: &mut BTreeSet<String>) -> usize {
    let mut at = 0;
    let mut path = prefix.to_owned();
    loop {
        let rest = &text[at..];
        let name = rest
            .find(|c: char| !(c.is_alphanumeric() || c == '_'))
            .unwrap_or(rest.len());
        path.push_str(&rest[..name]);
        at += name;
        if !text[at..].starts_with("::") {
            break;
        }
        at += 2;
        if text[at..].starts_with('{') {
            at += 1;
            loop {
                at += text[at..]
                    .find(|c: char| !c.is_whitespace() && c != ',')
                    .unwrap_or(0);
                if at >= text.len() || text[at..].starts_with('}') {
                    return at + 1;
                }
                let taken = expand(&text[at..], &format!("{path}::"), found);
                at += taken.max(1);
            }
        }
        path.push_str("::");
    }
    found.insert(path.trim_end_matches("::").to_owned());
    at
}

fn room(module: &str) -> &str {
    module.split('/').next().unwrap_or(module)
}

#[test]
fn no_import_runs_from_a_lower_room_to_an_upper_one() {
    let sim = Package::read("sim/src");
    let rank = |room: &str| ROOMS.iter().position(|known| *known == room);
    let mut upward = Vec::new();
    for module in sim.modules.keys().filter(|module| *module != "lib") {
        let own = rank(room(module)).unwrap_or_else(|| panic!("{module} lies in no room"));
        for to in sim.imports(module) {
            if rank(room(&to)) > Some(own) {
                upward.push(format!("{module} imports {to}"));
            }
        }
    }
    assert!(upward.is_empty(), "upward: {upward:#?}");
}

/// The modules that import each other, directly or by others, in groups.
fn circles(package: &Package) -> Vec<Vec<String>> {
    let imports: BTreeMap<&str, BTreeSet<String>> = package
        .modules
        .keys()
        .filter(|module| !["lib", "main"].contains(&module.as_str()))
        .map(|module| (module.as_str(), package.imports(module)))
        .collect();
    let reached = |from: &str| {
        let mut reached = BTreeSet::new();
        let mut open = vec![from.to_owned()];
        while let Some(module) = open.pop() {
            for to in imports.get(module.as_str()).into_iter().flatten() {
                if reached.insert(to.clone()) {
                    open.push(to.clone());
                }
            }
        }
        reached
    };
    let reached: BTreeMap<&str, BTreeSet<String>> = imports
        .keys()
        .map(|module| (*module, reached(module)))
        .collect();
    let mut circles: Vec<Vec<String>> = Vec::new();
    for (module, all) in &reached {
        if !all.contains(*module)
            || circles
                .iter()
                .any(|circle| circle.iter().any(|of| of == module))
        {
            continue;
        }
        let back = |other: &&String| {
            reached
                .get(other.as_str())
                .is_some_and(|all| all.contains(*module))
        };
        circles.push(all.iter().filter(back).cloned().collect());
    }
    circles
}

#[test]
fn no_files_import_each_other_in_a_circle_but_those_that_are_one_idea() {
    let mut found = Vec::new();
    for name in PACKAGES {
        let package = Package::read(name);
        for circle in circles(&package) {
            let is_listed = |(of, files, _): &&(&str, &[&str], &str)| {
                *of == package.name && circle.iter().eq(files.iter())
            };
            if !CIRCLES.iter().any(|listed| is_listed(&listed)) {
                found.push(format!("{name}: {}", circle.join(", ")));
            }
        }
    }
    assert!(found.is_empty(), "circles: {found:#?}");
}

#[test]
fn every_source_file_is_declared_by_a_module() {
    let mut lost = Vec::new();
    let schedulers = Package::read("sim/words/src").modules["scheduler"].clone();
    let tests = TESTS.iter().chain(&PACKAGES);
    for name in tests.copied() {
        let package = Package::read(name);
        for module in package
            .modules
            .keys()
            .filter(|module| !["lib", "main"].contains(&module.as_str()))
        {
            let (folder, file) = module.rsplit_once('/').unwrap_or(("", module));
            let tops = ["lib", "main"];
            // The exhibits of the museum, the invariants and the schedulers are declared by lists.
            let declares = |text: &str| {
                let name = |line: &str| line.trim().split(':').next() == Some(file);
                let in_list = |list: &str| list.lines().any(name);
                let lists = ["exhibits! {", "invariants! {"];
                let listed = |start: &&str| text.split(start).skip(1).any(in_list);
                let of_schedulers = text.contains("deadheat_words::schedulers!(declare);")
                    && schedulers.split("$taker! {").skip(1).any(in_list);
                text.contains(&format!("mod {file};")) || lists.iter().any(listed) || of_schedulers
            };
            let declared = match folder {
                "" => tops
                    .iter()
                    .any(|top| package.modules.get(*top).is_some_and(|text| declares(text))),
                folder => package
                    .modules
                    .get(folder)
                    .is_some_and(|text| declares(text)),
            };
            if !declared {
                lost.push(format!("{name}/{module}"));
            }
        }
    }
    assert!(lost.is_empty(), "no module declares {lost:#?}");
}

#[test]
fn paths_are_read_with_their_braces() {
    let code = "use crate::state::{queue::{self, Entry}, world};\nlet x = crate::base::time::seconds(1); super::this()";
    let found: Vec<String> = paths(code).into_iter().collect();
    let expected = [
        "crate::base::time::seconds",
        "crate::state::queue::Entry",
        "crate::state::queue::self",
        "crate::state::world",
        "super::this",
    ];
    assert_eq!(found, expected);
}

#[test]
fn every_folder_of_tests_is_looked_at() {
    let folders = fs::read_dir(root().join("tests/tests")).expect("the tests");
    let folders = folders
        .flatten()
        .filter(|entry| entry.path().join("main.rs").exists());
    let mut names: Vec<String> = folders
        .map(|entry| format!("tests/tests/{}", entry.file_name().display()))
        .collect();
    names.sort();
    assert_eq!(names, TESTS);
}
