//! Texts that are meant to hurt: a megabyte of one thing, or ten thousand of it inside each other.
//!
//! Each is read on a thread with a stack of two megabytes. Alone, each takes less than a second in a debug
//! build, and most less than a tenth of one; ten are allowed, for busy machines: what is not linear
//! takes minutes. The report is drawn as well.

use std::fmt::Write;
use std::time::{Duration, Instant};

use deadheat_scenarios::{MAX_DEPTH, MAX_FILE_BYTES, ParseError, parse};
use miette::{GraphicalReportHandler, GraphicalTheme};
use proptest::prelude::*;

const STACK_BYTES: usize = 2 << 20;
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a report may be, however large the file is.
const MAX_REPORT_BYTES: usize = 64 << 10;

/// Reads and forgets a text; gives back the first line of the error, if it is one.
fn survives(text: String) -> Option<String> {
    let run = move || {
        let start = Instant::now();
        let outcome = parse("hostile.kdl", &text);
        let line = outcome.as_ref().err().map(ToString::to_string);
        let drawn = outcome.as_ref().err().map_or(0, drawn);
        let took = start.elapsed();
        // Printing, comparing and dropping walk the whole scenario as well.
        if let Ok(scenario) = &outcome {
            let printed = scenario.to_string();
            let again = parse("printed.kdl", &printed);
            assert!(printed.len() > MAX_FILE_BYTES || again.ok().as_ref() == Some(scenario));
        }
        (line, drawn, took)
    };
    let thread = std::thread::Builder::new()
        .stack_size(STACK_BYTES)
        .spawn(run);
    let (line, drawn, took) = thread.expect("a thread").join().expect("no panic");
    assert!(took < PATIENCE, "{took:?} for {line:?}");
    assert!(drawn < MAX_REPORT_BYTES, "{drawn} bytes of report");
    line
}

fn drawn(error: &ParseError) -> usize {
    let mut report = String::new();
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme::none()).with_width(100);
    handler
        .render_report(&mut report, error)
        .expect("a report into a string");
    report.len()
}

/// As many of these as fit into the largest file.
fn filled(head: &str, piece: &str, tail: &str) -> String {
    let room = MAX_FILE_BYTES - head.len() - tail.len();
    format!("{head}{}{tail}", piece.repeat(room / piece.len()))
}

/// The same with a number in each piece.
fn numbered(head: &str, piece: fn(&mut String, usize), tail: &str) -> String {
    let mut text = head.to_owned();
    let mut number = 0;
    while text.len() + tail.len() + 60 < MAX_FILE_BYTES {
        piece(&mut text, number);
        number += 1;
    }
    text + tail
}

const TASK: &str = "scenario s; task main { ";

/// What a file is filled with: a token, or the least piece in which one repeats.
const PIECES: [&str; 56] = [
    "{",
    "}",
    "(",
    ")",
    "[",
    "\"",
    "\"\"\"\n",
    "#",
    "#\"",
    "##\"\"\"\n",
    "/*",
    "/**/*",
    "*/",
    "//",
    "/-",
    "/- ",
    ";",
    "=",
    "\\",
    "\\\n",
    "\n",
    "\r\n",
    " ",
    "a",
    "1",
    "a ",
    "a;",
    "a\n",
    "a{",
    "a {",
    "a {}\n",
    "a /-{",
    "/-a{",
    "a {b;/-c {",
    "a=",
    "a=1 ",
    "a \"b\" ",
    "a 1.5 ",
    "a 1.5\n",
    "+\n",
    "a /-1.5\n",
    "a 0x1\n",
    "a \"\\n\"\n",
    "\"\\n\"\n",
    "a #\"\"#\n",
    "1x ",
    "#x ",
    "task\n",
    "é",
    "\u{2028}",
    "\0",
    "\"\\u{",
    "\u{feff}",
    "(a)b ",
    "a 1x\n",
    "a \"\"\"\n x\n\"\"\"\n",
];

#[test]
fn a_megabyte_of_one_token_is_refused() {
    for piece in PIECES {
        let line = survives(filled("", piece, "")).expect("no scenario");
        assert!(line.starts_with("hostile.kdl:"), "{piece:?}: {line}");
        survives(filled(TASK, piece, " }"));
    }
}

#[test]
fn a_megabyte_of_mistakes_is_counted() {
    for piece in [
        "cancel x;",
        "slep;",
        "yield 1;",
        "log x y=1;",
        "timeout t {};",
        "sleep \"x\";",
        "try {};",
    ] {
        let line = survives(filled(TASK, piece, " }")).expect("mistakes");
        assert!(line.ends_with("more mistakes)"), "{piece:?}: {line}");
    }
    for piece in [
        "task \"m\" {}\n",
        "scenario s\n",
        "queue q\n",
        "expect { x }\n",
    ] {
        survives(filled("", piece, "")).expect("mistakes");
    }
}

