//! The watchdog: sees that a run takes no step for long, in real time, and says so once.
//!
//! It ends nothing by itself, unless a time was set for the whole and is over: then a run that stands still
//! would last for ever, and the process is ended with the status [`ENDED`]. A run that takes steps is never
//! ended here, however slow it is: it meets the limits of a run, and the time between two runs.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, Thread};
use std::time::Duration;

use super::pulse::{Doing, Pulse};
use super::{Witness, words};

/// The status of a process that was ended because its time was over and a run stood still. It is that of
/// `timeout` of the GNU coreutils.
pub const ENDED: i32 = 124;

/// The shortest and the longest pause between two looks.
const LOOKS_EVERY: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(250));

/// What the library does not have: a real clock, and a process.
#[derive(Clone, Copy)]
pub struct Outside<'a> {
    /// The real time since some moment.
    pub elapsed: &'a (dyn Fn() -> Duration + Sync),
    /// Waits for so long, or until this thread is unparked: [`std::thread::park_timeout`].
    pub pause: fn(Duration),
    /// Writes to the handle of standard error, past whatever captures output.
    pub tell: fn(&str),
    /// Ends the process with a status.
    pub end: fn(i32),
    /// Whether a debugger is attached (see [`is_traced`]): what stands still there is meant to.
    pub debugged: fn() -> bool,
}

impl fmt::Debug for Outside<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outside").finish_non_exhaustive()
    }
}

/// Whether a process is traced, by the text of Linux's `/proc/self/status`.
///
/// # Examples
///
/// ```
/// use deadheat::witness::is_traced;
///
/// assert!(is_traced("Name:\tpool\nTracerPid:\t4711\n"));
/// assert!(!is_traced("Name:\tpool\nTracerPid:\t0\n"));
/// ```
pub fn is_traced(status: &str) -> bool {
    let tracer = status
        .lines()
        .find_map(|line| line.strip_prefix("TracerPid:"));
    tracer.is_some_and(|tracer| tracer.trim() != "0")
}

/// Watches over the runs of a [`Witness`].
///
/// # Examples
///
/// ```
/// use deadheat::witness::Watchdog;
/// use std::time::Duration;
///
/// // It tells of a run that takes no step for a second; after a minute such a run ends the process.
/// let watchdog = Watchdog::new(Duration::from_secs(1)).ends_after(Some(Duration::from_secs(60)));
/// # drop(watchdog);
/// ```
#[derive(Debug)]
#[must_use = "it watches over nothing but what `during` runs"]
pub struct Watchdog {
    limit: Duration,
    over: Option<Duration>,
    seen: Vec<Seen>,
}

/// What was seen of a thread.
struct Seen {
    pulse: Arc<Pulse>,
    beats: u64,
    /// Since when it stands still.
    since: Duration,
    told: bool,
}

impl Seen {
    fn first(pulse: Arc<Pulse>, now: Duration) -> Self {
        Seen {
            beats: pulse.beats(),
            pulse,
            since: now,
            told: false,
        }
    }

    /// Whether its run has taken no step for so long.
    fn stands_still(&mut self, now: Duration, limit: Duration) -> bool {
        let beats = self.pulse.beats();
        if self.beats != beats || self.pulse.doing() == Doing::Nothing {
            (self.beats, self.since, self.told) = (beats, now, false);
        }
        now.saturating_sub(self.since) >= limit
    }
}

impl fmt::Debug for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seen")
            .field("beats", &self.beats)
            .field("since", &self.since)
            .field("told", &self.told)
            .finish_non_exhaustive()
    }
}

impl Watchdog {
    /// Unless told otherwise, a run that takes no step for so long is told.
    pub const LIMIT: Duration = Duration::from_secs(5);

    /// A watchdog that tells of a run once it has taken no step for `limit`.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::witness::Watchdog;
    ///
    /// let watchdog = Watchdog::new(Watchdog::LIMIT); // a run that takes no step for five seconds is told
    /// # drop(watchdog);
    /// ```
    pub fn new(limit: Duration) -> Self {
        Watchdog {
            limit,
            over: None,
            seen: Vec::new(),
        }
    }

    /// From this moment of [`Outside::elapsed`] on, the process is ended once a run takes no step for the limit.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::witness::Watchdog;
    /// use std::time::Duration;
    ///
    /// let watchdog = Watchdog::new(Watchdog::LIMIT).ends_after(Some(Duration::from_secs(60)));
    /// # drop(watchdog);
    /// ```
    pub fn ends_after(mut self, time: Option<Duration>) -> Self {
        self.over = time;
        self
    }

