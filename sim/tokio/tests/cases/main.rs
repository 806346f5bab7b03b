//! What is said of small programs as users write them, word for word: wrong ones, and some that are right.
//!
//! Each file has its programs first, and below them the list of those whose test is a snapshot. A program is run as
//! `#[deadheat::test]` runs it. In a snapshot the lines of this folder stand as they are: does it point to the right one?

mod beyond;
mod ends;
mod held;
mod mine;
mod mistakes;
mod more_mistakes;

use std::time::Duration;

use deadheat::testing::{Arguments, Keep, Place, Returned, Test};

/// What a test says of a program, with what differs from machine to machine taken out.
fn said<F, Fut>(function: &'static str, runs: Option<u64>, program: F) -> String
where
    F: Fn() -> Fut + Sync,
    Fut: Future + 'static,
    Fut::Output: Returned + 'static,
{
    let place = Place {
        function,
        module: "cases",
        ..Place::default()
    };
    let arguments = Arguments {
        regressions: Keep::Nowhere,
        runs,
        // A seed of its own would be drawn for each process.
        seed: Some(deadheat::testing::Seed::Fixed(0)),
        jobs: Some(1),
        ..Arguments::default()
    };
    let test = Test::new(place, &arguments, [], || 0).unwrap();
    let text = match test.run(&|| Duration::ZERO, program) {
        Ok(passed) => passed.to_string(),
        Err(failed) => failed.to_string(),
    };
    steady(&without_frames(&text))
}

/// A report without what a task that keeps another one waiting has, and in which function: which of its frames are
/// there to be read depends on what the compiler has put into one function.
fn without_frames(text: &str) -> String {
    let line = |line: &str| match line.trim_start() {
        told if told.starts_with("kept waiting by ") || told.starts_with("held by ") => {
            let (who, _) = line.split_once(", which has").unwrap_or((line, ""));
            format!("{who}\n")
        }
        _ => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

/// A report without fingerprints, tokens, and the lines of code that others wrote.
fn steady(text: &str) -> String {
    let words = text.split_inclusive([' ', '\n', '\'', '"', '(', ')', ',']);
    let mut is_fingerprint = false;
    let mut steady = String::new();
    for word in words {
        let bare = word.trim_end_matches([' ', '\n', '\'', '"', '(', ')', ',']);
        let end = &word[bare.len()..];
        match bare {
            _ if bare.starts_with("dh1:") => steady.push_str("dh1:…"),
            _ if is_fingerprint => steady.push('…'),
            _ => match bare.split_once(".rs:") {
                Some((file, _)) if !file.contains("tests/cases/") => {
                    let name = file.rsplit('/').next().unwrap_or_default();
                    steady.push_str(&format!("{name}.rs:…"));
                }
                _ => steady.push_str(bare),
            },
        }
        is_fingerprint = matches!(bare, "fingerprints" | "fingerprint");
        steady.push_str(end);
    }
    steady
}

/// A test for each program: what is said of it is a snapshot.
macro_rules! says {
    ($($name:ident $(($runs:literal))?,)*) => {
        mod says {
            $(
                #[test]
                fn $name() {
                    let runs = [$($runs,)?].first().copied();
                    insta::assert_snapshot!(crate::said(stringify!($name), runs, super::$name));
                }
            )*
        }
    };
}
use says;
