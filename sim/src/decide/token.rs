//! The one line that reproduces a run: `dh1:SEED[.late=NS][.tasklate=NS][.DEPARTURE]*[.fp=HASH]`.
//!
//! 1. `dh1` is the version. What a token of a version means never changes.
//! 2. SEED is in hexadecimal and feeds the program's own draws. A departure is `n12=1/3`: of the 13th
//!    decision of kind `n`, which had 3 options, option 1 was taken.
//! 3. `fp` is the fingerprint of the run, by which a replay says whether the program has changed.
//! 4. Decoding what was encoded gives it back, and bad input gives an error that says where.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::base::bounds::Bounds;
use crate::decide::tape::{DecisionKind, Departure, Tape};

const VERSION: &str = "dh1";
/// A token with more departures than this is refused; deadheat itself prints none.
const DEPARTURES_MAX: usize = 1_000_000;

/// A run, as one line: pass it to `replay`.
///
/// # Examples
///
/// ```
/// use deadheat::Token;
///
/// let token: Token = "dh1:7f.late=1000000.n12=1/3".parse().unwrap();
/// assert_eq!(token.seed, 0x7f);
/// assert_eq!(token.tape.len(), 1);
/// assert_eq!(token.to_string(), "dh1:7f.late=1000000.n12=1/3");
/// assert!("dh9:7f".parse::<Token>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Token {
    /// The seed of the program's own draws.
    pub seed: u64,
    /// How late things may be.
    pub bounds: Bounds,
    /// Every decision that was not the dullest.
    pub tape: Tape,
    /// The fingerprint of the run, if it is known.
    pub fingerprint: Option<u64>,
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{VERSION}:{:x}", self.seed)?;
        let bounds = [
            ("late", self.bounds.late),
            ("tasklate", self.bounds.task_late),
        ];
        for (name, bound) in bounds.into_iter().filter(|(_, bound)| !bound.is_zero()) {
            write!(f, ".{name}={}", bound.as_nanos())?;
        }
        for departure in self.tape.departures() {
            write!(f, ".{departure}")?;
        }
        match self.fingerprint {
            Some(fingerprint) => write!(f, ".fp={fingerprint:x}"),
            None => Ok(()),
        }
    }
}

