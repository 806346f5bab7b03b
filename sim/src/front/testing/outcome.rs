//! What comes of a test, as values whose `Display` is what is to be printed or panicked with.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::fmt::{self, Write};
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::base::grouped::grouped;
use crate::base::printable::{self, Escaping, Printable};
use crate::base::time::told;
use crate::decide::scheduler::Divergence;
use crate::decide::token::Token;
use crate::front::check::Checked;
use crate::invariant::Check;
use crate::program::state::violate_nowhere;
use crate::record::leaks::Leak;
use crate::record::run::Run;
use crate::report::failure::Failure;
use crate::report::{coloured, within_columns};
use crate::search::config::Config;
use crate::state::should_panic::ShouldPanic;
use crate::state::world;

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

/// Makes an error that a test returns a failure of its run, and says if the run is to end with a panic.
pub(super) async fn judged<T: Returned>(
    should_panic: Option<ShouldPanic>,
    body: impl Future<Output = T>,
) {
    if should_panic.is_some() {
        world::current(|world| world.findings.should_panic = should_panic);
    }
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

/// What is to be said of a test for tokio's paused clock, if timers are late in the run in which it failed.
pub(super) fn of_a_paused_clock(late: Duration) -> Option<String> {
    (!late.is_zero()).then(|| {
        format!(
            "start_paused: time is paused in each run, so it passes only where nothing else can happen. But a timer may fire \
             late here, as on a busy machine (in this run up to {}), and with tokio's paused clock it never does. If the test \
             expects an exact time, let it expect at least that; DEADHEAT_LATE=0 leaves lateness out",
            told(i64::try_from(late.as_nanos()).unwrap_or(i64::MAX))
        )
    })
}

/// What may be the matter with a token that does not fit.
const UNFIT: &str = "\n  note: if it is the token of another test, select that one by its name; without DEADHEAT_REPLAY the test explores again";

/// A test that passed: what was done, in a few lines.
#[derive(Debug)]
pub struct PassedTest {
    text: String,
    /// What is to be said of it beside that it passed, but for what it took from outside.
    notes: Vec<String>,
    /// That all runs were alike, if they were.
    alike: Option<String>,
    leaked: Option<String>,
    panicked: Option<String>,
    /// What stands above it.
    trace: Option<String>,
    /// The line that says where the picture is.
    picture: Option<String>,
}

impl PassedTest {
    pub(super) fn explored(config: &Config, checked: Checked) -> Self {
        let Checked {
            runs,
            fingerprints,
            alike,
            never_reached,
            leaks,
            unfit,
            notes,
            orders: _,
        } = checked;
        let s = if runs == 1 { "" } else { "s" };
        let (name, seed) = (&config.name, config.seed);
        let mut text = format!(
            "deadheat: {name}: {runs} run{s} passed, seed {seed}, fingerprints {fingerprints:016x}"
        );
        let never = never_reached.into_iter();
        let never = never.map(|statement| format!("in no run held: {statement}"));
        let alike = (alike && runs > 1).then(|| {
            let runs = grouped(runs);
            format!("all {runs} runs were alike: no ranges, no order to choose; one run would do")
        });
        let notes: Vec<String> = never.chain(unfit).chain(notes).collect();
        let of_leaks = leaks.iter().map(Leak::to_string);
        for note in alike.iter().chain(&notes).cloned().chain(of_leaks) {
            text.push_str(&format!("\n  note: {note}"));
        }
        PassedTest {
            text,
            notes,
            alike,
            leaked: leaked(name, &leaks),
            panicked: None,
            trace: None,
            picture: None,
        }
    }

    /// A test of every order: which were seen comes first.
    pub(super) fn exhausted(config: &Config, mut checked: Checked) -> Self {
        let orders = checked.orders;
        let said = match orders.is_exhausted() {
            true => orders.to_string(),
            false => format!(
                "not every order: the search ended after {} runs; runs = … or time = … lets it go on, fewer tasks or \
                 ranges make it shorter",
                grouped(checked.runs)
            ),
        };
        checked.notes.insert(0, said);
        // One run may be every order.
        checked.alike = false;
        PassedTest::explored(config, checked)
    }

    /// What is to be said of it, but for what [`leaked`](PassedTest::leaked) says.
    pub(super) fn notes(&self) -> &[String] {
        &self.notes
    }

    /// That all its runs were alike, if they were.
    pub(super) fn alike(&self) -> Option<&String> {
        self.alike.as_ref()
    }

    /// The same, with what is to be said of every test of a graph.
    pub(super) fn with_all(mut self, note: Option<&str>) -> Self {
        if let Some(note) = note {
            self.text.push_str(&format!("\n  note: {note}"));
        }
        self
    }

    /// What the test is to panic with, if it has `#[should_panic]`: every run has panicked, and this is the message of
    /// one.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::testing::{Arguments, Keep, Place, Test};
    /// use std::time::Duration;
    ///
    /// let place = Place { should_panic: true, panics_with: Some("no work"), ..Place::default() };
    /// let arguments = Arguments { regressions: Keep::Nowhere, runs: Some(20), ..Arguments::default() };
    /// let test = Test::new(place, &arguments, [], || 0)?;
    ///
    /// async fn work() {
    ///     panic!("there is no work");
    /// }
    /// let passed = test.run(&|| Duration::ZERO, work).unwrap();
    /// assert_eq!(passed.panicked(), Some("there is no work"));
    /// let failed = test.run(&|| Duration::ZERO, || async {}).unwrap_err();
    /// assert!(failed.to_string().contains("it should have panicked with \"no work\": it returned"));
    /// # Ok::<(), deadheat::testing::EnvironmentError>(())
    /// ```
    pub fn panicked(&self) -> Option<&str> {
        self.panicked.as_deref()
    }

    /// With what its runs have panicked with, as they should.
    pub(super) fn panicking(self, should_panic: Option<ShouldPanic>) -> Self {
        let panicked = should_panic.and_then(|should_panic| should_panic.seen());
        PassedTest { panicked, ..self }
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

    fn of_replay(text: String, trace: Option<String>) -> Self {
        PassedTest {
            text,
            notes: Vec::new(),
            alike: None,
            leaked: None,
            panicked: None,
            trace,
            picture: None,
        }
    }

    pub(super) fn replayed(
        config: &Config,
        token: &Token,
        run: &Run,
        trace: Option<String>,
    ) -> Self {
        let (name, fingerprint) = (&config.name, run.fingerprint);
        let how = match (run.divergence, run.stale, token.fingerprint) {
            (Some(divergence), ..) => {
                let text =
                    format!("deadheat: {name}: replayed {token}: passes now; {divergence}{UNFIT}");
                return PassedTest::of_replay(text, trace);
            }
            (None, true, _) => {
                "every decision fits, but it is not the token's run any more: the program has changed since, \
                 as it has when the bug is mended, or it is not deterministic"
            }
            (None, false, Some(_)) => "it is the token's run, to the last event",
            (None, false, None) => {
                "every decision fits; the token has no fingerprint to compare with"
            }
        };
        let text = format!(
            "deadheat: {name}: replayed {token}, and it passes; {how}; fingerprint {fingerprint:x}"
        );
        PassedTest::of_replay(text, trace)
    }

    /// With a picture.
    pub(super) fn drawn(self, picture: Option<String>) -> Self {
        PassedTest { picture, ..self }
    }
}

impl fmt::Display for PassedTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let f = &mut Escaping(f);
        f.write_str(self.trace.as_deref().unwrap_or_default())?;
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
    /// What stands above it.
    trace: Option<String>,
    /// The line that says where the picture is.
    picture: Option<String>,
    is_coloured: bool,
    /// How wide it may be.
    columns: Option<usize>,
}

#[derive(Debug)]
enum Why {
    Failure(Box<Failure>),
    /// Everything passes, but not all of what was to be replayed fits the program, and that was asked for.
    Stale(String),
}

impl FailedTest {
    pub(super) fn of_failure(failure: Box<Failure>) -> Self {
        FailedTest {
            why: Why::Failure(failure),
            trace: None,
            picture: None,
            is_coloured: false,
            columns: None,
        }
    }

    /// With a picture.
    pub(super) fn drawn(self, picture: Option<String>) -> Self {
        FailedTest { picture, ..self }
    }

    /// A token that does not fit, where tokens are to fit.
    pub(super) fn stale(config: &Config, token: &Token, divergence: Divergence) -> Self {
        let name = &config.name;
        let text = format!(
            "STALE   {name}   the replay of {token} passes now, and DEADHEAT_STRICT asks for more\n\n  {divergence}{UNFIT}"
        );
        FailedTest {
            why: Why::Stale(text),
            trace: None,
            picture: None,
            is_coloured: false,
            columns: None,
        }
    }

    /// Kept runs that do not fit, where they are to fit.
    pub(super) fn unfit(config: &Config, unfit: &[String]) -> Self {
        let name = &config.name;
        let lines = unfit.join("\n  ");
        let text = format!(
            "STALE   {name}   every run passes, and DEADHEAT_STRICT asks for kept runs that fit\n\n  {lines}"
        );
        FailedTest {
            why: Why::Stale(text),
            trace: None,
            picture: None,
            is_coloured: false,
            columns: None,
        }
    }

    /// As its reader sees it: with colours or without, and no wider than this.
    pub(super) fn shown(self, is_coloured: bool, columns: Option<usize>) -> Self {
        FailedTest {
            is_coloured,
            columns,
            ..self
        }
    }

    /// What is wrong, and the lines to paste.
    pub(super) fn brief(&self) -> String {
        match &self.why {
            Why::Failure(failure) => {
                let lines = failure.replay.iter();
                lines.fold(failure.problems(), |text, line| format!("{text}\n{line}"))
            }
            Why::Stale(text) => Printable(text).to_string(),
        }
    }

    /// With what is to stand above it.
    pub(super) fn traced(self, trace: Option<String>) -> Self {
        FailedTest { trace, ..self }
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
            Why::Stale(_) => None,
        }
    }
}

impl fmt::Display for FailedTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The lines to paste stay the last ones.
        if let Some(trace) = &self.trace {
            writeln!(f, "{trace}")?;
        }
        let report = match &self.why {
            Why::Failure(failure) => failure.to_string().trim_end().to_owned(),
            Why::Stale(text) => Printable(text).to_string(),
        };
        let report = match self.columns {
            Some(columns) => within_columns(&report, columns),
            None => report,
        };
        f.write_str(&match self.is_coloured {
            true => coloured(&report),
            false => report,
        })?;
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
