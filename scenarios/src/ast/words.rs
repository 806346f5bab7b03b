//! The words that stand for kinds, states, ends and verdicts in a file and in the output.
//!
//! Each word is here once; reading goes through `ALL` and `name`, writing through `name`.

use std::fmt;

use super::{End, HandlerKind, ScopeState, Verdict};

impl HandlerKind {
    /// Every kind, in the order of the documentation.
    pub const ALL: [Self; 3] = [Self::Cancelled, Self::Timeout, Self::Error];

    /// The word that stands for it in a file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::Timeout => "timeout",
            Self::Error => "error",
        }
    }
}

impl ScopeState {
    /// Every state, in the order a scope goes through them.
    pub const ALL: [Self; 5] = [
        Self::Created,
        Self::Active,
        Self::Expiring,
        Self::Expired,
        Self::Finished,
    ];

    /// The word that stands for it in a file and in the output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Active => "active",
            Self::Expiring => "expiring",
            Self::Expired => "expired",
            Self::Finished => "finished",
        }
    }
}

impl Verdict {
    /// Every verdict, in the order of the documentation.
    pub const ALL: [Self; 4] = [Self::Done, Self::Stuck, Self::Limit, Self::Failed];

    /// The word that stands for it in a file and in the output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Stuck => "stuck",
            Self::Limit => "limit",
            Self::Failed => "failed",
        }
    }
}

impl fmt::Display for HandlerKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for ScopeState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// As in a file and in the output: `returned`, `cancelled`, `timeout`, `error:NAME`, `pending`.
impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Returned => f.write_str("returned"),
            Self::Cancelled => f.write_str("cancelled"),
            Self::Timeout => f.write_str("timeout"),
            Self::Error(name) => write!(f, "error:{name}"),
            Self::Pending => f.write_str("pending"),
        }
    }
}
