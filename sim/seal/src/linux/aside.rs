//! A function on a stack of its own.
//!
//! 1. All of it is on one thread: a stack is left and entered, and nothing else goes on meanwhile.
//! 2. Each change of the stack leaves the hooks of the thread as they were on the stack that is entered.
//! 3. A function that has given way was called under hooks, and refers to them: it goes on only under the same.
//! 4. Nothing unwinds from one stack to another.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::ffi::c_int;
use std::marker::PhantomData;
use std::mem::zeroed;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::{self, NonNull};

use libc::ucontext_t;

use crate::hooks::{Under, keeping_hooks, under};

unsafe extern "C" {
    fn getcontext(context: *mut ucontext_t) -> c_int;
    fn makecontext(context: *mut ucontext_t, entry: extern "C" fn(), count: c_int, ...);
    fn swapcontext(left: *mut ucontext_t, entered: *const ucontext_t) -> c_int;
}

thread_local! {
    /// Whose stack this is; null for the thread's own.
    static HERE: Cell<*mut Away> = const { Cell::new(ptr::null_mut()) };
    /// Stacks for the next ones. All are of one size but where a caller changes its mind.
    static SPARE: RefCell<Vec<Stack>> = const { RefCell::new(Vec::new()) };
}

/// So many stacks a thread keeps.
const SPARE_MOST: usize = 8;

/// Memory for a stack, whose lowest page nobody may touch.
struct Stack {
    lowest: NonNull<libc::c_void>,
    size: usize,
}

impl Stack {
    fn new(size: usize) -> Stack {
        let spare = SPARE.try_with(|spare| {
            let mut spare = spare.borrow_mut();
            let fits = spare.iter().position(|stack| stack.size == size)?;
            Some(spare.swap_remove(fits))
        });
        spare.ok().flatten().unwrap_or_else(|| Stack::map(size))
    }

    fn map(size: usize) -> Stack {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE | libc::MAP_STACK;
        let access = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: it is new memory, wherever the system wants it, and its first page is not used before it is closed.
        let lowest = unsafe {
            let lowest = libc::mmap(ptr::null_mut(), size, access, flags, -1, 0);
            assert!(lowest != libc::MAP_FAILED, "no memory for a stack");
            let page = usize::try_from(libc::sysconf(libc::_SC_PAGESIZE)).unwrap_or(4096);
            libc::mprotect(lowest, page, libc::PROT_NONE);
            lowest
        };
        let lowest = NonNull::new(lowest).expect("the system maps nothing at zero by itself");
        Stack { lowest, size }
    }

    fn keep(self) {
        let mut stack = Some(self);
        let _ = SPARE.try_with(|spare| {
            let mut spare = spare.borrow_mut();
            if spare.len() < SPARE_MOST {
                spare.extend(stack.take());
            }
        });
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        // SAFETY: it was mapped with this size, and nobody is on it: `Aside` sees to that.
        unsafe { libc::munmap(self.lowest.as_ptr(), self.size) };
    }
}

struct Away {
    /// Where the function stands, while it does not go on. It may not be moved: it points into itself.
    own: ucontext_t,
    /// Who let it go on, while it does.
    caller: ucontext_t,
    stack: Option<Stack>,
    function: Option<Box<dyn FnOnce()>>,
    panic: Option<Box<dyn Any + Send>>,
    ended: bool,
    /// Invariant 3.
    under: Under,
}

/// A function on a stack of its own, on this thread. It can [give way](give_way) in the middle, to whoever let it go on.
///
/// # Examples
///
/// ```
/// use deadheat_seal::{Aside, Hooks, during, give_way, is_installed};
/// use std::{cell::Cell, rc::Rc};
///
/// struct Nobody;
/// impl Hooks for Nobody {}
///
/// if is_installed() {
///     during(&Nobody, || {
///         let count = Rc::new(Cell::new(0));
///         let counts = Rc::clone(&count);
///         let mut aside = Aside::new(1 << 20, move || {
///             counts.set(1);
///             assert!(give_way());
///             counts.set(2);
///         });
///         assert!(!aside.go_on());
///         assert_eq!(count.get(), 1);
///         assert!(aside.go_on());
///         assert_eq!(count.get(), 2);
///     });
/// }
/// assert!(!give_way(), "nobody is there to give way to");
/// ```
pub struct Aside {
    away: NonNull<Away>,
    /// It belongs to the thread.
    thread: PhantomData<*mut ()>,
}

