//! The feature `tracing`: one event for each deadline that is reached.
#![cfg(feature = "tracing")]

use std::fmt::{Debug, Write};
use std::future::{pending, ready};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use deadheat_timeout::{Interrupted, Timeout, TokioClock, task, timeout};
use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

const MS: Duration = Duration::from_millis(1);

/// Keeps every event as `TARGET field=value …`.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<String>>>);

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}

impl<S: tracing::Subscriber> Layer<S> for Kept {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let mut line = Line(event.metadata().target().to_owned());
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }
}

#[tokio::test(start_paused = true)]
async fn an_event_for_each_deadline_that_is_reached() {
    let kept = Kept::default();
    let subscriber = tracing_subscriber::registry().with(kept.clone());
    let _default = tracing::subscriber::set_default(subscriber);

    timeout(&TokioClock, MS, ready(())).await.unwrap();
    assert!(kept.0.lock().unwrap().is_empty());

    let native = timeout(&TokioClock, MS, pending::<()>());
    let native = native.await.unwrap_err();
    let run = Timeout::after(&TokioClock, MS).named("run");
    run.run(pending::<()>()).await.unwrap_err();
    let (work, _) = task(&TokioClock, async |cx| {
        let scope = cx.timeout(MS, async |cx| {
            Ok::<_, Interrupted>(cx.wait(pending::<()>()).await?)
        });
        scope.named("scope").await
    });
    work.await;

    let lines = kept.0.lock().unwrap();
    assert_eq!(lines.len(), 3, "{lines:?}");
    let place = format!("deadheat_timeout message={native} place={}", native.place());
    assert!(lines[0].starts_with(&place), "{}", lines[0]);
    assert!(lines[1].contains(" name=\"run\"") && lines[1].contains(" delay_ms=1.0"));
    assert!(lines[2].contains(" name=\"scope\"") && lines[2].contains(" lateness_ms="));
}
