//! Who reads what a test writes, as far as the environment and the expansion say it.

use std::path::PathBuf;

use deadheat_words::colour::Colours;

/// Who reads what a test writes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Reader {
    /// What the environment says about colours.
    pub(super) colours: Colours,
    /// Whether what a test prints is not captured by its runner.
    pub(super) is_uncaptured: bool,
    /// Whether its runner shows what a test prints once it has passed.
    pub(super) is_shown: bool,
    /// The file for notes of tests that pass.
    pub(super) notes: Option<PathBuf>,
    /// Whether standard error is a terminal.
    pub(super) is_terminal: bool,
    /// How wide the environment says that the terminal is.
    pub(super) columns: Option<usize>,
    /// Whether GitHub Actions reads it.
    pub(super) is_github: bool,
    /// The folder that GitHub Actions knows the repository by.
    pub(super) repository: Option<PathBuf>,
}

impl Reader {
    /// Takes a variable of the environment that is none of ours.
    pub(super) fn take(&mut self, name: &str, value: &str) {
        self.colours.take(name, value);
        match name {
            // As the test runner reads it.
            "RUST_TEST_NOCAPTURE" => self.is_uncaptured = value != "0",
            "COLUMNS" => self.columns = value.parse().ok(),
            "GITHUB_ACTIONS" => self.is_github = value == "true",
            "GITHUB_WORKSPACE" if !value.is_empty() => self.repository = Some(value.into()),
            _ => {}
        }
    }

    /// Whether somebody reads what a test prints that passes.
    pub(super) fn shows_all(&self) -> bool {
        self.is_shown || self.is_uncaptured
    }

    /// How wide a report may be, if it goes to a terminal.
    pub(super) fn columns(&self) -> Option<usize> {
        let on_a_terminal = self.is_terminal && self.is_uncaptured;
        let known = || self.columns.or_else(deadheat_seal::terminal_columns);
        on_a_terminal.then(known).flatten()
    }

    /// Whether a report has colours. What a runner captures it may show anywhere.
    pub(super) fn sees_colours(&self) -> bool {
        self.colours
            .are_shown(self.is_terminal && self.is_uncaptured)
    }
}
