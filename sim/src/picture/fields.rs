//! The fields of an event in JSON, and the schema that is made of them.

use super::value::Value;

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    Count,
    Nanos,
    NanosOrNull,
    CountOrNull,
    Text,
    TextOrNull,
    OneOf(&'static [&'static str]),
    Place,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) holds: Holds,
    pub(super) says: &'static str,
}

/// A kind of events, and the fields that it has beside those of all.
#[derive(Debug)]
pub(super) struct Kind {
    pub(super) name: &'static str,
    pub(super) says: &'static str,
    pub(super) fields: &'static [Field],
}

const fn field(name: &'static str, holds: Holds, says: &'static str) -> Field {
    Field { name, holds, says }
}

const fn kind(name: &'static str, says: &'static str, fields: &'static [Field]) -> Kind {
    Kind { name, says, fields }
}

const TIMER: Field = field("timer", Holds::Count, "the timer's number");
const SCOPE: Field = field("scope", Holds::Text, "the scope's name");
const DEADLINE: Field = field(
    "deadline_ns",
    Holds::NanosOrNull,
    "the scope's deadline; null if it has none",
);
const TEXT: Field = field("text", Holds::Text, "the text");

/// The fields of every event.
pub(super) const COMMON: [Field; 4] = [
    field(
        "event",
        Holds::Count,
        "the number of the event in its run, from 1",
    ),
    field(
        "at_ns",
        Holds::Nanos,
        "when it happened, in nanoseconds of virtual time since the start of the run",
    ),
    field(
        "task",
        Holds::TextOrNull,
        "the name of the task that it concerns; null if it concerns none",
    ),
    field("kind", Holds::Text, "what happened"),
];

/// The fields that any event may have.
pub(super) const OPTIONAL: [Field; 4] = [
    field(
        "caused_by",
        Holds::Count,
        "the number of the event that brought it about",
    ),
    field(
        "place",
        Holds::Place,
        "the line of the sources that caused it",
    ),
    field(
        "within",
        Holds::Place,
        "the line of the dependency that was called there",
    ),
    field(
        "departure",
        Holds::Text,
        "it was decided otherwise than in order and on time, and how",
    ),
];

pub(super) const KINDS: [Kind; 24] = [
    kind("spawn", "a task was spawned", &[]),
    kind("turn", "a task took a turn", &[]),
    kind("wake", "a task was woken", &[]),
    kind(
        "arm",
        "a timer was armed",
        &[
            TIMER,
            field(
                "deadline_ns",
                Holds::Nanos,
                "when it fires if it is on time",
            ),
            field(
                "until_ns",
                Holds::Nanos,
                "the last moment at which it may fire",
            ),
        ],
    ),
    kind("fire", "a timer fired", &[TIMER]),
    kind("disarm", "a timer was given up", &[TIMER]),
    kind(
        "late",
        "a timer that is due, or the turn of a task that was woken, waits until a moment",
        &[
            field(
                "timer",
                Holds::CountOrNull,
                "the timer's number; null for a turn",
            ),
            field("until_ns", Holds::Nanos, "until when"),
        ],
    ),
    kind(
        "busy",
        "the task let time pass without yielding",
        &[field("busy_ns", Holds::Nanos, "how long")],
    ),
    kind("enter", "a scope was entered", &[SCOPE, DEADLINE]),
    kind(
        "reschedule",
        "the deadline of a scope was moved",
        &[SCOPE, DEADLINE],
    ),
    kind("expire", "the deadline of a scope was reached", &[SCOPE]),
    kind(
        "exit",
        "a scope was left",
        &[
            SCOPE,
            field("state", Holds::Text, "the state it is left in"),
            field(
                "end",
                Holds::OneOf(&["value", "cancelled", "elapsed", "error", "dropped"]),
                "what came out of it",
            ),
        ],
    ),
    kind(
        "cancel",
        "the task was asked to cancel",
        &[
            field(
                "by",
                Holds::OneOf(&["scope", "task", "waiter", "outside"]),
                "who asked",
            ),
            field(
                "by_name",
                Holds::TextOrNull,
                "the name of who asked; null for outside",
            ),
        ],
    ),
    kind("deliver", "a request to cancel was delivered", &[]),
    kind(
        "join",
        "the task began to wait for another",
        &[field("on", Holds::Text, "for which")],
    ),
    kind(
        "uncancel",
        "one request to cancel was taken back",
        &[field("remaining", Holds::Count, "how many remain")],
    ),
    kind(
        "end",
        "the task ended",
        &[field(
            "end",
            Holds::OneOf(&["returned", "cancelled", "failed", "aborted", "panicked"]),
            "how",
        )],
    ),
    kind(
        "draw",
        "the program drew a number",
        &[
            field("value", Holds::Count, "the number"),
            field("options", Holds::Count, "it is below this"),
        ],
    ),
    kind("fault", "something went wrong that may", &[TEXT]),
    kind("log", "an event of the program's own", &[TEXT]),
    kind(
        "socket",
        "the task did something at a socket: words that go on after its name",
        &[TEXT],
    ),
    kind(
        "packet",
        "something became of a packet: a sentence",
        &[TEXT],
    ),
    kind(
        "file",
        "the task did something to a file in memory: words that go on after its name",
        &[TEXT],
    ),
    kind(
        "errand",
        "the task stands for something that takes time on the network",
        &[
            field("what", Holds::Text, "what it is, with who sends it to whom"),
            field("now", Holds::Text, "what it does now"),
            field(
                "then",
                Holds::Text,
                "what it does as the timer of the task fires",
            ),
        ],
    ),
];

