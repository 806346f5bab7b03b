//! Whole runs: from scratch, in random order, in every order, and with messages.

#[path = "floor/depth_first.rs"]
mod depth_first;
mod floor;
#[path = "../../timeout/benches/harness/mod.rs"]
mod harness;

use std::cell::Cell;
use std::time::Duration;

use deadheat::decide::{Purpose, Stream};
use deadheat::record::EventKind;
use deadheat::search::Single;
use deadheat::{
    Bounds, Config, Mix, Program, Sampler, Verdict, Watch, explore, explore_exhaustive,
};
use depth_first::DepthFirst;
use harness::{Contender, Goal, Row, Table, per_operation};
use tokio::runtime::{Builder, Runtime};

/// A program that is its start.
struct Starts<F>(F);

impl<F: Fn() + Sync> Program for Starts<F> {
    type Handles = ();
    type Outcome = ();

    fn start(&self) {
        (self.0)();
    }

    fn finish(&self, _handles: (), verdict: Verdict) {
        assert_eq!(verdict, Verdict::Done, "the program ends");
    }
}

fn repeated<'a>(operations: u64, mut operation: impl FnMut() + 'a) -> Contender<'a> {
    Box::new(move || per_operation(operations, || (0..operations).for_each(|_| operation())))
}

/// At most `nanos`, or as far ahead of tokio as that is where tokio took `there`.
fn ahead_of_tokio(nanos: f64, there: f64) -> Goal {
    Goal {
        nanos: Some(nanos),
        of_tokio: Some(nanos / there),
    }
}

fn paused() -> Runtime {
    Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime")
}

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

thread_local! {
    static DONE: Cell<u64> = const { Cell::new(0) };
}

/// Three tasks, nested timeouts, a channel, a cancel; the same text for each of the contenders.
macro_rules! small_scenario {
    ($spawn:path, $sleep:expr, $timeout:expr) => {{
        let (requests, mut inbox) = tokio::sync::mpsc::channel::<u64>(4);
        let work = async move {
            while let Some(request) = inbox.recv().await {
                $sleep(5).await;
                DONE.set(DONE.get() + request);
            }
        };
        let client = async move {
            for request in 0..4 {
                requests.send(request).await.expect("a receiver");
                $sleep(4).await;
                $sleep(6).await;
            }
            $sleep(100_000).await;
        };
        let worker = $spawn(work);
        let client = $spawn(client);
        let main = async move {
            let nested = $timeout(60, async move {
                let inner = $timeout(10, $sleep(90)).await;
                let in_time = $timeout(10, $sleep(5)).await;
                let _elapsed = $timeout(90, std::future::pending::<()>()).await;
                (inner, in_time)
            });
            let _elapsed = nested.await;
            client.abort();
            DONE.set(DONE.get() + 1);
        };
        (main, worker)
    }};
}

fn small_floor() {
    let (main, _) = small_scenario!(floor::spawn, floor::sleep, floor::timeout);
    floor::spawn(main);
    floor::run(|_| 0);
}

fn small_tokio() {
    let sleep = |millis| tokio::time::sleep(ms(millis));
    let runtime = paused();
    runtime.block_on(async {
        let (main, worker) =
            small_scenario!(tokio::spawn, sleep, |millis, future| tokio::time::timeout(
                ms(millis),
                future
            ));
        tokio::spawn(main).await.expect("main ends");
        worker.await.expect("the worker ends");
    });
}

fn small_ours() {
    let sleep = |millis| deadheat::sleep(ms(millis));
    let (main, _) = small_scenario!(deadheat::spawn, sleep, |millis, future| {
        deadheat_timeout::timeout(&deadheat::clock(), ms(millis), future)
    });
    deadheat::spawn(main);
}

fn small(table: &mut Table) {
    let config = Config::new();
    let ours = Starts(small_ours);
    let (run, _) = Single::of(&ours, &config.clone().trace(true)).fifo();
    let trace = run.trace.expect("a trace was asked for");
    let turns = trace
        .events
        .iter()
        .filter(|event| event.what == EventKind::Turn);
    table.row(Row {
        work: format!("a small scenario from scratch, {} polls", turns.count()),
        goal: ahead_of_tokio(1_000.0, 9_180.0),
        floor: Some(repeated(500, small_floor)),
        tokio: Some(repeated(100, small_tokio)),
        ours: repeated(500, || {
            Single::of(&ours, &config).fifo();
        }),
    });
}

const MESSAGES: u64 = 2_000;

