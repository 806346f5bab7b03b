//! The moments until which an event may be late, the soonest first.

/// More than this are not offered at once; the search goes on from the last one.
pub(crate) const INSTANTS_MAX: usize = 16;

/// A moment until which an event may be late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) at: i64,
    /// It is the very deadline of a timer, or something else that is late ends then.
    pub(crate) met: bool,
}

/// The soonest moments of those that were added, in order.
#[derive(Debug, Default)]
pub(crate) struct Instants(Vec<Moment>);

impl Instants {
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn moments(&self) -> &[Moment] {
        &self.0
    }

    /// Adds a moment. What is added twice is met if it was met once.
    pub(crate) fn add(&mut self, at: i64, met: bool) {
        match self.0.binary_search_by_key(&at, |moment| moment.at) {
            Ok(index) => self.0[index].met |= met,
            Err(index) if index < INSTANTS_MAX => {
                self.0.truncate(INSTANTS_MAX - 1);
                self.0.insert(index, Moment { at, met });
            }
            Err(_) => {}
        }
    }

    /// No moment after this one would be kept. Only for speed: with no end at all, the same moments are kept.
    pub(crate) fn end(&self) -> i64 {
        match self.0.get(INSTANTS_MAX - 1) {
            Some(last) => last.at,
            None => i64::MAX,
        }
    }
}
