//! A failing run that takes very many steps: what is made again for its report is bounded by steps, and what was left out
//! for that is said.

use std::sync::atomic::{AtomicU64, Ordering};

use deadheat::program::pick;
use deadheat::{Config, check};

/// How often each run gives way.
const TURNS: u64 = 90_000;
/// All turns of all runs that are made for the report.
const TURNS_MAX: u64 = 40_000_000;

static TURNS_TAKEN: AtomicU64 = AtomicU64::new(0);

struct Yield(bool);

impl Future for Yield {
    type Output = ();

    fn poll(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            return std::task::Poll::Ready(());
        }
        TURNS_TAKEN.fetch_add(1, Ordering::Relaxed);
        cx.waker().wake_by_ref();
        std::task::Poll::Pending
    }
}

#[test]
fn a_report_of_a_long_run_takes_a_bounded_number_of_steps_and_says_what_was_cut_short() {
    let config = Config::new().name("long");
    let failure = check(&config, || async {
        let mut other = 0;
        for _ in 0..200 {
            other += pick(2);
        }
        for _ in 0..TURNS {
            Yield(false).await;
        }
        assert!(other < 60, "too often not the first");
    })
    .unwrap_err();
    let taken = TURNS_TAKEN.load(Ordering::Relaxed);
    assert!(taken < TURNS_MAX, "{taken} turns");
    let report = failure.to_string();
    assert!(report.contains("note: shrinking was cut short"), "{report}");
    assert!(failure.decisive.len() <= failure.run.departures.len());
}
