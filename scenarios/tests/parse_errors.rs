//! What every mistake in a scenario file looks like: the one line, and the drawing with its hint.
//!
//! Each test is one mistake, or one kind of mistake in all its places; the snapshots are the contract.

use deadheat_scenarios::{MAX_DEPTH, MAX_FILE_BYTES, ParseError, parse};
use miette::{GraphicalReportHandler, GraphicalTheme};

/// Both forms of an error, without colours and at a fixed width.
fn shown(error: &ParseError) -> String {
    let mut drawing = String::new();
    GraphicalReportHandler::new_themed(GraphicalTheme::none())
        .with_links(false)
        .with_width(100)
        .render_report(&mut drawing, error)
        .expect("a report into a string");
    let lines: Vec<&str> = drawing.lines().map(str::trim_end).collect();
    format!("{error}\n\n{}", lines.join("\n"))
}

fn mistake(text: &str) -> String {
    shown(&parse("case.kdl", text).expect_err("a mistake"))
}

/// A mistake among the steps of an otherwise good file.
fn in_task(steps: &str) -> String {
    mistake(&format!(
        "scenario \"s\"\ntask \"main\" {{\n{steps}\n}}\ntask \"ops\" {{ timeout \"query\" {{}} }}\n"
    ))
}

/// A mistake at the top level of an otherwise good file.
fn beside_task(nodes: &str) -> String {
    mistake(&format!(
        "scenario \"s\"\n{nodes}\ntask \"main\" {{ timeout \"query\" {{}} }}\n"
    ))
}

/// Declares tests: a name, what is wrong, and how to look at it.
macro_rules! mistakes {
    ($($name:ident: $look:ident($text:expr);)*) => {
        $(#[test]
        fn $name() {
            insta::assert_snapshot!(stringify!($name), $look($text.as_ref()));
        })*
    };
}

