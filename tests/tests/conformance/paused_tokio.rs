//! The same Rust-native programs on paused tokio and on the simulator under FIFO: equal values at
//! equal milliseconds, equal logs in equal order.
//!
//! 1. Programs are generated: sleeps, nested and moving timeouts, races, joins, a channel, several
//!    tasks; delays on a grid of milliseconds, ties included.
//! 2. Where the two differ, `DIFFERENCES.md` names it, and a test here shows it.

mod generate;
mod program;

use std::time::Duration;

use deadheat::Config;
use deadheat_timeout::{TokioClock, timeout};
use proptest::prelude::*;

use generate::{programs, scaled};
use program::{Move, Node, in_simulation, ms, on_tokio, paused};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6_000))]

    #[test]
    fn a_program_does_the_same_on_paused_tokio(
        tasks in programs(),
        scale in prop::sample::select(vec![1, 10, 100, 1_000u64]),
    ) {
        let tasks: Vec<_> = tasks.into_iter().map(|it| scaled(it, scale)).collect();
        let (theirs, ours) = (on_tokio(&tasks), in_simulation(&tasks));
        // Programs in which a known difference can show are the named tests' business.
        let known = [&theirs, &ours].iter().any(|it| it.due || it.moved_later);
        if !known {
            prop_assert_eq!(&theirs.log, &ours.log);
        }
    }
}

/// The logs of a program here and there, and that they differ.
fn differ(tasks: &[Node], theirs: &[(u64, &str)], ours: &[(u64, &str)]) {
    let owned = |log: &[(u64, &str)]| -> Vec<(u64, String)> {
        log.iter()
            .map(|(at, what)| (*at, (*what).to_owned()))
            .collect()
    };
    assert_eq!(on_tokio(tasks).log, owned(theirs), "on tokio");
    assert_eq!(in_simulation(tasks).log, owned(ours), "in the simulation");
    assert_ne!(theirs, ours);
}

#[test]
fn difference_1_tokio_rounds_up_to_its_next_millisecond() {
    let sleep = Duration::from_micros(1_500);
    paused().block_on(async {
        let started = tokio::time::Instant::now();
        let limited = timeout(&TokioClock, sleep, std::future::pending::<()>());
        assert!(limited.await.is_err());
        assert_eq!(started.elapsed(), ms(2));
    });
    let run = deadheat::run(&Config::new(), move || async move {
        let limited = timeout(&deadheat::clock(), sleep, std::future::pending::<()>());
        assert!(limited.await.is_err());
        assert_eq!(deadheat::now().as_nanos(), 1_500_000);
    });
    run.unwrap();
}

#[test]
fn difference_2_a_deadline_that_has_come_is_seen_at_once_on_tokio() {
    // The body gives way once. On tokio the deadline is looked at in the same turn.
    let limited = Node::Seq(vec![
        Node::Sleep(1),
        Node::TimeoutAt(1, Box::new(Node::Yield)),
    ]);
    differ(
        &[limited],
        &[
            (1, "0.0 3"),
            (1, "0.1a dropped"),
            (1, "0.1 1000000"),
            (1, "0. 1000003"),
            (1, "over"),
        ],
        &[
            (1, "0.0 3"),
            (1, "0.1a 2"),
            (1, "0.1 2"),
            (1, "0. 5"),
            (1, "over"),
        ],
    );
}

#[test]
fn difference_3_a_deadline_that_moved_later_takes_its_place_when_the_old_one_comes() {
    // At 1 ms the deadline moves from 2 to 6 ms; then the mover begins to sleep until 6 ms.
    let moving = Node::Moving {
        deadline: Some(2),
        moves: vec![(1, Move::Shift(4)), (5, Move::Reject)],
        by_another: true,
        body: Box::new(Node::Sleep(9)),
    };
    let end = [(6, "0. is expired"), (6, "0. 1000000"), (6, "over")];
    let with_end = |log: &[(u64, &'static str)]| [log, &end].concat();
    differ(
        &[moving],
        &with_end(&[
            (1, "0.m true active"),
            (6, "0.m false expiring"),
            (6, "0.b dropped"),
        ]),
        &with_end(&[
            (1, "0.m true active"),
            (6, "0.b dropped"),
            (6, "0.m false expired"),
        ]),
    );
}

#[test]
fn difference_3_so_does_one_that_moved_ahead_of_its_timer_a_fourth_time() {
    // At 4 ms it moves to 12 ms, and the timer to 8 ms. At 6 ms the other task begins to sleep until 12 ms.
    let moves = [2, 2, 2, 7].map(|by| (1, Move::ShiftEarlier(by)));
    let moving = Node::Moving {
        deadline: Some(25),
        moves: [&moves[..], &[(30, Move::Reject)]].concat(),
        by_another: false,
        body: Box::new(Node::Ready),
    };
    let tasks = [Node::Seq(vec![Node::Sleep(6), Node::Sleep(6)]), moving];
    let with_end = |end: &[(u64, &'static str)]| {
        let moved = (1..5).map(|at| (at, "1.m true active"));
        let start = [(0, "1.b 1")].into_iter().chain(moved);
        let log = start.chain([(6, "0.0 3")]).chain(end.iter().copied());
        log.chain([(12, "over")]).collect::<Vec<_>>()
    };
    differ(
        &tasks,
        &with_end(&[
            (12, "0.1 3"),
            (12, "0. 6"),
            (12, "1. is expired"),
            (12, "1. 1000000"),
        ]),
        &with_end(&[
            (12, "1. is expired"),
            (12, "1. 1000000"),
            (12, "0.1 3"),
            (12, "0. 6"),
        ]),
    );
}

#[test]
fn difference_4_a_task_that_wakes_itself_takes_its_place_after_its_turn_on_tokio() {
    // It wakes itself, and then another task in the same turn.
    let both = Node::Both(Box::new(Node::Yield), Box::new(Node::Send(7)));
    differ(
        &[Node::Receive, both],
        &[
            (0, "1.y 4"),
            (0, "0. 7"),
            (0, "1.x 2"),
            (0, "1. 6"),
            (0, "over"),
        ],
        &[
            (0, "1.y 4"),
            (0, "1.x 2"),
            (0, "1. 6"),
            (0, "0. 7"),
            (0, "over"),
        ],
    );
}
