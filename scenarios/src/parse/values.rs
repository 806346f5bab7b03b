//! What one KDL string, number or keyword says, read by the `kdl` crate.
//!
//! One value at a time is all that crate is given: there is nothing to nest. Two kinds it is not given:
//! plain ones, of which a file is full and which take that crate ten times as long, and raw texts over
//! several lines (`raw`).
//!
//! A value that does not read is a mistake like any other: null takes its place, and reading goes on.

use kdl::{KdlEntry, KdlValue};

use super::problem::{Problem, Problems, Span};
use super::raw;
use super::wording::{code, quoted};

/// The words that KDL keeps for itself when they stand without a `#`.
const RESERVED: [&str; 6] = ["true", "false", "null", "inf", "-inf", "nan"];

/// A value, from a token that is a word or a text.
pub(super) fn value(text: &str, span: Span, problems: &mut Problems) -> KdlValue {
    let written = span.of(text);
    read(written).unwrap_or_else(|| {
        problems.report(|| unreadable(written, span));
        KdlValue::Null
    })
}

/// The name of a node or of a property.
pub(super) fn name(text: &str, span: Span, problems: &mut Problems) -> String {
    let written = span.of(text);
    match read(written) {
        Some(KdlValue::String(name)) => return name,
        None if written.contains('"') => problems.report(|| unreadable(written, span)),
        _ => problems.report(|| {
            let help = "a name is a bare word, or a text in double quotes";
            Problem::new(span, format!("{} cannot be a name", code(written)), help)
        }),
    };
    String::new()
}

fn read(written: &str) -> Option<KdlValue> {
    if let Some(plain) = plain(written) {
        return Some(plain);
    }
    if raw::has_lines(written) {
        return raw::lines(written).map(KdlValue::String);
    }
    let entry = KdlEntry::parse(written).ok()?;
    Some(entry.value().clone())
}

/// A bare word, a text in quotes in which nothing is escaped, a decimal integer or a keyword.
fn plain(written: &str) -> Option<KdlValue> {
    if let Some(inner) = written.strip_prefix('"') {
        let inner = inner.strip_suffix('"')?;
        let simple = !written.starts_with("\"\"\"") && !inner.contains('\\');
        return simple.then(|| KdlValue::String(inner.to_owned()));
    }
    match written {
        "#true" => return Some(KdlValue::Bool(true)),
        "#false" => return Some(KdlValue::Bool(false)),
        "#null" => return Some(KdlValue::Null),
        _ => {}
    }
    if is_like_a_number(written) {
        return written.parse().ok().map(KdlValue::Integer);
    }
    let word = !written.starts_with('#') && !RESERVED.contains(&written);
    word.then(|| KdlValue::String(written.to_owned()))
}

/// `-1`, but also `1s` and `.5`, which are neither numbers nor words.
fn is_like_a_number(written: &str) -> bool {
    let unsigned = written.strip_prefix(['+', '-']).unwrap_or(written);
    let behind_point = unsigned.strip_prefix('.').unwrap_or(unsigned);
    behind_point.starts_with(|c: char| c.is_ascii_digit())
}

fn unreadable(written: &str, span: Span) -> Problem {
    if written.contains('"') {
        return unreadable_text(written, span);
    }
    let (message, help) = if RESERVED.contains(&written) {
        (
            "means nothing",
            format!("write `#{written}`, or \"{written}\" for a text"),
        )
    } else if written.starts_with('#') {
        (
            "is not a keyword",
            "the keywords are `#true`, `#false` and `#null`".to_owned(),
        )
    } else if written.bytes().all(|byte| byte.is_ascii_digit()) {
        ("is too large", "the largest number is 2^127 - 1".to_owned())
    } else {
        (
            "is not a number",
            format!("put it in double quotes: {}", quoted(written)),
        )
    };
    Problem::new(span, format!("{} {message}", code(written)), help)
}

/// The lexer has seen to the escapes and to the closing quotes, so that only this is left.
fn unreadable_text(written: &str, span: Span) -> Problem {
    if written.starts_with("#\"\"\"#") {
        let help = r#"write "\"" for a text that is one quote"#;
        return Problem::new(span, "a raw text cannot be one quote", help);
    }
    let message = "this text over several lines is not as it should be";
    let help = "the opening quotes end their line, the closing ones have only space before them, \
                and every line between begins with that same space";
    Problem::new(span, message, help)
}
