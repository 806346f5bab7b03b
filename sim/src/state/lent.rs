//! One value of a thread, lent to one caller at a time by a plain pointer.
//!
//! A `RefCell<Option<Box<T>>>` in a thread-local says the same, and costs a look at whether its destructor has run, a
//! look at whether it is borrowed, and a look at whether there is a value, each time. Here one look answers all three:
//! the pointer is taken out while the value is lent, and there is none before the value is made and after it is freed.
//!
//! 1. While the value is lent, the place is empty. So whoever asks meanwhile gets nothing, and there is never a second
//!    `&mut` to the value.
//! 2. It is put back when the caller is done, also if the caller panics.
//! 3. The place has no destructor, so that a thread-local of it needs no look at one: whoever has a place frees it
//!    ([`Freed`]). A value that is lent at that moment (the process ends in the middle of a call) is left as it is.
//!
//! With `engine/waker.rs` this is all the `unsafe` code of the crate.

#![expect(
    unsafe_code,
    reason = "each look at the run goes through here, several times a turn"
)]

use std::cell::Cell;
use std::ptr::{self, NonNull};
use std::thread::LocalKey;

/// A place for one value.
pub(super) struct Lent<T> {
    /// The value. Null while it is lent, and as long as there is none.
    at: Cell<*mut T>,
    /// There is a value, lent or not.
    made: Cell<bool>,
}

impl<T> Lent<T> {
    pub(super) const fn nothing() -> Self {
        Lent {
            at: Cell::new(ptr::null_mut()),
            made: Cell::new(false),
        }
    }

    /// Puts a value there, unless there is one.
    pub(super) fn make(&self, value: impl FnOnce() -> Box<T>) {
        if self.made.get() {
            return;
        }
        // It may panic, and then there is none.
        let value = value();
        if !self.made.replace(true) {
            self.at.set(Box::into_raw(value));
        }
    }

    /// Lends the value; none if it is lent already, or if there is none.
    #[inline]
    pub(super) fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> Option<R> {
        let value = NonNull::new(self.at.replace(ptr::null_mut()))?;
        let mut taken = Taken { from: self, value };
        // SAFETY: the pointer came from `Box::into_raw` in `make`, and `free` takes it out before it frees what it
        // points at. It was taken out of the place here, and is put back only when `taken` is dropped, which is after
        // `f`: until then nobody else finds it, so that this is the only reference to the value. No other thread
        // finds it either, since a `Cell` of a pointer is neither `Sync` nor `Send`.
        Some(f(unsafe { taken.value.as_mut() }))
    }

    /// Frees the value, unless it is lent.
    fn free(&self) {
        if let Some(value) = NonNull::new(self.at.replace(ptr::null_mut())) {
            self.made.set(false);
            // SAFETY: it came from `Box::into_raw` in `make`, and was taken out of the place just now, so nobody else
            // has it and it is freed once.
            drop(unsafe { Box::from_raw(value.as_ptr()) });
        }
    }
}

/// What was taken out of its place goes back to it.
struct Taken<'a, T> {
    from: &'a Lent<T>,
    value: NonNull<T>,
}

impl<T> Drop for Taken<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.from.at.set(self.value.as_ptr());
    }
}

/// Frees what is at a place of this thread when it is dropped, which is when the thread ends.
pub(super) struct Freed<T: 'static>(pub(super) &'static LocalKey<Lent<T>>);

impl<T> Drop for Freed<T> {
    fn drop(&mut self) {
        // A place without a destructor can be reached until the very end of its thread.
        let _ = self.0.try_with(Lent::free);
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::rc::Rc;

    use super::*;

    fn seven() -> Lent<u32> {
        let place = Lent::nothing();
        place.make(|| Box::new(7));
        place
    }

    #[test]
    fn what_is_lent_is_lent_to_nobody_else() {
        let place = seven();
        let inner = place.with(|value| {
            *value += 1;
            (place.with(|_| ()), *value)
        });
        assert_eq!(inner, Some((None, 8)));
        assert_eq!(place.with(|value| *value), Some(8));
        place.free();
    }

    #[test]
    fn it_is_back_after_a_panic() {
        let place = seven();
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            place.with(|value| {
                *value += 1;
                panic!("in the middle");
            })
        }));
        assert!(panicked.is_err());
        assert_eq!(place.with(|value| *value), Some(8));
        place.free();
    }

    #[test]
    fn there_is_nothing_before_it_is_made_and_after_it_is_freed() {
        let place = Lent::nothing();
        assert_eq!(place.with(|_: &mut u32| ()), None);
        place.make(|| Box::new(1));
        place.make(|| unreachable!("there is one already"));
        place.free();
        place.free();
        assert_eq!(place.with(|_| ()), None);
    }

    #[test]
    fn after_a_panic_of_its_maker_it_can_still_be_made() {
        let place = Lent::nothing();
        let panicked = catch_unwind(AssertUnwindSafe(|| place.make(|| panic!("no value"))));
        assert!(panicked.is_err());
        place.make(|| Box::new(7));
        assert_eq!(place.with(|value| *value), Some(7));
        place.free();
    }

    #[test]
    fn it_is_made_once_also_while_it_is_lent() {
        let place = seven();
        place.with(|_| place.make(|| unreachable!("it is only lent")));
        assert_eq!(place.with(|value| *value), Some(7));
        place.free();
    }

    #[test]
    fn what_is_lent_is_not_freed() {
        let place = Lent::nothing();
        let held = Rc::new(());
        place.make(|| Box::new(Rc::clone(&held)));
        place.with(|value| {
            place.free();
            assert_eq!(Rc::strong_count(value), 2);
        });
        assert_eq!(Rc::strong_count(&held), 2);
        place.free();
        assert_eq!(Rc::strong_count(&held), 1);
    }

    #[test]
    fn the_end_of_a_thread_frees_it() {
        struct Tells(std::sync::mpsc::Sender<bool>);

        impl Drop for Tells {
            fn drop(&mut self) {
                // Nobody finds it while it is dropped.
                let _ = self
                    .0
                    .send(PLACE.with(|place| place.with(|_| ()).is_none()));
            }
        }

        thread_local! {
            static PLACE: Lent<Tells> = const { Lent::nothing() };
            static FREED: Freed<Tells> = const { Freed(&PLACE) };
        }

        let (tells, told) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            FREED.with(|_| PLACE.with(|place| place.make(|| Box::new(Tells(tells)))));
        });
        thread.join().unwrap();
        assert_eq!(told.recv(), Ok(true));
    }
}
