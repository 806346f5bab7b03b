//! How far a test is: told now and then where it takes long, and when Ctrl-C ends it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use crate::base::printable;
use crate::search::config::Config;
use crate::witness::Outside;

use crate::base::grouped::grouped;

/// How often it is told, in seconds.
const TOLD_EVERY: u64 = 5;
/// The status of a process that Ctrl-C ended, as a shell tells it.
const INTERRUPTED: i32 = 130;
/// So long a test that is interrupted waits for those beside it, which have something to tell as well.
const OTHERS_TELL: Duration = Duration::from_millis(100);

/// The exploration of a test that is under way.
pub(super) struct Course<'a> {
    config: &'a Config,
    /// None if nobody is told.
    outside: Option<&'a Outside<'a>>,
    /// Whether it is told how far the test is.
    is_shown: bool,
    /// Whether Ctrl-C was pressed.
    interrupted: fn() -> bool,
    begun: AtomicU64,
    /// How often it was told.
    told: AtomicU64,
    is_over: AtomicBool,
}

impl<'a> Course<'a> {
    pub(super) fn new(
        config: &'a Config,
        outside: Option<&'a Outside<'a>>,
        is_shown: bool,
        interrupted: fn() -> bool,
    ) -> Self {
        Course {
            config,
            outside,
            is_shown,
            interrupted,
            begun: AtomicU64::new(0),
            told: AtomicU64::new(0),
            is_over: AtomicBool::new(false),
        }
    }

    /// A run is to begin. No run before it has failed, or there would be none.
    pub(super) fn goes_on(&self) {
        let made = self.begun.fetch_add(1, Ordering::Relaxed);
        let Some(outside) = self.outside else {
            return;
        };
        if (self.interrupted)() {
            self.interrupt(made, outside);
        }
        if self.is_shown {
            self.show(made, outside);
        }
    }

    fn show(&self, made: u64, outside: &Outside<'_>) {
        let seconds = (outside.elapsed)().as_secs();
        let (told, due) = (self.told.load(Ordering::Relaxed), seconds / TOLD_EVERY);
        let first = || {
            let order = Ordering::Relaxed;
            let exchanged = self.told.compare_exchange(told, due, order, order);
            exchanged.is_ok()
        };
        if due > told && first() {
            let runs = self.runs(made);
            (outside.tell)(&format!(
                "{} {runs} in {seconds} s, none failed\n",
                self.name()
            ));
        }
    }

    fn interrupt(&self, made: u64, outside: &Outside<'_>) {
        if self.is_over.swap(true, Ordering::Relaxed) {
            return;
        }
        let (runs, seed) = (self.runs(made), self.config.seed);
        (outside.tell)(&format!(
            "\n{} interrupted; {runs}, seed {seed}, none failed\n",
            self.name()
        ));
        (outside.pause)(OTHERS_TELL);
        (outside.end)(INTERRUPTED);
    }

    fn name(&self) -> String {
        format!("deadheat: {}:", printable::line(&self.config.name))
    }

    fn runs(&self, made: u64) -> String {
        let Config { first, runs, .. } = *self.config;
        match runs {
            u64::MAX => format!("{} runs", grouped(made)),
            runs => {
                let of = runs.saturating_sub(first);
                format!("{} of {} runs", grouped(made), grouped(of))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    static TOLD: Mutex<String> = Mutex::new(String::new());

    #[test]
    fn it_is_told_once_in_a_while_and_where_it_was_interrupted() {
        let now = AtomicU64::new(0);
        let outside = Outside {
            elapsed: &|| Duration::from_secs(now.load(Ordering::Relaxed)),
            pause: |_| (),
            tell: |text| TOLD.lock().unwrap().push_str(text),
            end: |status| {
                TOLD.lock()
                    .unwrap()
                    .push_str(&format!("ended with {status}\n"))
            },
            debugged: || false,
        };
        let config = Config::new().name("pool").runs(2_000);
        let course = Course::new(&config, Some(&outside), true, || false);
        for second in [0, 4, 5, 6, 9, 11, 11] {
            now.store(second, Ordering::Relaxed);
            course.goes_on();
        }
        let hidden = Course::new(&config, Some(&outside), false, || false);
        hidden.goes_on();
        let interrupted = Course::new(&config, Some(&outside), false, || true);
        interrupted.begun.store(1_234, Ordering::Relaxed);
        interrupted.goes_on();
        interrupted.goes_on();
        let expected = "deadheat: pool: 2 of 2,000 runs in 5 s, none failed\n\
                        deadheat: pool: 5 of 2,000 runs in 11 s, none failed\n\
                        \ndeadheat: pool: interrupted; 1,234 of 2,000 runs, seed 0, none failed\nended with 130\n";
        assert_eq!(*TOLD.lock().unwrap(), expected);
    }
}
