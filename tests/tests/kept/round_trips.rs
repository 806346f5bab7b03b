//! Tokens and traces as text: what is written is read back, what is read is written again as the same
//! text, and whatever else is refused, with its place.

use std::time::Duration;

use deadheat::decide::{DecisionKind, Departure, Tape, TokenError};
use deadheat::record::{CancelledBy, EventKind, TaskOutcome, TraceEvent};
use deadheat::{Bounds, Instant, Token, Trace};
use deadheat_tests::strategy::cases;
use deadheat_timeout::{ScopeEnd, State};
use proptest::prelude::*;
use proptest::sample::select;

fn bound() -> impl Strategy<Value = Duration> {
    prop_oneof![Just(0), 0..=10_u64, 0..=i64::MAX as u64].prop_map(Duration::from_nanos)
}

fn number() -> impl Strategy<Value = u64> {
    prop_oneof![3 => 0..=20_u64, 1 => any::<u64>()]
}

fn departure() -> impl Strategy<Value = Departure> {
    let choice = prop_oneof![3 => (1..=3_u64, 1..=3_u64), 1 => (1..u64::MAX / 2, 1..u64::MAX / 2)];
    (select(&DecisionKind::ALL[..]), number(), choice).prop_map(|(kind, number, (choice, more))| {
        let choice = if kind == DecisionKind::Draw {
            choice - 1
        } else {
            choice
        };
        Departure {
            kind,
            number,
            choice,
            options: choice + more,
        }
    })
}

fn token() -> impl Strategy<Value = Token> {
    let departures = prop::collection::vec(departure(), 0..6);
    let fingerprint = prop::option::of(number());
    (number(), bound(), bound(), departures, fingerprint).prop_map(
        |(seed, late, task_late, departures, fingerprint)| Token {
            seed,
            bounds: Bounds { late, task_late },
            tape: Tape::of(departures),
            fingerprint,
        },
    )
}

/// A token in which a few characters are others, are missing or are there twice.
fn nearly_a_token() -> impl Strategy<Value = String> {
    let edit = (any::<prop::sample::Index>(), 0..4_u8, select(EDITS));
    (token(), prop::collection::vec(edit, 1..4)).prop_map(|(token, edits)| {
        let mut text: Vec<char> = token.to_string().chars().collect();
        for (place, how, c) in edits {
            let place = place.index(text.len() + 1);
            match how {
                0 => text.insert(place, c),
                1 if place < text.len() => text[place] = c,
                2 if place < text.len() => drop(text.remove(place)),
                _ => text.truncate(place),
            }
        }
        text.into_iter().collect()
    })
}

const EDITS: &[char] = &[
    '.', '=', '/', ':', '0', '1', '9', 'a', 'f', 'n', 'l', 'r', 'x', 'A', ' ', '+', '-', 'é', '\0',
];

/// What is no token says where, and says something; what is one has no other form.
fn read(text: &str) -> Result<(), TestCaseError> {
    match text.parse::<Token>() {
        Ok(token) => prop_assert_eq!(token.to_string(), text),
        Err(error) => points_into(&error, text)?,
    }
    Ok(())
}

fn points_into(error: &TokenError, text: &str) -> Result<(), TestCaseError> {
    prop_assert!(text.is_char_boundary(error.offset()), "{}", error);
    prop_assert!(error.to_string().len() < 500);
    // What stands before the place is not what is wrong: as a token it would do, or be too short.
    let before = text[..error.offset()].trim_end_matches('.');
    prop_assert!(
        error.offset() < 5 || before.parse::<Token>().is_ok(),
        "{}",
        error
    );
    Ok(())
}

