//! What can be run: something that starts tasks, and makes an outcome of how they ended.

use std::future::Future;
use std::panic::Location;

use crate::base::verdict::Verdict;
use crate::engine::join::JoinCell;
use crate::state::stalls::Group;
use crate::state::tasks::BoxFuture;
use crate::state::world;

/// A program under test.
///
/// It is started anew for every run, so it must do the same each time but for what the run decides.
pub trait Program: Sync {
    /// What the end of the run is looked at through.
    type Handles;
    /// What came of a run, to be compared with other runs.
    type Outcome;

    /// Spawns the program's tasks. Called inside the run, at its start.
    fn start(&self) -> Self::Handles;

    /// Looks at the end. Called inside the run, before anything is torn down.
    fn finish(&self, handles: Self::Handles, verdict: Verdict) -> Self::Outcome;

    /// Whether a run that ends so is as it should be.
    fn expects(&self, verdict: Verdict) -> bool {
        verdict == Verdict::Done
    }
}

/// A program that is one future, made anew for every run: the run is over when it ends, and drops what
/// it spawned.
///
/// # Examples
///
/// ```
/// use deadheat::{Config, Main, run_fifo};
///
/// let (run, answer) = run_fifo(&Main::new(|| async { 42 }), &Config::new());
/// assert_eq!((run.verdict, answer), (deadheat::Verdict::Done, Some(Some(42))));
/// ```
#[derive(Debug)]
pub struct Main<F> {
    future: F,
    given_at: &'static Location<'static>,
}

impl<F> Main<F> {
    #[track_caller]
    /// A program that runs what `future` makes.
    pub fn new(future: F) -> Self {
        Main::given_at(future, Location::caller())
    }

    /// The same for a program that was given elsewhere: reports say where its main task is from.
    pub fn given_at(future: F, given_at: &'static Location<'static>) -> Self {
        Main { future, given_at }
    }
}

impl<F, Fut> Program for Main<F>
where
    F: Fn() -> Fut + Sync,
    Fut: Future + 'static,
    Fut::Output: 'static,
{
    type Handles = MainHandle<Fut::Output>;
    type Outcome = Option<Fut::Output>;

    fn start(&self) -> Self::Handles {
        let cell = JoinCell::new();
        begin(Box::pin(cell.clone().fill((self.future)())), self.given_at);
        MainHandle(cell)
    }

    fn finish(&self, MainHandle(cell): Self::Handles, _verdict: Verdict) -> Self::Outcome {
        cell.take()
    }
}

/// Spawns the task with whose end the run is over.
pub(crate) fn begin(future: BoxFuture, given_at: &'static Location<'static>) {
    world::current(|world| {
        world.root = Some(world.spawn(Some("main".into()), given_at, Group::default(), future));
    });
}

/// The output of a [`Main`], once there is one.
#[derive(Debug)]
pub struct MainHandle<T>(JoinCell<T>);

/// A program of whose outcome only the verdict counts.
pub(crate) struct Unit<P>(pub(crate) P);

impl<P: Program> Program for Unit<P> {
    type Handles = P::Handles;
    type Outcome = ();

    fn start(&self) -> Self::Handles {
        self.0.start()
    }

    fn finish(&self, handles: Self::Handles, verdict: Verdict) {
        self.0.finish(handles, verdict);
    }
}
