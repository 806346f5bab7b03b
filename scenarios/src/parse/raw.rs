//! Raw texts over several lines: `#"""`, lines that mean what they say, and `"""#` on a line of its own.
//!
//! Read here and not by kdl 6.7.1, which takes a backslash at the end of such a line for an escape, and then
//! looks at the rest of the text for each line: 20 kB of them take it half a minute.
//!
//! Source: the KDL 2.0.0 specification, section 3.11 and, for the indentation, 3.12.

use super::blank::{is_newline, is_space};
use super::lex::newline_len;

const QUOTES: &str = "\"\"\"";

/// Whether a token is a text of this kind; its end is known to be good.
pub(super) fn has_lines(written: &str) -> bool {
    let behind = written.trim_start_matches('#').strip_prefix(QUOTES);
    written.starts_with('#') && behind.is_some_and(|body| body.starts_with(is_newline))
}

/// What the text says, unless a line does not begin with the space before the closing quotes.
pub(super) fn lines(written: &str) -> Option<String> {
    let body = written
        .trim_matches('#')
        .strip_prefix(QUOTES)?
        .strip_suffix(QUOTES)?;
    let mut lines = split(&body[newline_len(body)..]);
    let indent = lines.pop().filter(|indent| is_blank(indent))?;
    let line = |line: &str| match is_blank(line) {
        true => Some(String::new()),
        false => line.strip_prefix(indent).map(str::to_owned),
    };
    let lines: Option<Vec<String>> = lines.into_iter().map(line).collect();
    Some(lines?.join("\n"))
}

fn is_blank(line: &str) -> bool {
    line.chars().all(is_space)
}

/// Lines without their ends; there is at least one.
fn split(mut text: &str) -> Vec<&str> {
    let mut lines = Vec::new();
    while let Some(end) = text.find(is_newline) {
        lines.push(&text[..end]);
        text = &text[end + newline_len(&text[end..])..];
    }
    lines.push(text);
    lines
}
