//! Panics that are caught inside a run, on behalf of a task: whoever joins it is told, and one that nobody
//! is told of fails the run.

use std::any::Any;
use std::fmt;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Mutex, PoisonError};

use crate::base::printable;
use crate::engine::panics;
use crate::engine::unwound::RunIsOver;
use crate::record::panic::PanicReport;
use crate::state::world;

/// A panic that was caught. Dropped before anybody has [`seen`](Caught::see) it, it fails the run.
pub struct Caught {
    run: u32,
    /// None once it was seen. The lock only makes it `Sync`.
    payload: Mutex<Option<Box<dyn Any + Send>>>,
    report: PanicReport,
}

impl Caught {
    /// Somebody is told: what the panic was raised with.
    ///
    /// # Examples
    ///
    /// ```
    /// deadheat::run(&deadheat::Config::new(), || async {
    ///     let caught = deadheat::program::catch(|| panic!("seen")).map(|()| 0).unwrap_err();
    ///     assert_eq!(*caught.see().downcast::<&str>().unwrap(), "seen");
    /// }).unwrap();
    /// ```
    pub fn see(self) -> Box<dyn Any + Send> {
        let mut payload = self.payload.lock().unwrap_or_else(PoisonError::into_inner);
        payload.take().unwrap_or_else(|| Box::new(()))
    }

    /// Nobody needs to be told. What the panic was raised with is dropped, and a panic of that is dropped, too.
    ///
    /// # Examples
    ///
    /// ```
    /// deadheat::run(&deadheat::Config::new(), || async {
    ///     deadheat::program::catch(|| panic!("nobody minds")).map(|()| 0).unwrap_err().discard();
    /// }).unwrap();
    /// ```
    pub fn discard(self) {
        panics::discard(self.see());
    }

    /// It is the output of the task that has its turn, which ends by it: a trace says of that task that it panicked.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::program::catch;
    ///
    /// let run = deadheat::run(&deadheat::Config::new().trace(true), || async {
    ///     let task = deadheat::spawn_named("work", async {
    ///         let caught = catch(|| panic!("no work")).map(|()| 0).unwrap_err();
    ///         caught.ends_its_task();
    ///         caught
    ///     });
    ///     task.await.unwrap().discard();
    /// });
    /// let trace = run.unwrap().trace().of_task("work").to_string();
    /// assert!(trace.contains("work      end panicked"));
    /// ```
    pub fn ends_its_task(&self) {
        world::with_run(self.run, |world| {
            if let Some(task) = world.current {
                let mut report = self.report.clone();
                // Where code of others has raised it, the program's line says more.
                if let Some(line) = world.recorder.origins.of_panic(&report.place) {
                    report.place = line.to_string();
                }
                world.findings.caught.insert(task, report);
            }
        });
    }

    /// Message, place and task.
    ///
    /// # Examples
    ///
    /// ```
    /// deadheat::run(&deadheat::Config::new(), || async {
    ///     let caught = deadheat::program::catch(|| panic!("no work")).map(|()| 0).unwrap_err();
    ///     assert_eq!((&*caught.report().message, &*caught.report().task), ("no work", "main"));
    ///     caught.discard();
    /// }).unwrap();
    /// ```
    pub fn report(&self) -> &PanicReport {
        &self.report
    }
}

impl Drop for Caught {
    fn drop(&mut self) {
        let payload = self
            .payload
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        let Some(payload) = payload.take() else {
            return;
        };
        let mut report = self.report.clone();
        report.message = printable::cut(report.message);
        report.message.push_str(&panics::discard(payload));
        world::with_run(self.run, |world| {
            if !world.findings.forgiving {
                world.findings.unseen.push(report);
            }
        });
    }
}

impl fmt::Debug for Caught {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Caught").field(&self.report).finish()
    }
}

/// Runs `f`, and catches a panic of it: for what runs tasks of its own inside a run, as a runtime does.
///
/// Inside a run use this in place of [`std::panic::catch_unwind`]: a run that ends in the middle of
/// [`block_on`](crate::block_on) unwinds the stack, and that is passed on here.
///
/// # Errors
///
/// The panic.
///
/// # Examples
///
/// ```
/// let failure = deadheat::run(&deadheat::Config::new(), || async {
///     let seen = deadheat::program::catch(|| panic!("first")).map(|()| 0).unwrap_err();
///     assert_eq!(*seen.see().downcast::<&str>().unwrap(), "first");
///     drop(deadheat::program::catch(|| panic!("second")).map(|()| 0));
/// });
/// assert!(failure.unwrap_err().to_string().contains("second"));
/// ```
pub fn catch<R>(f: impl FnOnce() -> R) -> Result<R, Caught> {
    panic::catch_unwind(AssertUnwindSafe(f)).map_err(|payload| {
        if payload.is::<RunIsOver>() {
            panic::resume_unwind(payload);
        }
        let task = world::current(|world| world.current.map(|task| world.task_name(task)));
        Caught {
            run: world::run_number(),
            report: PanicReport {
                message: panics::message(&*payload),
                place: panics::take_place(&*payload),
                task: task
                    .flatten()
                    .unwrap_or_else(|| "code outside of the tasks".to_owned()),
            },
            payload: Mutex::new(Some(payload)),
        }
    })
}

/// Panics that were [caught](catch) and that nobody has seen do not fail this run.
///
/// # Examples
///
/// ```
/// deadheat::run(&deadheat::Config::new(), || async {
///     deadheat::program::forgive_unseen_panics();
///     drop(deadheat::program::catch(|| panic!("nobody is told")).map(|()| 0));
/// }).unwrap();
/// ```
pub fn forgive_unseen_panics() {
    world::current(|world| world.findings.forgiving = true);
}
