//! asyncio's callbacks: places in the queue of their own between a cause and the turn of a task.
//!
//! In asyncio a `shield`, and a `wait_for` with a delay of zero, hear of their cause in a callback that is queued,
//! and wake the task when that has its turn. The task itself is not queued meanwhile, so a cancel request that comes
//! in between takes a place of its own. Each callback is a timer that is due at once: in a simulator it is an event,
//! elsewhere it is ready as soon as it is looked at.
//!
//! 1. A wake-up that comes while the lock is held is not lost: whoever holds it looks at `woken`
//!    after releasing it, as in a scope.
//! 2. Dropping the chain drops its timer.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use crate::clock::Clock;
use crate::sync::{AtomicBool, Mutex, Ordering};

/// A future that is ready some callbacks after its [`cause`](Self::cause) was woken.
pub(crate) struct Hops<C: Clock> {
    shared: Arc<Shared<C>>,
    suspended: bool,
}

struct Shared<C: Clock> {
    clock: C,
    woken: AtomicBool,
    chain: Mutex<Chain<C>>,
}

struct Chain<C: Clock> {
    /// How many callbacks are still to come, the present one included.
    left: u32,
    timer: Option<Pin<Box<C::Timer>>>,
    task: Option<Waker>,
    dropped: bool,
}

impl<C: Clock> Hops<C> {
    /// A chain of `count` callbacks that waits for its cause.
    pub(crate) fn new(clock: &C, count: u32) -> Self {
        let chain = Chain {
            left: count,
            timer: None,
            task: None,
            dropped: false,
        };
        Hops {
            shared: Arc::new(Shared {
                clock: clock.clone(),
                woken: AtomicBool::new(false),
                chain: Mutex::new(chain),
            }),
            suspended: false,
        }
    }

    /// What is to be woken for the first callback to take its place.
    pub(crate) fn cause(&self) -> Waker {
        Waker::from(Arc::clone(&self.shared))
    }
}

impl<C: Clock> Future for Hops<C> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let suspended = std::mem::replace(&mut self.suspended, true);
        let over = {
            let mut chain = self.shared.chain.lock();
            chain.task = Some(cx.waker().clone());
            chain.left == 0
        };
        self.shared.drain();
        if over && suspended {
            return Poll::Ready(());
        }
        if over {
            // A clock whose timers are ready at once: it is a wait all the same, of one turn.
            cx.waker().wake_by_ref();
        }
        Poll::Pending
    }
}

impl<C: Clock> Drop for Hops<C> {
    fn drop(&mut self) {
        let timer = {
            let mut chain = self.shared.chain.lock();
            chain.dropped = true;
            chain.timer.take()
        };
        // Without the lock, since a timer's drop is the clock's code. The end of this function would do the same.
        drop(timer);
    }
}

impl<C: Clock> Shared<C> {
    fn drain(self: &Arc<Self>) {
        while self.woken.load(Ordering::SeqCst) {
            let Some(mut chain) = self.chain.try_lock() else {
                return;
            };
            self.woken.store(false, Ordering::SeqCst);
            let task = self.advance(&mut chain);
            drop(chain);
            if let Some(task) = task {
                task.wake();
            }
        }
    }

    /// Goes on to the next callback if the present one has had its turn; the task's waker after the
    /// last one.
    fn advance(self: &Arc<Self>, chain: &mut Chain<C>) -> Option<Waker> {
        let waker = Waker::from(Arc::clone(self));
        while chain.left > 0 && !chain.dropped {
            let now = || Box::pin(self.clock.timer(self.clock.now()));
            let timer = chain.timer.get_or_insert_with(now);
            if timer
                .as_mut()
                .poll(&mut Context::from_waker(&waker))
                .is_pending()
            {
                return None;
            }
            chain.timer = None;
            chain.left -= 1;
        }
        chain.task.take()
    }
}

impl<C: Clock> Wake for Shared<C> {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.woken.store(true, Ordering::SeqCst);
        self.drain();
    }
}
