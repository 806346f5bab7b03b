//! After a stall all missed ticks come at once (tokio #3574, PR #3721; omicron #9428, PR #9429).
//!
//! `Interval` gives a tick for each period, and one whose tick was not waited for in time caught up: it
//! gave all the missed ones back to back. A poller that was to ask a small processor once a second asked
//! it as many times as it had been late for, without a pause.
//!
//! Since #3721 (tokio 1.8) a program may say what is to become of missed ticks, but catching up is what
//! it gets unless it does: omicron did four years later, and skips them.

use std::time::Duration;

use deadheat::fault::Process;
use deadheat::{Instant, always, log, now, sleep, sleep_until};

use super::{Exhibit, Finder, ms};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "missed-tick-burst",
    summary: "a poller that was stalled makes up for every tick that it missed",
    source: "tokio #3574, PR #3721; omicron #9428",
    checked_by: "no more than one poll in a period",
    finder: Finder::Clock,
    variants: variants! {
        "missed-tick-burst" Shipped: poller(MissedTicks::Burst);
        "missed-tick-burst-fixed" Fixed: poller(MissedTicks::Skip);
    },
};

const PERIOD: Duration = Duration::from_secs(1);

#[derive(Clone, Copy)]
enum MissedTicks {
    /// They are made up for.
    Burst,
    /// The next one is that of the next whole period.
    Skip,
}

/// A poller asks once a second, in a process that does not always get the processor.
async fn poller(missed: MissedTicks) {
    let process = Process::new().may_stall(Duration::from_secs(5));
    let poller = process.spawn_named("poller", async move {
        let mut interval = Interval { missed, due: now() };
        let mut last = None;
        while last < Some(6) {
            interval.tick().await;
            log("polls");
            let period = now().saturating_duration_since(Instant::START).as_secs();
            always(last < Some(period), || {
                "it polled twice in one period".to_owned()
            });
            last = Some(period);
            sleep(ms(7)..=ms(300)).await;
        }
    });
    poller.await.ok();
}

/// `tokio::time::Interval`.
struct Interval {
    missed: MissedTicks,
    due: Instant,
}

impl Interval {
    async fn tick(&mut self) {
        sleep_until(self.due).await;
        let late = now().saturating_duration_since(self.due);
        // As in tokio, a little late is not missed.
        let is_missed = late > ms(5);
        self.due = match self.missed {
            MissedTicks::Skip if is_missed => {
                let periods = late.as_secs() / PERIOD.as_secs() + 1;
                self.due + Duration::from_secs(periods * PERIOD.as_secs())
            }
            _ => self.due + PERIOD,
        };
    }
}
