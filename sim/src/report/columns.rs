//! Two columns of text: what happened, and where in the sources.

use std::fmt::{self, Write};

use crate::base::printable;

/// The second column begins no further right, but for rows that are longer.
const WIDEST: usize = 84;

/// Writes rows, the second column as far left as it can be.
pub(crate) fn write(rows: &[(String, String)], f: &mut impl Write) -> fmt::Result {
    let width = |(text, place): &(String, String)| match place.is_empty() {
        true => 0,
        false => text.chars().count(),
    };
    let widest = rows.iter().map(width).max().unwrap_or(0).min(WIDEST);
    rows.iter().try_for_each(|(text, place)| {
        let line = format!("{text:<widest$}   {}", printable::line(place));
        writeln!(f, "{}", line.trim_end())
    })
}