mistakes! {
    unknown_step: in_task("slep \"1s\"");
    unknown_step_without_a_guess: in_task("teleport");
    unknown_top_level_node: beside_task("tsak \"x\" {}");
    step_at_the_top_level: beside_task("sleep \"1s\"");
    expect_inside_a_task: in_task("expect { verdict \"done\" }");
    unknown_expectation: beside_task("expect { logs \"x\" }");

    unknown_task: in_task("await \"opps\"; cancel \"nobody\"; wait-for \"x\" after=\"1s\"");
    unknown_task_in_expect: beside_task("expect { task \"mian\" ends=\"returned\" }");
    unknown_scope: in_task("reschedule \"qerry\"; check \"t\" expired=#true");
    unknown_scope_in_expect: beside_task("expect { scope \"t\" expired=#true }");
    duplicate_task: beside_task("task \"main\" {}");
    duplicate_scope: in_task("timeout \"query\" {}");
    duplicate_semaphore: beside_task("semaphore \"a\"; semaphore \"a\" permits=2");
    duplicate_queue: beside_task("queue \"a\" capacity=1; queue \"a\"");
    task_awaits_itself: in_task("await \"main\"; wait-for \"main\"; cancel \"main\"");

    missing_value: in_task("sleep; send \"q\"; timeout after=\"1s\" {}");
    extra_value: in_task("yield 1; sleep \"1s\" \"2s\"; send \"a\" \"b\" \"c\"");
    far_too_many_values: in_task(format!("yield {}", "1 ".repeat(100)));
    missing_property: in_task("shift \"query\"; update \"query\"");
    unknown_property: in_task("sleep \"1s\" after=\"1s\"; timeout \"t\" aftr=\"1s\" {}");
    property_twice: in_task("shift \"query\" by=\"1s\" by=\"2s\"");
    after_and_at: in_task("timeout \"t\" after=\"1s\" at=\"2s\" {}\nreschedule \"t\" at=\"1s\" after=\"2s\"");
    wrong_type: in_task("log 5; sleep 5; await \"ops\" shield=\"true\"; timeout \"t\" after=#null {}");
    wrong_type_of_counts: beside_task("semaphore \"a\" permits=\"2\"; queue \"b\" capacity=1.5");
    no_permits: beside_task("semaphore \"a\" permits=0; semaphore \"b\" permits=-1");
    no_capacity: beside_task("queue \"a\" capacity=0; queue \"b\" capacity=5000000000");
    unknown_words: in_task("try { body {}; on \"canceled\" {} }; check \"query\" state=\"Active\"");
    unknown_words_in_expect: beside_task("expect { task \"main\" ends=\"error\"; verdict \"stock\" }");
    empty_expectation: beside_task("expect { task \"main\"; scope \"query\"; log \"x\"; }");

    block_where_none_is_allowed: in_task("sleep \"1s\" { yield }");
    block_after_scenario: mistake("scenario \"s\" {\n    task \"main\" {}\n}\ntask \"a\" {}\n");
    block_missing: in_task("timeout \"t\" after=\"1s\"\nacquire \"sem\"");
    wait_for_both: in_task("wait-for \"ops\" after=\"1s\" { yield }");
    wait_for_neither: in_task("wait-for after=\"1s\"");

    raise_outside_on: in_task("raise\ntry { body { raise }; finally { raise } }");
    on_outside_try: in_task("on \"error\" { log \"x\" }; body { yield }");
    try_without_body: in_task("try { on \"error\" {} }");
    try_without_on_or_finally: in_task("try { body { yield } }");
    step_directly_in_try: in_task("try { sleep \"1s\"; on \"error\" {} }");
    body_twice: in_task("try { body {}; body {}; finally {}; finally {} }");
    same_on_twice: in_task("try { body {}; on \"error\" {}; on \"timeout\" {}; on \"error\" {} }");

    duration_that_does_not_parse: in_task("sleep \"5\"; sleep \"fast\"; busy \"5 s\"; sleep \"1.s\"");
    duration_too_fine_or_too_long: in_task("sleep \"0.5ns\"; sleep \"3000000h\"");
    duration_negative: in_task("sleep \"-1s\"; timeout \"t\" after=\"-1s\" {}");
    duration_without_quotes: in_task("sleep 1s");
    range_reversed: in_task("sleep \"5s..1s\"");
    range_where_none_is_allowed: in_task("timeout \"t\" after=\"1s..5s\" {}");

    no_scenario: mistake("task \"main\" {}\n");
    empty_file: mistake("");
    two_scenarios: beside_task("scenario \"other\"");
    no_task: mistake("scenario \"s\"\nexpect { log \"x\" }\n");

    truncated_in_a_block: mistake("scenario \"s\"\ntask \"main\" {\n    timeout \"t\" {\n        sleep \"1s\"\n");
    truncated_in_a_text: mistake("scenario \"s\"\ntask \"main\" {\n    log \"to be conti");
    truncated_in_a_long_text: mistake("scenario \"s\"\ntask \"main\" {\n    log \"\"\"\n    to be conti");
    truncated_in_a_comment: mistake("scenario \"s\"\n/* task /* \"main\" */ {}\n");
    brace_too_many: mistake("scenario \"s\"\ntask \"main\" {\n}\n}\n");
    block_without_a_name: in_task("timeout \"t\"\n{\n    yield\n}");
    nothing_between_block_and_node: in_task("try { body { yield } on \"error\" {} }");
    no_space_between_values: in_task("send \"a\"\"b\"");
    property_without_value: in_task("timeout \"t\" after= {}");
    type_annotation: in_task("sleep (duration)\"1s\"");
    semicolon_too_many: in_task("yield;;");
    slashdash_before_nothing: in_task("yield /-");
    unknown_escape: in_task("log \"50\\% done\"");
    escape_of_no_character: in_task("log \"\\u{110000}\"");
    uneven_lines: in_task("log \"\"\"\n    a\n  b\n    \"\"\"");
    bare_true: in_task("await \"ops\" shield=true");
    unknown_keyword: in_task("await \"ops\" shield=#yes");
    number_too_large: beside_task("semaphore \"a\" permits=999999999999999999999999999999999999999999");
    backslash: in_task("sleep \\ \"1s\"");

    nul_byte: mistake("scenario \"s\"\ntask \"ma\0in\" {}\n");
    binary: mistake("\u{7f}ELF\u{2}\u{1}\u{1}\0\0\0");
    too_large: mistake("\n".repeat(MAX_FILE_BYTES + 1));
    too_deep: mistake(format!("scenario s\ntask main {{ {}", "acquire a { ".repeat(10_000)));
    a_line_of_a_megabyte: in_task(format!("{}slep; {}", "yield; ".repeat(9_000), "yield; ".repeat(9_000)));
    more_than_are_kept: in_task("nap\n".repeat(100));
    several_kinds_at_once: mistake("scenario 1\ntask \"a\" { slep; timeout \"t\" after=\"x\" { cancel \"b\" } }\nexpect { scope \"u\" }\n");
}

#[test]
fn the_deepest_nesting_is_accepted() {
    let blocks = MAX_DEPTH - 1;
    let nested = format!(
        "{}yield{}",
        "acquire a { ".repeat(blocks),
        "}".repeat(blocks)
    );
    parse("deep.kdl", &format!("scenario s\ntask main {{ {nested} }}"))
        .expect("deep but not too deep");
}
