//! Runs the benchmarks and reads what they counted.

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::rows::Row;
use crate::tools::Tools;

/// Instructions of an operation, by benchmark.
pub type Counts = BTreeMap<&'static str, u64>;

/// The whole counts of one benchmark, by `low` and `high`.
type Whole = BTreeMap<(String, String), u64>;

/// The benchmarks that need a feature of this package.
const OF_THE_DROP_IN: &str = "drop_in";

/// Counts what some rows need. What needs the drop-in is built apart, so that nothing else is built with its features.
pub fn count(rows: &[&Row], tools: &Tools) -> Result<Counts, String> {
    let benchmarks = rows.iter().flat_map(|row| row.benchmarks());
    let targets: BTreeSet<&str> = benchmarks
        .filter_map(|name| name.split("::").next())
        .collect();
    let (drop_in, others): (Vec<&str>, Vec<&str>) = targets
        .into_iter()
        .partition(|target| *target == OF_THE_DROP_IN);
    let mut whole = Whole::new();
    for (targets, features) in [(others, ""), (drop_in, "drop-in")] {
        if !targets.is_empty() {
            whole.extend(read(&run(&targets, features, tools)?)?);
        }
    }
    let mut counts = Counts::new();
    for row in rows {
        for name in row.benchmarks() {
            counts.insert(name, of_an_operation(&whole, name, row)?);
        }
    }
    Ok(counts)
}

/// What the benchmarks print: a line of JSON for each count.
fn run(targets: &[&str], features: &str, tools: &Tools) -> Result<String, String> {
    eprintln!(
        "counting {}: some minutes if it has to be built",
        targets.join(", ")
    );
    let mut cargo = Command::new("cargo");
    cargo.args(["bench", "--quiet", "--features", features]);
    for target in targets {
        cargo.args(["--bench", target]);
    }
    cargo.args(["--", "--output-format=json"]);
    cargo
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("PATH", &tools.path);
    let output = cargo.stderr(Stdio::inherit()).output();
    let output = output.map_err(|error| format!("cargo: {error}"))?;
    if !output.status.success() {
        return Err(format!("cargo bench of {} failed", targets.join(", ")));
    }
    String::from_utf8(output.stdout).map_err(|error| error.to_string())
}

/// The counts in what was printed.
fn read(printed: &str) -> Result<Whole, String> {
    let mut whole = Whole::new();
    for line in printed.lines().filter(|line| line.starts_with('{')) {
        let count: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
        let text = |key: &str| count[key].as_str().map(str::to_owned);
        let instructions = &count["profiles"][0]["data"]["total"]["metrics"]["Ir"]["values"]["new"];
        let path = text("module_path")
            .zip(text("id"))
            .zip(instructions.as_u64());
        let ((path, id), instructions) = path.ok_or(format!("not a count: {line}"))?;
        // `native::all::small_run`: the group in the middle says nothing.
        whole.insert((path.replacen("::all::", "::", 1), id), instructions);
    }
    Ok(whole)
}

fn of_an_operation(whole: &Whole, name: &str, row: &Row) -> Result<u64, String> {
    let of = |id: &str| whole.get(&(name.to_owned(), id.to_owned())).copied();
    let (low, high) = of("low")
        .zip(of("high"))
        .ok_or(format!("{name} was not counted"))?;
    let operations = row.size.between();
    Ok((high.saturating_sub(low) + operations / 2) / operations)
}

#[test]
fn an_operation_is_the_difference_of_two_counts() {
    let line = |id: &str, count: u64| {
        format!(
            r#"{{"module_path":"native::all::message","id":"{id}","profiles":[{{"data":{{"total":{{"metrics":{{"Ir":{{"values":{{"new":{count}}}}}}}}}}}}}]}}"#
        )
    };
    let printed = format!("noise\n{}\n{}\n", line("low", 1_700), line("high", 501_900));
    let whole = read(&printed).expect("two counts");
    let row = crate::rows::ROWS
        .iter()
        .find(|row| row.here == Some("native::message"));
    let row = row.expect("a row of messages");
    assert_eq!(row.size.between(), 5_000);
    assert_eq!(of_an_operation(&whole, "native::message", row), Ok(100));
    assert!(of_an_operation(&whole, "native::gone", row).is_err());
    assert!(read("{}").is_err());
}
