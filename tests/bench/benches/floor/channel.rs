//! A channel of the floor, for one task at each end.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use crate::executor;

struct Channel<T> {
    sent: RefCell<VecDeque<T>>,
    capacity: usize,
    /// Whether one of the ends is gone.
    closed: Cell<bool>,
    /// The task at the other end, which waits for a message or for room.
    waiting: Cell<Option<u32>>,
}

impl<T> Channel<T> {
    fn wake(&self) {
        self.waiting.take().into_iter().for_each(executor::wake);
    }

    fn wait<R>(&self) -> Option<R> {
        self.waiting.set(Some(executor::current()));
        None
    }
}

/// The end that sends.
pub struct Sender<T>(Rc<Channel<T>>);

/// The end that receives.
pub struct Receiver<T>(Rc<Channel<T>>);

/// A channel with room for so many messages.
pub fn channel<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    let channel = Rc::new(Channel {
        sent: RefCell::new(VecDeque::with_capacity(capacity)),
        capacity,
        closed: Cell::new(false),
        waiting: Cell::new(None),
    });
    (Sender(Rc::clone(&channel)), Receiver(channel))
}

impl<T> Sender<T> {
    /// Sends a message, once there is room; gives it back if nobody listens any more.
    pub fn send(&self, message: T) -> impl Future<Output = Result<(), T>> {
        let channel = &*self.0;
        let mut message = Some(message);
        executor::until(move || {
            if channel.closed.get() {
                return message.take().map(Err);
            }
            if channel.sent.borrow().len() == channel.capacity {
                return channel.wait();
            }
            channel.sent.borrow_mut().extend(message.take());
            channel.wake();
            Some(Ok(()))
        })
    }
}

impl<T> Receiver<T> {
    /// The next message, once it is there; none if nobody sends any more.
    pub fn recv(&mut self) -> impl Future<Output = Option<T>> {
        let channel = &*self.0;
        executor::until(move || {
            let message = channel.sent.borrow_mut().pop_front();
            match message {
                Some(_) => {
                    channel.wake();
                    Some(message)
                }
                None if channel.closed.get() => Some(None),
                None => channel.wait(),
            }
        })
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        self.0.closed.set(true);
        self.0.wake();
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.0.closed.set(true);
        self.0.wake();
    }
}
