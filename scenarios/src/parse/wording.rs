//! How messages quote what a file says and what it could have said instead.
//!
//! Everything taken from a file is cut to [`MAX_QUOTED_CHARS`] and cleared of control characters; lists
//! end after [`MAX_LISTED`] names.

use deadheat_words::near;

use crate::print::{Quoted, is_unprintable};

const MAX_QUOTED_CHARS: usize = 40;
const MAX_LISTED: usize = 24;

/// A name from a file, as code: `` `sleep` ``.
pub(super) fn code(name: &str) -> String {
    let shown: String = cut(name)
        .chars()
        .map(|c| if is_unprintable(c) { '?' } else { c })
        .collect();
    format!("`{shown}`")
}

/// A text from a file, in its quotes.
pub(super) fn quoted(text: &str) -> String {
    Quoted(&cut(text)).to_string()
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_QUOTED_CHARS) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

/// The name that was most likely meant, as the beginning of a hint, or nothing.
pub(super) fn did_you_mean<'a>(
    written: &str,
    known: impl IntoIterator<Item = &'a str>,
    show: fn(&str) -> String,
) -> String {
    let near = near::of_theirs(written, known);
    near.map(|name| format!("did you mean {}? ", show(name)))
        .unwrap_or_default()
}

/// Names in a row: `a, b, c`.
pub(super) fn list<'a>(
    names: impl IntoIterator<Item = &'a str>,
    show: fn(&str) -> String,
) -> String {
    let mut names = names.into_iter();
    let shown: Vec<String> = names.by_ref().take(MAX_LISTED).map(show).collect();
    match names.count() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
