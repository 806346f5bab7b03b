//! A meter is told of each deadline once: what was left of it, or that it was reached.

use std::future::{pending, ready};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use deadheat_timeout::{
    Cx, Deadline, Elapsed, Interrupted, Meter, Metered, Scope, Timeout, TokioClock, task, timeout,
    wait_for,
};
use tokio::time::sleep;

const MS: Duration = Duration::from_millis(1);

type Clock = Metered<TokioClock, Seen>;

#[derive(Debug, Clone, Default)]
struct Seen(Arc<Mutex<Vec<String>>>);

impl Meter for Seen {
    fn ended(&self, deadline: &Deadline<'_>, left: Duration) {
        assert!(deadline.place.file().ends_with("metered.rs"));
        let name = deadline.name.unwrap_or("-");
        // tokio's timers are up to a millisecond late.
        let tens = left.as_millis().div_ceil(10) * 10;
        self.0.lock().unwrap().push(format!("{name} {tens}"));
    }

    fn elapsed(&self, elapsed: &Elapsed) {
        let name = elapsed.name().unwrap_or("-");
        self.0.lock().unwrap().push(format!("{name} elapsed"));
    }
}

impl Seen {
    fn all(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

fn metered() -> (Clock, Seen) {
    let seen = Seen::default();
    (Metered::new(TokioClock, seen.clone()), seen)
}

#[tokio::test(start_paused = true)]
async fn of_the_native_forms() {
    let (clock, seen) = metered();
    timeout(&clock, 100 * MS, ready(())).await.unwrap();
    timeout(&clock, 100 * MS, sleep(75 * MS)).await.unwrap();
    let named = timeout(&clock, 100 * MS, sleep(95 * MS)).named("reply");
    named.await.unwrap();
    assert_eq!(seen.all(), ["- 100", "- 30", "reply 10"]);

    timeout(&clock, MS, pending::<()>()).await.unwrap_err();
    let none = Some(Duration::ZERO);
    wait_for(&clock, pending::<()>(), none).await.unwrap_err();
    assert_eq!(seen.all(), ["- elapsed", "- elapsed"]);

    // What is dropped, and what has no deadline, is nobody's concern.
    drop(timeout(&clock, MS, pending::<()>()));
    wait_for(&clock, ready(()), None).await.unwrap();
    Timeout::never(&clock).run(ready(())).await.unwrap();
    assert!(seen.all().is_empty());
}

#[tokio::test(start_paused = true)]
async fn of_scopes() {
    let (clock, seen) = metered();
    let run = Timeout::after(&clock, 100 * MS).named("run");
    run.run(sleep(75 * MS)).await.unwrap();
    let late = Timeout::after(&clock, MS).named("late");
    late.run(pending::<()>()).await.unwrap_err();
    assert_eq!(seen.all(), ["run 30", "late elapsed"]);

    let (work, handle) = task(&clock, async |cx: Cx<Clock>| {
        let body = async |millis, cx: Scope<Clock>| {
            Ok::<_, Interrupted>(cx.wait(sleep(millis * MS)).await?)
        };
        let scope = cx.timeout(100 * MS, async |cx| body(75, cx).await);
        scope.named("kept").await?;
        let scope = cx.timeout(100 * MS, async |cx| body(200, cx).await);
        scope.named("missed").await.unwrap_err();
        // Ended by itself, and too late.
        let slow = cx.timeout(MS, async |_| {
            sleep(9 * MS).await;
            Ok::<_, Interrupted>(())
        });
        slow.named("slow").await
    });
    work.await;
    handle.output().unwrap().unwrap();
    assert_eq!(seen.all(), ["kept 30", "missed elapsed", "slow 0"]);
}
