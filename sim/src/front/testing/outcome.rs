//! What comes of a test, as values whose `Display` is what is to be printed or panicked with.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::fmt::{self, Write};
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};

use crate::base::printable::{self, Escaping, Printable};
use crate::decide::scheduler::Divergence;
use crate::decide::token::Token;
use crate::front::check::Checked;
use crate::invariant::Check;
use crate::program::state::violate_nowhere;
use crate::record::leaks::Leak;
use crate::record::run::Run;
use crate::record::trace::Trace;
use crate::report::failure::Failure;
use crate::search::config::Config;

/// What a test function may return.
#[diagnostic::on_unimplemented(
    message = "a deadheat test returns nothing, an `ExitCode`, or a `Result` of these whose error is `Debug`",
    label = "it returns `{Self}`"
)]
pub trait Returned {
    /// What went wrong, if anything did.
    fn error(self) -> Option<String>;
}

impl Returned for () {
    fn error(self) -> Option<String> {
        None
    }
}

impl<T: Returned, E: fmt::Debug> Returned for Result<T, E> {
    fn error(self) -> Option<String> {
        match self {
            Ok(value) => value.error(),
            Err(error) => Some(format!("{error:?}")),
        }
    }
}

impl Returned for ExitCode {
    fn error(self) -> Option<String> {
        (self != ExitCode::SUCCESS).then(|| format!("{self:?}"))
    }
}

impl Returned for Infallible {
    fn error(self) -> Option<String> {
        match self {}
    }
}

/// Makes an error that a test returns a failure of its run.
pub(super) async fn judged<T: Returned>(body: impl Future<Output = T>) {
    if let Some(error) = body.await.error() {
        violate_nowhere(
            Check::Stated,
            format!("the test returned an error: {error}"),
        );
    }
}

/// What is to be said of packages that are outside of the search.
pub(super) fn of_what_is_beyond(names: &str) -> String {
    format!(
        "outside of the search, since they have timers, threads or chance of their own: {names} (packages of this graph)"
    )
}

/// A test that passed: what was done, in a few lines.
#[derive(Debug)]
pub struct PassedTest {
    text: String,
    leaked: Option<String>,
    trace: Option<Trace>,
    /// The line that says where the picture is.
    picture: Option<String>,
}

impl PassedTest {
    pub(super) fn explored(config: &Config, checked: Checked) -> Self {
        let Checked {
            runs,
            fingerprints,
            never_reached,
            leaks,
            notes,
        } = checked;
        let s = if runs == 1 { "" } else { "s" };
        let (name, seed) = (&config.name, config.seed);
        let mut text = format!(
            "deadheat: {name}: {runs} run{s} passed, seed {seed}, fingerprints {fingerprints:016x}"
        );
        for statement in never_reached {
            text.push_str(&format!("\n  note: in no run held: {statement}"));
        }
        for note in notes {
            text.push_str(&format!("\n  note: {note}"));
        }
        PassedTest {
            text,
            leaked: leaked(name, &leaks),
            trace: None,
            picture: None,
        }
    }

    /// The line that nobody may miss: what it took from outside, if that was not told before in this process.
    pub(super) fn leaked(&self) -> Option<&str> {
        self.leaked.as_deref()
    }

    /// The same, once its text was told.
    pub(super) fn told(self, config: &Config, tell: fn(&str)) -> Self {
        tell(&format!("{}\n", Printable(&self.text)));
        let text = format!("deadheat: {}: replayed, and it passes", config.name);
        PassedTest { text, ..self }
    }

    pub(super) fn replayed(config: &Config, token: &Token, run: Run, trace: bool) -> Self {
        let how = match (run.stale, token.fingerprint) {
            (true, _) => {
                "every decision fits, but it is not the token's run any more: the program has changed since, \
                 as it has when the bug is mended, or it is not deterministic"
            }
            (false, Some(_)) => "it is the token's run, to the last event",
            (false, None) => "every decision fits; the token has no fingerprint to compare with",
        };
        let (name, fingerprint) = (&config.name, run.fingerprint);
        let text = format!(
            "deadheat: {name}: replayed {token}, and it passes; {how}; fingerprint {fingerprint:x}"
        );
        let trace = run.trace.filter(|_| trace);
        PassedTest {
            text,
            leaked: None,
            trace,
            picture: None,
        }
    }

    /// With a picture.
    pub(super) fn drawn(self, picture: Option<String>) -> Self {
        PassedTest { picture, ..self }
    }
}

impl fmt::Display for PassedTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let f = &mut Escaping(f);
        self.trace
            .iter()
            .try_for_each(|trace| write!(f, "{trace}"))?;
        f.write_str(&self.text)?;
        told_of(self.picture.as_deref(), f)
    }
}

