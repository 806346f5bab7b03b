//! Where a future is cancelled: at which of its waits, at what moment of it, and how; and the line that
//! reproduces a cancel in a run.

use std::fmt;
use std::str::FromStr;

use crate::decide::token::{Token, TokenError};

/// How a future is cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CancelWay {
    /// It is dropped, as by `select!`, `timeout` or an abort.
    Dropped,
    /// The task is asked to cancel, as by [`TaskHandle::cancel`](deadheat_timeout::TaskHandle::cancel).
    Requested,
}

/// When it is cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CancelMoment {
    /// While it waits: what it waits for has not happened.
    Waiting,
    /// Once it was woken, in place of its next poll: what it waits for may have happened, and may have
    /// been handed to it.
    Woken,
}

/// A cancel of a future at one of the points at which it waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CancelPoint {
    /// How often it has returned `Pending`, this time included.
    pub wait: u64,
    /// When.
    pub moment: CancelMoment,
    /// How.
    pub way: CancelWay,
}

impl CancelPoint {
    /// Every point of a wait.
    pub(super) fn of_wait(wait: u64, ways: &'static [CancelWay]) -> impl Iterator<Item = Self> {
        let moments = [CancelMoment::Waiting, CancelMoment::Woken];
        let ways = ways.iter().copied();
        ways.flat_map(move |way| moments.map(|moment| CancelPoint { wait, moment, way }))
    }
}

impl fmt::Display for CancelPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let CancelPoint { wait, moment, way } = self;
        f.write_str(match way {
            CancelWay::Dropped => "dropped",
            CancelWay::Requested => "asked to cancel",
        })?;
        match moment {
            CancelMoment::Waiting => write!(f, " while it waited, wait {wait}"),
            CancelMoment::Woken => {
                write!(f, " after it was woken, before its next poll, wait {wait}")
            }
        }
    }
}

/// A point, or none, and the run that it is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) point: Option<CancelPoint>,
    pub(super) token: Token,
}

const NOT_CANCELLED: &str = "not-cancelled";

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.point {
            None => f.write_str(NOT_CANCELLED)?,
            Some(CancelPoint { wait, moment, way }) => {
                let way = match way {
                    CancelWay::Dropped => "dropped",
                    CancelWay::Requested => "requested",
                };
                let moment = match moment {
                    CancelMoment::Waiting => "waiting",
                    CancelMoment::Woken => "woken",
                };
                write!(f, "{way}-{moment}-{wait}")?;
            }
        }
        write!(f, ":{}", self.token)
    }
}

/// Why a line could not be read.
#[derive(Debug)]
pub(super) enum LineError {
    Point(String),
    Token(TokenError),
}

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LineError::Point(found) => write!(
                f,
                "{found:?} is no point of a cancel: expected {NOT_CANCELLED}, or one like dropped-woken-2, and a token after a colon"
            ),
            LineError::Token(error) => error.fmt(f),
        }
    }
}

impl FromStr for Line {
    type Err = LineError;

    fn from_str(line: &str) -> Result<Self, LineError> {
        let unknown = || LineError::Point(line.chars().take(80).collect());
        let (point, token) = line.split_once(':').ok_or_else(unknown)?;
        let point = match point {
            NOT_CANCELLED => None,
            point => Some(read(point).ok_or_else(unknown)?),
        };
        let token = token.parse().map_err(LineError::Token)?;
        Ok(Line { point, token })
    }
}

fn read(point: &str) -> Option<CancelPoint> {
    let mut words = point.split('-');
    let way = match words.next()? {
        "dropped" => CancelWay::Dropped,
        "requested" => CancelWay::Requested,
        _ => return None,
    };
    let moment = match words.next()? {
        "waiting" => CancelMoment::Waiting,
        "woken" => CancelMoment::Woken,
        _ => return None,
    };
    let wait = words.next()?.parse().ok().filter(|wait| *wait > 0)?;
    let point = CancelPoint { wait, moment, way };
    words.next().is_none().then_some(point)
}
