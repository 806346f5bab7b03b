//! Text of a program under test as it may be printed: what would steer a terminal, turn the direction of a line
//! or hide in it stands as `\u{1b}`.
//!
//! 1. A line stays a line: where a text is put into one, its ends of lines are written as `\n`.
//! 2. Which characters these are is written down here and does not change with a version of Unicode, since a
//!    trace of a version does not change.
//!
//! Deliberately not here: JSON, which has escapes of its own; and characters that look like others.

use std::borrow::Cow;
use std::fmt::{self, Display, Write};

use crate::base::grouped::grouped;

/// Whether a character steers a terminal, turns the direction of a line, or cannot be seen.
///
/// Source: the Unicode Character Database, version 16: `Cc`, `Default_Ignorable_Code_Point`, `Bidi_Control`, the two
/// separators of lines and paragraphs, and the anchors of annotations.
pub(crate) fn hides(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// A text for a place in a line.
pub(crate) fn line(text: &str) -> Cow<'_, str> {
    if !text.contains(hides) {
        return Cow::Borrowed(text);
    }
    let mut line = String::with_capacity(text.len() + 16);
    text.chars().for_each(|c| push(&mut line, c));
    Cow::Owned(line)
}

/// How many characters of a name are shown.
const NAME_SHOWN: usize = 200;

/// A name as a part of a line. Of one that is too long to be read only the beginning is shown.
pub(crate) fn name(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(NAME_SHOWN) {
        Some((end, _)) => Cow::Owned(format!("{}…", line(&text[..end]))),
        None => line(text),
    }
}

/// How many bytes of a message are shown, and of a line among others.
const SHOWN: usize = 10_000;
const LINE_SHOWN: usize = 1_000;

/// The beginning of a message that is too long to be read, and how long it is.
pub(crate) fn cut(text: String) -> String {
    beginning(&text, SHOWN).unwrap_or(text)
}

/// The same of a line among others.
pub(crate) fn cut_line(text: &str) -> Cow<'_, str> {
    beginning(text, LINE_SHOWN).map_or(Cow::Borrowed(text), Cow::Owned)
}

fn beginning(text: &str, most: usize) -> Option<String> {
    let bytes = text.len();
    (bytes > most).then(|| {
        let end = text.floor_char_boundary(most);
        format!("{}… ({} bytes)", &text[..end], grouped(bytes as u64))
    })
}

/// A line that may be the first text of an output's line, behind blanks: a runner of GitHub Actions takes `::error …` there
/// for a command, and `##[error]` anywhere. So the sign by which it knows them is written out.
fn no_command(text: &str) -> Cow<'_, str> {
    let blanks = text.len() - text.trim_start().len();
    if !text[blanks..].starts_with("::") && !text.contains("##[") {
        return Cow::Borrowed(text);
    }
    let mut shown = text.replace("##[", "\\u{23}#[");
    if shown[blanks..].starts_with("::") {
        shown.replace_range(blanks..=blanks, "\\u{3a}");
    }
    Cow::Owned(shown)
}

/// A text of several lines, behind the beginning of one: the others are indented.
pub(crate) fn lines(text: &str, indent: &str) -> String {
    let mut lines = text
        .lines()
        .map(|text| no_command(&line(text)).into_owned());
    let mut all = lines.next().unwrap_or_default();
    for line in lines {
        all.push('\n');
        if !line.is_empty() {
            all.push_str(indent);
        }
        all.push_str(&line);
    }
    all
}

/// A character as [`line`] writes it.
pub(crate) fn push(text: &mut String, c: char) {
    match c {
        '\n' => text.push_str("\\n"),
        c if hides(c) => text.push_str(&escaped(c)),
        c => text.push(c),
    }
}

fn escaped(c: char) -> String {
    format!("\\u{{{:x}}}", u32::from(c))
}

/// Anything that is shown in lines, made safe to be printed: only its ends of lines stay as they are.
///
/// # Examples
///
/// ```
/// use deadheat::report::Printable;
///
/// let hostile = "red \u{1b}[31m\nturned \u{202e}";
/// assert_eq!(Printable(hostile).to_string(), "red \\u{1b}[31m\nturned \\u{202e}");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Printable<T>(pub T);

impl<T: Display> Display for Printable<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(Escaping(f), "{}", self.0)
    }
}

/// Passes on what is written, made safe to be printed.
pub(crate) struct Escaping<'a, 'b>(pub(crate) &'a mut fmt::Formatter<'b>);

