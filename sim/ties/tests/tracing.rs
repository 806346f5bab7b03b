//! Spans and events of the `tracing` crate in the trace of a run.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use deadheat::{Config, Run, check, run, sleep, spawn};
use deadheat_ties::tracing::TraceLayer;
use tracing::instrument::WithSubscriber as _;
use tracing::{Dispatch, Event, Instrument as _, Subscriber};
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::{Layer, Registry};

fn dispatch(layer: TraceLayer) -> Dispatch {
    Dispatch::new(Registry::default().with(layer))
}

/// Time and text of every log line of a run.
fn lines(run: &Run) -> Vec<String> {
    let trace = run.trace.as_ref().expect("a trace").to_string();
    let logs = trace.lines().filter(|line| line.contains(" log "));
    logs.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect()
}

#[tracing::instrument]
async fn request(id: u32) {
    sleep(Duration::from_millis(20)).await;
    tracing::info!(target: "net", bytes = 12, "sent");
}

#[test]
fn spans_and_events_stand_in_the_trace_at_their_virtual_time() {
    let run = run(&Config::new().trace(true), || {
        let work = async {
            request(3).await;
            tracing::warn!(target: "app", ok = true);
        };
        work.with_subscriber(dispatch(TraceLayer::new()))
    });
    let lines = lines(&run.unwrap());
    let expected = [
        ("0.000s", "request{id=3} begins"),
        ("0.020s", "INFO request{id=3}: net: sent bytes=12"),
        ("0.020s", "request{id=3} ends"),
        ("0.020s", "WARN app: ok=true"),
    ];
    assert_eq!(lines.len(), expected.len(), "{lines:#?}");
    for (line, (at, text)) in lines.iter().zip(expected) {
        assert!(line.starts_with(at) && line.contains(text), "{line}");
    }
}

#[test]
fn spans_are_told_apart_where_tasks_take_turns() {
    let run = run(&Config::new().trace(true), || {
        let layer = dispatch(TraceLayer::new().events_only());
        let inner = layer.clone();
        let main = async move {
            let tasks = [("a", 30), ("b", 10)].map(|(name, ms)| {
                let span = tracing::info_span!(target: "t", "task", name);
                let work = async move {
                    sleep(Duration::from_millis(ms)).await;
                    tracing::info!(target: "t", "done");
                };
                spawn(work.instrument(span).with_subscriber(inner.clone()))
            });
            for task in tasks {
                task.await.unwrap();
            }
        };
        main.with_subscriber(layer)
    });
    let lines = lines(&run.unwrap());
    assert_eq!(lines.len(), 2, "{lines:#?}");
    assert!(lines[0].contains("INFO task{name=\"b\"}: t: done") || lines[0].contains("b"));
    assert!(lines[0].starts_with("0.010s") && lines[1].starts_with("0.030s"));
}

#[test]
fn a_field_that_is_recorded_later_is_shown_from_then_on() {
    let run = run(&Config::new().trace(true), || {
        let work = async {
            let span = tracing::info_span!(target: "t", "reply", status = tracing::field::Empty);
            let _inside = span.enter();
            tracing::info!(target: "t", "one");
            span.record("status", 200);
            tracing::info!(target: "t", "two");
        };
        work.with_subscriber(dispatch(TraceLayer::new().events_only()))
    });
    let lines = lines(&run.unwrap());
    assert!(lines[0].contains("INFO reply: t: one"), "{lines:#?}");
    assert!(
        lines[1].contains("INFO reply{status=200}: t: two"),
        "{lines:#?}"
    );
}

/// Counts events, as a layer that prints would.
struct Counting(Arc<Mutex<u32>>);

impl<S: Subscriber> Layer<S> for Counting {
    fn on_event(&self, _event: &Event<'_>, _context: Context<'_, S>) {
        *self.0.lock().unwrap() += 1;
    }
}

#[test]
fn outside_of_a_run_events_go_to_the_other_layers_only() {
    let counted = Arc::new(Mutex::new(0));
    let other = Counting(counted.clone());
    let subscriber = Registry::default().with(TraceLayer::new()).with(other);
    tracing::subscriber::with_default(subscriber, || {
        let span = tracing::info_span!("outside");
        span.in_scope(|| tracing::info!("not in a run"));
        let run = run(&Config::new().trace(true), || async {
            tracing::info!("in a run")
        });
        assert_eq!(lines(&run.unwrap()).len(), 1);
        std::thread::spawn(|| tracing::info!("on another thread"))
            .join()
            .unwrap();
    });
    assert_eq!(*counted.lock().unwrap(), 2);
}

#[test]
fn what_is_written_does_not_differ_between_runs_that_are_the_same() {
    let config = Config::new().runs(100).check_determinism(true).jobs(2);
    let runs = check(&config, || {
        let work = async {
            let tasks =
                [1, 2, 3].map(|id| spawn(request(id).with_subscriber(dispatch(TraceLayer::new()))));
            for task in tasks {
                task.await.unwrap();
            }
        };
        work.with_subscriber(dispatch(TraceLayer::new()))
    });
    runs.unwrap();
}
