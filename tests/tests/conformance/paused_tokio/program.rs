//! A native program: what it is made of, and how it runs on either side.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use deadheat::Config;
use deadheat::program::SimClock;
use deadheat_timeout::{Clock, Handle, Timeout, TokioClock, timeout, timeout_at};
use tokio::sync::mpsc;

/// A native program. Times are in milliseconds: delays from now, instants from the start.
#[derive(Debug, Clone)]
pub(crate) enum Node {
    Ready,
    Yield,
    Sleep(u64),
    Seq(Vec<Node>),
    Timeout(u64, Box<Node>),
    TimeoutAt(u64, Box<Node>),
    /// A timeout whose deadline is moved by the body, or by another task, after that many
    /// milliseconds each.
    Moving {
        deadline: Option<u64>,
        moves: Vec<(u64, Move)>,
        by_another: bool,
        body: Box<Node>,
    },
    /// The first of the two; in each turn the first one is polled first.
    Race(Box<Node>, Box<Node>),
    Both(Box<Node>, Box<Node>),
    Send(u64),
    Receive,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Move {
    After(u64),
    At(u64),
    Shift(u64),
    ShiftEarlier(u64),
    Reject,
}

/// Where a program runs.
trait World: Clone + Send + Sync + 'static {
    type Clock: Clock;
    fn clock() -> Self::Clock;
    fn at(ms: u64) -> <Self::Clock as Clock>::Instant;
    fn now() -> u64;
    fn sleep(ms: u64) -> impl Future<Output = ()> + Send;
    fn spawn(future: Boxed<()>) -> Boxed<()>;
}

type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

pub(crate) fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

#[derive(Clone)]
struct Simulated;

impl World for Simulated {
    type Clock = SimClock;

    fn clock() -> SimClock {
        deadheat::clock()
    }

    fn at(at: u64) -> deadheat::Instant {
        deadheat::Instant::START + ms(at)
    }

    fn now() -> u64 {
        deadheat::now().as_nanos() as u64 / 1_000_000
    }

    fn sleep(delay: u64) -> impl Future<Output = ()> + Send {
        deadheat::sleep(ms(delay))
    }

    fn spawn(future: Boxed<()>) -> Boxed<()> {
        let handle = deadheat::spawn(future);
        Box::pin(async move { handle.await.expect("a task that ends") })
    }
}

#[derive(Clone)]
struct Paused;

tokio::task_local! {
    static STARTED: tokio::time::Instant;
}

impl World for Paused {
    type Clock = TokioClock;

    fn clock() -> TokioClock {
        TokioClock
    }

    fn at(at: u64) -> tokio::time::Instant {
        STARTED.get() + ms(at)
    }

    fn now() -> u64 {
        STARTED.get().elapsed().as_millis() as u64
    }

    fn sleep(delay: u64) -> impl Future<Output = ()> + Send {
        tokio::time::sleep(ms(delay))
    }

    fn spawn(future: Boxed<()>) -> Boxed<()> {
        let handle = tokio::spawn(STARTED.scope(STARTED.get(), future));
        Box::pin(async move { handle.await.expect("a task that ends") })
    }
}

/// What a program did, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Outcome {
    pub(crate) log: Vec<(u64, String)>,
    /// A deadline was set that had come already: difference 2 may show.
    pub(crate) due: bool,
    /// A deadline moved later, or to where it was: difference 3 may show.
    pub(crate) moved_later: bool,
}

type Log = Arc<Mutex<Outcome>>;

struct Env<W> {
    log: Log,
    sender: mpsc::UnboundedSender<u64>,
    receiver: Arc<tokio::sync::Mutex<mpsc::UnboundedReceiver<u64>>>,
    world: std::marker::PhantomData<W>,
}

impl<W> Clone for Env<W> {
    fn clone(&self) -> Self {
        Env {
            log: self.log.clone(),
            sender: self.sender.clone(),
            receiver: self.receiver.clone(),
            world: std::marker::PhantomData,
        }
    }
}

