//! What `#[deadheat::test]` expands to: the settings of a test, and the test.
//!
//! A test looks like any other, and is one: names, filters and runners work as they do for `#[test]`.
//!
//! ```
//! use deadheat::{clock, sleep};
//! use deadheat_timeout::timeout;
//! use std::time::Duration;
//!
//! #[deadheat::test(runs = 200, late = "1ms")]
//! async fn a_reply_comes_in_time() {
//!     let reply = sleep(Duration::from_millis(1)..=Duration::from_millis(4));
//!     timeout(&clock(), Duration::from_millis(9), reply).await.expect("a reply");
//! }
//! ```
//!
//! It makes the failing runs that are kept beside the source file, then explores; a test that fails panics
//! with the whole report, whose last line can be pasted into a shell.
//!
//! # Settings
//!
//! An argument of the attribute takes precedence over the environment, and the environment over the default. Only for
//! the watchdog the environment comes first: the watchdog changes no run, and how long it should wait depends on the
//! machine. A value that cannot be read is an error, and so is an unknown variable `DEADHEAT_…`.
//!
//! | argument | variable | value | default |
//! |---|---|---|---|
//! | `seed = 7` | `DEADHEAT_SEED` | decimal, `0x…`, or `random`, which is told before anything runs | 0 |
//! | `runs = 1000` | `DEADHEAT_RUNS` | how many runs at most | 1000; with a time, no limit |
//! | `time = "5s"` | `DEADHEAT_TIME` | for how long to explore, on a real clock; at least one run is made | no limit |
//! | `jobs = 2` | `DEADHEAT_JOBS` | on how many threads, 1 to 1024 | 1 |
//! | `scheduler = "pct:3"` | `DEADHEAT_SCHEDULER` | `portfolio`, `solved`, or the name of a [`Sampler`](crate::Sampler) | `portfolio` |
//! | `exhaustive = true` | `DEADHEAT_EXHAUSTIVE` | `true`/`1` or `false`/`0`: makes [every order](crate::check_exhaustive) instead of some; no scheduler, one job, at most 1,000,000 runs unless told otherwise, timers on time unless `late` is given | `false` |
//! | `late = "1ms"` | `DEADHEAT_LATE` | how late a timer may fire | on time and 1 ms, in turn |
//! | `check_determinism = true` | `DEADHEAT_CHECK_DETERMINISM` | `true`/`1` or `false`/`0`: makes every run twice and compares | `false` |
//! | `check_starved = true` | `DEADHEAT_CHECK_STARVED` | `true`/`1` or `false`/`0`: a sleep that [never ends](#sleeps-that-never-end) fails the test | `false`, it is a note |
//! | | `DEADHEAT_REPLAY` | a token: make this one run instead of exploring | |
//! | | `DEADHEAT_STRICT` | `true`/`1` or `false`/`0`: a token, or a kept run, that passes and no longer fits the program is a failure | `false` |
//! | | `DEADHEAT_TRACE` | `html`, `json`, `perfetto` or `text`: a [picture](crate::picture) of the failing, replayed or default run in `target/deadheat/NAME.…`; `text`: all its events, in the words of a report, above the report too; `true`/`1`: its [trace](crate::Trace), which a program can read, above the report | `false` |
//! | `task_late = "1ms"` | | how late a woken task may take its turn | on time |
//! | `until_quiet = true` | | stop once runs show nothing new (see [`Config::until_quiet`]) | `false` |
//! | | `DEADHEAT_ONLY` | a number from 1: make this one run of those that it would explore, and no kept one | |
//! | `multi_thread = true` | | runs stand for a runtime of several threads (see [`Config::multi_thread`]) | `false` |
//! | `start_paused = true` | | the test was written for tokio's paused clock. Time is paused in each run anyway; the report of a run in which a timer was late says what that means for such a test | `false` |
//! | `watchdog = "5s"` | `DEADHEAT_WATCHDOG`, which counts first | `off`, or after how long a run is told that takes no step | 5 s |
//! | | `DEADHEAT_OUTSIDE` | parts of names of `#[tokio::test]`s, which then stay tokio's, with commas between them; `*` is all. Set by `cargo deadheat` | none |
//! | | `DEADHEAT_OUTSIDE_MET` | a folder that is told which of those parts a test has in its name; set by `cargo deadheat` | |
//! | | `DEADHEAT_GRAPH` | `1`: `cargo deadheat` runs the test, and lines to paste say so | |
//! | | `DEADHEAT_BEYOND` | names of packages with timers of their own, which reports then tell; set by `cargo deadheat` | |
//! | | `DEADHEAT_NOTES` | a file for the notes of tests that pass; set by `cargo deadheat`, which tells them at its end | |
//! | | `DEADHEAT_ANNOUNCE` | `true`/`1` or `false`/`0`: tells each run before it begins | `false` |
//! | `steps = 10_000` | | turns and timers of a run at most (see [`Limits`](crate::Limits)) | 1,000,000 |
//! | `steps_per_instant = 500` | | the same without time passing: more is a livelock | see [`Limits`](crate::Limits) |
//! | `virtual_time = "1h"` | | virtual time of a run at most | 290 years |
//! | `regressions = false` | | `false`, or a path from the folder of the source file | beside the source file |
//! | `beside = "deadheat_tokio::beside"` | | what makes the runtime that stands [`beside`](mod@crate::beside) each run | none |
//! | `config = "path"` | | a function from [`Config`] to [`Config`], applied last: for a scheduler or an invariant of one's own | |
//! | `crate = "path"` | | where this crate is, if not at `::deadheat` | `::deadheat` |
//!
//! # Regressions
//!
//! A run that fails is kept, shrunk, in a file beside the source file (`tests/pool.rs` has
//! `tests/pool.regressions`), under the test's name, and made first the next time. One that passes again
//! stays, as a test of its own; delete its line once its bug cannot come back. Tests share a file, in
//! threads and in processes. Where it cannot be written, the report says so. With `#[should_panic]`
//! nothing is kept unless a path is given.
//!
//! - A file that is not there is none: the test explores, and the first failure makes the file.
//! - A file of which a line cannot be read is an error that names the line; nothing is run and nothing written.
//! - A line that no longer fits its test, since that has changed, counts for nothing; the test says so when it
//!   passes, and fails only with `DEADHEAT_STRICT=1`. Lines of tests that there are no more are left alone.
//! - A run that does not repeat (see *Determinism*) is not kept: made first, it would most likely pass.
//!
//! # Tests that should panic
//!
//! With `#[should_panic]` **every run** has to end with a panic of the program, with `expected = "…"` in its message. A
//! run that ends otherwise fails the test: its report is printed, and the runner says that there was no such panic.
//!
//! # Replay
//!
//! `DEADHEAT_REPLAY` makes every test that is selected replay the token, whatever its arguments say, and
//! nothing is kept. So select one, as the line in a report does. A test
//!
//! - **fails with its report** if the run fails. If the program has changed since, the report says where;
//! - **passes** if the run passes, and says past the runner's capture what that means. The run was the token's to the
//!   last event; or another, as it is once the bug is mended; or "the schedule no longer fits, from decision n3 on", since
//!   the program has changed more than that, or the token is another test's;
//! - **fails as stale** with `DEADHEAT_STRICT=1` if the run passes and the schedule no longer fits.
//!
//! A token that cannot be read is an error of the variable.
//!
//! # Sleeps that never end
//!
//! A sleep inside of a `select!` in a loop begins anew in each round. If something else in the loop comes more often than
//! the sleep is long, it never ends, and what it was to end goes on for ever. A test that passes says so in a note, and
//! fails if it is asked to (`check_starved`). The rule, for a sleep of one line that is dropped before it ends:
//!
//! - its task makes it again **in the moment in which it dropped the one before**, for as long, again and again, for three
//!   times as long as it is to last;
//! - each time something came first that **was under way without the round**: a tick of an interval, a timer that is
//!   older than the sleep, or a wake by a task that this one has not woken since, nor one that it has woken;
//! - no sleep of that line **ended in any run that was looked at**: the first 64, if any run of the test is worth it.
//!
//! So these are not told: a timeout around a future (`timeout(…).await`, also one that is dropped), a sleep beside a call
//! or another sleep that begins with it, a reply that the round has asked for, a sleep whose deadline is moved (`reset`)
//! or stays (`sleep_until`).
//!
//! **It is mistaken about an idle timeout** that each message is to begin anew, where in no run that was looked at the
//! messages stay away for that long, and about a sleep that only watches over a tick or a stream that never stays away.
//! The first is worth a run that is idle. **It misses** a bug where the loop waits for something else between two sleeps,
//! where what came first is another sleep that is made in each round, and where a sleep of the same line ends elsewhere
//! or after the first 64 runs.
//!
//! # What a report cannot tell
//!
//! A test runner shows a report when a test ends. What is below is written to the handle of standard error at
//! once, past the runner's capture, with the test, the run, its seed and scheduler, and the line that makes it
//! again.
//!
//! - **A panic that nothing can catch**: a destructor panics while a panic unwinds the stack, a panic in a
//!   function that must not unwind. The process ends there; both panics are told with their places. On a thread
//!   that makes no run, as one that the test starts itself, the test and its run are told if no other run is under
//!   way (`--test-threads=1`, one job).
//! - **No step for long**: after 5 s of real time (`DEADHEAT_WATCHDOG`, `watchdog = "…"`) it is told once in
//!   which turn, of which task, and where that was spawned. It is left to go on. The watchdog is off under Miri,
//!   and does not count while a debugger is attached (Linux).
//! - **A time that is over** (`DEADHEAT_TIME`, `time = "…"`) ends the exploration between two runs. A run that is
//!   slow goes on to its end or to its limits. One that takes no step for as long as the watchdog waits, which
//!   after that is told, would last for ever: the process is ended with status 124, as by `timeout`, and with it
//!   the tests beside this one. With the watchdog off nothing ends it.
//! - **A test that passes and took something from outside** (see *Determinism*): one line says what and where first, once
//!   for each place in a process. So does **a note of a test that passes**, such as a kept run that shows nothing any more.
//!   The rest is among what the test prints: `cargo test -- --show-output`.
//! - **Ctrl-C** (Linux) ends the process with status 130, between two runs, once the test has told how many runs were made; a
//!   second one ends it at once. A failing run that was found is kept, and made first the next time.
//! - **A test that takes long** tells every 5 s how far it is, if standard error is a terminal.
//! - **An abort, an overflow of the stack, no memory, [`exit`](std::process::exit)** leave no time to tell
//!   anything. A test that calls `exit(0)` even passes, as any `#[test]` does that calls it: the process ends with the
//!   status of success, and the tests that were to come are not run. Nothing can see that from inside the process;
//!   the runner's line `test result: …` is then missing. With `DEADHEAT_ANNOUNCE=1` each run is told before it begins: the last line is the run that it
//!   was, and has the line that makes it alone.
//!
//! # Determinism
//!
//! Nothing here reads the environment or a clock, or prints: the expansion does, and passes on what it read.
//! A run that fails is made again. If it then does other things, the report says that **this run does not repeat**,
//! and is of the run as it failed: nothing is shrunk or told from other runs, which would be about something else.
//! `check_determinism` makes every run twice, and finds what differs before it makes a run fail.
//! Real clocks, chance, threads and sockets are named with their place; or they are the run's ([`Config::sealed`]).
//!
//! What is printed at the end of a test has a sum of its runs' fingerprints, which is the same on every
//! machine, in every profile and with any number of jobs, unless a time cut it short.

