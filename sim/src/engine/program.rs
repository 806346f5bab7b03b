//! What can be run: something that starts tasks, and makes an outcome of how they ended.

use std::future::Future;
use std::panic::Location;

use crate::base::verdict::Verdict;
use crate::engine::join::OutputOf;
use crate::state::stalls::Group;
use crate::state::tasks::BoxFuture;
use crate::state::world;

/// A program under test.
///
/// It is started anew for every run, so it must do the same each time but for what the run decides.
///
/// # Examples
///
/// ```
/// use deadheat::{Config, Program, Verdict, check_program, sleep, spawn_named};
/// use std::{cell::Cell, rc::Rc, time::Duration};
///
/// /// Two writers; whoever comes last wins.
/// struct Race;
///
/// impl Program for Race {
///     type Handles = Rc<Cell<u8>>;
///     type Outcome = u8;
///
///     fn start(&self) -> Rc<Cell<u8>> {
///         let written = Rc::new(Cell::new(0));
///         for number in [1, 2] {
///             let written = written.clone();
///             spawn_named(format!("writer {number}"), async move {
///                 sleep(Duration::from_secs(1)).await;
///                 written.set(number);
///             });
///         }
///         written
///     }
///
///     fn finish(&self, written: Rc<Cell<u8>>, _: Verdict) -> u8 {
///         deadheat::program::always(written.get() == 2, || "the first one wins".to_owned());
///         written.get()
///     }
/// }
///
/// let failure = check_program(&Race, &Config::new()).unwrap_err();
/// assert!(failure.to_string().contains("violated: the first one wins"));
/// ```
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

    /// Whether what it runs has lines in the sources, which reports then name. An interpreter's are not those of what it
    /// interprets.
    fn has_lines(&self) -> bool {
        true
    }
}

/// A program that is one future, made anew for every run: the run is over when it ends, and drops what
/// it spawned.
///
/// # Examples
///
/// ```
/// use deadheat::{Config, Main};
/// use deadheat::search::Single;
///
/// let (run, answer) = Single::of(&Main::new(|| async { 42 }), &Config::new()).fifo();
/// assert_eq!((run.verdict, answer), (deadheat::Verdict::Done, Some(Some(42))));
/// ```
#[derive(Debug)]
#[must_use = "a program does nothing until it is run"]
pub struct Main<F> {
    future: F,
    given_at: &'static Location<'static>,
}

impl<F> Main<F> {
    /// A program that runs what `future` makes. Reports say that its main task is from where this is called.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Config, Main, check_program, explore, Watch};
    ///
    /// let program = Main::new(|| async { deadheat::random(2) });
    /// // The output of the future is the outcome: there are two of them.
    /// let exploration = explore(&program, &Config::new(), &Watch::default());
    /// assert_eq!(exploration.found.len(), 2);
    /// assert_eq!(check_program(&program, &Config::new()).unwrap(), 1000);
    /// ```
    #[track_caller]
    pub fn new(future: F) -> Self {
        Main::given_at(future, Location::caller())
    }

    /// The same for a program that was given elsewhere: reports say where its main task is from.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::{Config, Main, Run};
    /// use deadheat::search::Single;
    /// use std::panic::Location;
    ///
    /// /// A function for tests of one's own: reports name the place in the test.
    /// #[track_caller]
    /// fn in_order(given_at: &'static Location<'static>) -> Run {
    ///     Single::of(&Main::given_at(|| std::future::pending::<()>(), given_at), &Config::new()).fifo().0
    /// }
    ///
    /// let run = in_order(Location::caller());
    /// assert!(run.pending[0].spawned_at.contains(file!()));
    /// ```
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
        let cell = OutputOf::new();
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
pub struct MainHandle<T>(OutputOf<T>);

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

    fn expects(&self, verdict: Verdict) -> bool {
        self.0.expects(verdict)
    }

    fn has_lines(&self) -> bool {
        self.0.has_lines()
    }
}
