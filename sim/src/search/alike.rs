//! Whether the runs of an exploration were all alike.
//!
//! They are if they did the same, to the last event, and none of them had a decision with more than one option. Then
//! more runs cannot show more.

use crate::record::run::Run;

/// What is known of runs that were made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Alike {
    /// There was none yet.
    #[default]
    Unmade,
    /// All had this fingerprint, and nothing to decide.
    Same(u64),
    Different,
}

impl Alike {
    pub(crate) fn of(run: &Run) -> Alike {
        match run.decisions == 0 && run.leaks.is_empty() {
            true => Alike::Same(run.fingerprint),
            false => Alike::Different,
        }
    }

    /// What is known of both together.
    pub(crate) fn and(self, other: Alike) -> Alike {
        match (self, other) {
            (Alike::Unmade, known) | (known, Alike::Unmade) => known,
            (one, other) if one == other => one,
            _ => Alike::Different,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_differs_is_enough_whichever_it_is() {
        use Alike::{Different, Same, Unmade};
        for (one, other, both) in [
            (Unmade, Unmade, Unmade),
            (Unmade, Same(7), Same(7)),
            (Same(7), Same(7), Same(7)),
            (Same(7), Same(8), Different),
            (Same(7), Different, Different),
            (Different, Different, Different),
        ] {
            assert_eq!((one.and(other), other.and(one)), (both, both));
        }
    }
}
