//! The table of settings in the documentation of `deadheat::testing` has what the attribute takes and what is read from
//! the environment, and nothing else.

use std::collections::BTreeSet;

use crate::workspace::read;

const VARIABLE: &str = "DEADHEAT_";

/// What the table says: the arguments, and the variables.
fn documented(source: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let (_, table) = source
        .split_once("//! | argument | variable |")
        .expect("the table");
    let rows = table.lines().skip(2);
    let rows = rows.take_while(|row| row.starts_with("//! |"));
    let (mut arguments, mut variables) = (BTreeSet::new(), BTreeSet::new());
    for row in rows {
        let mut cells = row.split('|').skip(1);
        let (argument, variable) = (cells.next(), cells.next());
        // `seed = 7`
        let argument = argument.and_then(|cell| cell.trim().strip_prefix('`')?.split(' ').next());
        arguments.extend(argument.map(str::to_owned));
        variables.extend(variable.and_then(in_code_span));
    }
    (arguments, variables)
}

fn in_code_span(cell: &str) -> Option<String> {
    cell.split('`').nth(1).map(str::to_owned)
}

/// What the attribute takes: the list `KNOWN` of names, each with an example.
fn arguments(source: &str) -> BTreeSet<String> {
    let (_, list) = source.split_once("const KNOWN: ").expect("the arguments");
    let list = list.split("\n];").next().unwrap_or_default();
    let names = list
        .lines()
        .filter_map(|line| line.trim().strip_prefix("(\"")?.split('"').next());
    names.map(str::to_owned).collect()
}

/// The variables that are read, and those that are named as known ones.
fn variables(source: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let code = source.split("#[cfg(test)]").next().unwrap_or_default();
    let (_, list) = code.split_once("const NAMES: ").expect("the variables");
    let list = list.split("\n];").next().unwrap_or_default();
    let name = |line: &str| {
        let name = line.trim().strip_prefix('"')?.split('"').next()?;
        name.starts_with(VARIABLE).then(|| name.to_owned())
    };
    let read = code
        .lines()
        .filter(|line| line.contains("=>"))
        .filter_map(name);
    (read.collect(), list.lines().filter_map(name).collect())
}

#[test]
fn the_table_has_every_setting_and_no_other() {
    let (in_table, variables_in_table) = documented(&read("sim/src/front/testing.rs"));
    let taken = arguments(&read("sim/macros/src/arguments.rs"));
    assert_eq!(in_table, taken, "in the table, and taken");
    let (read, named) = variables(&read("sim/src/front/testing/environment.rs"));
    assert_eq!(variables_in_table, read, "in the table, and read");
    assert_eq!(named, read, "named, and read");
    assert!(taken.len() > 10 && read.len() > 10);
}

/// The variables that the guide's section on them names.
fn in_the_guide(guide: &str) -> BTreeSet<String> {
    let section = guide.split_once("\n## What the environment says\n");
    let (_, section) = section.expect("the section");
    let section = section.split("\n## ").next().unwrap_or_default();
    let spans = section.split('`').skip(1).step_by(2);
    let names = spans.filter(|span| span.starts_with(VARIABLE));
    names.map(str::to_owned).collect()
}

#[test]
fn the_guide_names_every_variable_and_no_other() {
    let (read, _) = variables(&crate::workspace::read(
        "sim/src/front/testing/environment.rs",
    ));
    let named = in_the_guide(&crate::workspace::read("docs/GUIDE.md"));
    assert_eq!(named, read, "in the guide, and read");
}

#[test]
fn settings_are_read_from_the_sources() {
    let set =
        |names: &[&str]| -> BTreeSet<String> { names.iter().map(|&n| n.to_owned()).collect() };
    let docs = "//! | argument | variable | value |\n//! |---|---|---|\n//! | `a_b = 1` | `DEADHEAT_A` | `x` |\n\
        //! | | `DEADHEAT_B`, which counts first | |\n//! | `c = \"d\"` | | |\n//!\n//! | `z` | `DEADHEAT_Z` |";
    let expected = (set(&["a_b", "c"]), set(&["DEADHEAT_A", "DEADHEAT_B"]));
    assert_eq!(documented(docs), expected);
    let guide = "`DEADHEAT_Y`\n## What the environment says\n| `DEADHEAT_A` | `x` |\n\nAnd `DEADHEAT_B`.\n\n## Z `DEADHEAT_Z`";
    assert_eq!(in_the_guide(guide), set(&["DEADHEAT_A", "DEADHEAT_B"]));
    let known = "const KNOWN: [_; 2] = [\n    (\"a_b\", \"1\"),\n    (\"c\", \"d\"),\n];\n    (\"z\", \"\"),";
    assert_eq!(arguments(known), set(&["a_b", "c"]));
    let code = "const NAMES: [_; 1] = [\n    \"DEADHEAT_A\",\n];\n\"DEADHEAT_B\" if on => 1,\n\"OTHER\" => 2,\n\
        #[cfg(test)]\n\"DEADHEAT_Z\" => 3,";
    let expected = (set(&["DEADHEAT_B"]), set(&["DEADHEAT_A"]));
    assert_eq!(variables(code), expected);
}