mod again;
mod course;
mod drawer;
mod environment;
mod noted;
mod outcome;
mod place;
mod reader;
mod runner;
mod settings;
mod shown;
mod traced;
mod values;
mod verdict;

use std::ffi::OsString;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

pub use deadheat_seal::Listening;
pub use deadheat_words::patience::Patience;
pub use deadheat_words::seed::Seed;
pub use environment::{EnvironmentError, Variables};
pub use outcome::{FailedTest, PassedTest, Returned};
pub use place::Place;
pub use runner::Runner;
pub use settings::{Arguments, Keep};

pub use crate::witness::{Outside, is_traced};

use crate::base::bounds::Bounds;
use crate::base::printable;
use crate::decide::token::Token;
use crate::engine::program::{Main, Unit};
use crate::record::workspace;
use crate::search::config::Config;
use crate::state::should_panic::ShouldPanic;
use crate::witness::{Watchdog, Witness};

use drawer::Drawer;
use reader::Reader;
use traced::Traced;

/// A test that is ready to be run.
#[derive(Debug)]
pub struct Test {
    place: Place,
    config: Config,
    time: Option<Duration>,
    /// Every order is wanted, within these bounds.
    every: Option<Bounds>,
    seed_is_random: bool,
    runner: Runner,
    trace: Option<Traced>,
    drawer: Drawer,
    replay: Option<Token>,
    /// Whether a token, and a kept run, has to fit.
    is_strict: bool,
    patience: Patience,
    announces: bool,
    /// The variables that decide what run `n` is, as a shell takes them; none if they cannot.
    of_a_run: Option<String>,
    /// Why nothing can be kept that is to be.
    unkept: Option<String>,
    /// Who reads what it prints.
    reader: Reader,
    /// Whether Ctrl-C was pressed.
    interrupted: fn() -> bool,
    /// What is to be said of packages of the graph that are outside of the search.
    beyond: Option<String>,
    /// The test was written for a paused clock.
    starts_paused: bool,
}

