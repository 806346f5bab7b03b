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
    /// A socket is made, or a pair of them.
    Socket,
    /// Another process is started, or this one is forked.
    Process,
    /// The system's randomness is opened as a file.
    RandomFile,
    /// The thread waits until files or sockets are ready.
    Files,
    /// A clock is read that shows how long the processor has worked.
    ProcessorTime,
    /// A timer of the system is made or set.
    Timer,
}

/// How a wait for another thread ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Waited {
    /// Its time is over, and nobody came.
    Over,
    /// Somebody has woken it, or may have.
    Woken,
    /// It is left to the system.
    Not,
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

    /// The same where it is known what it waits at: the address of a word, which others name who [wake](Self::wake) it.
    fn wait_at(&self, word: usize, time: Duration) -> Waited {
        let _ = word;
        match self.wait(time) {
            true => Waited::Over,
            false => Waited::Not,
        }
    }

    /// Whether a function on a stack of its own is to wait at this word, at which the thread parks. Others of this thread may
    /// park meanwhile.
    fn is_shared(&self, word: usize) -> bool {
        let _ = word;
        false
    }

    /// The thread is to wait at a word until another one wakes it, without an end.
    fn wait_without_end(&self, word: usize) -> Waited {
        let _ = word;
        self.ask(Asked::Wait);
        Waited::Not
    }

    /// So many at most of those that wait at a word are woken: how many waited by these hooks.
    fn wake(&self, word: usize, most: u32) -> u32 {
        let _ = (word, most);
        0
    }

    /// Whether a function on a stack of its own gives way where it sleeps or waits.
    fn lets_give_way(&self) -> bool {
        false
    }

    /// Random bytes are asked for: true if they are there.
    fn fill(&self, bytes: &mut [u8]) -> bool {
        let _ = bytes;
        false
    }

    /// What a clock shows to code that [`lifted`] calls.
    fn read_lifted(&self, clock: Clock) -> Option<Duration> {
        let _ = clock;
        None
    }

    /// Random bytes are asked for by code that [`lifted`] calls. A thread keeps what is made of them (the keys of its hash
    /// maps), so that code outside of `lifted` has it as well.
    fn fill_lifted(&self, bytes: &mut [u8]) -> bool {
        let _ = bytes;
        false
    }

    /// Something else is asked for.
    fn ask(&self, what: Asked) {
        let _ = what;
    }
}

/// Who answers.
#[derive(Clone, Copy)]
struct Place {
    hooks: Option<NonNull<dyn Hooks>>,
    /// Only what is asked for by code that [`lifted`] calls.
    lifted: bool,
    /// They are asked, and what they ask themselves the system answers.
    asked: bool,
}

const NOBODY: Place = Place {
    hooks: None,
    lifted: false,
    asked: false,
};

thread_local! {
    /// Constant and without a destructor: it can be read at any time, also before `main` and while a thread ends.
    static PLACE: Cell<Place> = const { Cell::new(NOBODY) };
}

/// Puts back what was there, also when the stack unwinds.
struct Back(Place);

impl Drop for Back {
    fn drop(&mut self) {
        PLACE.set(self.0);
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
    // and nobody takes it from there but `asked`, on this thread, while `f` is called.
    let hooks: NonNull<dyn Hooks> = unsafe { std::mem::transmute(hooks) };
    let _back = Back(PLACE.replace(Place {
        hooks: Some(hooks),
        lifted: false,
        asked: false,
    }));
    f()
}

/// Calls `f` with the hooks of this thread out of the way: the system answers, unless they answer to that as well
/// ([`Hooks::read_lifted`], [`Hooks::fill_lifted`]).
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
    let place = PLACE.get();
    let _back = Back(place);
    PLACE.set(Place {
        lifted: true,
        ..place
    });
    f()
}

/// Whether a function on a stack of its own gives way where it sleeps or waits, by the hooks of this thread.
///
/// # Examples
///
/// ```
/// assert!(!deadheat_seal::lets_give_way());
/// ```
pub fn lets_give_way() -> bool {
    ask(|hooks| hooks.lets_give_way()).unwrap_or(false)
}

/// Calls `f` from a hook with the hooks in place again, which may then be asked while they are.
///
/// # Panics
///
/// If `f` does.
///
/// # Examples
///
/// ```
/// use deadheat_seal::{Clock, Hooks, during, hooked};
/// use std::time::{Duration, SystemTime};
///
/// struct Twice;
///
/// impl Hooks for Twice {
///     fn read(&self, _: Clock) -> Option<Duration> {
///         Some(Duration::from_secs(7))
///     }
///     fn sleep(&self, _: Duration) -> bool {
///         let now = hooked(SystemTime::now);
///         now == SystemTime::UNIX_EPOCH + Duration::from_secs(7)
///     }
/// }
///
/// during(&Twice, || std::thread::sleep(Duration::from_millis(1)));
/// ```
pub fn hooked<R>(f: impl FnOnce() -> R) -> R {
    let place = PLACE.get();
    let _back = Back(place);
    PLACE.set(Place {
        lifted: false,
        asked: false,
        ..place
    });
    f()
}

/// Whether there are hooks to be asked.
pub(crate) fn is_asked() -> bool {
    ask(|_| ()).is_some()
}

/// Which hooks there are, to be compared.
pub(crate) type Under = Option<NonNull<dyn Hooks>>;

/// Which hooks are in place.
pub(crate) fn under() -> Under {
    PLACE.get().hooks
}

/// Calls `f`, and puts the hooks back that are in place now.
pub(crate) fn keeping_hooks<R>(f: impl FnOnce() -> R) -> R {
    let _back = Back(PLACE.get());
    f()
}

/// Asks the hooks of this thread, if there are some that are not lifted and are not asking themselves.
#[inline]
pub(crate) fn ask<R>(f: impl FnOnce(&dyn Hooks) -> R) -> Option<R> {
    let place = PLACE.get();
    if place.lifted {
        return None;
    }
    asked(place, f)
}

/// The same, also where they are lifted; `f` is told whether they are.
#[inline]
pub(crate) fn ask_anyway<R>(f: impl FnOnce(&dyn Hooks, bool) -> R) -> Option<R> {
    let place = PLACE.get();
    asked(place, |hooks| f(hooks, place.lifted))
}

#[inline]
fn asked<R>(place: Place, f: impl FnOnce(&dyn Hooks) -> R) -> Option<R> {
    let hooks = place.hooks.filter(|_| !place.asked)?;
    let _back = Back(place);
    PLACE.set(Place {
        asked: true,
        ..place
    });
    #[expect(unsafe_code, reason = "the borrow of `during` is alive")]
    // SAFETY: what is in the thread-local was borrowed by a call of `during` that has not returned.
    let hooks = unsafe { hooks.as_ref() };
    Some(f(hooks))
}