/// One task sends, the other one receives; the first gives way after each message, or never.
macro_rules! messages {
    ($spawn:path, $yield:path, $each:expr) => {{
        let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel::<u64>();
        let send = async move {
            for message in 0..MESSAGES {
                sender.send(message).expect("a receiver");
                if $each {
                    $yield().await;
                }
            }
        };
        let receive = async move {
            while let Some(message) = receiver.recv().await {
                DONE.set(DONE.get() + message);
            }
        };
        ($spawn(send), $spawn(receive))
    }};
}

fn messages(table: &mut Table, work: &str, goal: Goal, each: bool) {
    let config = Config::new();
    let runtime = paused();
    let ours = Starts(move || {
        messages!(deadheat::spawn, deadheat::yield_now, each);
    });
    table.row(Row {
        work: work.to_owned(),
        goal,
        floor: Some(Box::new(move || {
            per_operation(MESSAGES, || {
                messages!(floor::spawn, yield_now, each);
                floor::run(|_| 0);
            })
        })),
        tokio: Some(Box::new(move || {
            per_operation(MESSAGES, || {
                runtime.block_on(async {
                    let (sent, received) = messages!(tokio::spawn, tokio::task::yield_now, each);
                    sent.await.expect("all are sent");
                    received.await.expect("all are received");
                });
            })
        })),
        ours: Box::new(move || {
            per_operation(MESSAGES, || {
                Single::of(&ours, &config).fifo();
            })
        }),
    });
}

/// Three tasks that give way so many times.
macro_rules! three_tasks {
    ($spawn:path, $yield:path, $awaits:expr) => {{
        let task = || async move {
            for _ in 0..$awaits {
                $yield().await;
            }
        };
        ($spawn(task()), $spawn(task()), $spawn(task()))
    }};
}

async fn yield_now() {
    let mut yielded = false;
    std::future::poll_fn(|cx| {
        if std::mem::replace(&mut yielded, true) {
            return std::task::Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}

fn random_order(table: &mut Table) {
    const RUNS: u64 = 500;
    let config = Config::new()
        .runs(RUNS)
        .mix(Mix::only(Sampler::Random, Bounds::EXACT));
    let ours = Starts(|| {
        three_tasks!(deadheat::spawn, deadheat::yield_now, 5);
    });
    let runtime = paused();
    let mut stream = Stream::new(1, Purpose::Schedule);
    table.row(Row {
        work: "a run of 3 tasks with 5 awaits, random order".to_owned(),
        goal: ahead_of_tokio(700.0, 2_260.0),
        floor: Some(repeated(RUNS, move || {
            three_tasks!(floor::spawn, yield_now, 5);
            floor::run(|options| stream.below(options as u64) as usize);
        })),
        tokio: Some(repeated(RUNS, move || {
            runtime.block_on(async {
                let (a, b, c) = three_tasks!(tokio::spawn, tokio::task::yield_now, 5);
                for task in [a, b, c] {
                    task.await.expect("it ends");
                }
            });
        })),
        ours: Box::new(move || {
            per_operation(RUNS, || {
                let exploration = explore(&ours, &config, &Watch::default());
                assert_eq!(exploration.runs, RUNS);
            })
        }),
    });
}

fn depth_first(table: &mut Table, awaits: u32, runs: u64) {
    let config = Config::new().runs(runs);
    let ours = Starts(move || {
        three_tasks!(deadheat::spawn, deadheat::yield_now, awaits);
    });
    table.row(Row {
        work: format!("a run of 3 tasks with {awaits} awaits, depth first"),
        goal: Goal {
            nanos: Some(350.0),
            of_tokio: None,
        },
        floor: Some(Box::new(move || {
            per_operation(runs, || {
                let mut orders = DepthFirst::default();
                let mut made = 0;
                loop {
                    three_tasks!(floor::spawn, yield_now, awaits);
                    floor::run(|options| orders.choose(options));
                    made += 1;
                    if made == runs || !orders.next() {
                        break;
                    }
                }
                assert_eq!(made, runs);
            })
        })),
        tokio: None,
        ours: Box::new(move || {
            per_operation(runs, || {
                let exploration =
                    explore_exhaustive(&ours, &config, Bounds::EXACT, &Watch::default());
                assert_eq!(exploration.runs, runs);
                assert_eq!(exploration.complete, runs == 1_680 && awaits == 2);
            })
        }),
    });
}

fn main() {
    let mut table = Table::new();
    small(&mut table);
    let no_slower = Goal {
        nanos: None,
        of_tokio: Some(1.0),
    };
    let goal = ahead_of_tokio(40.0, 76.0);
    messages(&mut table, "a message over tokio's mpsc", goal, false);
    messages(&mut table, "the same, a turn for each", no_slower, true);
    random_order(&mut table);
    depth_first(&mut table, 5, 1_000);
    depth_first(&mut table, 2, 1_680);
    table.end();
}
