//! An arm of `select!` takes an item and then awaits (iroh #2572, mdk #712; tokio's documentation, PR #5947).
//!
//! A loop of `select!` has `next_event()` as one arm and a timer as another. `next_event` receives an item
//! from a channel and then waits for something before it has put the item anywhere. If the timer fires
//! meanwhile, `select!` drops that arm, and the item with it.
//!
//! The fix is to have only the receive in the arm, which loses nothing when it is dropped, and to do the
//! rest in the handler, which is not dropped.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use deadheat::{always, log, sleep, spawn_named};

use super::select::{Either, select};
use super::{Exhibit, Finder, ms};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "select-arm-not-cancel-safe",
    summary: "a timer wins select! while the other arm holds an item that it has received",
    source: "iroh #2572, mdk #712, tokio PR #5947",
    checked_by: "what was sent was stored",
    finder: Finder::Point,
    variants: variants! {
        "select-arm-not-cancel-safe" Shipped: worker(Storing::InTheArm);
        "select-arm-not-cancel-safe-fixed" Fixed: worker(Storing::InTheHandler);
    },
};

/// Where a received item is stored.
#[derive(Clone, Copy)]
enum Storing {
    /// In the future that `select!` may drop.
    InTheArm,
    /// After `select!` is over.
    InTheHandler,
}

/// Some items are sent, and a worker stores them; every now and then it does something else.
async fn worker(storing: Storing) {
    const ITEMS: usize = 3;
    let channel = Rc::new(Channel::default());
    let sender = Rc::clone(&channel);
    spawn_named("sender", async move {
        for _ in 0..ITEMS {
            sleep(ms(7)..=ms(90)).await;
            sender.send();
        }
        sender.close();
    });
    let store = Store::default();
    let mut housekeeping = Box::pin(sleep(ms(100)));
    loop {
        let received = match storing {
            Storing::InTheArm => {
                let next_event = async {
                    let item = channel.receive().await?;
                    store.put(item).await;
                    Some(())
                };
                select(next_event, &mut housekeeping).await
            }
            Storing::InTheHandler => match select(channel.receive(), &mut housekeeping).await {
                Either::Left(Some(item)) => {
                    store.put(item).await;
                    Either::Left(Some(()))
                }
                Either::Left(None) => Either::Left(None),
                Either::Right(()) => Either::Right(()),
            },
        };
        match received {
            Either::Left(Some(())) => {}
            Either::Left(None) => break,
            Either::Right(()) => {
                log("housekeeping");
                housekeeping.set(sleep(ms(100)));
            }
        }
    }
    always(store.items.get() == ITEMS, || {
        "an item was received and not stored".to_owned()
    });
}

struct Item;

#[derive(Default)]
struct Store {
    items: Cell<usize>,
}

impl Store {
    async fn put(&self, Item: Item) {
        sleep(ms(7)..=ms(31)).await;
        self.items.set(self.items.get() + 1);
    }
}

#[derive(Default)]
struct Channel {
    items: RefCell<VecDeque<Item>>,
    closed: Cell<bool>,
    receiver: RefCell<Option<Waker>>,
}

impl Channel {
    fn send(&self) {
        self.items.borrow_mut().push_back(Item);
        self.wake();
    }

    fn close(&self) {
        self.closed.set(true);
        self.wake();
    }

    fn wake(&self) {
        if let Some(receiver) = self.receiver.take() {
            receiver.wake();
        }
    }

    /// The next item, or none once it is closed. Takes nothing before it is ready.
    async fn receive(&self) -> Option<Item> {
        poll_fn(|cx| {
            let item = self.items.borrow_mut().pop_front();
            if item.is_some() || self.closed.get() {
                return Poll::Ready(item);
            }
            *self.receiver.borrow_mut() = Some(cx.waker().clone());
            Poll::Pending
        })
        .await
    }
}