impl<W: World> Env<W> {
    fn new() -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        Env {
            log: Log::default(),
            sender,
            receiver: Arc::new(tokio::sync::Mutex::new(receiver)),
            world: std::marker::PhantomData,
        }
    }

    fn note(&self, text: String) {
        self.log.lock().unwrap().log.push((W::now(), text));
    }

    /// Notes that something has a deadline from now on.
    fn deadline(&self, deadline: Option<<W::Clock as Clock>::Instant>) {
        let due = deadline.is_some_and(|deadline| deadline <= W::clock().now());
        self.log.lock().unwrap().due |= due;
    }
}

/// Notes that a node was dropped before it ended.
struct Guard<W: World> {
    env: Env<W>,
    path: String,
    ended: bool,
}

impl<W: World> Drop for Guard<W> {
    fn drop(&mut self) {
        if !self.ended {
            self.env.note(format!("{} dropped", self.path));
        }
    }
}

/// Runs a node, and notes its end.
fn run<W: World>(env: Env<W>, path: String, node: Node) -> Boxed<u64> {
    Box::pin(async move {
        let mut guard = Guard {
            env: env.clone(),
            path: path.clone(),
            ended: false,
        };
        let value = step(&env, &path, node).await;
        guard.ended = true;
        env.note(format!("{path} {value}"));
        value
    })
}

const ELAPSED: u64 = 1_000_000;

async fn step<W: World>(env: &Env<W>, path: &str, node: Node) -> u64 {
    let child = |name: &str, node: Node| run(env.clone(), format!("{path}{name}"), node);
    match node {
        Node::Ready => 1,
        Node::Yield => {
            yield_now().await;
            2
        }
        Node::Sleep(delay) => {
            W::sleep(delay).await;
            3
        }
        Node::Seq(nodes) => {
            let mut sum = 0;
            for (index, node) in nodes.into_iter().enumerate() {
                sum += child(&index.to_string(), node).await;
            }
            sum
        }
        Node::Timeout(delay, body) => {
            let limited = timeout(&W::clock(), ms(delay), child("t", *body));
            limited.await.unwrap_or(ELAPSED)
        }
        Node::TimeoutAt(at, body) => {
            env.deadline(Some(W::at(at)));
            let limited = timeout_at(&W::clock(), W::at(at), child("a", *body));
            limited.await.unwrap_or(ELAPSED)
        }
        Node::Moving {
            deadline,
            moves,
            by_another,
            body,
        } => {
            let scope = Timeout::with_deadline(&W::clock(), deadline.map(W::at));
            let mover = move_it::<W>(env.clone(), format!("{path}m"), scope.handle(), moves);
            let body = child("b", *body);
            moving(env, path, scope, (mover, by_another), body).await
        }
        Node::Race(a, b) => first(child("x", *a), child("y", *b)).await,
        Node::Both(a, b) => {
            let (a, b) = both(child("x", *a), child("y", *b)).await;
            a + b
        }
        Node::Send(value) => {
            env.sender.send(value).expect("a receiver");
            4
        }
        Node::Receive => {
            let mut receiver = env.receiver.lock().await;
            receiver.recv().await.expect("a sender")
        }
    }
}

/// A body in a scope whose deadline is moved beside it, in a task of its own or in the scope itself.
async fn moving<W: World>(
    env: &Env<W>,
    path: &str,
    scope: Timeout<W::Clock>,
    (mover, by_another): (Boxed<()>, bool),
    body: Boxed<u64>,
) -> u64 {
    let handle = scope.handle();
    env.deadline(handle.when());
    let end = if by_another {
        let mover = W::spawn(mover);
        let end = scope.run(body).await;
        mover.await;
        end
    } else {
        scope.run(both(mover, body)).await.map(|(_, value)| value)
    };
    env.note(format!("{path} is {}", handle.state()));
    end.unwrap_or(ELAPSED)
}

