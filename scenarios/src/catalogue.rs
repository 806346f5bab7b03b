//! The catalogue of timeout patterns (being written).

use crate::{ParseError, ScenarioProgram, parse};

/// One scenario of the catalogue.
#[derive(Debug)]
pub struct Entry {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it is, in one line.
    pub summary: &'static str,
    /// The scenario file.
    pub text: &'static str,
    /// What bug is planted in it; none: it must hold.
    pub planted: Option<&'static str>,
    /// The name of the entry with, or without, the bug.
    pub twin: Option<&'static str>,
}

/// Every entry.
pub fn entries() -> &'static [Entry] {
    &[]
}

/// The entry of this name.
pub fn find(name: &str) -> Option<&'static Entry> {
    entries().iter().find(|entry| entry.name == name)
}

impl Entry {
    /// The scenario, ready to run.
    ///
    /// # Errors
    ///
    /// None in practice: every file of the catalogue parses.
    pub fn program(&self) -> Result<ScenarioProgram, ParseError> {
        parse(self.name, self.text).map(ScenarioProgram::new)
    }
}
