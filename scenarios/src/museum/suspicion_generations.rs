//! A suspicion acts on the one after it (memberlist, three rounds: 9cdb22b, 59781de, 78d226e).
//!
//! A member that does not answer is suspected, and a timer declares it dead. Each other member that
//! suspects it, too, makes the timer shorter; if it answers, the suspicion is over and a later one is a
//! new one. A timer's callback runs in a goroutine of its own, and takes the lock.
//!
//! As shipped, a confirmation reset a timer that had fired, so the callback ran twice. 9cdb22b resets
//! only a timer that it could stop. But nobody removed a suspicion when it was over: the next message
//! confirmed the old one, and the member was not suspected at all. 59781de removes it where the
//! member's state changes, and in the callback: an old timer's callback, which nobody stops, removed the
//! *next* suspicion, which then could not be confirmed. 78d226e takes that line out again.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use deadheat::{Instant, JoinHandle, always, log, now, sleep, spawn_named, yield_now};

use super::{Exhibit, Finder, ms};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "suspicion-generations",
    summary: "the timer of one suspicion acts twice, or on the suspicion after it",
    source: "memberlist 9cdb22b, 59781de, 78d226e",
    checked_by: "a timer fires once for each time it is armed, and does nothing once it is over",
    finder: Finder::Tie,
    variants: variants! {
        "suspicion-generations" Shipped: dies(Round::ResetsFired);
        "suspicion-generations-incomplete" Incomplete: answers(Round::KeepsOld);
        "suspicion-generations-incomplete-2" Incomplete: answers(Round::CallbackRemoves);
        "suspicion-generations-fixed" Fixed: async {
            dies(Round::StateChangeRemoves).await;
            answers(Round::StateChangeRemoves).await;
        };
    },
};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Round {
    /// Before 9cdb22b: a confirmation resets the timer, whether it has fired or not.
    ResetsFired,
    /// 9cdb22b: not if it has fired. A suspicion stays on record when it is over.
    KeepsOld,
    /// 59781de: a change of state removes it, and so does the callback.
    CallbackRemoves,
    /// 78d226e: a change of state removes it.
    StateChangeRemoves,
}

const SELF: &str = "self";

/// A member is suspected, and is dead.
async fn dies(round: Round) {
    let member = Member::new(round);
    member.suspect(1, SELF);
    for message in first_gossip(&member) {
        message.await.ok();
    }
    sleep(SUSPICION_MAX).await;
}

/// A member is suspected, refutes that, and is suspected again.
async fn answers(round: Round) {
    let member = Member::new(round);
    member.suspect(1, SELF);
    let first = first_gossip(&member);
    sleep(ms(90)..=ms(1300)).await;
    member.alive(2);
    let second = [
        suspect_after(&member, 2, SELF, 211..=400),
        suspect_after(&member, 2, "a", 223..=410),
        suspect_after(&member, 2, "b", 233..=1300),
    ];
    for message in first.into_iter().chain(second) {
        message.await.ok();
    }
    sleep(SUSPICION_MAX).await;
}

fn first_gossip(member: &Rc<Member>) -> [JoinHandle<()>; 3] {
    [
        suspect_after(member, 1, "a", 31..=900),
        suspect_after(member, 1, "b", 47..=1900),
        suspect_after(member, 1, "c", 61..=1900),
    ]
}

