//! Snapshots of traces: a part of a trace is changed only by what it is about.

use std::time::Duration;

use deadheat::program::{name_scope, spawn_task};
use deadheat::{Config, Trace, clock, log, run, sleep, spawn, spawn_named};
use deadheat_timeout::{Interrupted, Timeout};

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// A query with a deadline that moves, cancelled by its deadline or from outside; `beside` is what else goes
/// on in the program.
async fn query(beside: bool) {
    if beside {
        // Each takes a number of a task, a timer or a scope, and is awake between the others.
        for _ in 0..3 {
            spawn(async {
                for _ in 0..20 {
                    sleep(ms(7)).await;
                }
            });
        }
        let other = Timeout::after(&clock(), ms(900));
        spawn(async move { drop(other.run(sleep(ms(50))).await) });
        spawn(Timeout::after(&clock(), ms(800)).run(sleep(ms(60))));
    }
    let client = spawn_task("client", async |cx| {
        let timeout = Timeout::after(&clock(), ms(100));
        let handle = timeout.handle();
        name_scope(&handle, "query");
        let end = timeout
            .run_in(&cx, async |cx| {
                cx.wait(sleep(ms(50))).await?;
                handle.reschedule_after(ms(100)).ok();
                let inner = cx.timeout(ms(500), async |cx| {
                    cx.wait(sleep(ms(400))).await?;
                    Ok::<_, Interrupted>(())
                });
                inner.await
            })
            .await;
        log(if end.is_ok() { "rows" } else { "no rows" });
        cx.wait(sleep(ms(500))).await?;
        Ok::<_, Interrupted>(())
    });
    let worker = spawn_named("worker", sleep(ms(20)));
    sleep(ms(300)).await;
    client.cancel();
    worker.await.ok();
    client.ended().await.ok();
}

fn traced(beside: bool) -> Trace {
    let run = run(&Config::new().trace(true), move || query(beside));
    run.expect("it ends").trace().clone()
}

#[test]
fn a_whole_trace_is_a_snapshot() {
    insta::assert_snapshot!(traced(false));
}

#[test]
fn a_task_alone() {
    insta::assert_snapshot!(traced(false).of_task("client"));
}

#[test]
fn a_scope_alone() {
    insta::assert_snapshot!(traced(false).of_scope("query"));
}

#[test]
fn cancellations_alone() {
    insta::assert_snapshot!(traced(false).cancellations());
}

#[test]
fn what_goes_on_beside_changes_no_part() {
    let (plain, busy) = (traced(false), traced(true));
    assert_ne!(plain, busy, "the programs differ");
    let of_client = |trace: &Trace| trace.of_task("client");
    assert_ne!(plain.to_string(), busy.to_string());
    assert_eq!(of_client(&plain), of_client(&busy));
    assert_eq!(plain.of_task("worker"), busy.of_task("worker"));
    assert_eq!(
        plain.of_tasks(&["client", "worker"]),
        busy.of_tasks(&["client", "worker"])
    );
    assert_eq!(plain.of_scope("query"), busy.of_scope("query"));
    assert_eq!(plain.cancellations(), busy.cancellations());
    assert_eq!(of_client(&plain).scopes(), of_client(&busy).scopes());
}

#[test]
fn filters_go_in_any_order_and_twice_is_once() {
    let trace = traced(true);
    let both = trace.of_task("client").cancellations();
    assert_eq!(both, trace.cancellations().of_task("client"));
    assert_eq!(both, both.cancellations().of_task("client"));
    assert!(!both.events.is_empty());
    assert!(trace.of_task("nobody").events.is_empty());
    assert!(trace.of_scope("nothing").events.is_empty());
}

#[test]
fn a_part_is_a_trace_that_can_be_read() {
    for part in [
        traced(true).of_task("client"),
        traced(true).scopes(),
        traced(true).cancellations(),
    ] {
        assert_eq!(Trace::parse(&part.to_string()), Ok(part));
    }
}

#[test]
fn a_run_without_a_trace_says_that_nothing_was_kept() {
    let run = run(&Config::new(), || async {}).expect("it ends");
    assert!(run.trace().truncated && run.trace().events.is_empty());
}

/// What a program and its harness are made of has no place in a snapshot.
#[test]
fn a_trace_has_nothing_of_the_sources_or_the_machine() {
    let text = traced(true).to_string();
    for mark in [".rs", "0x", "::", file!()] {
        assert!(!text.contains(mark), "{mark} in\n{text}");
    }
}
