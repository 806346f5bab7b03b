//! Notes of tests that pass: a runner captures what a passing test prints, so that nobody would read them.
//!
//! Where `cargo deadheat` names a file, they go there, a line each, and it tells them once the tests are over. Else they
//! are told at once, past the capture; that all runs were alike is told once in a process, as it may be so of many tests.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::base::printable;

use super::Test;
use super::outcome::PassedTest;

/// It was told in this process that all runs of a test were alike.
static TOLD_ALIKE: AtomicBool = AtomicBool::new(false);

impl Test {
    /// Tells the notes of a test that passed, unless its runner shows what it prints.
    pub(super) fn tell_notes(&self, passed: &PassedTest, tell: fn(&str)) {
        let name = printable::line(&self.config.name);
        let notes = passed.notes().iter().chain(passed.alike());
        if let Some(file) = &self.reader.notes {
            let lines: String = notes.map(|note| line_of(&name, note)).collect();
            if append(file, &lines) {
                return;
            }
        }
        if self.reader.shows_all() {
            return;
        }
        let alike = passed
            .alike()
            .filter(|_| !TOLD_ALIKE.swap(true, Ordering::Relaxed));
        for note in passed.notes().iter().chain(alike) {
            let note = printable::line(note);
            tell(&format!(
                "deadheat: {name}: passed, with a note: {note} (more by --show-output)\n"
            ));
        }
    }
}

/// The name of the test, a tab, and the note.
fn line_of(name: &str, note: &str) -> String {
    format!("{name}\t{}\n", printable::line(note))
}

/// Whole lines in one write: other tests write there, too.
fn append(file: &Path, lines: &str) -> bool {
    let opened = OpenOptions::new().append(true).create(true).open(file);
    opened.is_ok_and(|mut file| file.write_all(lines.as_bytes()).is_ok())
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::time::Duration;

    use super::super::{Arguments, Keep, Outside, Place};
    use super::*;
    use crate::program::draw::random;
    use crate::program::state::sometimes;

    static SAID: Mutex<String> = Mutex::new(String::new());

    fn run(function: &'static str, variables: &[(&str, &str)], arguments: &[&str]) -> String {
        let place = Place {
            function,
            ..Place::default()
        };
        let settings = Arguments {
            regressions: Keep::Nowhere,
            runs: Some(20),
            ..Arguments::default()
        };
        let variables = variables.iter();
        let variables = variables.map(|(name, value)| (name.into(), value.into()));
        let test = Test::new(place, &settings, variables, || 0).expect("no bad variable");
        let test = test.written_to(false, arguments.iter().map(Into::into));
        let outside = Outside {
            elapsed: &|| Duration::ZERO,
            pause: std::thread::park_timeout,
            tell: |text| SAID.lock().expect("a lock").push_str(text),
            end: |_| unreachable!("no run hangs"),
            debugged: || false,
        };
        let body = || async {
            random(6);
            sometimes(false, "a seven");
        };
        test.run_watched(&outside, body).expect("it passes");
        std::mem::take(&mut SAID.lock().expect("a lock"))
    }

    #[test]
    fn a_note_of_a_passing_test_is_told_past_the_capture_or_left_for_the_command() {
        let told = run("die", &[], &[]);
        assert_eq!(
            told,
            "deadheat: die: passed, with a note: in no run held: a seven (more by --show-output)\n"
        );
        for shows in ["--show-output", "--nocapture"] {
            assert_eq!(run("die", &[], &[shows]), "", "{shows}");
        }
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("notes");
        let variable = ("DEADHEAT_NOTES", file.to_str().expect("a path"));
        assert_eq!(run("one", &[variable], &[]), "");
        assert_eq!(run("other", &[variable], &["--show-output"]), "");
        let left = std::fs::read_to_string(&file).expect("notes");
        let expected = "one\tin no run held: a seven\nother\tin no run held: a seven\n";
        assert_eq!(left, expected);
        // Where nothing can be left, it is told.
        let nowhere = ("DEADHEAT_NOTES", "/dev/null/notes");
        assert!(run("die", &[nowhere], &[]).contains("a seven"));
    }
}