    /// Runs `f`, and looks after the witness's runs meanwhile, on a thread that ends with it.
    ///
    /// Under Miri, where real time means little, `f` is only run.
    ///
    /// # Panics
    ///
    /// With what `f` panics with.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Config, check};
    /// use deadheat::witness::{Outside, Watchdog, Witness};
    /// use std::{sync::Arc, time::Duration};
    ///
    /// let begun = std::time::Instant::now();
    /// let outside = Outside {
    ///     elapsed: &|| begun.elapsed(),
    ///     pause: std::thread::park_timeout,
    ///     tell: |text| eprint!("{text}"),
    ///     end: |status| std::process::exit(status),
    ///     debugged: || false,
    /// };
    /// let witness = Arc::new(Witness::new(outside.tell));
    /// let runs = || witness.watch("pool", |_| None, || check(&Config::new().runs(20), || async {}));
    /// let checked = Watchdog::new(Watchdog::LIMIT).during(&outside, &witness, runs);
    /// assert_eq!(checked.unwrap(), 20);
    /// ```
    pub fn during<R>(
        mut self,
        outside: &Outside<'_>,
        witness: &Witness,
        f: impl FnOnce() -> R,
    ) -> R {
        if cfg!(miri) {
            return f();
        }
        let over = AtomicBool::new(false);
        let every = (self.limit / 8).clamp(LOOKS_EVERY.0, LOOKS_EVERY.1);
        let outside = *outside;
        thread::scope(|scope| {
            let watch = || {
                while !over.load(Ordering::Acquire) {
                    if self.look(witness, &outside) {
                        (outside.end)(ENDED);
                        return;
                    }
                    (outside.pause)(every);
                }
            };
            let name = "deadheat-watchdog".to_owned();
            // Without a thread for it nobody watches, and the test is what it is without one.
            let watching = thread::Builder::new().name(name).spawn_scoped(scope, watch);
            let thread = watching.ok().map(|watching| watching.thread().clone());
            let _leash = Leash {
                over: &over,
                thread,
            };
            f()
        })
    }

    /// Looks once. Gives whether the process is to be ended.
    fn look(&mut self, witness: &Witness, outside: &Outside<'_>) -> bool {
        let now = (outside.elapsed)();
        let pulses = witness.pulses();
        let is = |seen: &Seen, pulse: &Arc<Pulse>| Arc::ptr_eq(&seen.pulse, pulse);
        self.seen
            .retain(|seen| pulses.iter().any(|pulse| is(seen, pulse)));
        for pulse in pulses {
            if !self.seen.iter().any(|seen| is(seen, &pulse)) {
                self.seen.push(Seen::first(pulse, now));
            }
        }
        let over = self.over.is_some_and(|over| now >= over);
        for seen in &mut self.seen {
            if !seen.stands_still(now, self.limit) {
                continue;
            }
            if (outside.debugged)() {
                seen.since = now;
                continue;
            }
            if !std::mem::replace(&mut seen.told, true) {
                witness.tell(&words::stuck(&seen.pulse, self.limit));
            }
            if over {
                witness.tell(&words::ended(&seen.pulse, ENDED));
                return true;
            }
        }
        false
    }
}

/// Ends the watch when it is dropped.
struct Leash<'a> {
    over: &'a AtomicBool,
    thread: Option<Thread>,
}