proptest! {
    #![proptest_config(cases(6_000))]

    #[test]
    fn a_token_is_written_and_read_back(token in token()) {
        prop_assert_eq!(token.to_string().parse::<Token>(), Ok(token));
    }

    #[test]
    fn what_is_nearly_a_token_is_one_or_gets_a_place(text in nearly_a_token()) {
        read(&text)?;
    }

    #[test]
    fn what_is_made_of_the_words_of_tokens_is_one_or_gets_a_place(
        words in prop::collection::vec("[0-9a-f]{0,3}|[nlrx][0-9]{1,2}=[0-2]/[1-3]|(task|)late=[0-9]{1,2}|fp=[0-9a-f]", 0..5)
    ) {
        read(&format!("dh1:{}", words.join(".")))?;
    }

    #[test]
    fn any_text_is_a_token_or_gets_a_place(text in any::<String>(), head in "|dh1|dh1:|dh2:0|dh1:0.") {
        read(&(head + &text))?;
    }
}

#[test]
fn the_fields_of_a_token_have_one_order() {
    for text in [
        "dh1:7f.n12=1/3.late=1000",
        "dh1:7f.tasklate=1.late=1",
        "dh1:7f.fp=1.n12=1/3",
        "dh1:7f.late=1.late=1",
    ] {
        let error = text.parse::<Token>().expect_err(text);
        assert_eq!(error.offset(), text.rfind('.').unwrap() + 1, "{error}");
    }
}

/// Names that a line of text could take for something else.
const NASTY: &[&str] = &[
    "",
    "-",
    "--",
    " ",
    "a b",
    "\"",
    "\\",
    "\\n",
    "\n",
    "\r\n",
    "\r",
    "\t",
    "\0",
    "\u{7f}",
    "\u{85}",
    "\u{2028}",
    "\u{2029}",
    "\u{202e}",
    "\u{feff}",
    "😀",
    "e\u{301}",
    "²",
    "٣",
    "none",
    "#1",
    "#",
    "1.000s",
    "by=scope",
    "deadline=none",
    "state=active",
    "scope",
    "turn",
    "deadheat trace 1",
    "… and more, beyond the limit",
    "\u{a0}",
    "\u{3000}",
    "\"\"",
    "a\"b",
    "'",
    "ß/ü.x_y-z",
];

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => "[a-z]{1,3}",
        4 => select(NASTY).prop_map(str::to_owned),
        1 => (select(NASTY), select(NASTY)).prop_map(|(a, b)| format!("{a}{b}")),
        1 => any::<String>(),
    ]
}

fn instant() -> impl Strategy<Value = Instant> {
    let near = -3_000..=3_000_i64;
    prop_oneof![
        near.clone(),
        near.clone().prop_map(|n| n * 1_000),
        near.clone().prop_map(|n| n * 1_000_000),
        near.prop_map(|n| n * 1_000_000_000),
        any::<i64>(),
        select(&[i64::MIN, i64::MIN + 1, i64::MAX][..]),
    ]
    .prop_map(Instant::from_nanos)
}

fn scope_event() -> impl Strategy<Value = EventKind> {
    let deadline = || prop::option::of(instant());
    let ends = [
        ScopeEnd::Value,
        ScopeEnd::Cancelled,
        ScopeEnd::Elapsed,
        ScopeEnd::Error,
        ScopeEnd::Dropped,
    ];
    let ends = prop::collection::vec(Just(()), 0..5).prop_map(move |v| ends[v.len()]);
    prop_oneof![
        (name(), deadline()).prop_map(|(scope, deadline)| EventKind::Enter { scope, deadline }),
        (name(), deadline())
            .prop_map(|(scope, deadline)| EventKind::Reschedule { scope, deadline }),
        name().prop_map(|scope| EventKind::Expire { scope }),
        (name(), select(&State::ALL[..]), ends).prop_map(|(scope, state, end)| EventKind::Exit {
            scope,
            state,
            end
        }),
    ]
}

