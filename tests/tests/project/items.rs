//! `ITEMS.md` of the drop-in lists what there is: every item that the drop-in has is in its table, and what a table calls
//! simulated or an addition the drop-in has.

use std::collections::{BTreeMap, BTreeSet};

use crate::workspace::{read, sources};

const SOURCES: &str = "sim/tokio/src/sim/";

/// A row of a table: which items, and what they are inside a run.
struct Row<'a> {
    items: &'a str,
    what: &'a str,
}

/// The tables of the document, by their headings.
fn tables(document: &str) -> BTreeMap<&str, Vec<Row<'_>>> {
    let mut tables = BTreeMap::new();
    for section in document.split("\n## ").skip(1) {
        let (heading, text) = section.split_once('\n').unwrap_or((section, ""));
        let rows = text.lines().filter(|line| line.starts_with("| `"));
        let row = |line| {
            let mut cells = str::split(line, '|').skip(1).map(str::trim);
            let (items, what) = cells.next().zip(cells.next())?;
            Some(Row { items, what })
        };
        let rows: Vec<Row<'_>> = rows.filter_map(row).collect();
        tables.insert(heading, rows);
    }
    tables
}

/// The names in backticks, without what stands around a macro's and an attribute's, and without what is in brackets.
fn names(items: &str) -> Vec<&str> {
    let outside = items.split('(').map(|part| match part.split_once(')') {
        Some((_, outside)) => outside,
        None => part,
    });
    let spans = outside.flat_map(|part| part.split('`').skip(1).step_by(2));
    let plain = |span| str::trim_start_matches(span, "#[tokio::").trim_end_matches(['!', ']']);
    spans.map(plain).collect()
}

fn last(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or(path)
}

/// What the sources of one module have.
#[derive(Default)]
struct Offered {
    /// Its own items: functions that stand alone, types, traits.
    items: BTreeSet<String>,
    /// tokio's items that it gives on.
    passed: BTreeSet<String>,
    /// Whether it gives on all of tokio's.
    passes_all: bool,
    /// All that is public and has a name: items, modules, macros, methods.
    all: BTreeSet<String>,
    /// The methods of each type.
    methods: BTreeMap<String, BTreeSet<String>>,
}

impl Offered {
    fn add(&mut self, source: &str) {
        let mut hidden = false;
        let mut of = None;
        for line in source.lines() {
            if line.starts_with('#') {
                hidden |= line.contains("doc(hidden)");
                continue;
            }
            if let Some(header) = line.strip_prefix("impl").filter(|_| line.ends_with('{')) {
                of = (!header.contains(" for ")).then(|| type_of(header));
                if let Some((_, conversion)) = header.split_once("From<") {
                    self.all.insert(plain_types(&format!("From<{conversion}")));
                }
            }
            if let Some(name) = named(line.trim_start()) {
                self.all.insert(name.to_owned());
                let is_an_item = !line.starts_with(' ') && !line.contains(" mod ");
                match &of {
                    _ if is_an_item && !hidden => drop(self.items.insert(name.to_owned())),
                    Some(of) => {
                        let methods = self.methods.entry(of.clone()).or_default();
                        methods.insert(name.to_owned());
                    }
                    None => {}
                }
            }
            // Documentation stands before its item.
            hidden &= line.starts_with("//");
        }
        for given in source.split("\npub use tokio::").skip(1) {
            let given = given.split(';').next().unwrap_or_default();
            self.passes_all |= given.ends_with('*');
            let group = given.split_once('{').map(|(_, group)| group);
            let group = group.map(|group| group.trim_end_matches('}'));
            let names = group.unwrap_or(last(given)).split(',').map(str::trim);
            let names = names.filter(|name| !["", "*", "macros"].contains(name));
            self.passed.extend(names.map(str::to_owned));
        }
        let macros = source.split("macro_rules! ").skip(1);
        let macros = macros.filter_map(|rest| rest.split(' ').next());
        self.all.extend(macros.map(str::to_owned));
    }
}