impl Test {
    /// The test at a place, with the arguments of its attribute and the variables of the environment.
    ///
    /// `entropy` is called only if a random seed is asked for.
    ///
    /// # Errors
    ///
    /// If a variable is unknown or its value cannot be read; the error names all such.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::testing::{Arguments, Keep, Place, Test};
    ///
    /// let arguments = Arguments { regressions: Keep::Nowhere, ..Arguments::default() };
    /// let variable = ("DEADHEAT_SEED".into(), "7".into());
    /// let test = Test::new(Place::default(), &arguments, [variable], || 0)?;
    /// assert_eq!(test.config().seed, 7);
    /// # Ok::<(), deadheat::testing::EnvironmentError>(())
    /// ```
    pub fn new(
        place: Place,
        arguments: &Arguments,
        variables: impl IntoIterator<Item = (OsString, OsString)>,
        entropy: impl FnOnce() -> u64,
    ) -> Result<Test, EnvironmentError> {
        workspace::learn(place.file);
        let variables = Variables::read(variables)?;
        let seed = arguments.seed.or(variables.seed);
        let seed_is_random = seed == Some(Seed::Random) && variables.replay.is_none();
        let seed = match seed {
            Some(Seed::Fixed(seed)) => seed,
            Some(Seed::Random) => entropy(),
            None => 0,
        };
        let mut config = settings::config(arguments, &variables)?
            .name(place.test())
            .seed(seed);
        let of_a_run = settings::of_a_run(arguments, &variables, seed);
        let patience = variables.watchdog.or(arguments.watchdog);
        let mut unkept = None;
        match place.regressions(&arguments.regressions) {
            Ok(regressions) => config.regressions = regressions,
            Err(problem) => unkept = Some(problem),
        }
        if variables.only.is_some() {
            config.regressions = None;
        }
        if let Some(make) = arguments.beside {
            config = config.beside(make);
        }
        if let Some(own) = arguments.config {
            // It may have begun with a configuration of its own: whose test it is and where that keeps its failures
            // is said by the attribute.
            let (name, regressions) = (config.name.clone(), config.regressions.clone());
            config = own(config).name(name);
            config.regressions = config.regressions.or(regressions);
        }
        Ok(Test {
            time: arguments.time.or(variables.time),
            every: settings::every(arguments, &variables),
            seed_is_random,
            runner: variables.runner,
            beyond: variables.beyond.as_deref().map(outcome::of_what_is_beyond),
            drawer: Drawer::new(&place, variables.target.as_deref()),
            trace: variables.trace,
            replay: variables.replay,
            is_strict: variables.strict.unwrap_or(false),
            patience: patience.unwrap_or(Patience::For(Watchdog::LIMIT)),
            announces: variables.announce.unwrap_or(false),
            of_a_run,
            place,
            config,
            unkept,
            reader: variables.reader,
            interrupted: || false,
            starts_paused: arguments.start_paused.unwrap_or(false),
        })
    }

