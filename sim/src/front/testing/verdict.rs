//! What comes of a test: its exploration or its replay, and the picture of the run that is to be looked at.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::decide::token::Token;
use crate::engine::program::Program;
use crate::front::check::checked;
use crate::picture::Subject;
use crate::record::leaks::Places;
use crate::record::run::Run;
use crate::report::failure::Failure;
use crate::search::single::Single;
use crate::witness::Outside;

use super::Test;
use super::course::Course;
use super::outcome::{self, FailedTest, PassedTest};

impl Test {
    pub(super) fn explored<P>(
        &self,
        program: &P,
        elapsed: &(dyn Fn() -> Duration + Sync),
        outside: Option<&Outside<'_>>,
    ) -> Result<PassedTest, FailedTest>
    where
        P: Program,
        P::Outcome: Ord + Clone + Send,
    {
        // A limit that is over before the first run would let every test pass.
        let begun = AtomicBool::new(false);
        let late = || self.time.is_some_and(|time| elapsed() >= time);
        let is_shown = self.reader.is_terminal;
        let course = Course::new(&self.config, outside, is_shown, self.interrupted);
        let stop = || {
            course.goes_on();
            begun.swap(true, Ordering::Relaxed) && late()
        };
        match checked(program, &self.config, self.every, &stop) {
            Ok(checked) if self.is_strict && !checked.unfit.is_empty() => {
                Err(FailedTest::unfit(&self.config, &checked.unfit))
            }
            Ok(checked) => {
                let passed = match self.every {
                    Some(_) => PassedTest::exhausted(&self.config, checked),
                    None => PassedTest::explored(&self.config, checked),
                };
                let passed = passed.with_all(self.beyond.as_deref());
                Ok(passed.drawn(self.default_drawn(program)))
            }
            Err(mut failure) => {
                failure.notes.extend(self.beyond.clone());
                failure.notes.extend(self.unkept.clone());
                failure.replay = vec![self.place.replay_line(&failure.run.token, self.runner)];
                if failure.refused().is_some() {
                    failure.replay.clear();
                }
                Err(self.failed(failure))
            }
        }
    }

    pub(super) fn replayed<P: Program>(
        &self,
        program: &P,
        token: &Token,
    ) -> Result<PassedTest, FailedTest> {
        Places::begin();
        let (run, _) = Single::runs_of(program, &self.config).replay(token);
        if program.expects(run.verdict) {
            let picture = self.drawn(Subject::from(&run));
            let trace = self.printed(&run);
            return match run.divergence.filter(|_| self.is_strict) {
                Some(divergence) => {
                    let stale = FailedTest::stale(&self.config, token, divergence);
                    Err(stale.traced(trace).drawn(picture))
                }
                None => {
                    let passed = PassedTest::replayed(&self.config, token, &run, trace);
                    Ok(passed.drawn(picture))
                }
            };
        }
        let mut failure = crate::report::whole::report_of(program, &self.config, run);
        failure.replay = vec![self.place.replay_line(token, self.runner)];
        Err(self.failed(Box::new(failure)))
    }

    fn failed(&self, mut failure: Box<Failure>) -> FailedTest {
        if self.starts_paused {
            let late = failure.run.token.bounds.late;
            failure.notes.extend(outcome::of_a_paused_clock(late));
        }
        let picture = self.drawn(Subject::from(&failure));
        let trace = self.printed(&failure.run);
        FailedTest::of_failure(failure).traced(trace).drawn(picture)
    }

    /// What stands above the report.
    fn printed(&self, run: &Run) -> Option<String> {
        self.trace?.printed(run)
    }

    /// Draws a run if that was asked for, and says where.
    fn drawn(&self, subject: Subject<'_>) -> Option<String> {
        let form = self.trace?.form()?;
        subject.run().trace.as_ref()?;
        Some(self.drawer.draw(subject.named(&self.config.name), form))
    }

    /// Where every run passed, the one in order and on time is drawn.
    fn default_drawn<P: Program>(&self, program: &P) -> Option<String> {
        self.trace?.form()?;
        let config = self.config.clone().trace(true);
        let (run, _) = Single::runs_of(program, &config).fifo();
        self.drawn(Subject::from(&run))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Arguments, Keep, Place};
    use super::*;
    use crate::program::here::now;
    use crate::program::wait::sleep;

    const EXACT: Duration = Duration::from_millis(5);

    async fn wants_an_exact_time() {
        let begun = now();
        sleep(EXACT).await;
        assert_eq!(now() - begun, EXACT, "not exact");
    }

    fn said<F: Future<Output = ()> + 'static>(
        start_paused: Option<bool>,
        program: fn() -> F,
    ) -> String {
        let arguments = Arguments {
            regressions: Keep::Nowhere,
            late: Some(Duration::from_millis(1)),
            start_paused,
            ..Arguments::default()
        };
        let test = Test::new(Place::default(), &arguments, [], || 0).expect("no variables");
        let failed = test.run(&|| Duration::ZERO, program);
        failed.expect_err("it fails").to_string()
    }

    #[test]
    fn a_test_for_a_paused_clock_is_told_of_late_timers_where_one_fails_it() {
        let is_told =
            |report: &str| report.contains("note: start_paused: time is paused in each run");
        let report = said(Some(true), wants_an_exact_time);
        assert!(is_told(&report), "{report}");
        assert!(report.contains("(in this run up to "), "{report}");
        assert!(!is_told(&said(None, wants_an_exact_time)));
        assert!(!is_told(&said(Some(true), || async {
            panic!("whatever the time is")
        })));
    }
}
