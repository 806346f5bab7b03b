//! What to say when the structure of a text is not KDL.

use super::MAX_DEPTH;
use super::problem::{Problem, Span};
use super::wording::code;

const SEPARATE: &str = "write it on a line of its own, or a `;` before it";

pub(super) fn stray(text: &str, span: Span) -> Problem {
    let found = span.of(text);
    let help = match found {
        ";" => "a `;` ends a step, and there is none here; take it out",
        _ => "a property is written `name=value`, after the name of the node and a space",
    };
    Problem::new(span, format!("`{found}` cannot stand here"), help).label("not expected")
}

pub(super) fn nothing_to_drop(span: Span) -> Problem {
    let help = "`/-` leaves out a step, a value or a block that follows it; for a comment use `//`";
    Problem::new(
        span,
        "nothing that could be left out follows this `/-`",
        help,
    )
}

pub(super) fn nameless_block(span: Span) -> Problem {
    let help = "a block belongs to a step: `timeout \"t\" { … }` has its `{` on the same line";
    Problem::new(span, "this block has no name before it", help).label("block")
}

pub(super) fn second_block(span: Span) -> Problem {
    Problem::new(
        span,
        "a second block",
        "a step has one block; put all steps into it",
    )
    .label("second block")
}

pub(super) fn unseparated(span: Span) -> Problem {
    Problem::new(span, "nothing may follow a block on its line", SEPARATE)
}

pub(super) fn unspaced(span: Span) -> Problem {
    Problem::new(
        span,
        "a space is missing before this",
        "values are separated by spaces",
    )
}

pub(super) fn too_many_values(span: Span) -> Problem {
    Problem::new(span, "too many values", "no step takes more than a few").label("one too many")
}

pub(super) fn valueless(text: &str, key: Span) -> Problem {
    let message = format!("the property {} has no value", code(key.of(text)));
    Problem::new(
        key,
        message,
        "write the value behind the `=`, on the same line",
    )
    .label("no value")
}

pub(super) fn unopened(span: Span) -> Problem {
    let help = "take it out, or look for a block above that is closed too early";
    Problem::new(span, "this `}` closes nothing", help).label("no `{` for it")
}

pub(super) fn unclosed(open: Span, owner: &str) -> Problem {
    let help = format!(
        "the file ends inside {}; close the block with `}}`",
        code(owner)
    );
    Problem::new(open, "this block is never closed", help).label("begins here")
}

pub(super) fn too_deep(open: Span) -> Problem {
    let message = format!("blocks are nested more than {MAX_DEPTH} deep");
    let help = "split the task: another task and an `await` need no nesting";
    Problem::new(open, message, help).label("one too many")
}

/// NUL and the like: the file is most likely not a text.
pub(super) fn forbidden(at: usize, c: char) -> Problem {
    let span = Span {
        start: at,
        end: at + c.len_utf8(),
    };
    let message = format!(
        "the character U+{:04X} may not be in a scenario file",
        u32::from(c)
    );
    let help = format!(
        "is this a text file? Inside double quotes such a character is written \\u{{{:x}}}",
        u32::from(c)
    );
    Problem::new(span, message, help)
}
