//! Which hosts may crash, what is run on them, and which are down.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use deadheat_net::HostId;
use deadheat_timeout::Place;

use crate::record::asked::{Fault, Of};
use crate::state::tasks::BoxFuture;

/// What a host runs each time it is started.
pub(crate) type Main = Rc<dyn Fn() -> Pin<Box<dyn Future<Output = ()>>>>;

/// How long it takes by itself until a host is started again, in nanoseconds.
const BACK: (i64, i64) = (1_000_000, 1_000_000_000);

/// The hosts of a run, as far as they may crash or were started.
#[derive(Default)]
pub(crate) struct Crashes {
    /// What is made of each task that is not on the first host, once a host may crash.
    pub(crate) wrap: Option<fn(BoxFuture) -> BoxFuture>,
    /// The host whose tasks are dropped at present.
    pub(crate) dying: Option<HostId>,
    fates: BTreeMap<HostId, Fate>,
}

/// What there is to know of a host.
pub(crate) struct Fate {
    /// What reports call it.
    pub(crate) name: &'static str,
    /// What was asked for of it.
    pub(crate) of: Of,
    /// How often it may crash still.
    pub(crate) left: u32,
    /// When it is started again, in nanoseconds after a crash.
    pub(crate) back: (i64, i64),
    pub(crate) main: Option<(Main, Place)>,
    pub(crate) is_up: bool,
    /// Since when.
    pub(crate) since: i64,
    /// When it was asked last whether it goes down.
    pub(crate) asked: Option<i64>,
    /// How often it was started or went down.
    pub(crate) changes: u32,
}

impl Crashes {
    /// What is known of a host; of one that was not heard of, that it is up.
    pub(crate) fn make(&mut self, host: HostId, name: impl FnOnce() -> &'static str) -> &mut Fate {
        self.fates.entry(host).or_insert_with(|| Fate {
            name: name(),
            of: Of::default(),
            left: 0,
            back: BACK,
            main: None,
            is_up: true,
            since: 0,
            asked: None,
            changes: 0,
        })
    }

    /// Whether a host was asked to crash by itself, in which case it may have done so already.
    pub(crate) fn may_crash(&self, host: HostId) -> bool {
        let fate = self.fates.get(&host);
        fate.is_some_and(|fate| fate.of.asks(Fault::Crash))
    }

    pub(crate) fn get(&mut self, host: HostId) -> Option<&mut Fate> {
        self.fates.get_mut(&host)
    }
}

impl fmt::Debug for Crashes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Crashes")
            .field("dying", &self.dying)
            .field("hosts", &self.fates.len())
            .finish_non_exhaustive()
    }
}
