//! The modules of a crate, and what each imports.
//!
//! An import is a path that begins with `crate::` or `super::`, in code, not in a comment; what a `use` gives on under
//! another path is looked up, so that `crate::Config` is an import of the module that has `Config`. Unit tests may import
//! what they like. A module and its face (`a/b` and `a`) are one idea, so that neither's import of the other counts.

use std::collections::{BTreeMap, BTreeSet};

use crate::workspace::{crates, sources};

/// A path is given on at most so many times.
const GIVEN_ON: usize = 8;

/// The modules of one crate, by their paths without an ending (`decide/tape`), and the code of each.
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) modules: BTreeMap<String, String>,
    /// What each module names by a `use`: the name, and the path.
    uses: BTreeMap<String, BTreeMap<String, String>>,
}

impl Package {
    /// Every crate of the workspace.
    pub(crate) fn all() -> Vec<Package> {
        let (crates, sources) = (crates(), sources());
        // A crate inside of another's folder, as the command, is one of its own.
        let of = |path: &str| {
            let holds = |folder: &&String| {
                path.strip_prefix(folder.as_str())
                    .is_some_and(|rest| rest.starts_with('/'))
            };
            crates
                .iter()
                .filter(holds)
                .max_by_key(|folder| folder.len())
        };
        let package = |name: &String| {
            let files = sources.iter().filter(|(path, _)| of(path) == Some(name));
            let inside = |path: &str| path[name.len() + 1..].to_owned();
            Package::of(
                name,
                files.map(|(path, text)| (inside(path), text.as_str())),
            )
        };
        crates.iter().map(package).collect()
    }

    /// One crate of the workspace.
    pub(crate) fn read(name: &str) -> Package {
        let mut all = Package::all().into_iter();
        let found = all.find(|package| package.name == name);
        found.unwrap_or_else(|| panic!("no crate {name}"))
    }

    /// The crate of these files, by their paths in its folder.
    pub(crate) fn of<'a>(
        name: &str,
        files: impl IntoIterator<Item = (String, &'a str)>,
    ) -> Package {
        let mut modules = BTreeMap::new();
        for (path, text) in files {
            let module = path.trim_end_matches(".rs").trim_end_matches("/mod");
            modules.insert(module.to_owned(), code(text));
        }
        // Unit tests are declared by `#[cfg(test)] mod name;`.
        let tests: Vec<String> = modules
            .iter()
            .flat_map(|(module, text)| tests_of(module, text))
            .collect();
        modules.retain(|module, _| !tests.contains(module));
        assert!(!modules.is_empty(), "{name} has no modules");
        let mut uses: BTreeMap<_, _> = modules
            .iter()
            .map(|(module, text)| (module.clone(), uses(text)))
            .collect();
        // A macro that is exported has its name at the root, wherever it stands.
        let exported = modules
            .iter()
            .flat_map(|(module, text)| exported(module, text));
        for (name, path) in exported {
            let at_the_root = uses.entry("lib".to_owned()).or_default();
            at_the_root.entry(name).or_insert(path);
        }
        Package {
            name: name.to_owned(),
            modules,
            uses,
        }
    }

    /// The modules but the root.
    pub(crate) fn inner(&self) -> impl Iterator<Item = &String> {
        self.modules.keys().filter(|module| !is_root(module))
    }

    /// The code of the root.
    pub(crate) fn roots(&self) -> impl Iterator<Item = &String> {
        let roots = self.modules.iter().filter(|(module, _)| is_root(module));
        roots.map(|(_, text)| text)
    }

