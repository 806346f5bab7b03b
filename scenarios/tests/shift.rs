//! `shift` in scenarios: that there is a deadline is looked at before the state, as async-timeout does.

use deadheat::{Config, Verdict};
use deadheat_scenarios::{ScenarioProgram, parse};

/// How task `m` ends if it does these steps.
fn ends(steps: &str) -> String {
    let text = format!("scenario \"shift\"\ntask \"m\" {{ {steps} }}");
    let program = ScenarioProgram::new(parse("shift.kdl", &text).expect("a scenario"));
    let (run, outcome) = deadheat::search::Single::of(&program, &Config::new()).fifo();
    assert_eq!(run.verdict, Verdict::Done, "{steps}");
    outcome.expect("an outcome").tasks[0].end.to_string()
}

#[test]
fn without_a_deadline_it_is_no_deadline_in_every_state() {
    for by in ["1s", "0s", "-1s"] {
        let shift = format!("shift \"t\" by=\"{by}\"");
        let active = format!("timeout \"t\" {{ {shift} }}");
        let finished = format!("timeout \"t\" {{ yield }}; {shift}");
        let taken_away = format!("timeout \"t\" after=\"9s\" {{ reject \"t\"; yield }}; {shift}");
        for steps in [active, finished, taken_away] {
            assert_eq!(ends(&steps), "error:no-deadline", "{steps}");
        }
    }
}

#[test]
fn with_a_deadline_it_is_refused_unless_the_scope_is_active() {
    let shift = "shift \"t\" by=\"1s\"";
    let active = format!("timeout \"t\" after=\"1s\" {{ {shift} }}");
    assert_eq!(ends(&active), "returned");
    let finished = format!("timeout \"t\" after=\"1s\" {{ yield }}; {shift}");
    let expired = format!(
        "try {{ body {{ timeout \"t\" after=\"1s\" {{ sleep \"2s\" }} }}; on \"timeout\" {{ {shift} }} }}"
    );
    // There is no scope yet of which a deadline could be asked.
    let unentered = format!("{shift}; timeout \"t\" {{ yield }}");
    for steps in [finished, expired, unentered] {
        assert_eq!(ends(&steps), "error:invalid-state", "{steps}");
    }
}
