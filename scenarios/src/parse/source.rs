//! The text of a file as messages quote it.
//!
//! 1. Lines and columns count from 1; a column is a character, and lines end as editors see them, in
//!    `\n` or `\r\n`.
//! 2. What is shown cannot move the cursor or change colours: characters that do are replaced by others
//!    of the same length, so that every offset stays right.
//! 3. What is shown is short, even when a line of the file is a megabyte long.

use std::fmt;

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use super::problem::Span;
use crate::print::is_unprintable;

/// Lines around a mistake are shown in full up to this many bytes altogether.
const MAX_SHOWN_BYTES: usize = 1_000;

/// When that is too much, this many bytes on each side of the mistake are shown.
const WINDOW_BYTES: usize = 80;

/// A mistake is underlined up to this many bytes, and to the end of its line.
const MAX_LABEL_BYTES: usize = 60;

/// A file's name and its text, made harmless.
pub(super) struct Source {
    name: String,
    text: String,
}

impl Source {
    pub(super) fn new(name: &str, text: &str) -> Self {
        let name = name
            .chars()
            .map(|c| if is_unprintable(c) { '?' } else { c })
            .collect();
        let mut shown = String::with_capacity(text.len());
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            shown.push(harmless(c, chars.peek().copied()));
        }
        Self { name, text: shown }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Line and column of a byte.
    pub(super) fn position(&self, offset: usize) -> (usize, usize) {
        let before = &self.text[..self.text.floor_char_boundary(offset)];
        let (earlier, line) = before.rsplit_once('\n').map_or(("", before), |parts| parts);
        let newlines = earlier.matches('\n').count() + usize::from(before.len() > line.len());
        (newlines + 1, line.chars().count() + 1)
    }

    /// The part of a mistake that is underlined.
    pub(super) fn label(&self, span: Span) -> SourceSpan {
        let start = self.text.floor_char_boundary(span.start);
        let end = self
            .text
            .floor_char_boundary(span.end.min(start + MAX_LABEL_BYTES))
            .max(start);
        let marked = self.text[start..end]
            .split(['\r', '\n'])
            .next()
            .unwrap_or_default();
        (start, marked.len()).into()
    }

    /// Cuts what miette would show down to the surroundings of the mistake.
    fn cut<'a>(
        &'a self,
        shown: MietteSpanContents<'a>,
        mark: &SourceSpan,
    ) -> MietteSpanContents<'a> {
        let first = shown.span().offset();
        let past = first + shown.span().len();
        let start = mark.offset().saturating_sub(WINDOW_BYTES).max(first);
        let start = self.text.floor_char_boundary(start);
        let end = (mark.offset() + mark.len() + WINDOW_BYTES).min(past);
        let end = self.text.ceil_char_boundary(end).max(start);
        let skipped = &self.text[first..start];
        let column = match skipped.rsplit_once('\n') {
            Some((_, line)) => line.len(),
            None => shown.column() + skipped.len(),
        };
        let data = &self.text.as_bytes()[start..end];
        let lines = self.text[start..end].matches('\n').count() + 1;
        let line = shown.line() + skipped.matches('\n').count();
        MietteSpanContents::new(data, (start, end - start).into(), line, column, lines)
    }
}

/// The whole text would drown everything else.
impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source")
            .field("name", &self.name)
            .field("bytes", &self.text.len())
            .finish()
    }
}

impl SourceCode for Source {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        lines_before: usize,
        lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let whole = self
            .text
            .as_str()
            .read_span(span, lines_before, lines_after)?;
        let shown = MietteSpanContents::new(
            whole.data(),
            *whole.span(),
            whole.line(),
            whole.column(),
            whole.line_count(),
        );
        let shown = if shown.data().len() > MAX_SHOWN_BYTES {
            self.cut(shown, span)
        } else {
            shown
        };
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            shown.data(),
            *shown.span(),
            shown.line(),
            shown.column(),
            shown.line_count(),
        )))
    }
}

/// A character, or one of the same length in UTF-8 that only takes its place.
fn harmless(c: char, next: Option<char>) -> char {
    match c {
        '\n' | '\t' => c,
        '\r' if next == Some('\n') => c,
        c if !is_unprintable(c) => c,
        c => match c.len_utf8() {
            1 => '?',
            2 => '\u{b7}',
            _ => char::REPLACEMENT_CHARACTER,
        },
    }
}