    /// The modules on the way of a path of names: the one in which it stands, and the one from which that has it.
    fn lead(&self, names: &[String], found: &mut BTreeSet<String>, given_on: usize) {
        let joined = |length: &usize| names[..*length].join("/");
        let known = |length: &usize| self.modules.contains_key(&joined(length));
        let length = (1..=names.len()).rev().find(known).unwrap_or(0);
        let module = joined(&length);
        if length > 0 {
            found.insert(module.clone());
        }
        let Some(name) = names.get(length).filter(|_| given_on < GIVEN_ON) else {
            return;
        };
        let tops: &[&str] = match length {
            0 => &["lib", "main"],
            _ => &[module.as_str()],
        };
        let given = tops
            .iter()
            .find_map(|top| self.uses.get(*top).and_then(|uses| uses.get(name)));
        if let Some(path) = given {
            let own = &names[..length];
            let mut names_on = self.absolute(own, path);
            names_on.extend_from_slice(&names[length + 1..]);
            self.lead(&names_on, found, given_on + 1);
        }
    }

    /// A path as it is from the root, when it stands in the module `own`. It may lead out of the crate.
    fn absolute(&self, own: &[String], path: &str) -> Vec<String> {
        let mut names: Vec<String> = path.split("::").map(str::to_owned).collect();
        let mut from = own.to_vec();
        match names[0].as_str() {
            "crate" => {
                from.clear();
                names.remove(0);
            }
            "self" => drop(names.remove(0)),
            _ => {}
        }
        while names.first().is_some_and(|name| name == "super") {
            names.remove(0);
            from.pop();
        }
        from.extend(names.into_iter().filter(|name| name != "self"));
        from
    }

    /// The modules that a module imports.
    pub(crate) fn imports(&self, module: &str) -> BTreeSet<String> {
        let paths = paths(&self.modules[module]);
        let mut found: BTreeSet<String> = paths
            .iter()
            .flat_map(|path| self.led_to(module, path))
            .collect();
        found.retain(|to| !is_one_idea(module, to) && !is_root(to));
        found
    }

    /// The paths in a module that lead to no module of the package: it cannot be said what they import.
    pub(crate) fn lost(&self, module: &str) -> Vec<String> {
        let is_lost = |path: &String| self.led_to(module, path).is_empty();
        let paths = paths(&self.modules[module]);
        paths.into_iter().filter(is_lost).collect()
    }

    /// The modules on the way of a path that stands in a module.
    fn led_to(&self, module: &str, path: &str) -> BTreeSet<String> {
        let own: Vec<String> = module.split('/').map(str::to_owned).collect();
        let mut found = BTreeSet::new();
        self.lead(&self.absolute(&own, path), &mut found, 0);
        found
    }
}

