//! A task panics, and whoever joins it unwraps the error: the report is of the first panic, too.

use std::panic::resume_unwind;

use deadheat::{Config, Failure};
use deadheat_tokio as tokio;

/// What fails a program, and its report.
fn failure<F: Future<Output = ()> + 'static>(program: fn() -> F) -> Box<Failure> {
    deadheat::check(&Config::new().runs(3), program).unwrap_err()
}

/// The line with this mark at its end, as a place begins.
fn marked(mark: &str) -> String {
    let line = include_str!("joined_panic.rs")
        .lines()
        .position(|line| line.ends_with(mark))
        .expect("the mark");
    format!("{}:{}:", file!(), line + 1)
}

async fn indexes() {
    let task = tokio::spawn(async {
        let none: Vec<u32> = vec![];
        none[0] // the index
    });
    task.await.unwrap();
}

async fn raises_again() {
    let task = tokio::spawn(async {
        if std::hint::black_box(true) {
            panic!("no work"); // the panic
        }
    });
    if let Err(error) = task.await {
        resume_unwind(error.into_panic());
    }
}

async fn panics_in_its_own_right() {
    let task = tokio::spawn(async { panic!("nobody minds") });
    assert!(task.await.is_err());
    panic!("something else");
}

#[test]
fn the_line_that_panicked_first_is_told_where_the_error_of_the_join_is_unwrapped() {
    let failure = failure(indexes);
    let (first, report) = (marked("// the index"), failure.to_string());
    assert!(failure.run.panicked_first.is_some(), "{report}");
    assert!(
        report.contains(&format!("\n    raised first at {first}")),
        "{report}"
    );
    assert!(report.contains(", by task-1\n"), "{report}");
    let ends = format!("task-1 ends: it panicked at {first}");
    let end = report.lines().find(|line| line.contains(&ends));
    assert!(
        end.is_some_and(|line| line.contains("index out of bounds")),
        "{report}"
    );
    // The error names the task by the number that reports have.
    assert!(
        report.contains("JoinError::Panic(Id(1), \"index out of bounds"),
        "{report}"
    );
}

#[test]
fn the_line_that_panicked_first_is_told_where_its_panic_is_raised_again() {
    let report = failure(raises_again).to_string();
    let first = marked("// the panic");
    assert!(
        report.contains(&format!("\n    raised first at {first}")),
        "{report}"
    );
}

#[test]
fn another_panic_is_told_for_itself() {
    let failure = failure(panics_in_its_own_right);
    assert_eq!(failure.run.panicked_first, None);
    assert!(!failure.to_string().contains("raised first"));
}

#[test]
fn a_picture_marks_the_line_that_panicked_first() {
    let failure = failure(indexes);
    let read = |file: &str| std::fs::read_to_string(std::path::Path::new("../..").join(file)).ok();
    let page =
        deadheat::picture::html(deadheat::picture::Subject::from(&*failure).with_sources(&read));
    let line = page.lines().find(|line| line.contains("// the index"));
    assert!(line.is_some_and(|line| line.contains("bad")), "{line:?}");
    assert!(page.contains(&format!("raised first at {}", marked("// the index"))));
}
