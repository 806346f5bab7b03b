//! Who answers on this thread.

use std::cell::Cell;
use std::ptr::NonNull;
use std::time::Duration;

/// A clock of the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Clock {
    /// What `Instant` shows: it never goes back.
    Monotonic,
    /// What `SystemTime` shows, since 1970.
    System,
}

/// What else a thread asks of the system, which is only told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Asked {
    /// A thread is started.
    Thread,
    /// The thread is held up until another one lets it go, without a limit.
    Wait,
    /// A socket is made.
    Socket,
}

/// Answers for a thread; by default the system does.
///
/// What a hook itself asks is answered by the system. A hook must not unwind: a panic in one ends the process.
pub trait Hooks {
    /// What a clock shows.
    fn read(&self, clock: Clock) -> Option<Duration> {
        let _ = clock;
        None
    }

    /// What a clock shows, where that is asked only to know how long a wait is that ends at a moment.
    fn read_to_wait(&self, clock: Clock) -> Option<Duration> {
        self.read(clock)
    }

    /// The thread is to sleep for so long: true if it has.
    fn sleep(&self, time: Duration) -> bool {
        let _ = time;
        false
    }

    /// The thread is to wait for another one, no longer than that: true if it has, and the other one did not come.
    fn wait(&self, time: Duration) -> bool {
        self.sleep(time)
    }

    /// Random bytes are asked for: true if they are there.
    fn fill(&self, bytes: &mut [u8]) -> bool {
        let _ = bytes;
        false
    }

    /// Something else is asked for.
    fn ask(&self, what: Asked) {
        let _ = what;
    }
}

thread_local! {
    /// Constant and without a destructor: it can be read at any time, also before `main` and while a thread ends.
    static HOOKS: Cell<Option<NonNull<dyn Hooks>>> = const { Cell::new(None) };
}

/// Puts back what was there, also when the stack unwinds.
struct Back(Option<NonNull<dyn Hooks>>);

impl Drop for Back {
    fn drop(&mut self) {
        HOOKS.set(self.0);
    }
}

/// Calls `f` with hooks in place on this thread; what was in place before is so again afterwards.
///
/// # Panics
///
/// If `f` does.
#[inline]
pub fn during<H: Hooks, R>(hooks: &H, f: impl FnOnce() -> R) -> R {
    crate::link();
    let hooks: NonNull<dyn Hooks + '_> = NonNull::from(hooks);
    #[expect(
        unsafe_code,
        reason = "the borrow is longer than every use of the pointer"
    )]
    // SAFETY: only the lifetime changes. `Back` takes the pointer out of the thread-local before the borrow of `hooks` ends,
    // and nobody takes it from there but `ask`, on this thread, while `f` is called.
    let hooks: NonNull<dyn Hooks> = unsafe { std::mem::transmute(hooks) };
    let _back = Back(HOOKS.replace(Some(hooks)));
    f()
}

/// Calls `f` with no hooks in place on this thread: the system answers.
///
/// # Panics
///
/// If `f` does.
///
/// # Examples
///
/// ```
/// use deadheat_seal::{Hooks, during, lifted};
/// use std::time::{Duration, SystemTime};
///
/// struct Still;
///
/// impl Hooks for Still {
///     fn read(&self, _: deadheat_seal::Clock) -> Option<Duration> {
///         Some(Duration::ZERO)
///     }
/// }
///
/// let real = during(&Still, || lifted(SystemTime::now));
/// assert!(real > SystemTime::UNIX_EPOCH);
/// ```
#[inline]
pub fn lifted<R>(f: impl FnOnce() -> R) -> R {
    let _back = Back(HOOKS.replace(None));
    f()
}

/// Asks the hooks of this thread, if there are some and they are not asking themselves.
#[inline]
#[cfg_attr(
    not(all(target_os = "linux", target_env = "gnu")),
    expect(dead_code, reason = "nobody asks there")
)]
pub(crate) fn ask<R>(f: impl FnOnce(&dyn Hooks) -> R) -> Option<R> {
    let hooks = HOOKS.get()?;
    HOOKS.set(None);
    let _back = Back(Some(hooks));
    #[expect(unsafe_code, reason = "the borrow of `during` is alive")]
    // SAFETY: what is in the thread-local was borrowed by a call of `during` that has not returned.
    let hooks = unsafe { hooks.as_ref() };
    Some(f(hooks))
}
