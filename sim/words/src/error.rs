//! Why a text is not the word that was asked for.

use std::fmt;

/// More of a text than this is not kept in its error.
const KEPT_CHARS: usize = 40;

/// A text that is not the word that was asked for.
///
/// `Display` is a sentence about the text, which is cut to 40 characters in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WordError {
    text: String,
    problem: Problem,
    expected: String,
}

impl WordError {
    pub(crate) fn new(text: &str, problem: Problem, expected: impl Into<String>) -> Self {
        WordError {
            text: text.chars().take(KEPT_CHARS).collect(),
            problem,
            expected: expected.into(),
        }
    }

    /// What is wrong with it.
    pub fn problem(&self) -> Problem {
        self.problem
    }

    /// What could have been written, to be put behind "expected".
    pub fn expected(&self) -> &str {
        &self.expected
    }
}

impl fmt::Display for WordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let WordError { text, expected, .. } = self;
        match self.problem {
            Problem::Unknown => write!(f, "no scheduler is named {text:?}; there are: {expected}"),
            problem => write!(f, "{text:?} {problem}"),
        }
    }
}

impl std::error::Error for WordError {}

/// What is wrong with a text.
///
/// `Display` continues a sentence that begins with the text: `"5"` + `has no unit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Problem {
    /// A duration or number does not begin with a number such as `2` or `1.5`.
    NotANumber,
    /// A duration is a number and nothing behind it.
    NoUnit,
    /// A duration has something else behind its number than `ns us ms s m h`.
    UnknownUnit,
    /// A duration is not a whole number of nanoseconds.
    TooFine,
    /// A duration does not fit in an `i64` of nanoseconds.
    TooLong,
    /// A duration is below zero where that has no meaning.
    Negative,
    /// A range stands where one duration is needed.
    Range,
    /// The low end of a range is above its high end.
    Reversed,
    /// A duration is zero where that has no meaning.
    NoTime,
    /// It is no seed.
    NoSeed,
    /// It is no whole number, or not within the bounds of a count.
    NoCount,
    /// No scheduler has this name.
    Unknown,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotANumber => "does not begin with a number",
            Self::NoUnit => "has no unit",
            Self::UnknownUnit => "has an unknown unit",
            Self::TooFine => "is not a whole number of nanoseconds",
            Self::TooLong => "is too long: the most is about 292 years (2^63 nanoseconds)",
            Self::Negative => "is negative",
            Self::Range => "is a range",
            Self::Reversed => "is a range whose low end is above its high end",
            Self::NoTime => "is no time",
            Self::NoSeed => "is no seed",
            Self::NoCount => "is no such number",
            Self::Unknown => "is the name of no scheduler",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_cut_and_the_rest_of_the_sentence_stays() {
        let long = WordError::new(&"é".repeat(1_000), Problem::NoUnit, "a unit");
        let text = format!("\"{}\" has no unit", "é".repeat(40));
        assert_eq!(long.to_string(), text);
    }

    #[test]
    fn control_characters_are_escaped() {
        let odd = WordError::new("\u{1b}[31m", Problem::Unknown, "fifo");
        let text = "no scheduler is named \"\\u{1b}[31m\"; there are: fifo";
        assert_eq!(odd.to_string(), text);
    }
}