    /// How its runs are made.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::testing::{Arguments, Keep, Place, Test};
    ///
    /// let place = Place { function: "pool", module: "my_crate::tests", ..Place::default() };
    /// let arguments = Arguments { regressions: Keep::Nowhere, runs: Some(20), ..Arguments::default() };
    /// let test = Test::new(place, &arguments, [], || 0)?;
    /// assert_eq!((test.config().runs, &*test.config().name), (20, "tests::pool"));
    /// # Ok::<(), deadheat::testing::EnvironmentError>(())
    /// ```
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// What is to be told before anything runs: a random seed.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::testing::{Arguments, Keep, Place, Seed, Test};
    ///
    /// let place = Place { function: "pool", module: "my_crate::tests", ..Place::default() };
    /// let arguments = Arguments { regressions: Keep::Nowhere, seed: Some(Seed::Random), ..Arguments::default() };
    /// let test = Test::new(place, &arguments, [], || 0x2a)?;
    /// assert!(test.announcement().unwrap().ends_with("DEADHEAT_SEED=0x2a"));
    /// # Ok::<(), deadheat::testing::EnvironmentError>(())
    /// ```
    pub fn announcement(&self) -> Option<String> {
        let seed = self.config.seed;
        self.seed_is_random.then(|| {
            let name = printable::line(&self.config.name);
            format!("deadheat: {name}: random seed; to have it again: DEADHEAT_SEED={seed:#x}")
        })
    }

