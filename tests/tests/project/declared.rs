//! Every source file is part of its crate: some module declares it. The compiler leaves out one that none declares, and
//! says nothing.

use crate::package::Package;
use crate::workspace::read;

/// The files that no module declares. `schedulers` is the source of the list by which those are declared.
fn undeclared(package: &Package, schedulers: &str) -> Vec<String> {
    let is_lost = |module: &&String| {
        let (folder, file) = module.rsplit_once('/').unwrap_or(("", module));
        let declares = |text: &String| declares(text, file, schedulers);
        !match folder {
            "" => package.roots().any(declares),
            folder => package.modules.get(folder).is_some_and(declares),
        }
    };
    let lost = package.inner().filter(is_lost);
    lost.map(|module| format!("{}/{module}", package.name))
        .collect()
}

/// Whether a source declares the module `file`: by `mod`, or by a list, as the exhibits of the museum, the invariants
/// and the schedulers are.
fn declares(text: &str, file: &str, schedulers: &str) -> bool {
    let line = |line: &str| line.trim().split(':').next() == Some(file);
    let in_list = |list: &str| list.lines().any(line);
    let listed = |start: &str| text.split(start).skip(1).any(in_list);
    let by_mod = text.lines().any(|line| {
        let words: Vec<&str> = line
            .trim()
            .trim_end_matches([';', '{'])
            .split(' ')
            .collect();
        words.iter().rev().take(2).eq([&file, &"mod"])
    });
    by_mod
        || listed("exhibits! {")
        || listed("invariants! {")
        || text.contains("deadheat_words::schedulers!(declare);")
            && schedulers.split("$taker! {").skip(1).any(in_list)
}

#[test]
fn every_source_file_is_declared_by_a_module() {
    let schedulers = read("sim/words/src/scheduler.rs");
    let lost: Vec<String> = Package::all()
        .iter()
        .flat_map(|package| undeclared(package, &schedulers))
        .collect();
    assert!(lost.is_empty(), "no module declares {lost:#?}");
}

#[test]
fn a_file_that_no_module_declares_is_found() {
    let files = [
        ("main.rs", "mod a;\npub(crate) mod b;\nmod d_e;\n// mod c;"),
        ("a.rs", "invariants! {\n    f: F,\n}"),
        ("a/f.rs", ""),
        ("a/g.rs", ""),
        ("b/mod.rs", "deadheat_words::schedulers!(declare);"),
        ("b/fifo.rs", ""),
        ("b/lifo.rs", ""),
        ("c.rs", ""),
        ("e.rs", ""),
        ("d_e.rs", ""),
    ];
    let package = Package::of("planted", files.map(|(path, text)| (path.to_owned(), text)));
    let schedulers = "$taker! {\n    fifo: Fifo,\n}";
    let expected = ["planted/a/g", "planted/b/lifo", "planted/c", "planted/e"];
    assert_eq!(undeclared(&package, schedulers), expected);
}
