//! openraft: three nodes, and what its `Config` and its chapter on the leader's lease say of their times.

mod network;
mod store;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use network::{Net, WAY};
use openraft::{BasicNode, Config, Raft, SnapshotPolicy};
use store::{Log, Machine, Types};
use tokio::time::{Instant, sleep, timeout};

const MS: Duration = Duration::from_millis(1);
const LATE: Duration = Duration::from_millis(2);
const HEARTBEAT: Duration = Duration::from_millis(50);
const ELECTION_MIN: Duration = Duration::from_millis(150);
const ELECTION_MAX: Duration = Duration::from_millis(300);
/// There and back, with what timers are late.
const ROUND: Duration = Duration::from_millis(10);
/// A node looks at its clock this often. Its documentation does not say so; its source does.
const TICK: Duration = Duration::from_millis(75);

struct Cluster {
    nodes: BTreeMap<u64, Raft<Types>>,
    sums: BTreeMap<u64, Arc<Mutex<u64>>>,
    net: Net,
}

impl Cluster {
    async fn begin() -> Self {
        let config = Config {
            heartbeat_interval: HEARTBEAT.as_millis() as u64,
            election_timeout_min: ELECTION_MIN.as_millis() as u64,
            election_timeout_max: ELECTION_MAX.as_millis() as u64,
            snapshot_policy: SnapshotPolicy::Never,
            ..Config::default()
        };
        let config = Arc::new(config.validate().unwrap());
        let net = Net::default();
        let (mut nodes, mut sums) = (BTreeMap::new(), BTreeMap::new());
        for id in 1..=3 {
            let sum = Arc::<Mutex<u64>>::default();
            let machine = Machine::with(Arc::clone(&sum));
            let (config, side) = (Arc::clone(&config), net.side_of(id));
            let raft = Raft::new(id, config, side, Log::default(), machine);
            let raft = raft.await.unwrap();
            net.attach(id, raft.clone());
            nodes.insert(id, raft);
            sums.insert(id, sum);
        }
        let members: BTreeMap<u64, BasicNode> =
            (1..=3).map(|id| (id, BasicNode::default())).collect();
        nodes[&1].initialize(members).await.unwrap();
        Self { nodes, sums, net }
    }

    /// With a leader that all follow, and whose log all have.
    async fn settled() -> (Self, u64) {
        let cluster = Self::begin().await;
        let all = [1, 2, 3];
        let leader = cluster.leader_of(&all).await;
        sleep(10 * TICK).await;
        (cluster, leader)
    }

    /// Waits until these nodes agree on a leader among them.
    async fn leader_of(&self, ids: &[u64]) -> u64 {
        loop {
            let named: BTreeSet<_> = ids.iter().map(|id| self.named_by(*id)).collect();
            if let [Some(leader)] = named.iter().collect::<Vec<_>>()[..]
                && ids.contains(leader)
            {
                return *leader;
            }
            sleep(MS).await;
        }
    }

    fn named_by(&self, id: u64) -> Option<u64> {
        self.nodes[&id].metrics().borrow().current_leader
    }

    fn term_of(&self, id: u64) -> u64 {
        self.nodes[&id].metrics().borrow().current_term
    }

    fn others(&self, than: u64) -> Vec<u64> {
        self.nodes
            .keys()
            .copied()
            .filter(|id| *id != than)
            .collect()
    }

    async fn end(self) {
        for node in self.nodes.values() {
            node.shutdown().await.unwrap();
        }
    }
}

/// `Raft::initialize`: "Then it starts to work, i.e., entering Candidate state and try electing itself as the leader."
#[tokio::test]
async fn the_node_that_begins_is_elected_at_once() {
    let begun = Instant::now();
    let cluster = Cluster::begin().await;
    assert_eq!(cluster.leader_of(&[1, 2, 3]).await, 1);
    let took = begun.elapsed();
    assert!(took <= 3 * ROUND, "{took:?}");
    cluster.end().await;
}

/// `Config`: heartbeats "keep followers from starting elections".
#[tokio::test]
async fn heartbeats_keep_a_leader() {
    let (cluster, leader) = Cluster::settled().await;
    let term = cluster.term_of(leader);
    for _ in 0..30 {
        sleep(100 * MS).await;
        for id in 1..=3 {
            assert_eq!(cluster.named_by(id), Some(leader));
            assert_eq!(cluster.term_of(id), term);
        }
    }
    cluster.end().await;
}

