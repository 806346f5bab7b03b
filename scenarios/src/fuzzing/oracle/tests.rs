//! The oracle objects: for each rule a trace that breaks it, made of one that breaks none.

use deadheat::{Bounds, Trace};

use super::{built_in_invariants, check, fifo_order};

/// `main` waits for `work` inside a scope that moves once and expires; `ops` cancels `main` later.
const GOOD: &str = "\
deadheat trace 1
0.000s main spawn
0.000s ops spawn
0.000s main turn
0.000s main enter s0 deadline=1.000s
0.000s main arm #1 deadline=1.000s until=1.002s
0.000s main enter s1 deadline=none
0.000s main arm #2 deadline=9.000s until=9.002s
0.000s ops turn
0.000s ops reschedule s0 deadline=2.000s
0.000s ops arm #3 deadline=2.000s until=2.002s
0.000s ops arm #4 deadline=0.500s until=0.502s
0.501s - fire #4
0.501s ops wake
0.501s ops late to=0.502s
0.502s ops turn
0.502s ops end returned
2.000s - fire #3
2.000s - expire s0
2.000s main cancel by=scope s0
2.000s main wake
2.000s main turn
2.000s main deliver
2.000s main disarm #2
2.000s main exit s1 state=finished end=cancelled
2.000s main exit s0 state=expired end=elapsed
2.000s main end failed
";

fn bounds() -> Bounds {
    Bounds {
        late: std::time::Duration::from_millis(2),
        task_late: std::time::Duration::from_millis(1),
    }
}

fn judge(text: &str) -> Result<(), String> {
    check(&trace(text), bounds())
}

fn trace(text: &str) -> Trace {
    let canonical = |line: &str| {
        let mut words = line.splitn(3, ' ');
        let mut next = || words.next().unwrap_or_default();
        format!("{:>12}  {:<8}  {}\n", next(), next(), next())
    };
    let lines: Vec<_> = text.lines().skip(1).map(canonical).collect();
    let text = format!("deadheat trace 1\n{}", lines.concat());
    Trace::parse(&text).expect("a trace")
}

/// What the oracle says once `line` has become `instead`.
#[track_caller]
fn broken(line: &str, instead: &str) -> String {
    let text = GOOD.replace(&format!("{line}\n"), instead);
    assert_ne!(text, GOOD, "{line} is not there");
    judge(&text).expect_err("it breaks no rule")
}

#[test]
fn a_trace_as_it_should_be_breaks_nothing() {
    assert_eq!(judge(GOOD), Ok(()));
}

#[test]
fn a_scope_that_expires_and_asks_nobody_is_found() {
    let found = broken("2.000s main cancel by=scope s0", "");
    assert!(found.contains("is not asked to cancel"), "{found}");
    let found = broken(
        "2.000s main cancel by=scope s0",
        "2.000s ops cancel by=scope s0\n",
    );
    assert!(found.contains("is not asked to cancel"), "{found}");
}

#[test]
fn a_scope_that_asks_twice_is_found() {
    let line = "2.000s main cancel by=scope s0";
    let found = broken(line, &format!("{line}\n{line}\n"));
    assert!(found.contains("once too often"), "{found}");
}

#[test]
fn a_scope_that_asks_late_is_found() {
    let text = GOOD
        .replace("2.000s main cancel by=scope s0\n", "")
        .replace(
            "2.000s main disarm #2\n",
            "2.000s main disarm #2\n2.000s main cancel by=scope s1\n",
        );
    let found = judge(&text).unwrap_err();
    assert!(found.contains("is not asked to cancel"), "{found}");
}

#[test]
fn a_scope_that_moves_after_its_expiry_or_exit_is_found() {
    for line in [
        "2.000s main deliver",
        "2.000s main exit s0 state=expired end=elapsed",
    ] {
        let moved = "2.000s main reschedule s0 deadline=none";
        let found = broken(line, &format!("{line}\n{moved}\n"));
        assert!(found.starts_with("no reschedule after exit"), "{found}");
    }
}

#[test]
fn an_exit_out_of_order_is_found() {
    let (inner, outer) = (
        "2.000s main exit s1 state=finished end=cancelled",
        "2.000s main exit s0 state=expired end=elapsed",
    );
    let text = GOOD.replace(
        &format!("{inner}\n{outer}\n"),
        &format!("{outer}\n{inner}\n"),
    );
    let found = judge(&text).unwrap_err();
    assert!(found.starts_with("correct nesting"), "{found}");
}

#[test]
fn a_request_that_is_delivered_twice_or_lost_is_found() {
    let line = "2.000s main deliver";
    let found = broken(line, &format!("{line}\n{line}\n"));
    assert!(found.contains("no request to deliver"), "{found}");
    let text = GOOD.replace(&format!("{line}\n"), "").replace(
        "2.000s main exit s0 state=expired end=elapsed\n2.000s main end failed",
        "2.000s main cancel by=outside\n2.000s main exit s0 state=expired end=value\n2.000s main end returned",
    );
    let found = judge(&text).unwrap_err();
    assert!(found.contains("never delivered"), "{found}");
}