#[test]
fn a_megabyte_of_good_steps_is_read() {
    let steps = [
        "yield;",
        "sleep \"1s\"\n",
        "log a;",
        "set e;",
        "uncancel // why\n",
        "/- nothing\n",
        "acquire s {};",
        "try { body {}; finally {} };",
        "check t;",
        "yield /* why */\n",
    ];
    for step in steps {
        let line = survives(filled(TASK, step, "timeout t {} }"));
        assert_eq!(line, None, "{step:?}");
    }
}

#[test]
fn long_names_texts_and_numbers_are_read() {
    assert_eq!(
        survives(filled(&format!("{TASK} log \""), "x", "\" }")),
        None
    );
    assert_eq!(
        survives(filled(&format!("{TASK} log \"\"\"\n"), "x\n", "\"\"\" }")),
        None
    );
    assert_eq!(
        survives(filled(&format!("{TASK} log \""), "\\n", "\" }")),
        None
    );
    assert_eq!(
        survives(filled(&format!("{TASK} log #\""), "\"", "\"# }")),
        None
    );
    assert_eq!(
        survives(filled(
            &format!("{TASK} log #\"\"\"\n"),
            "\\\n",
            "\"\"\"# }"
        )),
        None
    );
    assert_eq!(survives(filled(&format!("{TASK} log "), "x", " }")), None);
    let wrong = [
        (format!("{TASK} cancel "), "x", " }"),
        (format!("{TASK} "), "x", " }"),
        (format!("{TASK} sleep \""), "9", "s\" }"),
        (format!("{TASK} sleep \"0."), "9", "s\" }"),
        ("semaphore a permits=".to_owned(), "9", ""),
        ("semaphore a permits=".to_owned(), "1_", ""),
        ("semaphore a permits=0x".to_owned(), "f", ""),
        ("semaphore a permits=1e".to_owned(), "9", ""),
        ("semaphore a permits=1.".to_owned(), "9", ""),
        (
            format!("{TASK} log {}\"", "#".repeat(1_000)),
            "\"##########",
            " }",
        ),
    ];
    for (head, piece, tail) in wrong {
        survives(filled(&head, piece, tail)).expect("a mistake");
    }
}

#[test]
fn a_megabyte_of_different_names_is_read() {
    let events = |text: &mut String, n| write!(text, "set e{n};").expect("into a string");
    assert_eq!(survives(numbered(TASK, events, "}")), None);
    let scopes = |text: &mut String, n| write!(text, "timeout t{n} {{}};").expect("into a string");
    assert_eq!(survives(numbered(TASK, scopes, "}")), None);
    let tasks = |text: &mut String, n| write!(text, "task t{n} {{}};").expect("into a string");
    assert_eq!(survives(numbered("scenario s;", tasks, "")), None);
    let unknown = "task a { cancel t; cancel tt; cancel t1x; cancel t2x; cancel t3x }";
    survives(numbered("scenario s;", tasks, unknown)).expect("unknown tasks");
    let properties = |text: &mut String, n| write!(text, "p{n}=1 ").expect("into a string");
    survives(numbered(&format!("{TASK} yield "), properties, "}")).expect("unknown properties");
}

#[test]
fn ten_thousand_levels_are_refused_in_their_place() {
    let nests = [
        ("acquire a { ", " }"),
        ("try { body { ", " } }"),
        ("a /-{", "}"),
        ("/- a {", "}\n"),
        ("yield; /- a { yield\n", "}\n"),
    ];
    for (open, close) in nests {
        let depth = 10_000;
        let text = format!("{TASK}{}{}}}", open.repeat(depth), close.repeat(depth));
        let line = survives(text).expect("too deep");
        assert!(
            line.contains(&format!("nested more than {MAX_DEPTH} deep")),
            "{line}"
        );
        survives(format!("{TASK}{}", open.repeat(depth))).expect("too deep");
    }
    let comments = format!("{TASK}{}{}}}", "/* ".repeat(10_000), " */".repeat(10_000));
    assert_eq!(survives(comments), None);
}

#[test]
fn the_deepest_allowed_nesting_needs_little_stack() {
    for (open, close, levels) in [
        ("acquire a { ", " }", 1),
        ("try { finally {}; body { ", " } }", 2),
    ] {
        let depth = (MAX_DEPTH - 1) / levels;
        let text = format!("{TASK}{}{}}}", open.repeat(depth), close.repeat(depth));
        assert_eq!(survives(text), None);
    }
}

/// The document parser of kdl 6.7.1 would be busy with this for years.
#[test]
fn nested_slashdashes_are_no_trouble() {
    let depth = MAX_DEPTH - 1;
    let text = format!(
        "{TASK}{}{}}}",
        "yield; /- a { b\n".repeat(depth),
        "}\n".repeat(depth)
    );
    assert_eq!(survives(text), None);
}

proptest! {
    #[test]
    fn random_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..4_096)) {
        survives(String::from_utf8_lossy(&bytes).into_owned());
    }

    #[test]
    fn random_tokens_are_survived(text in "([a-z]|task|try|body|on|[{}\";=/*#\\\\() \n-]|\"1s\"){0,400}") {
        survives(text.clone());
        survives(format!("{TASK}{text}"));
    }
}
