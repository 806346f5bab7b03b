//! Where a KDL string in quotes ends.
//!
//! Four kinds: `"…"` on one line, `"""` over several, and both raw, between `#`s, where a backslash means
//! nothing. What a string says, and whether its lines are indented alike, is left to the `kdl` crate.

use super::blank::{is_newline, is_space};
use super::problem::{Problem, Span};

/// The characters that may follow a backslash, but for `u` and for space.
const ESCAPES: [char; 8] = ['"', '\\', 'b', 'f', 'n', 'r', 't', 's'];

const ESCAPE_HELP: &str =
    r#"the escapes are \" \\ \b \f \n \r \t \s and \u{1F600}; for a backslash write \\"#;

/// The offset behind the string that begins at `start`, with `"` or with `#`s and `"`.
pub(super) fn end(text: &str, start: usize) -> Result<usize, Problem> {
    let hashes = text[start..].len() - text[start..].trim_start_matches('#').len();
    let quotes = start + hashes;
    let multiline = text[quotes..].strip_prefix("\"\"\"").is_some_and(|body| {
        // Without a newline `#"""#` is a raw string on one line, and `"""` is an error either way.
        hashes == 0 || body.starts_with(is_newline)
    });
    let opening = Span {
        start,
        end: quotes + if multiline { 3 } else { 1 },
    };
    let found = if hashes == 0 {
        escaped_end(text, opening, multiline)?
    } else {
        raw_end(text, opening.end, hashes, multiline)
    };
    found.ok_or_else(|| never_closed(opening, multiline))
}

fn escaped_end(text: &str, opening: Span, multiline: bool) -> Result<Option<usize>, Problem> {
    let mut at = opening.end;
    while let Some(c) = text[at..].chars().next() {
        match c {
            '\\' => at = escape_end(text, at)?,
            '"' if !multiline => return Ok(Some(at + 1)),
            '"' if text[at..].starts_with("\"\"\"") => return Ok(Some(at + 3)),
            c if is_newline(c) && !multiline => return Ok(None),
            c => at += c.len_utf8(),
        }
    }
    Ok(None)
}

/// The offset behind an escape.
fn escape_end(text: &str, backslash: usize) -> Result<usize, Problem> {
    let at = backslash + 1;
    let Some(c) = text[at..].chars().next() else {
        return Ok(at);
    };
    if is_space(c) || is_newline(c) {
        let rest = &text[at..];
        return Ok(at
            + rest
                .find(|c| !is_space(c) && !is_newline(c))
                .unwrap_or(rest.len()));
    }
    let end = if c == 'u' {
        code_point_end(&text[at..])
    } else {
        None
    };
    let end = end
        .or_else(|| ESCAPES.contains(&c).then_some(1))
        .map(|length| at + length);
    end.ok_or_else(|| {
        let span = Span {
            start: backslash,
            end: at + c.len_utf8(),
        };
        Problem::new(span, format!("`\\{c}` is no escape here"), ESCAPE_HELP)
    })
}

/// How long `u{…}` is, if it names a character in one to six digits.
fn code_point_end(text: &str) -> Option<usize> {
    let (digits, _) = text.strip_prefix("u{")?.split_once('}')?;
    let hex = digits.len() <= 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let known = hex
        .then(|| u32::from_str_radix(digits, 16).ok())?
        .and_then(char::from_u32);
    known.map(|_| "u{}".len() + digits.len())
}

fn raw_end(text: &str, body: usize, hashes: usize, multiline: bool) -> Option<usize> {
    let quotes = if multiline { "\"\"\"" } else { "\"" };
    let mut at = body;
    loop {
        at += text[at..].find(|c| c == '"' || (!multiline && is_newline(c)))?;
        let behind = text[at..].strip_prefix(quotes).map(|rest| rest.as_bytes());
        match behind {
            Some(rest) if closes(rest, hashes) => return Some(at + quotes.len() + hashes),
            None if text[at..].starts_with(is_newline) => return None,
            _ => at += 1,
        }
    }
}

fn closes(rest: &[u8], hashes: usize) -> bool {
    rest.get(..hashes)
        .is_some_and(|found| found.iter().all(|byte| *byte == b'#'))
}

fn never_closed(opening: Span, multiline: bool) -> Problem {
    let (message, help) = if multiline {
        (
            "this text is never closed",
            "end it with the same quotes on a line of their own",
        )
    } else {
        (
            "this text is not closed on its line",
            "end it with the same quotes; `\\n` stands for a new line in it",
        )
    };
    Problem::new(opening, message, help).label("begins here")
}