    /// [`run`](Test::run), watched: what ends the process and what takes no step is told at once.
    ///
    /// # Errors
    ///
    /// As [`run`](Test::run).
    ///
    /// # Panics
    ///
    /// If a thread cannot be started. A panic of the test is told in the [`FailedTest`].
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::testing::{Arguments, Keep, Outside, Place, Test};
    /// use std::time::Duration;
    ///
    /// let place = Place { function: "pool", module: "my_crate::tests", ..Place::default() };
    /// let arguments = Arguments { regressions: Keep::Nowhere, runs: Some(20), ..Arguments::default() };
    /// let test = Test::new(place, &arguments, [], || 0)?;
    ///
    /// let begun = std::time::Instant::now();
    /// let outside = Outside {
    ///     elapsed: &|| begun.elapsed(),
    ///     pause: std::thread::park_timeout,
    ///     tell: |text| eprint!("{text}"),
    ///     end: |status| std::process::exit(status),
    ///     debugged: || false,
    /// };
    /// let passed = test.run_watched(&outside, || deadheat::sleep(Duration::from_secs(1))).unwrap();
    /// assert!(passed.to_string().contains("20 runs passed"));
    /// # Ok::<(), deadheat::testing::EnvironmentError>(())
    /// ```
    #[track_caller]
    pub fn run_watched<F, Fut>(
        &self,
        outside: &Outside<'_>,
        body: F,
    ) -> Result<PassedTest, FailedTest>
    where
        F: Fn() -> Fut + Sync,
        Fut: Future + 'static,
        Fut::Output: Returned + 'static,
    {
        let given_at = std::panic::Location::caller();
        let witness = Arc::new(Witness::new(outside.tell).announcing(self.announces));
        let run = || self.run_at(outside.elapsed, Some(outside), body, given_at);
        let watch = || witness.watch(&self.config.name, self.again(), run);
        let result = match self.patience {
            Patience::Forever => watch(),
            Patience::For(limit) => {
                let time = self.time.filter(|_| self.replay.is_none());
                let watchdog = Watchdog::new(limit).ends_after(time);
                watchdog.during(outside, &witness, watch)
            }
        };
        match (&self.replay, result) {
            // Past the runner's capture: that a replay passes may not be taken for "mended" unread.
            (Some(_), Ok(passed)) => Ok(passed.told(&self.config, outside.tell)),
            (_, Ok(passed)) => {
                if let Some(line) = passed.leaked() {
                    (outside.tell)(line);
                }
                self.tell_notes(&passed, outside.tell);
                Ok(passed)
            }
            (_, Err(failed)) => {
                // On a line of its own, also where the runner has begun one.
                let line = self.annotation(&failed, given_at);
                line.iter()
                    .for_each(|line| (outside.tell)(&format!("\n{line}\n")));
                Err(failed.shown(self.reader.sees_colours(), self.reader.columns()))
            }
        }
    }

    /// Explores what `body` makes, or replays the token of the environment.
    ///
    /// # Timing
    ///
    /// `elapsed` tells how long the test has been under way on a real clock. It is asked between runs, on every
    /// thread that makes runs; the exploration ends when it reaches the limit.
    ///
    /// # Errors
    ///
    /// [`FailedTest`], whose `Display` is what a test is to panic with.
    ///
    /// # Panics
    ///
    /// If a thread cannot be started. A panic of the test is told in the [`FailedTest`].
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
    /// let passed = test.run(&|| Duration::ZERO, || deadheat::sleep(Duration::from_secs(1))).unwrap();
    /// assert!(passed.to_string().starts_with("deadheat: tests::pool: 20 runs passed"));
    /// # Ok::<(), deadheat::testing::EnvironmentError>(())
    /// ```
    #[track_caller]
    pub fn run<F, Fut>(
        &self,
        elapsed: &(dyn Fn() -> Duration + Sync),
        body: F,
    ) -> Result<PassedTest, FailedTest>
    where
        F: Fn() -> Fut + Sync,
        Fut: Future + 'static,
        Fut::Output: Returned + 'static,
    {
        self.run_at(elapsed, None, body, std::panic::Location::caller())
    }

    fn run_at<F, Fut>(
        &self,
        elapsed: &(dyn Fn() -> Duration + Sync),
        outside: Option<&Outside<'_>>,
        body: F,
        given_at: &'static std::panic::Location<'static>,
    ) -> Result<PassedTest, FailedTest>
    where
        F: Fn() -> Fut + Sync,
        Fut: Future + 'static,
        Fut::Output: Returned + 'static,
    {
        let with = self.place.panics_with;
        let wanted = self.place.should_panic.then(|| ShouldPanic::new(with));
        let program = Main::given_at(|| outcome::judged(wanted.clone(), body()), given_at);
        let result = match &self.replay {
            Some(token) => self.replayed(&program, token),
            None => self.explored(&Unit(program), elapsed, outside),
        };
        result.map(|passed| passed.panicking(wanted))
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.config.name)
    }
}

#[cfg(test)]
mod tests;
