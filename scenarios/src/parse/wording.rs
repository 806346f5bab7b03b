//! How messages quote what a file says and what it could have said instead.
//!
//! Everything taken from a file is cut to [`MAX_QUOTED_CHARS`] and cleared of control characters; lists
//! end after [`MAX_LISTED`] names; and only so many names are compared, so that a hint stays cheap.

use crate::print::{Quoted, is_unprintable};

const MAX_QUOTED_CHARS: usize = 40;
const MAX_LISTED: usize = 24;
const MAX_COMPARED: usize = 1_000;

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
    if written.chars().nth(MAX_QUOTED_CHARS).is_some() {
        return String::new();
    }
    let close = known.into_iter().take(MAX_COMPARED).filter_map(|name| {
        let distance = distance(written, name)?;
        (distance <= 1.max((written.chars().count() + 1) / 3)).then_some((distance, name))
    });
    let best = close.min_by_key(|(distance, _)| *distance);
    best.map(|(_, name)| format!("did you mean {}? ", show(name)))
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

/// How many characters must be put in, taken out, replaced or swapped with their neighbour to turn
/// one name into the other, upper and lower case being the same; `None` for a name that is too long.
fn distance(from: &str, to: &str) -> Option<usize> {
    let from: Vec<char> = from.chars().flat_map(char::to_lowercase).collect();
    let to: Vec<char> = to
        .chars()
        .take(MAX_QUOTED_CHARS + 1)
        .flat_map(char::to_lowercase)
        .collect();
    if to.len() > MAX_QUOTED_CHARS {
        return None;
    }
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for row in 1..=from.len() {
        let mut current = vec![row];
        for column in 1..=to.len() {
            let differ = usize::from(from[row - 1] != to[column - 1]);
            let replaced = last[column - 1] + differ;
            let mut least = replaced.min(last[column] + 1).min(current[column - 1] + 1);
            let swapped = row > 1
                && column > 1
                && from[row - 1] == to[column - 2]
                && from[row - 2] == to[column - 1];
            if swapped {
                least = least.min(before_last[column - 2] + 1);
            }
            current.push(least);
        }
        before_last = std::mem::replace(&mut last, current);
    }
    last.last().copied()
}
