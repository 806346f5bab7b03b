//! A network of channels. A message takes a while, and is lost if a side of it is cut off.

use std::collections::{BTreeMap, BTreeSet};
use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use openraft::error::{InstallSnapshotError, RPCError, RaftError, RemoteError};
use openraft::network::{RPCOption, RaftNetwork, RaftNetworkFactory};
use openraft::raft::{
    AppendEntriesRequest, AppendEntriesResponse, InstallSnapshotRequest, InstallSnapshotResponse,
    VoteRequest, VoteResponse,
};
use openraft::{BasicNode, Raft};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep};

use crate::store::Types;

/// How long a message is on its way.
pub const WAY: Duration = Duration::from_millis(2);

type Answer<T> = Result<T, RaftError<u64>>;
type Failure<E = RaftError<u64>> = RPCError<u64, BasicNode, E>;

enum Call {
    Append(
        AppendEntriesRequest<Types>,
        oneshot::Sender<Answer<AppendEntriesResponse<u64>>>,
    ),
    Vote(VoteRequest<u64>, oneshot::Sender<Answer<VoteResponse<u64>>>),
}

#[derive(Default)]
struct State {
    inboxes: BTreeMap<u64, mpsc::UnboundedSender<Call>>,
    cut_off: BTreeSet<u64>,
    /// When entries, or a heartbeat, were sent to whom.
    appends: Vec<(u64, Instant)>,
}

#[derive(Clone, Default)]
pub struct Net(Arc<Mutex<State>>);

impl Net {
    /// The side of a node that calls the others.
    pub fn side_of(&self, from: u64) -> Side {
        let net = self.clone();
        Side { net, from }
    }

    /// Lets a node be called.
    pub fn attach(&self, id: u64, raft: Raft<Types>) {
        let (inbox, mut calls) = mpsc::unbounded_channel();
        self.0.lock().unwrap().inboxes.insert(id, inbox);
        tokio::spawn(async move {
            while let Some(call) = calls.recv().await {
                // Who asked may have given up.
                match call {
                    Call::Append(request, answer) => {
                        let _ = answer.send(raft.append_entries(request).await);
                    }
                    Call::Vote(request, answer) => {
                        let _ = answer.send(raft.vote(request).await);
                    }
                }
            }
        });
    }

    pub fn cut_off(&self, id: u64) {
        self.0.lock().unwrap().cut_off.insert(id);
    }

    pub fn heal(&self) {
        self.0.lock().unwrap().cut_off.clear();
    }

    /// When entries, or a heartbeat, were sent to `id`.
    pub fn appends_to(&self, id: u64) -> Vec<Instant> {
        let state = self.0.lock().unwrap();
        let to_it = state.appends.iter().filter(|(to, _)| *to == id);
        to_it.map(|(_, at)| *at).collect()
    }
}

#[derive(Clone)]
pub struct Side {
    net: Net,
    from: u64,
}

impl RaftNetworkFactory<Types> for Side {
    type Network = Wire;

    async fn new_client(&mut self, to: u64, _: &BasicNode) -> Wire {
        let side = self.clone();
        Wire { side, to }
    }
}

pub struct Wire {
    side: Side,
    to: u64,
}

impl Wire {
    /// The way of a message; without an end if it is lost.
    async fn way(&self) {
        sleep(WAY).await;
        let lost = {
            let state = self.side.net.0.lock().unwrap();
            [self.side.from, self.to]
                .iter()
                .any(|side| state.cut_off.contains(side))
        };
        if lost {
            pending().await
        }
    }

    async fn call<T>(
        &self,
        call: impl FnOnce(oneshot::Sender<Answer<T>>) -> Call,
    ) -> Result<T, Failure> {
        self.way().await;
        let (answer, answered) = oneshot::channel();
        let inbox = self.side.net.0.lock().unwrap().inboxes[&self.to].clone();
        let _ = inbox.send(call(answer));
        let told = answered.await;
        self.way().await;
        let told = told.expect("a node that runs answers");
        told.map_err(|error| RPCError::RemoteError(RemoteError::new(self.to, error)))
    }
}

impl RaftNetwork<Types> for Wire {
    async fn append_entries(
        &mut self,
        request: AppendEntriesRequest<Types>,
        _: RPCOption,
    ) -> Result<AppendEntriesResponse<u64>, Failure> {
        let sent = (self.to, Instant::now());
        self.side.net.0.lock().unwrap().appends.push(sent);
        self.call(|answer| Call::Append(request, answer)).await
    }

    async fn install_snapshot(
        &mut self,
        _: InstallSnapshotRequest<Types>,
        _: RPCOption,
    ) -> Result<InstallSnapshotResponse<u64>, Failure<RaftError<u64, InstallSnapshotError>>> {
        unreachable!("there are no snapshots")
    }

    async fn vote(
        &mut self,
        request: VoteRequest<u64>,
        _: RPCOption,
    ) -> Result<VoteResponse<u64>, Failure> {
        self.call(|answer| Call::Vote(request, answer)).await
    }
}