#[test]
fn a_task_that_is_left_waiting_for_what_has_come_is_found() {
    let to = |line: &str| &GOOD[..GOOD.find(line).expect(line)];
    let found = judge(&format!("{}2.000s main turn\n", to("2.000s main turn")));
    assert!(found.unwrap_err().contains("main was asked to cancel"));
    let joins = "0.000s main join ops\n0.000s ops turn\n0.000s ops end returned\n";
    let before = to("0.000s main enter s0");
    let found = judge(&format!("{before}{joins}")).unwrap_err();
    assert!(
        found.contains("main waits for ops, which has ended"),
        "{found}"
    );
    let goes_on = format!("{before}{joins}0.000s main wake\n0.000s main turn\n");
    assert_eq!(judge(&goes_on), Ok(()));
}

#[test]
fn a_request_that_is_not_passed_on_is_found() {
    let start = "deadheat trace 1\n0.000s main spawn\n0.000s ops spawn\n0.000s main turn\n";
    let asked =
        format!("{start}0.000s main join ops\n0.000s ops turn\n0.000s main cancel by=task ops\n");
    let found = judge(&format!("{asked}0.000s ops end returned\n")).unwrap_err();
    assert!(
        found.contains("main did not pass its request on to ops"),
        "{found}"
    );
    let before =
        format!("{start}0.000s main cancel by=outside\n0.000s main join ops\n0.000s ops turn\n");
    assert!(judge(&before).unwrap_err().contains("did not pass"));
}

#[test]
fn a_task_that_goes_on_after_it_was_cancelled_for_good_is_found() {
    let first =
        "deadheat trace 1\n0.000s main spawn\n0.000s main cancel by=outside\n0.000s main turn\n";
    let end = "0.000s main deliver\n0.000s main end cancelled\n";
    assert_eq!(judge(&format!("{first}{end}")), Ok(()));
    let found = judge(&format!("{first}0.000s main log \"x\"\n{end}")).unwrap_err();
    assert!(found.contains("goes on after its cancellation"), "{found}");
    let own = first.replace(
        "main cancel by=outside\n0.000s main turn",
        "main turn\n0.000s main cancel by=task main",
    );
    assert_eq!(judge(&format!("{own}{end}")), Ok(()));
    let found = judge(&format!(
        "{own}0.000s main deliver\n0.000s main end returned\n"
    ))
    .unwrap_err();
    assert!(found.contains("goes on after its cancellation"), "{found}");
}

#[test]
fn an_elapsed_that_swallows_a_foreign_request_is_found() {
    let line = "2.000s main turn";
    let found = broken(line, &format!("2.000s main cancel by=task ops\n{line}\n"));
    assert!(found.contains("1 requests are left"), "{found}");
}

#[test]
fn a_count_that_does_not_go_down_is_found() {
    let line = "2.000s main end failed";
    let found = broken(line, &format!("2.000s main uncancel remaining=1\n{line}\n"));
    assert!(found.contains("0 remain"), "{found}");
}

#[test]
fn a_timer_that_is_early_or_late_or_fires_twice_is_found() {
    let line = "0.501s - fire #4";
    let early = broken(line, "0.499999999s - fire #4\n");
    assert!(early.contains("it is early"), "{early}");
    let late = judge(
        &GOOD
            .replace("0.501s ", "0.503s ")
            .replace("0.502s ", "0.504s "),
    )
    .unwrap_err();
    assert!(late.contains("it is too late"), "{late}");
    let twice = broken(line, &format!("{line}\n{line}\n"));
    assert!(twice.contains("it is not armed"), "{twice}");
}

#[test]
fn a_timer_that_outlives_its_scope_is_found() {
    let found = broken("2.000s main disarm #2", "");
    assert!(found.contains("armed at the end"), "{found}");
    let found = judge(
        &GOOD
            .replace("s1 deadline=none", "s1 deadline=9.000s")
            .replace(
                "2.000s main disarm #2\n2.000s main exit s1 state=finished end=cancelled\n",
                "2.000s main exit s1 state=finished end=cancelled\n2.000s main disarm #2\n",
            ),
    );
    assert!(found.unwrap_err().contains("still armed"));
}

#[test]
fn a_turn_without_a_wake_a_late_one_and_a_wake_without_a_turn_are_found() {
    let found = broken("0.501s ops wake", "");
    assert!(found.contains("it was not woken"), "{found}");
    let found = judge(&GOOD.replace("0.502s ops", "0.503s ops")).unwrap_err();
    assert!(found.contains("it is too late"), "{found}");
    let found = broken("2.000s main wake", "2.000s main wake\n2.000s main wake\n");
    assert!(found.contains("it is awake already"), "{found}");
}