/// `Config::heartbeat_interval`: "at which leaders will send heartbeats to followers". It is not held: openraft 0.9.25 looks
/// at its clock every one and a half intervals, so that they are as far from each other as that. No other is ever late.
#[tokio::test]
async fn heartbeats_are_half_as_far_again_from_each_other_as_told() {
    let (cluster, leader) = Cluster::settled().await;
    let from = Instant::now();
    sleep(3000 * MS).await;
    for id in cluster.others(leader) {
        let sent = cluster.net.appends_to(id);
        let sent: Vec<_> = sent.into_iter().filter(|at| *at > from).collect();
        assert!(sent.len() >= 38, "{} in three seconds", sent.len());
        for two in sent.windows(2) {
            let between = two[1] - two[0];
            assert!(
                (TICK - LATE..=TICK + LATE).contains(&between),
                "{between:?}"
            );
        }
    }
    cluster.end().await;
}

/// `docs::protocol::replication::leader_lease`: a follower "WILL NOT elect itself until `leader_lease + election_timeout`
/// has passed" since the last heartbeat; the lease is `election_timeout_max`.
#[tokio::test]
async fn without_its_leader_a_cluster_elects_another_in_the_time_of_an_election() {
    let (cluster, old) = Cluster::settled().await;
    let term = cluster.term_of(old);
    cluster.net.cut_off(old);
    let cut = Instant::now();
    let left = cluster.others(old);
    // The last that has surely arrived at each: what was sent later may be lost.
    let arrived = |at: &Instant| *at + WAY + LATE < cut;
    let last_to = |id: &u64| cluster.net.appends_to(*id).into_iter().rfind(arrived);
    let last = left.iter().filter_map(last_to).min().unwrap();
    let new = cluster.leader_of(&left).await;
    let (since, after) = (last.elapsed(), cut.elapsed());
    assert_ne!(new, old);
    assert!(cluster.term_of(new) > term);
    assert!(since >= ELECTION_MAX + ELECTION_MIN, "too early: {since:?}");
    // As long as the longest wait, the look at the clock, and a vote and a heartbeat on their ways.
    let latest = 2 * ELECTION_MAX + TICK + LATE + 3 * ROUND;
    assert!(after <= latest, "too late: {after:?}");
    cluster.end().await;
}

/// `Raft::client_write` answers with what the state machine says, and a follower applies it with the next message.
#[tokio::test]
async fn a_write_is_answered_and_reaches_all() {
    let (cluster, leader) = Cluster::settled().await;
    let begun = Instant::now();
    for (nth, sum) in [(1, 1), (2, 3), (3, 6)] {
        let answer = cluster.nodes[&leader].client_write(nth).await.unwrap();
        assert_eq!(answer.data, sum);
    }
    // A heartbeat that is under way is waited for.
    assert!(begun.elapsed() <= 4 * ROUND, "{:?}", begun.elapsed());
    sleep(TICK + LATE + ROUND).await;
    for sum in cluster.sums.values() {
        assert_eq!(*sum.lock().unwrap(), 6);
    }
    cluster.end().await;
}

/// What a quorum has is not lost with its leader; what no quorum has is not answered; a leader that comes back follows.
#[tokio::test]
async fn a_write_that_was_answered_outlives_its_leader() {
    let (cluster, old) = Cluster::settled().await;
    let answer = cluster.nodes[&old].client_write(1).await.unwrap();
    assert_eq!(answer.data, 1);
    cluster.net.cut_off(old);
    let alone = timeout(ELECTION_MAX, cluster.nodes[&old].client_write(10));
    assert!(alone.await.is_err(), "answered without a quorum");

    let left = cluster.others(old);
    let new = cluster.leader_of(&left).await;
    let answer = cluster.nodes[&new].client_write(100).await.unwrap();
    assert_eq!(answer.data, 101);

    cluster.net.heal();
    cluster.nodes[&old]
        .wait(Some(20 * ELECTION_MAX))
        .current_leader(new, "it follows")
        .await
        .unwrap();
    sleep(10 * TICK).await;
    for sum in cluster.sums.values() {
        assert_eq!(*sum.lock().unwrap(), 101);
    }
    cluster.end().await;
}