fn task_event() -> impl Strategy<Value = EventKind> {
    let hows = [
        TaskOutcome::Returned,
        TaskOutcome::Cancelled,
        TaskOutcome::Failed,
        TaskOutcome::Aborted,
        TaskOutcome::Panicked,
    ];
    let bare = select(vec![
        EventKind::Spawn,
        EventKind::Turn,
        EventKind::Wake,
        EventKind::Deliver,
    ]);
    prop_oneof![
        bare,
        name().prop_map(|scope| EventKind::Cancel(CancelledBy::Scope(scope))),
        name().prop_map(|task| EventKind::Cancel(CancelledBy::Task(task))),
        name().prop_map(|task| EventKind::Cancel(CancelledBy::Waiter(task))),
        Just(EventKind::Cancel(CancelledBy::Outside)),
        name().prop_map(EventKind::Join),
        any::<u32>().prop_map(|remaining| EventKind::Uncancel { remaining }),
        (0..5_usize).prop_map(move |how| EventKind::End(hows[how])),
        name().prop_map(EventKind::Log),
        name().prop_map(EventKind::Fault),
        name().prop_map(EventKind::Socket),
        name().prop_map(EventKind::Packet),
        name().prop_map(EventKind::File),
        (name(), name(), name()).prop_map(|(what, now, then)| EventKind::Errand {
            what,
            now,
            then
        }),
    ]
}

fn other_event() -> impl Strategy<Value = EventKind> {
    prop_oneof![
        (number(), instant(), instant(), any::<bool>()).prop_map(
            |(timer, deadline, until, same)| {
                let until = if same { deadline } else { until };
                EventKind::Arm {
                    timer,
                    deadline,
                    until,
                }
            }
        ),
        number().prop_map(EventKind::Fire),
        number().prop_map(EventKind::Disarm),
        (prop::option::of(number()), instant())
            .prop_map(|(timer, to)| EventKind::Late { timer, to }),
        instant().prop_map(EventKind::Busy),
        (number(), number()).prop_map(|(value, options)| EventKind::Draw { value, options }),
    ]
}

fn trace() -> impl Strategy<Value = Trace> {
    let what = prop_oneof![scope_event(), task_event(), other_event()];
    let event = (instant(), prop::option::of(name()), what);
    let event = event.prop_map(|(at, task, what)| TraceEvent {
        at,
        task,
        what,
        origin: None,
        panic: None,
    });
    (prop::collection::vec(event, 0..6), any::<bool>())
        .prop_map(|(events, truncated)| Trace { events, truncated })
}

/// What is no trace gets one of its lines; what is one has no other form.
fn parse(text: &str) -> Result<(), TestCaseError> {
    match Trace::parse(text) {
        Ok(trace) => prop_assert_eq!(trace.to_string(), text),
        Err(error) => {
            let lines = text.split('\n').count();
            prop_assert!((1..=lines).contains(&error.line()), "{}", error);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(6_000))]

    #[test]
    fn a_trace_is_written_and_read_back(trace in trace()) {
        let text = trace.to_string();
        prop_assert_eq!(Trace::parse(&text), Ok(trace.clone()), "{}", text);
        let lines = 1 + trace.events.len() + usize::from(trace.truncated);
        prop_assert_eq!(text.lines().count(), lines, "one line an event: {}", text);
    }

    #[test]
    fn what_is_nearly_a_trace_is_one_or_gets_a_line(
        trace in trace(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0..3_u8, select(TRACE_EDITS)), 1..4),
    ) {
        let mut text: Vec<char> = trace.to_string().chars().collect();
        for (place, how, c) in edits {
            let place = place.index(text.len());
            match how {
                0 => text.insert(place, c),
                1 => text[place] = c,
                _ => drop(text.remove(place)),
            }
        }
        parse(&text.into_iter().collect::<String>())?;
    }

    #[test]
    fn any_text_is_a_trace_or_gets_a_line(text in any::<String>(), head in any::<bool>()) {
        let head = if head { "deadheat trace 1\n" } else { "" };
        parse(&format!("{head}{text}"))?;
    }
}

const TRACE_EDITS: &[char] = &[
    ' ', '\n', '\r', '\t', '"', '\\', '=', '#', '.', '0', '1', '-', '+', 's', 'n', 'u', '{', '}',
];
