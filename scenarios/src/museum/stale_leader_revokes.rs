//! A leader that is none any more revokes everybody's leases (etcd #15247, #12528; PR #16822).
//!
//! Only the leader counts the time of leases, and only it is told when they are renewed. A leader whose
//! raft loop was stuck in a slow write to disk did not learn that the others had elected a new one, to
//! whom all clients turned. Its lessor was not stuck: it saw no renewals, and when the time of the
//! leases had run out by its own count, it asked for them to be revoked. That request was forwarded to
//! the new leader, and carried out.
//!
//! The fix asks the others first: a member that has not heard from its own raft loop lately makes sure
//! that it leads before it revokes anything.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use deadheat::fault::fault_of;
use deadheat::{Instant, always, log, now, sleep, sleep_until, spawn_named};

use super::{Exhibit, Finder, ms};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "stale-leader-revokes",
    summary: "a stalled leader revokes leases that were renewed at its successor",
    source: "etcd #15247, #12528, PR #16822",
    checked_by: "a lease is revoked only if it was not renewed for as long as it lasts",
    finder: Finder::Clock,
    variants: variants! {
        "stale-leader-revokes" Shipped: cluster(Revokes::IfLeader);
        "stale-leader-revokes-fixed" Fixed: cluster(Revokes::OnceConfirmed);
    },
};

/// When a lessor asks for a lease to be revoked.
#[derive(Clone, Copy)]
enum Revokes {
    /// Its member takes itself for the leader.
    IfLeader,
    /// And the others say so, too.
    OnceConfirmed,
}

const TTL: Duration = Duration::from_secs(2);
const HEARTBEAT: Duration = ms(100);
const ELECTION: Duration = Duration::from_secs(1);
/// How often a lessor looks for leases that have run out.
const LESSOR: Duration = ms(500);

/// A leader with a slow disk, a follower, and a client that renews its lease.
async fn cluster(revokes: Revokes) {
    let cluster = Rc::new(Cluster::default());
    cluster.elect(0);
    cluster.renew();
    spawn_named("raft loop", send_heartbeats(cluster.clone()));
    spawn_named("follower", expect_heartbeats(cluster.clone()));
    for member in [0, 1] {
        spawn_named("lessor", look_for_expired(cluster.clone(), member, revokes));
    }
    for _ in 0..12 {
        sleep(ms(600)..=ms(700)).await;
        cluster.renew();
    }
}

#[derive(Default)]
struct Cluster {
    members: [Member; 2],
    /// By the majority's decision.
    leader: Cell<usize>,
    last_heartbeat: Cell<Instant>,
    renewed: Cell<Instant>,
}

#[derive(Default)]
struct Member {
    /// As far as it knows.
    leads: Cell<bool>,
    /// When the lease runs out, by its lessor's count.
    expires: Cell<Instant>,
}

impl Cluster {
    /// A new leader gives the clients time to find it.
    fn elect(&self, member: usize) {
        self.leader.set(member);
        self.members[member].leads.set(true);
        self.members[member].expires.set(now() + TTL + ELECTION);
    }

    /// The client asks any member, which asks the leader.
    fn renew(&self) {
        self.renewed.set(now());
        self.members[self.leader.get()].expires.set(now() + TTL);
    }

    /// Raft forwards a proposal to the leader, whoever makes it.
    fn revoke(&self) {
        let since_renewed = now().saturating_duration_since(self.renewed.get());
        let ran_out = since_renewed >= TTL;
        always(ran_out, || {
            "a lease was revoked that had been renewed in time".to_owned()
        });
    }

    fn runs_out(&self, member: usize) -> bool {
        let Member { leads, expires } = &self.members[member];
        leads.get() && expires.get() <= now()
    }

    /// A linearizable read: a majority is asked who leads.
    async fn confirms(&self, member: usize) -> bool {
        sleep(ms(7)..=ms(30)).await;
        self.leader.get() == member
    }
}

/// The first leader's raft loop, each round of which writes to the disk.
async fn send_heartbeats(cluster: Rc<Cluster>) {
    while cluster.leader.get() == 0 {
        if fault_of("the disk", &[("stalls", ())]).is_some() {
            sleep(Duration::from_secs(4)..=Duration::from_secs(8)).await;
            continue;
        }
        cluster.last_heartbeat.set(now());
        sleep(HEARTBEAT).await;
    }
    log("the old leader learns that it leads no more");
    cluster.members[0].leads.set(false);
}

async fn expect_heartbeats(cluster: Rc<Cluster>) {
    while now() < cluster.last_heartbeat.get() + ELECTION {
        sleep_until(cluster.last_heartbeat.get() + ELECTION).await;
    }
    log("the follower is elected");
    cluster.elect(1);
}

async fn look_for_expired(cluster: Rc<Cluster>, member: usize, revokes: Revokes) {
    loop {
        sleep(LESSOR).await;
        if !cluster.runs_out(member) {
            continue;
        }
        let confirmed = match revokes {
            Revokes::IfLeader => true,
            Revokes::OnceConfirmed => cluster.confirms(member).await,
        };
        if confirmed && cluster.runs_out(member) {
            return cluster.revoke();
        }
    }
}