/// A message that somebody suspects the member.
fn suspect_after(
    member: &Rc<Member>,
    incarnation: u32,
    from: &'static str,
    delay: std::ops::RangeInclusive<u64>,
) -> JoinHandle<()> {
    let member = member.clone();
    let name = if from == SELF { "probe" } else { "gossip" };
    spawn_named(name, async move {
        sleep(ms(*delay.start())..=ms(*delay.end())).await;
        member.suspect(incarnation, from);
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Alive,
    Suspect,
    Dead,
}

/// What memberlist knows of one other member.
struct Member {
    round: Round,
    state: Cell<State>,
    incarnation: Cell<u32>,
    changes: Cell<u32>,
    /// Its place in `nodeTimers`.
    suspicion: RefCell<Option<Rc<Suspicion>>>,
}

impl Member {
    fn new(round: Round) -> Rc<Self> {
        Rc::new(Member {
            round,
            state: Cell::new(State::Alive),
            incarnation: Cell::new(1),
            changes: Cell::new(0),
            suspicion: RefCell::default(),
        })
    }

    fn suspect(self: &Rc<Self>, incarnation: u32, from: &'static str) {
        if incarnation < self.incarnation.get() {
            return;
        }
        let suspicion = self.suspicion.borrow().clone();
        if let Some(suspicion) = suspicion
            && (from != SELF || self.round >= Round::CallbackRemoves)
        {
            let over = self.state.get() == State::Alive;
            always(!over, || {
                "a member is not suspected for a suspicion that is over".to_owned()
            });
            return suspicion.confirm(self, from);
        }
        let removed = self.state.get() == State::Suspect && self.suspicion.borrow().is_none();
        always(!removed, || {
            "a suspicion was removed by the timer of the one before".to_owned()
        });
        if self.state.get() != State::Alive {
            return;
        }
        log("suspected");
        self.change(State::Suspect, incarnation);
        *self.suspicion.borrow_mut() = Some(Suspicion::start(self, from));
    }

    fn alive(&self, incarnation: u32) {
        if incarnation <= self.incarnation.get() {
            return;
        }
        log("alive");
        self.remove_suspicion();
        self.change(State::Alive, incarnation);
    }

    fn dead(&self, incarnation: u32) {
        if incarnation < self.incarnation.get() {
            return;
        }
        log("dead");
        self.remove_suspicion();
        self.change(State::Dead, incarnation);
    }

    fn change(&self, state: State, incarnation: u32) {
        self.state.set(state);
        self.incarnation.set(incarnation);
        self.changes.set(self.changes.get() + 1);
    }

    fn remove_suspicion(&self) {
        if self.round >= Round::CallbackRemoves {
            self.suspicion.take();
        }
    }

    /// The callback of the timer of the suspicion that began with this change of state.
    async fn suspicion_timeout(&self, change: u32, incarnation: u32) {
        if self.round == Round::CallbackRemoves {
            self.suspicion.take();
        }
        if self.state.get() == State::Suspect && self.changes.get() == change {
            // The lock is given up in between.
            yield_now().await;
            self.dead(incarnation);
        }
    }
}

const SUSPICION_MAX: Duration = Duration::from_secs(2);

/// How long a suspicion lasts with so many confirmations, of the three that are wanted.
const LASTS: [Duration; 4] = [SUSPICION_MAX, ms(1250), ms(810), ms(500)];

/// `memberlist.suspicion`, with its `time.AfterFunc`.
struct Suspicion {
    change: u32,
    incarnation: u32,
    started: Instant,
    confirmed_by: RefCell<BTreeSet<&'static str>>,
    /// The number of the arming that has not fired.
    armed: Cell<Option<u32>>,
    armings: Cell<u32>,
    has_fired: Cell<bool>,
}

impl Suspicion {
    fn start(member: &Rc<Member>, from: &'static str) -> Rc<Self> {
        let suspicion = Rc::new(Suspicion {
            change: member.changes.get(),
            incarnation: member.incarnation.get(),
            started: now(),
            confirmed_by: RefCell::new(BTreeSet::from([from])),
            armed: Cell::default(),
            armings: Cell::default(),
            has_fired: Cell::default(),
        });
        suspicion.reset(member, SUSPICION_MAX);
        suspicion
    }

    fn confirm(self: &Rc<Self>, member: &Rc<Member>, from: &'static str) {
        if !self.confirmed_by.borrow_mut().insert(from) {
            return;
        }
        let confirmations = self.confirmed_by.borrow().len() - 1;
        let lasts = LASTS[confirmations.min(LASTS.len() - 1)];
        let remaining = (self.started + lasts).saturating_duration_since(now());
        let stopped = self.armed.take().is_some();
        if stopped || member.round == Round::ResetsFired {
            self.reset(member, remaining);
        }
    }

    /// Arms the timer; its callback is called in a goroutine of its own.
    fn reset(self: &Rc<Self>, member: &Rc<Member>, delay: Duration) {
        let arming = self.armings.get() + 1;
        self.armings.set(arming);
        self.armed.set(Some(arming));
        let (suspicion, member) = (self.clone(), member.clone());
        spawn_named("suspicion", async move {
            sleep(delay).await;
            if suspicion.armed.get() == Some(arming) {
                suspicion.armed.set(None);
                yield_now().await;
                suspicion.callback(&member).await;
            }
        });
    }

    async fn callback(&self, member: &Member) {
        let again = self.has_fired.replace(true);
        always(!again, || {
            "the timer of one suspicion fired twice".to_owned()
        });
        member
            .suspicion_timeout(self.change, self.incarnation)
            .await;
    }
}