async fn yield_now() {
    let mut yielded = false;
    std::future::poll_fn(|cx| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

async fn first(mut a: Boxed<u64>, mut b: Boxed<u64>) -> u64 {
    std::future::poll_fn(|cx| match a.as_mut().poll(cx) {
        Poll::Ready(value) => Poll::Ready(value),
        Poll::Pending => b.as_mut().poll(cx),
    })
    .await
}

async fn both<A, B>(a: Boxed<A>, b: Boxed<B>) -> (A, B) {
    let (mut a, mut b) = (Some(a), Some(b));
    let (mut left, mut right) = (None, None);
    std::future::poll_fn(|cx| {
        if let Some(future) = &mut a
            && let Poll::Ready(value) = future.as_mut().poll(cx)
        {
            (left, a) = (Some(value), None);
        }
        if let Some(future) = &mut b
            && let Poll::Ready(value) = future.as_mut().poll(cx)
        {
            (right, b) = (Some(value), None);
        }
        match (left.take(), right.take()) {
            (Some(a), Some(b)) => Poll::Ready((a, b)),
            unready => {
                (left, right) = unready;
                Poll::Pending
            }
        }
    })
    .await
}

fn move_it<W: World>(
    env: Env<W>,
    path: String,
    handle: Handle<W::Clock>,
    moves: Vec<(u64, Move)>,
) -> Boxed<()> {
    Box::pin(async move {
        for (delay, to) in moves {
            W::sleep(delay).await;
            let before = handle.when();
            let moved = match to {
                Move::After(delay) => handle.reschedule_after(ms(delay)).is_ok(),
                Move::At(at) => handle.reschedule_at(W::at(at)).is_ok(),
                Move::Shift(by) => handle.shift(ms(by)).is_ok(),
                Move::ShiftEarlier(by) => handle.shift_earlier(ms(by)).is_ok(),
                Move::Reject => handle.reject().is_ok(),
            };
            env.note(format!("{path} {moved} {}", handle.state()));
            if moved {
                env.deadline(handle.when());
                let later =
                    before.is_some_and(|before| handle.when().is_none_or(|it| it >= before));
                env.log.lock().unwrap().moved_later |= later;
            }
        }
    })
}

/// Every program is over by then, or never.
const FOREVER: u64 = 10_000_000;

async fn program<W: World>(env: Env<W>, tasks: Vec<Node>) {
    let mut running = Vec::new();
    for (index, node) in tasks.into_iter().enumerate() {
        let task = run(env.clone(), format!("{index}."), node);
        running.push(W::spawn(Box::pin(async move {
            task.await;
        })));
    }
    for task in running {
        task.await;
    }
    env.note("over".to_owned());
}

/// tokio, with its clock paused.
pub(crate) fn paused() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime")
}

pub(crate) fn on_tokio(tasks: &[Node]) -> Outcome {
    let env = Env::<Paused>::new();
    let log = env.log.clone();
    let tasks = tasks.to_vec();
    let runtime = paused();
    runtime.block_on(async move {
        let program = STARTED.scope(tokio::time::Instant::now(), program(env, tasks));
        let program = tokio::spawn(program);
        tokio::time::sleep(ms(FOREVER)).await;
        drop(program);
    });
    let outcome = take(&log);
    drop(runtime); // and what is still pending, which is no part of it
    outcome
}

fn take(log: &Log) -> Outcome {
    std::mem::take(&mut log.lock().unwrap())
}

pub(crate) struct InSimulation<'a>(pub(crate) &'a [Node]);

impl deadheat::Program for InSimulation<'_> {
    type Handles = Log;
    type Outcome = Outcome;

    fn start(&self) -> Log {
        let env = Env::<Simulated>::new();
        let log = env.log.clone();
        drop(deadheat::spawn(program(env, self.0.to_vec())));
        log
    }

    fn finish(&self, log: Log, _: deadheat::Verdict) -> Outcome {
        take(&log)
    }
}

pub(crate) fn in_simulation(tasks: &[Node]) -> Outcome {
    let (run, outcome) = deadheat::search::Single::of(&InSimulation(tasks), &Config::new()).fifo();
    assert!(
        run.panic.is_none() && run.violations.is_empty(),
        "{:?}",
        run.violations
    );
    outcome.expect("an outcome")
}
