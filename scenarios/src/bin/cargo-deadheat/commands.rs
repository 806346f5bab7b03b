//! The commands of cargo that can be called, in one table, and the help that is made of it.

/// A command of cargo's.
pub(crate) struct Known {
    pub(crate) name: &'static str,
    /// Cargo's own short form of it.
    short: Option<&'static str>,
    /// Whether `#[tokio::test]`s are run.
    pub(crate) runs_tests: bool,
    /// What it takes first, and what it does, if that has a line of the help.
    told: Option<(&'static str, &'static str)>,
}

const fn plain(name: &'static str, short: Option<&'static str>) -> Known {
    Known {
        name,
        short,
        runs_tests: false,
        told: None,
    }
}

const COMMANDS: [Known; 9] = [
    Known {
        name: "test",
        short: Some("t"),
        runs_tests: true,
        told: Some((
            "",
            "cargo test: every #[tokio::test] and #[deadheat::test] of the workspace is simulated",
        )),
    },
    Known {
        name: "nextest",
        short: None,
        runs_tests: true,
        told: Some((" run", "the same by cargo-nextest")),
    },
    plain("build", Some("b")),
    plain("check", Some("c")),
    plain("clippy", None),
    plain("run", Some("r")),
    plain("bench", None),
    plain("tree", None),
    plain("doc", Some("d")),
];

const INIT: &str = "init";

/// The command by a name.
pub(crate) fn find(word: &str) -> Option<&'static Known> {
    let mut all = COMMANDS.iter();
    all.find(|known| known.name == word || known.short == Some(word))
}

/// The names of all of them.
pub(crate) fn names() -> Vec<&'static str> {
    let names = COMMANDS.iter().map(|known| known.name);
    names.chain([INIT]).collect()
}

/// Those that run tests, as a text.
pub(crate) fn that_run_tests() -> String {
    let names = COMMANDS.iter().filter(|known| known.runs_tests);
    let names: Vec<&str> = names.map(|known| known.name).collect();
    names.join(" and ")
}

pub(crate) fn help() -> String {
    let mut lines = Vec::new();
    for known in &COMMANDS {
        if let Some((first, what)) = known.told {
            lines.push((format!("{}{first} [ARGS…]", known.name), what));
        }
    }
    let others = COMMANDS.iter().filter(|known| known.told.is_none());
    let others: Vec<&str> = others.map(|known| known.name).collect();
    lines.push((format!("{} [ARGS…]", others.join("|")), ""));
    let in_manifest = "writes the same as a [patch] into the manifest of the workspace";
    lines.push((INIT.to_owned(), in_manifest));
    lines.push((format!("{INIT} --remove"), "takes it out again"));
    let lines = lines.iter().map(|(call, what)| {
        let line = format!("  cargo deadheat {call:<20}  {what}");
        format!("{}\n", line.trim_end())
    });
    format!("{HEAD}\n{}\n{ARGUMENTS}", lines.collect::<String>())
}

const HEAD: &str = "\
Runs cargo with the whole graph of a workspace on the deadheat simulation

Usage: cargo deadheat COMMAND [ARGS…]
";

const ARGUMENTS: &str = "\
ARGS are cargo's (-p, --test, --features, --locked, --offline, …; cargo help COMMAND tells them), and these:

  --only-deadheat   #[tokio::test]s stay tokio's: only what #[deadheat::test] marks is simulated
  --outside NAME    a #[tokio::test] whose name contains NAME stays tokio's; several names with commas between them, or
                    --outside again

Every dependency takes its time, tasks and select! from the run. Manifests are not changed, Cargo.lock is put back
at the end (after a kill: at the next start), and what is built is in target/deadheat.
";
