//! How what comes of a test is shown where it is read: colours on a terminal, a line for GitHub Actions.
//!
//! What the environment says is in the variables; what standard error is, the expansion says.

use std::ffi::OsString;
use std::panic::Location;
use std::path::Path;

use crate::report::annotation;

use super::Test;
use super::outcome::FailedTest;

impl Test {
    /// The line for GitHub Actions, if that reads it: at the line of the program that panicked, or else of the test.
    pub(super) fn annotation(
        &self,
        failed: &FailedTest,
        given_at: &Location<'_>,
    ) -> Option<String> {
        if !self.reader.is_github || self.place.should_panic {
            return None;
        }
        let line = failed.failure().and_then(|failure| failure.culprit());
        let (file, at) = match line {
            Some((file, line, column)) => (file, (line, column)),
            None => (
                given_at.file().to_owned(),
                (given_at.line(), given_at.column()),
            ),
        };
        let file = self.in_repository(&file);
        let name = self.place.test();
        Some(annotation(Some(&file), at, &name, &failed.brief()))
    }

    /// A file as the compiler told it, from the folder of the repository, as far as both are there.
    fn in_repository(&self, file: &str) -> String {
        let repository = self.reader.repository.as_deref().unwrap_or(Path::new(""));
        let path = self
            .place
            .path_of(file)
            .and_then(|path| path.canonicalize().ok());
        let repository = repository.canonicalize().ok();
        let inside = path.as_deref().zip(repository.as_deref());
        let inside = inside.and_then(|(path, repository)| path.strip_prefix(repository).ok());
        inside.map_or_else(
            || file.to_owned(),
            |path| path.to_string_lossy().into_owned(),
        )
    }

    /// Says where what it prints goes to: whether standard error is a terminal, and the arguments of the process, by
    /// which a runner is told not to capture.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::testing::{Arguments, Keep, Place, Test};
    /// use std::time::Duration;
    ///
    /// let place = Place { function: "pool", module: "my_crate::tests", ..Place::default() };
    /// let arguments = Arguments { regressions: Keep::Nowhere, runs: Some(20), ..Arguments::default() };
    /// let test = Test::new(place, &arguments, [], || 0)?.written_to(true, ["pool".into(), "--nocapture".into()]);
    /// # drop(test);
    /// # Ok::<(), deadheat::testing::EnvironmentError>(())
    /// ```
    #[must_use = "it gives the test back"]
    pub fn written_to(
        mut self,
        is_terminal: bool,
        arguments: impl IntoIterator<Item = OsString>,
    ) -> Test {
        self.reader.is_terminal = is_terminal;
        let uncaptured =
            |argument: OsString| argument == "--nocapture" || argument == "--no-capture";
        for argument in arguments {
            self.reader.is_shown |= argument == "--show-output";
            self.reader.is_uncaptured |= uncaptured(argument);
        }
        self
    }

    /// Says how it is known that Ctrl-C was pressed; see [`Listening`](super::Listening).
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::testing::{Arguments, Keep, Listening, Place, Test};
    ///
    /// let arguments = Arguments { regressions: Keep::Nowhere, ..Arguments::default() };
    /// let _listening = Listening::begin();
    /// let test = Test::new(Place::default(), &arguments, [], || 0)?.interrupted_by(Listening::heard);
    /// # drop(test);
    /// # Ok::<(), deadheat::testing::EnvironmentError>(())
    /// ```
    #[must_use = "it gives the test back"]
    pub fn interrupted_by(self, interrupted: fn() -> bool) -> Test {
        Test {
            interrupted,
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sees_colours(variables: &[(&str, &str)], is_terminal: bool, arguments: &[&str]) -> bool {
        let variables = variables.iter();
        let variables = variables.map(|(name, value)| (name.into(), value.into()));
        let arguments = arguments.iter().map(OsString::from);
        let settings = super::super::Arguments {
            regressions: super::super::Keep::Nowhere,
            ..Default::default()
        };
        let test =
            Test::new(super::super::Place::default(), &settings, variables, || 0).expect("a test");
        test.written_to(is_terminal, arguments)
            .reader
            .sees_colours()
    }

    #[test]
    fn a_report_is_as_wide_as_the_terminal_and_not_in_a_pipe() {
        let columns = |is_terminal, is_uncaptured| {
            let mut reader = super::super::reader::Reader {
                is_terminal,
                is_uncaptured,
                ..Default::default()
            };
            reader.take("COLUMNS", "72");
            reader.columns()
        };
        assert_eq!(columns(true, true), Some(72));
        assert_eq!((columns(true, false), columns(false, true)), (None, None));
    }

    #[test]
    fn a_report_has_colours_on_a_terminal_and_not_in_a_pipe_or_under_capture() {
        assert!(sees_colours(&[], true, &["--nocapture"]));
        assert!(sees_colours(&[("RUST_TEST_NOCAPTURE", "1")], true, &[]));
        assert!(!sees_colours(&[("RUST_TEST_NOCAPTURE", "0")], true, &[]));
        assert!(!sees_colours(&[], true, &["--exact"]));
        assert!(!sees_colours(&[], false, &["--nocapture"]));
        assert!(sees_colours(&[("CLICOLOR_FORCE", "1")], false, &[]));
        assert!(!sees_colours(&[("NO_COLOR", "1")], true, &["--nocapture"]));
    }
}