#[test]
fn time_that_goes_back_is_found() {
    let found = broken("0.502s ops end returned", "0.400s ops end returned\n");
    assert!(found.contains("time goes back"), "{found}");
}

/// `b` is busy while the timers of `s` and of a scope of `x` come due, before the first of three turns of `k`; in the
/// second one the deadline of the scope moves ahead.
const FIFO: &str = "\
deadheat trace 1
0.000s s spawn
0.000s x spawn
0.000s b spawn
0.000s k spawn
0.000s s turn
0.000s s arm #1 deadline=1.000s
0.000s x turn
0.000s x enter t deadline=1.000s
0.000s x arm #2 deadline=1.000s
0.000s b turn
0.000s b busy 2.000s
2.000s b end returned
2.000s k turn
2.000s k wake
2.000s k turn
2.000s k reschedule t deadline=3.000s
2.000s k arm #3 deadline=3.000s
2.000s k wake
2.000s - fire #1
2.000s s wake
2.000s k turn
2.000s k end returned
2.000s s turn
2.000s s end returned
3.000s - fire #3
";

/// What FIFO order says of [`FIFO`] once `line` stands elsewhere: behind `behind`, the first that is so.
#[track_caller]
fn out_of_order(line: &str, behind: &str) -> String {
    let without = FIFO.replacen(&format!("{line}\n"), "", 1);
    let text = without.replacen(&format!("{behind}\n"), &format!("{behind}\n{line}\n"), 1);
    assert_ne!(text, FIFO, "{line}, {behind}");
    fifo_order(&trace(&text)).expect_err("it breaks the order")
}

#[test]
fn timers_that_fire_where_the_loop_would_not_fire_them_are_no_fifo() {
    assert_eq!(fifo_order(&trace(FIFO)), Ok(()));
    let too_early = out_of_order("2.000s - fire #1", "2.000s b end returned");
    assert!(too_early.contains("queued before it"), "{too_early}");
    let too_early = out_of_order("2.000s - fire #1", "2.000s k wake");
    assert!(too_early.contains("queued before it"), "{too_early}");
    let too_late = out_of_order("2.000s - fire #1", "2.000s k end returned");
    assert!(too_late.contains("queued before it"), "{too_late}");
}

#[test]
fn a_timer_that_moved_away_is_queued_no_more() {
    let change = |line: &str, instead: &str| {
        let text = FIFO.replacen(line, instead, 1);
        assert_ne!(text, FIFO);
        fifo_order(&trace(&text))
    };
    let as_before = change("3.000s - fire #3", "2.000s - fire #2").unwrap_err();
    assert!(as_before.contains("queued before it"), "{as_before}");
    let early = change("3.000s - fire #3", "2.500s - fire #3").unwrap_err();
    assert!(early.contains("time passed"), "{early}");
    let to_now = change(
        "deadline=3.000s\n2.000s k arm #3 deadline=3.000s",
        "deadline=2.000s\n2.000s k arm #3 deadline=2.000s",
    );
    let at_once = to_now.unwrap_err();
    assert!(at_once.contains("queued before it"), "{at_once}");
}

#[test]
fn turns_out_of_order_are_no_fifo() {
    let header = "deadheat trace 1\n";
    let line = |task: &str, what: &str| format!("{:>12}  {task:<8}  {what}\n", "0.000s");
    let spawned = format!("{header}{}{}", line("a", "spawn"), line("b", "spawn"));
    let turns = |first: &str, second: &str| {
        let text = format!("{spawned}{}{}", line(first, "turn"), line(second, "turn"));
        fifo_order(&Trace::parse(&text).unwrap())
    };
    assert_eq!(turns("a", "b"), Ok(()));
    assert!(turns("b", "a").unwrap_err().starts_with("FIFO order"));
}

#[test]
fn each_invariant_of_the_harness_is_broken_by_a_trace() {
    let found = |line: &str, instead: &str| {
        let text = GOOD.replace(&format!("{line}\n"), instead);
        assert_ne!(text, GOOD, "{line} is not there");
        built_in_invariants(&trace(&text)).expect_err("it breaks none")
    };
    let asks = "2.000s main cancel by=scope s0";
    let inner = "2.000s main exit s1 state=finished end=cancelled";
    let outer = "2.000s main exit s0 state=expired end=elapsed";
    let cases = [
        (found(asks, ""), "expired implies cancelled by us"),
        (
            found(asks, "2.000s ops cancel by=scope s0\n"),
            "each cancel is attributed to one scope",
        ),
        (found(inner, ""), "scopes exit in LIFO order"),
        (
            found(
                outer,
                &format!("{outer}\n2.000s ops reschedule s0 deadline=3.000s\n"),
            ),
            "no effect of a scope after its exit",
        ),
        (
            found(
                "0.502s ops end returned",
                "0.502s ops cancel by=outside\n0.502s ops end returned\n",
            ),
            "a cancel request is never lost",
        ),
    ];
    for (fault, name) in cases {
        assert!(fault.starts_with(name), "{fault}");
    }
}
