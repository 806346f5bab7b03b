//! Names: for which hosts they stand, and what may go wrong as one is looked up.

use std::collections::BTreeMap;

use crate::record::asked::Of;

/// What was said of names. A host is found by its name without that.
#[derive(Debug, Default)]
pub(crate) struct Resolver(BTreeMap<String, Entry>);

/// What was said of one name.
#[derive(Debug, Default, Clone)]
pub(crate) struct Entry {
    pub(crate) of: Of,
    /// The host that it stands for; else it is that of a host.
    pub(crate) stands_for: Option<String>,
    /// The least and the most that a lookup takes, in nanoseconds.
    pub(crate) latency: Option<(i64, i64)>,
}

impl Resolver {
    pub(crate) fn make(&mut self, name: &str) -> &mut Entry {
        self.0.entry(name.to_owned()).or_default()
    }

    pub(crate) fn get(&self, name: &str) -> Entry {
        self.0.get(name).cloned().unwrap_or_default()
    }
}
