//! A nested task group swallows the cancel of the outer one (CPython gh-116720; fixed by PR #117407 in 3.13).
//!
//! When a child of a group fails, the group cancels its parent task, to stop its own body. Where a child of
//! the inner and one of the outer group fail in the same turn, the parent is cancelled twice and told once.
//! The inner group takes that for its own cancel and raises its children's errors instead; the code around
//! it handles these, and the body of the outer group runs on although its group has failed.
//!
//! The fix: a group that ends in errors while the parent is still being cancelled cancels it once more, so
//! that the parent's next wait is told.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use deadheat::program::{SimClock, spawn_task};
use deadheat::{log, never, sleep};
use deadheat_timeout::{Cancelled, Canceller, Cx, Elapsed};

use super::flag::Flag;
use super::{Exhibit, Finder, ms};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "nested-group-swallow",
    summary: "two nested groups cancel their parent in one turn, and the inner one absorbs both",
    source: "CPython gh-116720, PR #117407",
    checked_by: "the body of a group that has failed is stopped",
    finder: Finder::Order,
    variants: variants! {
        "nested-group-swallow" Shipped: parent(Leaving::WithErrors);
        "nested-group-swallow-fixed" Fixed: parent(Leaving::CancellingOnceMore);
    },
};

/// How a group that has failed leaves while its parent is still being cancelled.
#[derive(Clone, Copy, PartialEq)]
enum Leaving {
    /// 3.11 and 3.12.
    WithErrors,
    /// From 3.13 on.
    CancellingOnceMore,
}

#[derive(Debug, Clone, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    #[error(transparent)]
    Elapsed(#[from] Elapsed),
    #[error("a child failed")]
    Child,
}

/// Two nested groups, each with a child that fails; the inner failure is handled.
async fn parent(leaving: Leaving) {
    let parent = spawn_task("parent", async move |cx| {
        group(&cx, leaving, async |outer| {
            outer.spawn("outer child", ms(23), ms(310));
            let inner = group(&cx, leaving, async |inner| {
                inner.spawn("inner child", ms(7), ms(90));
                Ok(cx.wait(sleep(ms(1000))).await?)
            });
            match inner.await {
                Err(Failure::Child) => log("the inner failure is handled"),
                other => other?,
            }
            cx.wait(sleep(ms(1000))).await?;
            never(outer.failed.get(), || {
                "the outer group had failed, and its body went on".to_owned()
            });
            Ok(())
        })
        .await
    });
    parent.ended().await.ok();
}

/// `async with TaskGroup()`.
async fn group(
    cx: &Cx<SimClock>,
    leaving: Leaving,
    body: impl AsyncFnOnce(Rc<Group>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let group = Rc::new(Group::new(cx.canceller()));
    let mut ended = body(Rc::clone(&group)).await;
    if ended.is_err() {
        group.abort();
    }
    while group.running.get() > 0 {
        let waited = cx.wait(group.empty.wait()).await;
        if let (Err(cancelled), false) = (waited, group.aborting.get()) {
            group.abort();
            ended = Err(cancelled.into());
        }
    }
    if group.cancelled_parent.get() {
        cx.uncancel();
    }
    if !group.failed.get() {
        return ended;
    }
    if leaving == Leaving::CancellingOnceMore && cx.cancelling() > 0 {
        cx.uncancel();
        cx.canceller().cancel();
    }
    Err(Failure::Child)
}

struct Group {
    parent: Canceller<SimClock>,
    children: RefCell<Vec<Canceller<SimClock>>>,
    running: Cell<usize>,
    empty: Flag,
    failed: Cell<bool>,
    /// Its children were asked to cancel.
    aborting: Cell<bool>,
    cancelled_parent: Cell<bool>,
}

impl Group {
    fn new(parent: Canceller<SimClock>) -> Self {
        Group {
            parent,
            children: RefCell::default(),
            running: Cell::new(0),
            empty: Flag::default(),
            failed: Cell::new(false),
            aborting: Cell::new(false),
            cancelled_parent: Cell::new(false),
        }
    }

    /// Starts a child that fails after `low` to `high`.
    fn spawn(self: &Rc<Self>, name: &'static str, low: Duration, high: Duration) {
        self.running.set(self.running.get() + 1);
        let mut end = ChildEnd {
            group: Rc::clone(self),
            failed: false,
        };
        let child = spawn_task(name, async move |cx| {
            cx.wait(sleep(low..=high)).await?;
            end.fail();
            Err::<(), _>(Failure::Child)
        });
        self.children.borrow_mut().push(child.canceller());
    }

    fn abort(&self) {
        self.aborting.set(true);
        for child in &*self.children.borrow() {
            child.cancel();
        }
    }

    fn child_failed(&self) {
        self.failed.set(true);
        if !self.aborting.get() && !self.cancelled_parent.get() {
            self.abort();
            self.cancelled_parent.set(true);
            self.parent.cancel();
        }
    }
}

/// Tells the group when a child is over, however it ended.
struct ChildEnd {
    group: Rc<Group>,
    failed: bool,
}

impl ChildEnd {
    fn fail(&mut self) {
        self.failed = true;
    }
}

impl Drop for ChildEnd {
    fn drop(&mut self) {
        let group = &self.group;
        group.running.set(group.running.get() - 1);
        if self.failed {
            group.child_failed();
        }
        if group.running.get() == 0 {
            group.empty.set();
        }
    }
}