fn names(holds: &[&str]) -> Value {
    Value::List(holds.iter().map(|name| Value::text(*name)).collect())
}

fn held(field: &Field) -> Value {
    let mut fields = match field.holds {
        Holds::Count => vec![("type", "integer".into()), ("minimum", 0_u64.into())],
        Holds::Nanos => vec![("type", "integer".into())],
        Holds::NanosOrNull => vec![("type", names(&["integer", "null"]))],
        Holds::CountOrNull => vec![
            ("type", names(&["integer", "null"])),
            ("minimum", 0_u64.into()),
        ],
        Holds::Text => vec![("type", "string".into())],
        Holds::TextOrNull => vec![("type", names(&["string", "null"]))],
        Holds::OneOf(of) => vec![("enum", names(of))],
        Holds::Place => vec![("$ref", "#/$defs/place".into())],
    };
    fields.push(("description", field.says.into()));
    Value::Object(fields)
}

fn of_kind(kind: &Kind) -> Value {
    let is_kind = Value::Object(vec![("const", kind.name.into())]);
    let common = COMMON.iter().chain(kind.fields).chain(&OPTIONAL);
    let properties = common.map(|field| match field.name {
        "kind" => ("kind", is_kind.clone()),
        name => (name, held(field)),
    });
    let required: Vec<&str> = COMMON
        .iter()
        .chain(kind.fields)
        .map(|field| field.name)
        .collect();
    Value::Object(vec![
        ("title", kind.name.into()),
        ("description", kind.says.into()),
        ("type", "object".into()),
        ("properties", Value::Object(properties.collect())),
        ("required", names(&required)),
        ("additionalProperties", Value::Bool(false)),
    ])
}

fn truncated() -> Value {
    let is_kind = Value::Object(vec![("const", "truncated".into())]);
    Value::Object(vec![
        ("title", "truncated".into()),
        (
            "description",
            "there were more events, beyond the limit on a trace's length; the last line".into(),
        ),
        ("type", "object".into()),
        ("properties", Value::Object(vec![("kind", is_kind)])),
        ("required", names(&["kind"])),
        ("additionalProperties", Value::Bool(false)),
    ])
}

fn place() -> Value {
    let file = field("file", Holds::Text, "the file, as the compiler was told");
    let line = field("line", Holds::Count, "the line, from 1");
    let column = field("column", Holds::Count, "the column, from 1");
    let properties = [file, line, column].map(|field| (field.name, held(&field)));
    Value::Object(vec![
        ("type", "object".into()),
        ("properties", Value::Object(properties.into())),
        ("required", names(&["file", "line"])),
        ("additionalProperties", Value::Bool(false)),
    ])
}

/// The schema of a line. Each kind stands on a line of its own, so that a change of it can be read.
pub(super) fn schema() -> String {
    let kinds = KINDS.iter().map(of_kind).chain([truncated()]);
    let kinds: Vec<String> = kinds.map(|kind| format!("    {kind}")).collect();
    format!(
        "{{\n  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n  \
         \"title\": \"one line of a deadheat trace in JSON: an event\",\n  \
         \"$defs\": {{\"place\":{}}},\n  \"oneOf\": [\n{}\n  ]\n}}\n",
        place(),
        kinds.join(",\n")
    )
}
