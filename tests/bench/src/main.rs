//! Prints the tables of what deadheat costs; `run` beside this package says how it is called.

mod baseline;
mod count;
mod documents;
mod rows;
mod scale;
mod table;
mod tools;

use std::path::Path;
use std::process::ExitCode;
use std::{env, fs};

use rows::{ROWS, Row};
use tools::Tools;

const USAGE: &str = "usage: tests/bench/run [--check | --write] [WORD]
       tests/bench/run scale [--write]";

/// What the command line asks for.
#[derive(Debug, Default, PartialEq, Eq)]
struct Asked {
    check: bool,
    write: bool,
    words: Vec<String>,
}

impl Asked {
    fn read(arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut asked = Asked::default();
        for argument in arguments {
            match argument.as_str() {
                "--check" => asked.check = true,
                "--write" => asked.write = true,
                word if word.starts_with('-') => return Err(format!("{word}?\n{USAGE}")),
                _ => asked.words.push(argument),
            }
        }
        let scale = asked.words.first().is_some_and(|word| word == "scale");
        if asked.check && asked.write || asked.write && !scale && !asked.words.is_empty() {
            return Err(format!("only a whole table can be written\n{USAGE}"));
        }
        Ok(asked)
    }

    /// The rows that have every word.
    fn rows(&self) -> Result<Vec<&'static Row>, String> {
        let has_all = |row: &&Row| self.words.iter().all(|word| row.work.contains(word));
        let rows: Vec<&Row> = ROWS.iter().filter(has_all).collect();
        match rows.is_empty() {
            true => Err(format!("no row has {}", self.words.join(" "))),
            false => Ok(rows),
        }
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let done = match arguments.first().map(String::as_str) {
        Some("measure") => scale::measure(&arguments[1..]).map(|()| true),
        _ => Asked::read(arguments.into_iter()).and_then(|asked| match asked.words.as_slice() {
            [word] if word == "scale" => scale::scale(asked.write).map(|()| true),
            _ => instructions(&asked),
        }),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
    }
}

/// Counts and prints; false if something is worse than it was.
fn instructions(asked: &Asked) -> Result<bool, String> {
    let rows = asked.rows()?;
    let tools = Tools::find()?;
    let counts = count::count(&rows, &tools)?;
    let versions = &tools.versions;
    let by = format!(
        "Counted by {}, of code by {}.",
        versions.valgrind, versions.rustc
    );
    println!("{}\n{by}", table::table(&rows, &counts));
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("baseline.txt");
    if asked.write {
        let short: Vec<&Row> = rows.iter().copied().filter(|row| row.in_readme).collect();
        let full = format!("{}\n{by}", table::table(&rows, &counts));
        documents::put("docs/SPEED.md", "instructions", &full)?;
        documents::put("README.md", "instructions", &table::table(&short, &counts))?;
        let baseline = baseline::written(&counts, versions);
        fs::write(&file, baseline).map_err(|error| format!("{}: {error}", file.display()))?;
    }
    if asked.check {
        let text = fs::read_to_string(&file);
        let text = text.map_err(|error| format!("{}: {error}", file.display()))?;
        return checked(&baseline::read(&text)?, &rows, &counts, versions);
    }
    Ok(true)
}

/// Says what is worse than the baseline; false if something is, and it can be held against this change.
fn checked(
    baseline: &baseline::Baseline,
    rows: &[&Row],
    counts: &count::Counts,
    versions: &tools::Versions,
) -> Result<bool, String> {
    let compared = baseline.compare(rows, counts);
    println!();
    compared.lines.iter().for_each(|line| println!("{line}"));
    let others = baseline.of_others(versions);
    match (&others, compared.worse) {
        (Some(others), _) => println!(
            "{others}: nothing is judged. Run this with --write before the change, and with --check after it."
        ),
        (None, true) => println!(
            "worse than baseline.txt. If it is worth it, run this with --write and say why."
        ),
        (None, false) if compared.lines.is_empty() => println!("as baseline.txt has it"),
        (None, false) => {
            println!("better than baseline.txt: run this with --write, so that it stays so.")
        }
    }
    Ok(others.is_some() || !compared.worse)
}

#[test]
fn the_command_line_is_read() {
    let read = |line: &str| Asked::read(line.split_whitespace().map(str::to_owned));
    assert!(read("--check timer").is_ok_and(|asked| asked.check && asked.words == ["timer"]));
    assert!(read("scale --write").is_ok());
    for wrong in ["--write timer", "--check --write", "--faster"] {
        assert!(read(wrong).is_err(), "{wrong}");
    }
    assert_eq!(
        read("depth first").and_then(|asked| asked.rows().map(|rows| rows.len())),
        Ok(1)
    );
    assert!(read("nothing").is_ok_and(|asked| asked.rows().is_err()));
}