impl Aside {
    /// A function that has not begun, with a stack of so many bytes, of which only those take memory that are used.
    ///
    /// # Panics
    ///
    /// If the system has no memory for the stack.
    pub fn new(size: usize, function: impl FnOnce() + 'static) -> Aside {
        let stack = Stack::new(size);
        // SAFETY: it is plain data, for which zeros are as good as anything.
        let (own, caller) = unsafe { (zeroed(), zeroed()) };
        let away = Box::leak(Box::new(Away {
            own,
            caller,
            stack: None,
            function: Some(Box::new(function)),
            panic: None,
            ended: false,
            under: under(),
        }));
        // SAFETY: the context stays where it is, and its stack is as large as it says.
        unsafe {
            getcontext(&mut away.own);
            away.own.uc_stack.ss_sp = stack.lowest.as_ptr();
            away.own.uc_stack.ss_size = stack.size;
            away.own.uc_link = ptr::null_mut();
            makecontext(&mut away.own, entry, 0);
        }
        away.stack = Some(stack);
        Aside {
            away: NonNull::from(away),
            thread: PhantomData,
        }
    }

    /// Lets the function go on until it gives way or ends: whether it has ended. A panic ends it, and is kept.
    ///
    /// # Panics
    ///
    /// If it has ended before, or is the one that calls, and under other hooks than those that it was made under.
    pub fn go_on(&mut self) -> bool {
        let away = self.away.as_ptr();
        // SAFETY: it lives as long as `self`, and no reference to it is kept while stacks change.
        let (ended, same) = unsafe { ((*away).ended, (*away).under == under()) };
        assert!(!ended, "it has ended");
        assert!(same, "it was made under other hooks");
        keeping_hooks(|| {
            let beneath = HERE.replace(away);
            // SAFETY: `own` is a context that was made or left by `swapcontext`, and this one is left until the function
            // gives way. It is not entered twice, as `self` is borrowed meanwhile.
            unsafe { swapcontext(&raw mut (*away).caller, &raw const (*away).own) };
            HERE.set(beneath);
        });
        // SAFETY: as above.
        unsafe { (*away).ended }
    }

    /// What it panicked with.
    pub fn take_panic(&mut self) -> Option<Box<dyn Any + Send>> {
        // SAFETY: the function does not go on meanwhile.
        unsafe { self.away.as_mut() }.panic.take()
    }
}

impl Drop for Aside {
    /// One that is in the middle stays so for ever, with all that is on its stack.
    fn drop(&mut self) {
        // SAFETY: the function does not go on meanwhile.
        let away = unsafe { self.away.as_ref() };
        if !away.ended && away.function.is_none() {
            return;
        }
        // SAFETY: it was leaked once, and nobody is on its stack, or will be.
        let away = unsafe { Box::from_raw(self.away.as_ptr()) };
        if let Some(stack) = away.stack {
            stack.keep();
        }
    }
}

impl std::fmt::Debug for Aside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Aside").finish_non_exhaustive()
    }
}

/// The first function on each stack.
extern "C" fn entry() {
    let away = HERE.get();
    // SAFETY: `go_on` has just put it there.
    let function = unsafe { (*away).function.take() };
    // Invariant 4.
    let called = catch_unwind(AssertUnwindSafe(|| function.map(|function| function())));
    // SAFETY: as above. What was called is gone from this stack, which is never entered again.
    unsafe {
        (*away).panic = called.err();
        (*away).ended = true;
        swapcontext(&raw mut (*away).own, &raw const (*away).caller);
    }
    std::process::abort();
}

/// Gives way to whoever let the function go on that is on this stack: false if there is none.
pub fn give_way() -> bool {
    let away = HERE.get();
    if away.is_null() {
        return false;
    }
    keeping_hooks(|| {
        // SAFETY: it lives as long as anybody is on its stack, and `caller` was left to come here.
        unsafe { swapcontext(&raw mut (*away).own, &raw const (*away).caller) }
    });
    true
}
