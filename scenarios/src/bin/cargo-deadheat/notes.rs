//! Notes of tests that passed: a runner captures what they print, so that they are told once all tests are over.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::error::Error;
use crate::say;
use crate::workplace::Workplace;

/// How many tests are named beside a note that they share.
const NAMED_MAX: usize = 8;

/// The file in which tests leave their notes, a line each: the name of the test, a tab, and the note.
pub(crate) struct Notes {
    file: PathBuf,
}

impl Notes {
    pub(crate) fn prepare(place: &Workplace) -> Result<Self, Error> {
        let file = place.file("notes");
        fs::write(&file, "").map_err(Error::on(&file))?;
        Ok(Notes { file })
    }

    pub(crate) fn tell(&self, command: &mut Command) {
        command.env("DEADHEAT_NOTES", &self.file);
    }

    /// Says what tests that passed have left.
    pub(crate) fn say(&self) {
        let left = fs::read(&self.file).unwrap_or_default();
        let told = told(&String::from_utf8_lossy(&left));
        if !told.is_empty() {
            say(&format!("notes of tests that passed:{told}"));
        }
    }
}

/// Each note once, with the tests that have it, in the order of the notes.
fn told(left: &str) -> String {
    let mut notes: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, note) in left.lines().filter_map(|line| line.split_once('\t')) {
        notes.entry(note).or_default().push(name);
    }
    let lines = notes.into_iter().map(|(note, mut names)| {
        names.sort_unstable();
        names.dedup();
        let more = match names.len().saturating_sub(NAMED_MAX) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        names.truncate(NAMED_MAX);
        format!("\n  {}{more}: {note}", names.join(", "))
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_that_share_a_note_are_told_in_one_line() {
        assert_eq!(told(""), "");
        let left = "pool::b\tin no run held: full\npool::a\tall alike\npool::b\tall alike\npool::a\tall alike\n";
        let expected = "\n  pool::a, pool::b: all alike\n  pool::b: in no run held: full";
        assert_eq!(told(left), expected);
        let many: String = (0..20)
            .map(|number| format!("t{number:02}\tall alike\n"))
            .collect();
        assert!(
            told(&many).ends_with("t07 and 12 more: all alike"),
            "{}",
            told(&many)
        );
    }
}
