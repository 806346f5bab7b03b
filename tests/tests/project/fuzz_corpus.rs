//! The committed corpus of every fuzz target, regressions among it, holds on stable.

use std::fs;
use std::path::{Path, PathBuf};

use deadheat_scenarios::fuzzing;

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz")
}

/// The files of a folder, in order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// Replays the corpus of a target; names the file that fails.
fn replay(target: &str, run: fn(&[u8])) {
    let files = files(&fuzz().join("corpus").join(target));
    assert!(files.len() >= 3, "{} files for {target}", files.len());
    for file in files {
        let bytes = fs::read(&file).unwrap();
        let held = std::panic::catch_unwind(|| run(&bytes));
        assert!(held.is_ok(), "{}", file.display());
    }
}

#[test]
fn parser() {
    replay("parser", fuzzing::parser);
}

#[test]
fn token() {
    replay("token", fuzzing::token);
}

#[test]
fn trace() {
    replay("trace", fuzzing::trace);
}

#[test]
fn machine() {
    replay("machine", fuzzing::machine);
}

#[test]
fn program_and_tape() {
    replay("program_and_tape", fuzzing::program_and_tape);
}

#[test]
fn every_target_is_three_lines_over_the_function_of_its_name_and_has_a_corpus() {
    let targets = files(&fuzz().join("fuzz_targets"));
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).unwrap();
    assert_eq!(targets.len(), 5);
    for target in targets {
        let name = target.file_stem().unwrap().to_str().unwrap();
        let text = fs::read_to_string(&target).unwrap();
        assert_eq!(text.lines().count(), 3, "{name}");
        assert!(
            text.contains(&format!("deadheat_scenarios::fuzzing::{name}(data)")),
            "{name}"
        );
        assert!(
            manifest.contains(&format!("fuzz_targets/{name}.rs")),
            "{name}"
        );
        assert!(fuzz().join("corpus").join(name).is_dir(), "{name}");
    }
}

/// No input is refused: whatever the bytes are, something is done with them.
#[test]
fn short_and_plain_inputs_do() {
    let all = [
        fuzzing::parser,
        fuzzing::token,
        fuzzing::trace,
        fuzzing::machine,
        fuzzing::program_and_tape,
    ];
    for run in all {
        (0..=64).for_each(|length| run(&vec![0; length]));
        (0..=u8::MAX).for_each(|byte| run(&[byte; 40]));
    }
}
