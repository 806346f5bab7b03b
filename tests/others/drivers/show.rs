//! What the drivers share: a promise is checked in many simulated runs, compared with tokio itself, and
//! printed as one line.
//!
//! A program here is written for plain tokio. In a run its latencies are decisions; on tokio itself they are
//! drawn at random, and the paused clock passes the time.

#![expect(clippy::print_stdout, reason = "drivers are programs that report")]
#![expect(dead_code, reason = "each driver uses a part of it")]

use std::cell::Cell;
use std::future::Future;
use std::ops::RangeInclusive;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::process::ExitCode;
use std::time::Duration;

use deadheat::{Bounds, Config, Failure, Mix};
use tokio::runtime::Builder;

const RUNS: u64 = 1_000;
/// On tokio itself, who waits so long waits for ever.
const FOR_EVER: Duration = Duration::from_secs(86_400);

thread_local! {
    static DRAWS: Cell<u64> = const { Cell::new(0) };
}

/// The promises of one crate.
#[derive(Default)]
pub struct Promises {
    unexpected: u32,
}

impl Promises {
    /// This must hold in every run.
    pub fn holds<F, Fut>(&mut self, promise: &str, program: F)
    where
        F: Fn() -> Fut + Sync,
        Fut: Future<Output = ()> + 'static,
    {
        self.judge(promise, None, program);
    }

    /// This does not hold, as was seen before; `why` is part of what the run fails with.
    pub fn broken<F, Fut>(&mut self, promise: &str, why: &str, program: F)
    where
        F: Fn() -> Fut + Sync,
        Fut: Future<Output = ()> + 'static,
    {
        self.judge(promise, Some(why), program);
    }

    /// Success if everything was as said.
    pub fn end(self) -> ExitCode {
        ExitCode::from(u8::from(self.unexpected > 0))
    }

    fn judge<F, Fut>(&mut self, promise: &str, broken: Option<&str>, program: F)
    where
        F: Fn() -> Fut + Sync,
        Fut: Future<Output = ()> + 'static,
    {
        let late = Bounds::late(Duration::from_micros(500));
        let config = Config::new()
            .name(promise)
            .runs(RUNS)
            .mix(Mix::portfolio(&[Bounds::EXACT, late]))
            .check_determinism(true);
        let checked = deadheat::check(&config, &program);
        // Failing runs are counted, not told; the hook that was there serves the simulated ones.
        let hook = take_hook();
        set_hook(Box::new(|_| {}));
        let plain = (0..RUNS).filter(|seed| !plainly(*seed, &program)).count();
        set_hook(hook);
        let plain = format!("on tokio itself it breaks in {plain} of {RUNS}");
        match (checked, broken) {
            (Ok(runs), None) => println!("  held    {promise}: {runs} runs; {plain}"),
            (Ok(runs), Some(why)) => {
                println!("  HELD    {promise}: {runs} runs, but expected was: {why}; {plain}");
                self.unexpected += 1;
            }
            (Err(failure), Some(why)) if failure.to_string().contains(why) => {
                println!("  found   {promise}: {why}; {}; {plain}", found(&failure));
            }
            (Err(failure), _) => {
                println!("  BROKEN  {promise}; {plain}\n{failure}");
                self.unexpected += 1;
            }
        }
    }
}

/// Which run it was, how far from the dullest, and its token.
fn found(failure: &Failure) -> String {
    let number = failure.number.map_or(0, |(number, _)| number);
    let departures = failure.run.departures.len();
    let token = &failure.run.token;
    format!("run {number}, {departures} departures, {token}")
}

/// Whether the program passes on a runtime of tokio's own with its clock paused.
fn plainly<F, Fut>(seed: u64, program: &F) -> bool
where
    F: Fn() -> Fut,
    Fut: Future<Output = ()> + 'static,
{
    DRAWS.set(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let passed = catch_unwind(AssertUnwindSafe(|| {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build();
        let main = async { tokio::time::timeout(FOR_EVER, program()).await.is_ok() };
        runtime.is_ok_and(|runtime| runtime.block_on(main))
    }));
    passed.unwrap_or(false)
}

/// A latency: a decision of the run, or drawn evenly where there is none.
pub async fn latency(range: RangeInclusive<Duration>) {
    if deadheat::program::in_run() {
        return deadheat::sleep(range).await;
    }
    let span = (*range.end() - *range.start()).as_micros() as u64 + 1;
    // splitmix64
    let state = DRAWS.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
    DRAWS.set(state);
    let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    let extra = Duration::from_micros((mixed ^ (mixed >> 31)) % span);
    tokio::time::sleep(*range.start() + extra).await;
}

/// So many milliseconds.
pub const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}
