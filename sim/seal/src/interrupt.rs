//! Ctrl-C as a question: whether it came while somebody listened.
//!
//! 1. The first one is noted, and whoever listens ends the process when it has told what it has to tell. A second one
//!    ends the process at once, and so does the first where nobody listens any more.
//! 2. Where a program has a handler of its own, that stays, and nothing is heard.
//! 3. The handler does what a handler may: it looks at atomics, and gives the signal back to the system.
//!
//! On other systems than Linux nothing is heard, and Ctrl-C is what it is there.

#![cfg_attr(
    target_os = "linux",
    expect(
        unsafe_code,
        reason = "a handler is put in place, and gives the signal back"
    )
)]

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

static LISTENERS: AtomicUsize = AtomicUsize::new(0);
static HEARD: AtomicBool = AtomicBool::new(false);

/// As long as one lives, Ctrl-C does not end the process at once.
///
/// # Examples
///
/// ```
/// use deadheat_seal::Listening;
///
/// let _listening = Listening::begin();
/// assert!(!Listening::heard());
/// ```
#[derive(Debug)]
#[must_use = "it listens as long as it lives"]
pub struct Listening(());

impl Listening {
    /// Begins to listen.
    ///
    /// # Examples
    ///
    /// ```
    /// let listening = deadheat_seal::Listening::begin();
    /// drop(listening);
    /// ```
    pub fn begin() -> Listening {
        LISTENERS.fetch_add(1, Ordering::SeqCst);
        install();
        Listening(())
    }

    /// Whether Ctrl-C came while somebody listened.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(!deadheat_seal::Listening::heard());
    /// ```
    pub fn heard() -> bool {
        HEARD.load(Ordering::Relaxed)
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        LISTENERS.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(not(target_os = "linux"))]
fn install() {}

#[cfg(target_os = "linux")]
fn install() {
    static INSTALLED: std::sync::Once = std::sync::Once::new();
    INSTALLED.call_once(|| {
        let mut action = std::mem::MaybeUninit::<libc::sigaction>::zeroed();
        // SAFETY: an action of zeros is one with no handler, no mask and no flags, and the pointers are to it.
        unsafe {
            if libc::sigaction(libc::SIGINT, std::ptr::null(), action.as_mut_ptr()) != 0 {
                return;
            }
            let mut action = action.assume_init();
            if action.sa_sigaction != libc::SIG_DFL {
                return;
            }
            let handler: extern "C" fn(libc::c_int) = note;
            action.sa_sigaction = handler as libc::sighandler_t;
            action.sa_flags = libc::SA_RESTART;
            libc::sigaction(libc::SIGINT, &raw const action, std::ptr::null_mut());
        }
    });
}

/// The handler.
#[cfg(target_os = "linux")]
extern "C" fn note(_signal: libc::c_int) {
    let nobody = LISTENERS.load(Ordering::SeqCst) == 0;
    if nobody || HEARD.swap(true, Ordering::SeqCst) {
        // SAFETY: both may be called in a handler. The signal is blocked until this one returns, and then ends the process.
        unsafe {
            libc::signal(libc::SIGINT, libc::SIG_DFL);
            libc::raise(libc::SIGINT);
        }
    }
}