/// The name of what a line makes public.
fn named(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("pub ")?;
    let rest = ["const ", "async "]
        .iter()
        .fold(rest, |rest, word| rest.strip_prefix(word).unwrap_or(rest));
    let kinds = ["fn ", "struct ", "enum ", "trait ", "mod "];
    let name = kinds.iter().find_map(|kind| rest.strip_prefix(kind))?;
    let end = name.find(|c: char| !c.is_alphanumeric() && c != '_');
    Some(&name[..end.unwrap_or(name.len())])
}

/// The type of an `impl`, without its parameters.
fn type_of(header: &str) -> String {
    let header = header.trim();
    let header = match header.strip_prefix('<') {
        Some(rest) => rest.split_once("> ").map_or(rest, |(_, rest)| rest),
        None => header,
    };
    let end = header.find(|c: char| !c.is_alphanumeric() && c != '_');
    header[..end.unwrap_or(header.len())].to_owned()
}

/// A conversion, by the last names of its types: `From<Receiver> for Receiver`.
fn plain_types(conversion: &str) -> String {
    let text = conversion.trim_end_matches([' ', '{']).replace("<T>", "");
    let (from, to) = text.split_once("> for ").unwrap_or((&text, ""));
    let from = from.trim_start_matches("From<");
    format!("From<{}> for {}", last(from), last(to))
}

/// What is wrong with the table of a module.
fn wrong(rows: &[Row<'_>], offered: &Offered) -> Vec<String> {
    let mut found = Vec::new();
    let listed: BTreeSet<&str> = rows.iter().flat_map(|row| names(row.items)).collect();
    let is_listed = |name: &String| {
        let is_it = |path: &&str| path.split("::").any(|part| part == name);
        listed.iter().any(is_it)
    };
    let there = offered.items.iter().chain(&offered.passed);
    let unlisted = there.filter(|name| !is_listed(name));
    found.extend(unlisted.map(|name| format!("{name} is not listed")));
    for row in rows {
        let names = names(row.items);
        // What stands behind a module or type of tokio's own is tokio's.
        let is_of_one = row.what == "passed through" && row.items.contains("`: ");
        let count = if is_of_one { 1 } else { names.len() };
        for name in names.into_iter().take(count) {
            // Which of tokio's items a module has that gives on all of them, its sources do not say.
            let is_there = match row.what {
                "simulated" | "an addition" if name.starts_with("From<") => {
                    offered.all.contains(&plain_types(name))
                }
                "simulated" | "an addition" => offered.all.contains(last(name)),
                "passed through" if !offered.passes_all => {
                    let parts: Vec<&str> = name.split("::").collect();
                    parts.iter().any(|part| offered.passed.contains(*part))
                }
                "passed through" | "refused" | "no effect" => true,
                other => panic!("{name} is {other:?}"),
            };
            if !is_there {
                found.push(format!("{name} is not there, and listed as {}", row.what));
            }
        }
        if let Some((of, listed)) = methods(row)
            && let there = offered.methods.get(of)
            && Some(&listed) != there
        {
            found.push(format!("{of} has {there:?}, and {listed:?} are listed"));
        }
    }
    found
}

/// The type of a row, and its methods, if the row is of them, each by its name.
fn methods<'a>(row: &Row<'a>) -> Option<(&'a str, BTreeSet<String>)> {
    let (of, listed) = row.items.split_once("`: `")?;
    let plain = |c: char| c.is_ascii_lowercase() || "_`, ".contains(c);
    let is_all = listed.chars().all(plain) && listed.split(", ").all(|name| name.ends_with('`'));
    let listed = names(&row.items[of.len() + 3..]).into_iter();
    let listed = listed.map(str::to_owned).collect();
    let is_of_one = !of.contains("::");
    (is_all && is_of_one && row.what == "simulated").then_some((of.trim_start_matches('`'), listed))
}