/// What a test took from outside, but for what was told of the same places before.
fn leaked(name: &str, leaks: &[Leak]) -> Option<String> {
    /// In this process: many tests come by one place.
    static TOLD: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let mut told = TOLD.lock().unwrap_or_else(PoisonError::into_inner);
    let first = leaks.iter().map(Leak::first);
    let new: Vec<_> = first.filter(|first| told.insert(first.clone())).collect();
    (!new.is_empty()).then(|| {
        let new = new.join("; ");
        let name = printable::line(name);
        format!("deadheat: {name}: passed, but not all of it is the run's: {new} (more by --show-output)\n")
    })
}

/// Where a picture is, below all else.
fn told_of(picture: Option<&str>, f: &mut impl Write) -> fmt::Result {
    picture.map_or(Ok(()), |line| write!(f, "\n{line}"))
}

/// A test that failed: the report.
///
/// # Examples
///
/// ```
/// use deadheat::Failure;
/// use deadheat::testing::{Arguments, Keep, Place, Test};
/// use std::{error::Error, time::Duration};
///
/// let place = Place { function: "pool", module: "my_crate::tests", ..Place::default() };
/// let arguments = Arguments { regressions: Keep::Nowhere, runs: Some(20), ..Arguments::default() };
/// let test = Test::new(place, &arguments, [], || 0)?;
///
/// let failed = test.run(&|| Duration::ZERO, || async { assert_eq!(deadheat::random(1), 1, "no work") }).unwrap_err();
/// assert!(failed.to_string().contains("no work"));
/// assert!(failed.source().unwrap().is::<Failure>());
/// # Ok::<(), deadheat::testing::EnvironmentError>(())
/// ```
#[derive(Debug)]
pub struct FailedTest {
    why: Why,
    trace: bool,
    /// The line that says where the picture is.
    picture: Option<String>,
}

#[derive(Debug)]
enum Why {
    Failure(Box<Failure>),
    /// The token replays, but to nothing.
    Stale {
        text: String,
        run: Box<Run>,
    },
}

impl FailedTest {
    pub(super) fn of_failure(failure: Box<Failure>, trace: bool) -> Self {
        FailedTest {
            why: Why::Failure(failure),
            trace,
            picture: None,
        }
    }

    /// With a picture.
    pub(super) fn drawn(self, picture: Option<String>) -> Self {
        FailedTest { picture, ..self }
    }

    pub(super) fn stale(
        config: &Config,
        token: &Token,
        divergence: Divergence,
        run: Run,
        trace: bool,
    ) -> Self {
        let text = format!(
            "STALE   {}   the replay of {token} passes, and shows nothing\n\n  {divergence}\n  \
             or it is the token of another test: DEADHEAT_REPLAY is for one test at a time, select it by its name\n  \
             without DEADHEAT_REPLAY the test explores again",
            config.name
        );
        let run = Box::new(run);
        FailedTest {
            why: Why::Stale { text, run },
            trace,
            picture: None,
        }
    }

    /// The failing run, unless it is a token that does not fit.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::testing::{Arguments, Keep, Place, Test};
    /// use std::time::Duration;
    ///
    /// let place = Place { function: "pool", module: "my_crate::tests", ..Place::default() };
    /// let arguments = Arguments { regressions: Keep::Nowhere, runs: Some(20), ..Arguments::default() };
    /// let test = Test::new(place, &arguments, [], || 0)?;
    ///
    /// let failed = test.run(&|| Duration::ZERO, || async { assert_eq!(deadheat::random(1), 1, "no work") }).unwrap_err();
    /// assert_eq!(failed.failure().unwrap().name, "tests::pool");
    /// # Ok::<(), deadheat::testing::EnvironmentError>(())
    /// ```
    pub fn failure(&self) -> Option<&Failure> {
        match &self.why {
            Why::Failure(failure) => Some(failure),
            Why::Stale { .. } => None,
        }
    }

    fn run(&self) -> &Run {
        match &self.why {
            Why::Failure(failure) => &failure.run,
            Why::Stale { run, .. } => run,
        }
    }
}

impl fmt::Display for FailedTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The lines to paste stay the last ones.
        if let (true, Some(trace)) = (self.trace, &self.run().trace) {
            writeln!(f, "{trace}")?;
        }
        match &self.why {
            Why::Failure(failure) => f.write_str(failure.to_string().trim_end())?,
            Why::Stale { text, .. } => write!(f, "{}", Printable(text))?,
        }
        told_of(self.picture.as_deref(), &mut Escaping(f))
    }
}

impl std::error::Error for FailedTest {
    /// The failing run, unless it is a token that does not fit.
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        let failure = self.failure();
        failure.map(|failure| failure as &(dyn std::error::Error + 'static))
    }
}