impl Write for Escaping<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        while let Some(at) = rest.find(|c| c != '\n' && hides(c)) {
            self.0.write_str(&rest[..at])?;
            let mut after = rest[at..].chars();
            after
                .next()
                .map_or(Ok(()), |c| self.0.write_str(&escaped(c)))?;
            rest = after.as_str();
        }
        self.0.write_str(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::{Printable, cut, cut_line, hides, line, lines, name};

    #[test]
    fn a_line_of_a_text_is_no_command_of_a_runner() {
        let hostile = "::warning::a\n::error::b\n \t::error::c\nd ##[error]e\na::b";
        let shown = lines(hostile, "  ");
        let expected = "\\u{3a}:warning::a\n  \\u{3a}:error::b\n   \\u{9}::error::c\n  d \\u{23}#[error]e\n  a::b";
        assert_eq!(shown, expected);
    }

    #[test]
    fn of_a_message_that_is_too_long_the_beginning_is_kept_and_its_length_told() {
        let short = "a".repeat(10_000);
        assert_eq!(cut(short.clone()), short);
        assert_eq!(cut(format!("{short}b")), format!("{short}… (10,001 bytes)"));
        let line = cut_line(&short).into_owned();
        assert!(line.len() < 1_100 && line.ends_with("a… (10,000 bytes)"));
        let long = cut("ä".repeat(10_000_000) + "b");
        assert!(long.len() < 10_100 && long.ends_with("ä… (20,000,001 bytes)"));
    }

    #[test]
    fn each_range_hides_to_its_ends_and_not_beyond() {
        let ranges = [
            (0x0, 0x1f),
            (0x7f, 0x9f),
            (0xad, 0xad),
            (0x34f, 0x34f),
            (0x61c, 0x61c),
            (0x115f, 0x1160),
            (0x17b4, 0x17b5),
            (0x180b, 0x180f),
            (0x200b, 0x200f),
            (0x2028, 0x202e),
            (0x2060, 0x206f),
            (0x3164, 0x3164),
            (0xfe00, 0xfe0f),
            (0xfeff, 0xfeff),
            (0xffa0, 0xffa0),
            (0xfff0, 0xfffb),
            (0x1bca0, 0x1bca3),
            (0x1d173, 0x1d17a),
            (0xe0000, 0xe0fff),
        ];
        let hidden = |code: u32| char::from_u32(code).is_some_and(hides);
        for (first, last) in ranges {
            assert!(hidden(first) && hidden(last), "{first:x} to {last:x}");
            let beyond = [first.wrapping_sub(1), last + 1];
            assert!(
                !beyond.into_iter().any(hidden),
                "beyond {first:x} to {last:x}"
            );
        }
        let count = (0..=0x10_ffff).filter(|code| hidden(*code)).count();
        let listed: u32 = ranges.iter().map(|(first, last)| last - first + 1).sum();
        assert_eq!(count, listed as usize);
    }

    #[test]
    fn what_steers_turns_or_hides_is_written_out_and_nothing_else() {
        let hostile = "a\u{1b}[31m\u{7}\r\u{9b}b\u{202e}c\u{2066}\u{200b}\u{feff}\u{3164}\u{e0041}";
        let shown = "a\\u{1b}[31m\\u{7}\\u{d}\\u{9b}b\\u{202e}c\\u{2066}\\u{200b}\\u{feff}\\u{3164}\\u{e0041}";
        assert_eq!(line(hostile), shown);
        assert_eq!(Printable(hostile).to_string(), shown);
        let plain = "größer, \u{65e5}\u{672c}, e\u{301}, \u{1f600}, \\u{1b}";
        assert_eq!(line(plain), plain);
        assert!(!plain.contains(hides));
    }

    #[test]
    fn lines_stay_lines_but_never_at_the_margin() {
        assert_eq!(line("one\ntwo"), "one\\ntwo");
        assert_eq!(Printable("one\ntwo\r\n").to_string(), "one\ntwo\\u{d}\n");
        assert_eq!(
            lines("one\ntwo\r\n\n  three\u{1b}\n", "    "),
            "one\n    two\n\n      three\\u{1b}"
        );
    }

    #[test]
    fn of_a_name_that_nobody_can_take_in_the_beginning_is_shown() {
        let long = "ä".repeat(200);
        assert_eq!(name(&long), long);
        assert_eq!(name(&format!("{long}b")), format!("{long}…"));
        assert_eq!(name("a\n\u{1b}"), "a\\n\\u{1b}");
    }
}