/// Why a token could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenError {
    /// The byte at which the trouble begins.
    offset: usize,
    problem: Problem,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Problem {
    Version(String),
    Seed,
    Field(String),
    Departure(String),
    TooMany,
    Repeated(&'static str),
    Order(String),
}

impl TokenError {
    /// The byte of the token at which the trouble begins.
    ///
    /// # Examples
    ///
    /// ```
    /// let error = "dh1:7.late=no".parse::<deadheat::Token>().unwrap_err();
    /// assert_eq!(error.offset(), 6);
    /// ```
    pub fn offset(&self) -> usize {
        self.offset
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this is no replay token, at byte {}: ", self.offset)?;
        match &self.problem {
            Problem::Version(found) => write!(
                f,
                "it begins with {found:?}, and this version of deadheat reads tokens that begin with \"{VERSION}:\""
            ),
            Problem::Seed => f.write_str("after \"dh1:\" stands a seed, in hexadecimal"),
            Problem::Field(found) => write!(
                f,
                "{found:?} is neither late=NANOSECONDS, tasklate=NANOSECONDS, fp=HASH nor a departure such as n12=1/3"
            ),
            Problem::Departure(found) => write!(
                f,
                "{found:?} is no departure: expected KINDNUMBER=CHOICE/OPTIONS with 1 <= CHOICE < OPTIONS (from 0 for a draw), such as n12=1/3"
            ),
            Problem::TooMany => write!(f, "more than {DEPARTURES_MAX} departures"),
            Problem::Order(found) => write!(
                f,
                "{found:?} stands too late: late, tasklate, the departures and fp have this order"
            ),
            Problem::Repeated(name) => write!(f, "{name}= stands here twice"),
        }
    }
}

impl std::error::Error for TokenError {}

impl FromStr for Token {
    type Err = TokenError;

    fn from_str(text: &str) -> Result<Self, TokenError> {
        let fail = |offset, problem| Err(TokenError { offset, problem });
        let Some(rest) = text
            .strip_prefix(VERSION)
            .and_then(|rest| rest.strip_prefix(':'))
        else {
            return fail(
                0,
                Problem::Version(shorten(text.split(':').next().unwrap_or_default())),
            );
        };
        let mut offset = VERSION.len() + 1;
        let mut fields = rest.split('.');
        let Some(seed) = fields.next().and_then(hex) else {
            return fail(offset, Problem::Seed);
        };
        offset += rest.split('.').next().map_or(0, str::len) + 1;
        let mut reader = Reader {
            token: Token::of_seed(seed),
            seen: [false; 3],
            rank: 0,
        };
        for field in fields {
            if let Err(problem) = reader.field(field) {
                return fail(offset, problem);
            }
            offset += field.len() + 1;
        }
        Ok(reader.token)
    }
}

impl Token {
    fn of_seed(seed: u64) -> Self {
        Token {
            seed,
            bounds: Bounds::default(),
            tape: Tape::new(),
            fingerprint: None,
        }
    }
}

struct Reader {
    token: Token,
    seen: [bool; 3],
    rank: u8,
}

impl Reader {
    /// A token has one spelling, so its fields have one order.
    fn in_order(&mut self, name: &str, field: &str) -> Result<(), Problem> {
        let rank = match name {
            "late" => 0,
            "tasklate" => 1,
            "fp" => 3,
            _ => 2,
        };
        if rank < self.rank {
            return Err(Problem::Order(shorten(field)));
        }
        self.rank = rank;
        Ok(())
    }

    fn field(&mut self, field: &str) -> Result<(), Problem> {
        let Some((name, value)) = field.split_once('=') else {
            return Err(Problem::Field(shorten(field)));
        };
        let bad = || Problem::Field(shorten(field));
        self.in_order(name, field)?;
        match name {
            "late" => {
                self.once(0, "late")?;
                self.token.bounds.late = nanos(value).ok_or_else(bad)?;
            }
            "tasklate" => {
                self.once(1, "tasklate")?;
                self.token.bounds.task_late = nanos(value).ok_or_else(bad)?;
            }
            "fp" => {
                self.once(2, "fp")?;
                self.token.fingerprint = Some(hex(value).ok_or_else(bad)?);
            }
            _ => {
                if self.token.tape.len() >= DEPARTURES_MAX {
                    return Err(Problem::TooMany);
                }
                let departure =
                    departure(name, value).ok_or_else(|| match name.chars().next() {
                        Some(letter) if DecisionKind::of_letter(letter).is_some() => {
                            Problem::Departure(shorten(field))
                        }
                        _ => bad(),
                    })?;
                self.token.tape.push(departure);
            }
        }
        Ok(())
    }

    fn once(&mut self, index: usize, name: &'static str) -> Result<(), Problem> {
        if std::mem::replace(&mut self.seen[index], true) {
            return Err(Problem::Repeated(name));
        }
        Ok(())
    }
}

fn departure(name: &str, value: &str) -> Option<Departure> {
    let kind = DecisionKind::of_letter(name.chars().next()?)?;
    let number = decimal(&name[1..])?;
    let (choice, options) = value.split_once('/')?;
    let (choice, options) = (decimal(choice)?, decimal(options)?);
    let least = u64::from(kind != DecisionKind::Draw);
    (least <= choice && choice < options).then_some(Departure {
        kind,
        number,
        choice,
        options,
    })
}

/// Nanoseconds that fit the virtual clock.
fn nanos(text: &str) -> Option<Duration> {
    let nanos = decimal(text)?;
    (1..=i64::MAX as u64)
        .contains(&nanos)
        .then(|| Duration::from_nanos(nanos))
}

/// Digits only, in the one form that `Display` writes.
fn decimal(text: &str) -> Option<u64> {
    let canonical = text == "0" || !text.starts_with('0');
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    if canonical && digits {
        text.parse().ok()
    } else {
        None
    }
}

fn hex(text: &str) -> Option<u64> {
    let canonical = text == "0" || !text.starts_with('0');
    let digits = text
        .bytes()
        .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if canonical && digits {
        u64::from_str_radix(text, 16).ok()
    } else {
        None
    }
}

/// Enough of a long input to recognise it by.
fn shorten(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
