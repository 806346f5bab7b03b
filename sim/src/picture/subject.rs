//! What a picture is of: a run, with the report of it if it failed.

use std::borrow::Cow;
use std::fmt;

use crate::record::Run;
use crate::report::Failure;

/// Reads a file of the sources by the name that the compiler was told.
type Sources<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A run to be drawn.
///
/// # Examples
///
/// ```
/// use deadheat::picture::{Subject, html};
/// use deadheat::{Config, run, sleep};
/// use std::time::Duration;
///
/// let run = run(&Config::new().trace(true), || sleep(Duration::from_secs(1))).unwrap();
/// assert!(html(Subject::from(&run).named("a nap")).contains("a nap"));
/// ```
#[derive(Clone, Copy)]
#[must_use = "nothing is drawn of it yet"]
pub struct Subject<'a> {
    run: &'a Run,
    failure: Option<&'a Failure>,
    name: Option<&'a str>,
    sources: Option<Sources<'a>>,
}

impl<'a> Subject<'a> {
    /// With this name.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::picture::{Subject, perfetto};
    ///
    /// let run = deadheat::run(&deadheat::Config::new().trace(true), || async {}).unwrap();
    /// assert!(perfetto(Subject::from(&run).named("nothing")).contains("nothing"));
    /// ```
    pub fn named(self, name: &'a str) -> Self {
        Subject {
            name: Some(name),
            ..self
        }
    }

    /// With lines of the sources, which are read by this.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::picture::{Subject, html};
    ///
    /// let failure = deadheat::check(&deadheat::Config::new(), || async { panic!("no") }).unwrap_err();
    /// let read = |file: &str| std::fs::read_to_string(file).ok();
    /// assert!(html(Subject::from(&failure).with_sources(&read)).contains("no"));
    /// ```
    pub fn with_sources(self, read: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Subject {
            sources: Some(read),
            ..self
        }
    }

    pub(crate) fn run(&self) -> &'a Run {
        self.run
    }

    pub(super) fn failure(&self) -> Option<&'a Failure> {
        self.failure
    }

    pub(super) fn name(&self) -> Cow<'a, str> {
        match (self.name, self.failure) {
            (Some(name), _) => Cow::Borrowed(name),
            (None, Some(failure)) => Cow::Borrowed(&failure.name),
            (None, None) => Cow::Borrowed("run"),
        }
    }

    pub(super) fn source(&self, file: &str) -> Option<String> {
        self.sources.and_then(|read| read(file))
    }
}

impl<'a> From<&'a Run> for Subject<'a> {
    fn from(run: &'a Run) -> Self {
        Subject {
            run,
            failure: None,
            name: None,
            sources: None,
        }
    }
}

impl<'a> From<&'a Failure> for Subject<'a> {
    fn from(failure: &'a Failure) -> Self {
        Subject {
            failure: Some(failure),
            ..Subject::from(&failure.run)
        }
    }
}

impl<'a> From<&'a Box<Failure>> for Subject<'a> {
    fn from(failure: &'a Box<Failure>) -> Self {
        Subject::from(&**failure)
    }
}

impl fmt::Debug for Subject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut told = f.debug_struct("Subject");
        told.field("name", &self.name())
            .field("run", &self.run)
            .finish_non_exhaustive()
    }
}
