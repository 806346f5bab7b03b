//! The clocks and the randomness of a thread, put into other hands.
//!
//! What `std::time::Instant::now`, `SystemTime::now`, `thread::sleep`, the keys of hash maps and most crates for random
//! numbers ask of the system goes through a handful of functions of libc. This package has functions by the same names, so
//! that a program that links it calls these. On a thread where [`Hooks`] are in place they answer; everywhere else, and
//! where they do not want to, the function of libc does.
//!
//! It works on Linux with glibc, on x86-64 and AArch64, in a program that is linked to it dynamically; elsewhere nothing
//! is put in place, and [`is_installed`] says so.
//!
//! Not seen is what does not go through these functions: the processor's counter, system calls in assembly, `vfork` and
//! `execve`, and what runs where no hooks are in place, as the destructors of thread-locals while a thread ends.
//!
//! Apart from that, [`Listening`] is Ctrl-C as a question.
//!
//! ```
//! use deadheat_seal::{Asked, Clock, Hooks};
//! use std::time::{Duration, SystemTime};
//!
//! struct Still;
//!
//! impl Hooks for Still {
//!     fn read(&self, clock: Clock) -> Option<Duration> {
//!         (clock == Clock::System).then_some(Duration::from_secs(7))
//!     }
//! }
//!
//! let now = deadheat_seal::during(&Still, SystemTime::now);
//! if deadheat_seal::is_installed() {
//!     assert_eq!(now, SystemTime::UNIX_EPOCH + Duration::from_secs(7));
//! }
//! assert!(SystemTime::now() > SystemTime::UNIX_EPOCH + Duration::from_secs(7));
//! ```

mod hooks;
mod interrupt;
mod origin;
mod probe;
mod stack;
mod terminal;

// With glibc in the program itself there is no next function by the same name.
std::cfg_select! {
    all(
        target_os = "linux",
        target_env = "gnu",
        any(target_arch = "x86_64", target_arch = "aarch64"),
        target_pointer_width = "64",
        not(target_feature = "crt-static"),
    ) => {
        mod linux;
        use linux as overridden;
    }
    _ => {
        mod nowhere;
        use nowhere as overridden;
    }
}

pub use hooks::{Asked, Clock, Hooks, Waited, during, hooked, lets_give_way, lifted};
pub use interrupt::Listening;
pub use origin::{origin, origin_reading};
pub use overridden::aside::{Aside, give_way};
pub use probe::{is_installed, parks_at};
pub use stack::stack_size;
pub use terminal::terminal_columns;

/// Links the functions that take the place of libc's: a linker leaves out what nothing refers to.
#[inline]
fn link() {
    overridden::link();
}