/// What the drop-in has, by its modules; those of the root by the heading of theirs.
fn offered() -> BTreeMap<String, Offered> {
    let mut modules: BTreeMap<String, Offered> = BTreeMap::new();
    for (path, source) in sources() {
        if let Some(path) = path.strip_prefix(SOURCES) {
            let module = path.trim_end_matches(".rs").split('/').next();
            // What stands beside a run, or is expanded to, is no module of tokio's; what it offers is at the root.
            if matches!(module, Some("blocking" | "budget" | "graph" | "kept")) {
                continue;
            }
            let heading = match module.unwrap_or_default() {
                "select" => "Macros".to_owned(),
                module => format!("`tokio::{module}`"),
            };
            let offered = modules.entry(heading).or_default();
            match path {
                // What `select!` expands to is hidden at the root, where `main` is given on, which is a macro of our own.
                "select.rs" => offered.all.extend(["select", "main"].map(str::to_owned)),
                _ => offered.add(&source),
            }
        }
    }
    let mut root = Offered::default();
    root.add(&read("sim/tokio/src/sim.rs"));
    // Without its feature `net` is tokio's, with nothing in it.
    root.passed.remove("net");
    if root.passed.remove("process") {
        let process = modules.entry("`tokio::process`".to_owned()).or_default();
        process.passes_all = true;
    }
    modules.entry("Macros".to_owned()).or_default().passed = root.passed;
    modules
}

#[test]
fn the_tables_of_the_drop_in_have_each_item_and_no_other() {
    let document = read("sim/tokio/ITEMS.md");
    let tables = tables(&document);
    let offered = offered();
    let with_a_table = tables.iter().filter(|(_, rows)| !rows.is_empty());
    let headings: Vec<&str> = with_a_table.map(|(heading, _)| *heading).collect();
    assert_eq!(headings, offered.keys().collect::<Vec<_>>());
    let seen: usize = offered.values().map(|of| of.items.len()).sum();
    assert!(seen > 30, "only {seen} items found");
    let wrong: Vec<String> = offered
        .iter()
        .flat_map(|(heading, of)| {
            let wrong = wrong(&tables[heading.as_str()], of).into_iter();
            wrong.map(move |what| format!("{heading}: {what}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_is_not_listed_and_what_is_not_there_is_found() {
    let source = "\npub use tokio::time::{Duration, error};\n#[doc(hidden)]\npub fn hidden() {}\n\
        pub async fn sleep() {}\npub struct Sleep<T> {}\nimpl<T> Sleep<T> {\n    pub const fn reset() {}\n}\n\
        impl<T> From<Sleep<T>> for time::Sleep<T> {\n}\npub mod unix;\n";
    let mut offered = Offered::default();
    offered.add(source);
    let wrong = |rows: &[(&str, &str)]| {
        let lines = rows
            .iter()
            .map(|(items, what)| format!("\n| {items} | {what} | `prose` |"));
        let document = format!(
            "x\n## One\n| item | |\n|---|---|{}",
            lines.collect::<String>()
        );
        wrong(&tables(&document)["One"], &offered)
    };
    let whole = [
        ("`sleep` (also `gone`), `unix::sleep`", "simulated"),
        ("`Sleep`: `reset`", "simulated"),
        ("`Duration`, `error::Elapsed`", "passed through"),
        ("`From<Sleep> for tokio::Sleep`", "an addition"),
    ];
    assert!(wrong(&whole).is_empty(), "{:?}", wrong(&whole));
    assert_eq!(wrong(&whole[1..]), ["sleep is not listed"]);
    let with = |row| wrong(&[&whole[..], &[row]].concat());
    assert_eq!(with(("`pause`", "simulated")).len(), 1);
    assert_eq!(with(("`hidden_not`, `pause!`", "an addition")).len(), 2);
    assert_eq!(with(("`Instant`", "passed through")).len(), 1);
    assert_eq!(with(("`Sleep`: `sleep`", "simulated")).len(), 1);
    assert_eq!(
        with(("`From<Sleep> for tokio::Wait`", "an addition")).len(),
        1
    );
    assert_eq!(
        wrong(&[whole[0], whole[1], whole[3]]),
        ["Duration is not listed", "error is not listed"]
    );
}