fn is_root(module: &str) -> bool {
    ["lib", "main"].contains(&module)
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

/// The macros that a module exports, by their names, and their paths if they were items as others.
fn exported(module: &str, text: &str) -> Vec<(String, String)> {
    let of = |rest: &str| {
        let (_, rest) = rest.split_once("macro_rules! ")?;
        let name = word(rest).to_owned();
        let path = format!("{}::{name}", module.replace('/', "::"));
        Some((name, path))
    };
    let marked = text.split("#[macro_export]").skip(1);
    marked.filter_map(of).collect()
}

fn is_part_of_a_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The paths from `crate` or `super` on, those in braces each whole.
fn paths(code: &str) -> BTreeSet<String> {
    let mut found = Vec::new();
    for start in ["crate::", "super::"] {
        for (at, _) in code.match_indices(start) {
            let before = code[..at].chars().next_back();
            if before.is_some_and(|c| is_part_of_a_name(c) || c == ':' || c == '$') {
                continue;
            }
            expand(&code[at..], "", &mut found);
        }
    }
    found.into_iter().map(|(_, path)| path).collect()
}

/// What a source names by `use`: the name, and the path.
fn uses(code: &str) -> BTreeMap<String, String> {
    let mut found = Vec::new();
    for (at, start) in code.match_indices("use ") {
        let line = code[..at].rsplit('\n').next().unwrap_or_default().trim();
        if line.is_empty() || line.starts_with("pub") {
            let text = &code[at + start.len()..];
            // A path that begins with braces, `use {a, b}`, has an empty beginning.
            match text.strip_prefix('{') {
                Some(_) => drop(group(text, "", &mut found)),
                None => drop(expand(text, "", &mut found)),
            }
        }
    }
    found.into_iter().collect()
}

/// Reads one path, or a group in braces, into names and paths; returns how long it is.
fn expand(text: &str, prefix: &str, found: &mut Vec<(String, String)>) -> usize {
    let mut at = 0;
    let mut path = prefix.to_owned();
    loop {
        let name = word(&text[at..]);
        path.push_str(name);
        at += name.len();
        if !text[at..].starts_with("::") {
            break;
        }
        at += 2;
        path.push_str("::");
        if text[at..].starts_with('{') {
            return at + group(&text[at..], &path, found);
        }
    }
    let path = path.trim_end_matches("::").to_owned();
    let whole = path.trim_end_matches("::self");
    let mut name = whole.rsplit("::").next().unwrap_or_default();
    if let Some(rest) = text[at..].strip_prefix(" as ") {
        name = word(rest);
        at += " as ".len() + name.len();
    }
    found.push((name.to_owned(), path));
    at
}

/// Reads a group in braces, of paths that go on from `prefix`; returns how long it is.
fn group(text: &str, prefix: &str, found: &mut Vec<(String, String)>) -> usize {
    let mut at = 1;
    loop {
        at += text[at..]
            .find(|c: char| !c.is_whitespace() && c != ',')
            .unwrap_or(text.len() - at);
        if at >= text.len() || text[at..].starts_with('}') {
            return at + 1;
        }
        at += expand(&text[at..], prefix, found).max(1);
    }
}

/// The name with which a text begins.
fn word(text: &str) -> &str {
    let end = text.find(|c: char| !is_part_of_a_name(c));
    &text[..end.unwrap_or(text.len())]
}

#[test]
fn paths_are_read_with_their_braces() {
    let code = "use crate::state::{queue::{self, Entry as One}, world};\nlet x = crate::base::time::seconds(1); super::this()";
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
fn uses_are_read_with_their_names() {
    let code = "pub use {\n    a::{B, c::self},\n    d as e,\n};\npub(crate) use super::f;\nlet use_it = 1;";
    let expected = [
        ("B", "a::B"),
        ("c", "a::c::self"),
        ("e", "d"),
        ("f", "super::f"),
    ];
    let expected = expected.map(|(name, path)| (name.to_owned(), path.to_owned()));
    assert_eq!(uses(code), BTreeMap::from(expected));
}

#[test]
fn a_path_leads_to_where_its_name_comes_from() {
    let files = [
        (
            "lib.rs",
            "mod a;\nmod b;\npub use a::Deep;\npub use b::{self as other};\npub use a::deep::Deep as Named;",
        ),
        ("a/mod.rs", "mod deep;\npub use deep::Deep;"),
        ("a/deep.rs", "pub struct Deep;"),
        ("b.rs", "use crate::Deep;"),
        ("c.rs", "use crate::Named;"),
        ("d.rs", "use crate::other::thing;\n    // crate::Deep"),
        (
            "e.rs",
            "use crate::{\n    a::Nothing,\n};\n// crate::b\n#[cfg(test)]\nmod tests { use crate::b; }",
        ),
        ("h.rs", "use crate::{Deep, Nobody};"),
        ("i/j.rs", "#[macro_export]\nmacro_rules! shout {}"),
        ("k.rs", "crate::shout!()"),
        ("f/g.rs", "use super::super::b::thing;\n$crate::a::deep()"),
    ];
    let package = Package::of("planted", files.map(|(path, text)| (path.to_owned(), text)));
    let imports = |module: &str| package.imports(module).into_iter().collect::<Vec<_>>();
    assert_eq!(imports("b"), ["a", "a/deep"]);
    assert_eq!(imports("c"), ["a/deep"]);
    assert_eq!(imports("d"), ["b"]);
    assert_eq!(imports("e"), ["a"]);
    assert_eq!(imports("f/g"), ["b"]);
    assert_eq!(imports("k"), ["i/j"]);
    assert!(package.lost("e").is_empty());
    assert_eq!(package.lost("h"), ["crate::Nobody"]);
}