impl Drop for Leash<'_> {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Release);
        self.thread.iter().for_each(Thread::unpark);
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::sync::atomic::AtomicU64;
    use std::sync::{Mutex, PoisonError};

    use super::*;
    use crate::base::bounds::Bounds;
    use crate::{Config, run, sleep, spawn_named, witness};

    /// A witness that keeps what it is told.
    fn keeping() -> (Arc<Witness>, Arc<Mutex<String>>) {
        let told = Arc::new(Mutex::new(String::new()));
        let page = Arc::clone(&told);
        let keep = move |text: &str| {
            let mut page = page.lock().unwrap_or_else(PoisonError::into_inner);
            page.push_str(text);
        };
        (Arc::new(Witness::new(keep)), told)
    }

    /// Looks at these seconds of a clock, in the middle of what `watch` watches.
    fn looks(watchdog: &mut Watchdog, witness: &Witness, debugged: bool, at: &[u64]) -> Vec<bool> {
        let clock = AtomicU64::new(0);
        let elapsed = || Duration::from_secs(clock.load(Ordering::Relaxed));
        let outside = Outside {
            elapsed: &elapsed,
            pause: |_| (),
            tell: |_| (),
            end: |_| (),
            debugged: if debugged { || true } else { || false },
        };
        let look = |second: &u64| {
            clock.store(*second, Ordering::Relaxed);
            watchdog.look(witness, &outside)
        };
        at.iter().map(look).collect()
    }

    fn count(told: &Mutex<String>, what: &str) -> usize {
        told.lock().unwrap().matches(what).count()
    }

    const LIMIT: Duration = Duration::from_secs(5);

    #[test]
    fn a_run_that_stands_still_is_told_once_and_again_after_a_step() {
        let (witness, told) = keeping();
        let mut watchdog = Watchdog::new(LIMIT);
        witness.watch(
            "still",
            |_| None,
            || {
                let pulse = witness::begin(7, Bounds::EXACT, "fifo").unwrap();
                looks(&mut watchdog, &witness, false, &[0, 4]);
                assert_eq!(count(&told, "no step for"), 0);
                looks(&mut watchdog, &witness, false, &[5, 6, 100]);
                assert_eq!(
                    count(&told, "no step for 5s of real time, in the program's start"),
                    1
                );
                pulse.over();
                looks(&mut watchdog, &witness, false, &[101, 105]);
                assert_eq!(count(&told, "no step for"), 1);
                looks(&mut watchdog, &witness, false, &[106]);
                assert_eq!(count(&told, "no step for"), 2);
            },
        );
    }

    #[test]
    fn between_two_runs_nothing_stands_still() {
        let (witness, told) = keeping();
        let mut watchdog = Watchdog::new(LIMIT).ends_after(Some(Duration::ZERO));
        witness.watch(
            "idle",
            |_| None,
            || {
                assert_eq!(looks(&mut watchdog, &witness, false, &[0, 50]), [false; 2]);
                let pulse = witness::begin(0, Bounds::EXACT, "fifo").unwrap();
                pulse.end();
                assert_eq!(looks(&mut watchdog, &witness, false, &[51, 99]), [false; 2]);
            },
        );
        assert_eq!(*told.lock().unwrap(), "");
    }

    #[test]
    fn what_a_debugger_holds_is_left_alone_and_counted_anew_without_it() {
        let (witness, told) = keeping();
        let mut watchdog = Watchdog::new(LIMIT).ends_after(Some(Duration::ZERO));
        witness.watch(
            "held",
            |_| None,
            || {
                let _pulse = witness::begin(0, Bounds::EXACT, "fifo").unwrap();
                let held = looks(&mut watchdog, &witness, true, &[0, 6, 60]);
                assert_eq!(held, [false; 3]);
                let alone = looks(&mut watchdog, &witness, false, &[61, 64, 65]);
                assert_eq!(alone, [false, false, true]);
            },
        );
        assert_eq!(count(&told, "no step for"), 1);
    }

    #[test]
    fn the_process_is_ended_only_if_the_time_is_over_and_a_run_stands_still() {
        let (witness, told) = keeping();
        let mut watchdog = Watchdog::new(LIMIT).ends_after(Some(Duration::from_secs(60)));
        witness.watch(
            "late",
            |_| None,
            || {
                let pulse = witness::begin(0, Bounds::EXACT, "fifo").unwrap();
                assert_eq!(looks(&mut watchdog, &witness, false, &[0, 59]), [false; 2]);
                pulse.over();
                let goes_on = looks(&mut watchdog, &witness, false, &[61, 65]);
                assert_eq!(goes_on, [false; 2], "it has taken a step since");
                assert_eq!(looks(&mut watchdog, &witness, false, &[66]), [true]);
            },
        );
        assert_eq!(count(&told, "ends with status 124"), 1);
    }

    #[test]
    fn the_thread_that_watches_ends_with_what_it_watches() {
        static PAUSES: AtomicU64 = AtomicU64::new(0);
        let (witness, _) = keeping();
        let outside = Outside {
            elapsed: &|| Duration::ZERO,
            pause: |_| {
                PAUSES.fetch_add(1, Ordering::Relaxed);
                thread::park();
            },
            tell: |_| (),
            end: |_| (),
            debugged: || false,
        };
        // It comes back only if the thread is woken and ends: nothing else ends its pause.
        Watchdog::new(LIMIT).during(&outside, &witness, || {
            while PAUSES.load(Ordering::Relaxed) == 0 {
                thread::yield_now();
            }
        });
        let unwinds = || Watchdog::new(LIMIT).during(&outside, &witness, || panic!("in the test"));
        let unwound = std::panic::catch_unwind(std::panic::AssertUnwindSafe(unwinds));
        assert!(unwound.is_err());
    }

    #[test]
    fn the_task_that_has_its_turn_is_told_with_its_place() {
        let (witness, told) = keeping();
        let inner = Arc::clone(&witness);
        let watched = witness.watch(
            "turn",
            |again| Some(format!("again {again:?}")),
            || {
                run(&Config::new(), || {
                    let witness = Arc::clone(&inner);
                    async move {
                        let looked = Cell::new(false);
                        let worker = spawn_named("worker", async move {
                            sleep(Duration::from_secs(1)).await;
                            let mut watchdog = Watchdog::new(LIMIT);
                            looks(&mut watchdog, &witness, false, &[0, 5]);
                            looked.set(true);
                        });
                        worker.await.unwrap();
                    }
                })
            },
        );
        watched.unwrap();
        let text = told.lock().unwrap().clone();
        assert!(
            text.contains("in a turn of worker (task 1, spawned at sim/src/witness/watchdog.rs:"),
            "{text}"
        );
        assert!(
            text.contains("a single run, seed 0, scheduler fifo, after 4 steps"),
            "{text}"
        );
        assert!(text.contains("replay   again Token("), "{text}");
    }
}
