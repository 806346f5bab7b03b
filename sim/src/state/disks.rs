//! The disks of hosts whose files are in memory.

use std::collections::BTreeMap;

use deadheat_disk::Disk;
use deadheat_net::HostId;
use deadheat_timeout::Place;

use crate::record::asked::Of;

/// Where something was done to a disk.
#[derive(Debug, Clone, Copy)]
pub struct Made {
    pub(crate) place: Place,
    /// The line of the program above that, if it was looked for and found.
    pub(crate) above: Option<u32>,
}

impl Made {
    pub(crate) fn at(place: Place) -> Made {
        Made { place, above: None }
    }
}

/// What may go wrong on a disk, and how long its operations take.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct DiskRules {
    /// The least and the most, in nanoseconds.
    pub(crate) latency: Option<(i64, i64)>,
    /// What was asked for.
    pub(crate) of: Of,
}

/// The disk of a host.
#[derive(Debug)]
pub(crate) struct HostDisk {
    pub(crate) disk: Disk<Made>,
    pub(crate) rules: DiskRules,
    /// How often its host went down: what was opened before is not open any more.
    pub(crate) ends: u32,
}

/// The disks of hosts. A host without one has the files of the system.
#[derive(Debug, Default)]
pub(crate) struct Disks(BTreeMap<HostId, HostDisk>);

impl Disks {
    pub(crate) fn make(&mut self, host: HostId) -> &mut HostDisk {
        self.0.entry(host).or_insert_with(|| HostDisk {
            disk: Disk::new(),
            rules: DiskRules::default(),
            ends: 0,
        })
    }

    pub(crate) fn get(&mut self, host: HostId) -> Option<&mut HostDisk> {
        self.0.get_mut(&host)
    }
}
