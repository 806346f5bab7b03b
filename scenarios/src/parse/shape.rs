//! The grammar as a table: for each node, its values, its properties and whether a block follows.
//!
//! Names, hints and the checks of `header` all come from here, so that they cannot disagree.

/// Whether a node is followed by `{ … }`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BlockRule {
    Never,
    Always,
    /// `wait-for` decides for itself.
    Either,
}

/// What a node looks like.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) name: &'static str,
    /// What each value stands for, in order.
    pub(super) values: &'static [&'static str],
    pub(super) properties: &'static [&'static str],
    pub(super) block: BlockRule,
    /// How to write it, for hints.
    pub(super) usage: &'static str,
}

const fn shape(
    name: &'static str,
    values: &'static [&'static str],
    properties: &'static [&'static str],
    block: BlockRule,
    usage: &'static str,
) -> Shape {
    Shape {
        name,
        values,
        properties,
        block,
        usage,
    }
}

use BlockRule::{Always, Either, Never};

/// What stands at the top level of a file.
pub(super) const TOP: &[Shape] = &[
    shape("scenario", &["name"], &[], Never, "scenario NAME"),
    shape(
        "semaphore",
        &["name"],
        &["permits"],
        Never,
        "semaphore NAME [permits=N]",
    ),
    shape(
        "queue",
        &["name"],
        &["capacity"],
        Never,
        "queue NAME [capacity=N]",
    ),
    shape("task", &["name"], &[], Always, "task NAME { … }"),
    shape("expect", &[], &[], Always, "expect { … }"),
];

/// What stands in a task.
pub(super) const STEPS: &[Shape] = &[
    shape("sleep", &["duration"], &[], Never, "sleep D"),
    shape("yield", &[], &[], Never, "yield"),
    shape("busy", &["duration"], &[], Never, "busy D"),
    shape("log", &["text"], &[], Never, "log TEXT"),
    shape(
        "timeout",
        &["scope name"],
        &["after", "at"],
        Always,
        "timeout NAME [after=D | at=T] { … }",
    ),
    shape(
        "wait-for",
        &["task"],
        &["after"],
        Either,
        "wait-for TASK [after=D]` or `wait-for [after=D] { … }",
    ),
    shape(
        "await",
        &["task"],
        &["shield"],
        Never,
        "await TASK [shield=#true]",
    ),
    shape("cancel", &["task"], &[], Never, "cancel TASK"),
    shape("uncancel", &[], &[], Never, "uncancel"),
    shape(
        "reschedule",
        &["scope name"],
        &["after", "at"],
        Never,
        "reschedule NAME [after=D | at=T]",
    ),
    shape("shift", &["scope name"], &["by"], Never, "shift NAME by=D"),
    shape(
        "update",
        &["scope name"],
        &["at"],
        Never,
        "update NAME at=T",
    ),
    shape("reject", &["scope name"], &[], Never, "reject NAME"),
    shape("set", &["event"], &[], Never, "set EVENT"),
    shape("clear", &["event"], &[], Never, "clear EVENT"),
    shape("wait", &["event"], &[], Never, "wait EVENT"),
    shape("send", &["queue", "value"], &[], Never, "send QUEUE VALUE"),
    shape("recv", &["queue"], &[], Never, "recv QUEUE"),
    shape("acquire", &["semaphore"], &[], Always, "acquire SEM { … }"),
    shape(
        "try",
        &[],
        &[],
        Always,
        "try { body { … } on KIND { … } finally { … } }",
    ),
    shape("raise", &[], &[], Never, "raise"),
    shape("fail", &["error name"], &[], Never, "fail NAME"),
    shape(
        "check",
        &["scope name"],
        &["expired", "state", "when"],
        Never,
        "check NAME [expired=B] [state=S] [when=T]",
    ),
];

/// What stands in a `try`.
pub(super) const PARTS_OF_TRY: &[Shape] = &[
    shape("body", &[], &[], Always, "body { … }"),
    shape("on", &["kind"], &[], Always, "on KIND { … }"),
    shape("finally", &[], &[], Always, "finally { … }"),
];

/// What stands in an `expect`.
pub(super) const EXPECTATIONS: &[Shape] = &[
    shape(
        "task",
        &["task"],
        &["ends", "at"],
        Never,
        "task NAME [ends=E] [at=T]",
    ),
    shape(
        "scope",
        &["scope name"],
        &["expired", "state", "when"],
        Never,
        "scope NAME [expired=B] [state=S] [when=T]",
    ),
    shape("log", &["text"], &["count"], Never, "log TEXT [count=N]"),
    shape("never", &["text"], &[], Never, "never TEXT"),
    shape("verdict", &["verdict"], &[], Never, "verdict V"),
];

/// The shape of this name.
pub(super) fn find(shapes: &'static [Shape], name: &str) -> Option<&'static Shape> {
    shapes.iter().find(|shape| shape.name == name)
}

/// All names of a table.
pub(super) fn names(shapes: &'static [Shape]) -> impl Iterator<Item = &'static str> {
    shapes.iter().map(|shape| shape.name)
}
