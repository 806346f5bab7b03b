//! How the sources import each other: from an upper room to a lower one, and in no circle.
//!
//! A room is a folder right below `sim/src`; what an import is, `package.rs` says.

use std::collections::{BTreeMap, BTreeSet};

use crate::package::Package;

/// The rooms of the simulation, the lowest first: each may import itself and those that are lower.
pub(crate) const ROOMS: [&str; 14] = [
    "base",
    "decide",
    "invariant",
    "record",
    "witness",
    "state",
    "engine",
    "program",
    "fault",
    "net",
    "search",
    "report",
    "picture",
    "front",
];

/// Files that import each other because they are one idea, and which.
const CIRCLES: [(&str, &[&str], &str); 4] = [
    (
        "timeout/core/src",
        &["cx", "join", "task", "timeout"],
        "a task gives its body a context, which makes tasks, joins and scopes, which give their bodies one",
    ),
    (
        "sim/src",
        &[
            "fault/clocks/coarse",
            "fault/clocks/node",
            "fault/clocks/shifted",
        ],
        "a shifted timer has the clock that shifts it, which is one of two that make shifted timers",
    ),
    (
        "sim/tokio/src",
        &[
            "sim/runtime/builder",
            "sim/runtime/handle",
            "sim/runtime/local",
        ],
        "tokio's own: a builder makes both kinds of runtimes, which can make one without being asked for a builder",
    ),
    (
        "sim/tokio/src",
        &["sim/task/body", "sim/task/join", "sim/task/local"],
        "a local set spawns and joins tasks, whose bodies leave the set that is the current one",
    ),
];

fn room(module: &str) -> &str {
    module.split('/').next().unwrap_or(module)
}

/// What is wrong with the imports of a package that has rooms: those that go up or nobody knows where, and files in no
/// room.
fn upward(package: &Package, rooms: &[&str]) -> Vec<String> {
    let rank = |room: &str| rooms.iter().position(|known| *known == room);
    let mut found = Vec::new();
    for module in package.inner() {
        let Some(own) = rank(room(module)) else {
            found.push(format!("{module} lies in no room"));
            continue;
        };
        for to in package.imports(module) {
            if rank(room(&to)) > Some(own) {
                found.push(format!("{module} imports {to}"));
            }
        }
        let lost = package.lost(module).into_iter();
        found.extend(lost.map(|path| format!("{module} imports {path}, which leads nowhere")));
    }
    found
}

/// The modules that import each other, directly or by others, in groups.
fn circles(package: &Package) -> Vec<Vec<String>> {
    let imports: BTreeMap<&str, BTreeSet<String>> = package
        .inner()
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
        let is_known = circles.iter().flatten().any(|of| of == module);
        if is_known || !all.contains(*module) {
            continue;
        }
        let back = |other: &&String| {
            let others = reached.get(other.as_str());
            others.is_some_and(|all| all.contains(*module))
        };
        circles.push(all.iter().filter(back).cloned().collect());
    }
    circles
}

#[test]
fn no_import_runs_from_a_lower_room_to_an_upper_one() {
    let upward = upward(&Package::read("sim/src"), &ROOMS);
    assert!(upward.is_empty(), "upward: {upward:#?}");
}

#[test]
fn no_files_import_each_other_in_a_circle_but_those_that_are_one_idea() {
    let mut found = BTreeSet::new();
    for package in Package::all() {
        for circle in circles(&package) {
            found.insert(format!("{}: {}", package.name, circle.join(", ")));
        }
    }
    let listed = CIRCLES.map(|(name, files, _)| format!("{name}: {}", files.join(", ")));
    assert_eq!(found, BTreeSet::from(listed), "there are, and are listed");
}

/// A package of two rooms, of which `low` is the lower one, with another file.
fn with(path: &str, text: &str) -> Package {
    let files = [
        (
            "lib.rs",
            "mod low;\nmod high;\npub use high::top::Top;\npub use low::ground::Ground;",
        ),
        ("low/mod.rs", "mod ground;"),
        ("low/ground.rs", "pub struct Ground;"),
        ("high/mod.rs", "mod top;\nuse top::Top;"),
        (
            "high/top.rs",
            "use crate::low::ground::Ground;\npub struct Top;",
        ),
        (path, text),
    ];
    Package::of("planted", files.map(|(path, text)| (path.to_owned(), text)))
}

#[test]
fn an_import_that_goes_up_is_found_however_it_is_written() {
    let upward = |text| upward(&with("low/new.rs", text), &["low", "high"]);
    assert!(upward("use crate::Ground;\nuse super::ground;").is_empty());
    for text in [
        "use crate::high::top::Top;",
        "use super::super::high::top::Top;",
        "fn of() -> crate::high::Top {}",
        "use crate::{\n    Ground,\n    high::{self, top},\n};",
        "use crate::Top;",
        "use crate::{Ground, Top as Ours};",
        "fn of(top: crate::Top) {}",
        "fn of() { crate::Top::new() }",
    ] {
        let found = upward(text);
        let is_named = |found: &String| found.starts_with("low/new imports high");
        assert!(
            !found.is_empty() && found.iter().all(is_named),
            "{text}: {found:?}"
        );
    }
}

#[test]
fn an_import_of_nobody_knows_what_is_found() {
    let found = upward(&with("low/new.rs", "use crate::Nobody;"), &["low", "high"]);
    let expected = "low/new imports crate::Nobody, which leads nowhere";
    assert_eq!(found, [expected]);
}

#[test]
fn a_file_in_no_room_is_found() {
    let found = upward(&with("middle.rs", ""), &["low", "high"]);
    assert_eq!(found, ["middle lies in no room"]);
}

#[test]
fn a_circle_of_two_rooms_is_found() {
    let circles = |text| circles(&with("low/ground.rs", text));
    assert!(circles("pub struct Ground;").is_empty());
    let expected = [["high/top", "low/ground"]];
    assert_eq!(circles("use crate::high::top::Top;"), expected);
    assert_eq!(circles("use crate::Top;"), expected);
}

#[test]
fn a_circle_of_three_files_is_found_and_a_file_and_its_face_are_none() {
    let three = [
        ("a.rs", "use crate::b;"),
        ("b.rs", "use super::c;"),
        ("c.rs", "use crate::a;"),
        ("d.rs", "use crate::d::e;"),
        ("d/e.rs", "use super::Face;"),
    ];
    let package = Package::of("planted", three.map(|(path, text)| (path.to_owned(), text)));
    assert_eq!(circles(&package), [["a", "b", "c"]]);
}
