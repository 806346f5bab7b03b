//! What a node keeps: its log, and a sum that is its state machine. Both are in memory.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::io::Cursor;
use std::ops::RangeBounds;
use std::sync::{Arc, Mutex};

use openraft::storage::{LogFlushed, RaftLogStorage, RaftStateMachine};
use openraft::{
    BasicNode, Entry, EntryPayload, LogId, LogState, OptionalSend, RaftLogReader,
    RaftSnapshotBuilder, Snapshot, SnapshotMeta, StorageError, StoredMembership, Vote,
};

openraft::declare_raft_types!(pub Types: D = u64, R = u64);

type Told<T> = Result<T, StorageError<u64>>;

#[derive(Default)]
struct Kept {
    entries: BTreeMap<u64, Entry<Types>>,
    purged: Option<LogId<u64>>,
    vote: Option<Vote<u64>>,
}

#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Kept>>);

impl RaftLogReader<Types> for Log {
    async fn try_get_log_entries<RB: RangeBounds<u64> + Clone + Debug + OptionalSend>(
        &mut self,
        range: RB,
    ) -> Told<Vec<Entry<Types>>> {
        let kept = self.0.lock().unwrap();
        Ok(kept
            .entries
            .range(range)
            .map(|(_, entry)| entry.clone())
            .collect())
    }
}

impl RaftLogStorage<Types> for Log {
    type LogReader = Self;

    async fn get_log_state(&mut self) -> Told<LogState<Types>> {
        let kept = self.0.lock().unwrap();
        let last = kept.entries.values().next_back().map(|entry| entry.log_id);
        Ok(LogState {
            last_purged_log_id: kept.purged,
            last_log_id: last.or(kept.purged),
        })
    }

    async fn get_log_reader(&mut self) -> Self {
        self.clone()
    }

    async fn save_vote(&mut self, vote: &Vote<u64>) -> Told<()> {
        self.0.lock().unwrap().vote = Some(*vote);
        Ok(())
    }

    async fn read_vote(&mut self) -> Told<Option<Vote<u64>>> {
        Ok(self.0.lock().unwrap().vote)
    }

    async fn append<I>(&mut self, entries: I, flushed: LogFlushed<Types>) -> Told<()>
    where
        I: IntoIterator<Item = Entry<Types>> + OptionalSend,
        I::IntoIter: OptionalSend,
    {
        let entries = entries.into_iter().map(|entry| (entry.log_id.index, entry));
        self.0.lock().unwrap().entries.extend(entries);
        flushed.log_io_completed(Ok(()));
        Ok(())
    }

    async fn truncate(&mut self, from: LogId<u64>) -> Told<()> {
        self.0.lock().unwrap().entries.split_off(&from.index);
        Ok(())
    }

    async fn purge(&mut self, upto: LogId<u64>) -> Told<()> {
        let mut kept = self.0.lock().unwrap();
        kept.entries = kept.entries.split_off(&(upto.index + 1));
        kept.purged = Some(upto);
        Ok(())
    }
}

#[derive(Default)]
pub struct Machine {
    applied: Option<LogId<u64>>,
    members: StoredMembership<u64, BasicNode>,
    sum: Arc<Mutex<u64>>,
}

impl Machine {
    pub fn with(sum: Arc<Mutex<u64>>) -> Self {
        Self {
            sum,
            ..Self::default()
        }
    }
}

impl RaftStateMachine<Types> for Machine {
    type SnapshotBuilder = NoSnapshot;

    async fn applied_state(
        &mut self,
    ) -> Told<(Option<LogId<u64>>, StoredMembership<u64, BasicNode>)> {
        Ok((self.applied, self.members.clone()))
    }

    async fn apply<I>(&mut self, entries: I) -> Told<Vec<u64>>
    where
        I: IntoIterator<Item = Entry<Types>> + OptionalSend,
        I::IntoIter: OptionalSend,
    {
        let mut answers = Vec::new();
        for entry in entries {
            self.applied = Some(entry.log_id);
            let mut sum = self.sum.lock().unwrap();
            match entry.payload {
                EntryPayload::Blank => {}
                EntryPayload::Normal(number) => *sum += number,
                EntryPayload::Membership(members) => {
                    self.members = StoredMembership::new(Some(entry.log_id), members);
                }
            }
            answers.push(*sum);
        }
        Ok(answers)
    }

    async fn get_snapshot_builder(&mut self) -> NoSnapshot {
        NoSnapshot
    }

    async fn begin_receiving_snapshot(&mut self) -> Told<Box<Cursor<Vec<u8>>>> {
        unreachable!("{NEVER}")
    }

    async fn install_snapshot(
        &mut self,
        _: &SnapshotMeta<u64, BasicNode>,
        _: Box<Cursor<Vec<u8>>>,
    ) -> Told<()> {
        unreachable!("{NEVER}")
    }

    async fn get_current_snapshot(&mut self) -> Told<Option<Snapshot<Types>>> {
        Ok(None)
    }
}

const NEVER: &str = "the configuration says that there are no snapshots";

pub struct NoSnapshot;

impl RaftSnapshotBuilder<Types> for NoSnapshot {
    async fn build_snapshot(&mut self) -> Told<Snapshot<Types>> {
        unreachable!("{NEVER}")
    }
}
