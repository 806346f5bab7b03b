//! The timeline is what the Trace Event Format asks for.

use std::collections::BTreeMap;

use deadheat::picture::perfetto;
use serde_json::Value;

use crate::programs;

/// What is wrong with a timeline.
fn problems(text: &str) -> Vec<String> {
    let whole: Value = serde_json::from_str(text).expect("JSON");
    let events = whole["traceEvents"].as_array().expect("a list of events");
    let mut found: Vec<String> = events
        .iter()
        .filter_map(|event| malformed(event).map(|what| format!("{what}: {event}")))
        .collect();
    found.extend(overlaps(events));
    found.extend(flows(events));
    found.extend(scopes(events));
    found
}

/// Each phase has the fields that it needs.
fn malformed(event: &Value) -> Option<String> {
    let phase = event["ph"].as_str()?;
    let needed: &[&str] = match phase {
        "M" => &["name", "pid", "tid", "args"],
        "X" => &["name", "cat", "ts", "dur", "pid", "tid", "args"],
        "i" => &["name", "cat", "ts", "pid", "tid", "s"],
        "b" | "e" => &["name", "cat", "ts", "id", "pid", "tid"],
        "s" | "f" => &["name", "cat", "ts", "id", "pid", "tid"],
        other => return Some(format!("phase {other} is not known")),
    };
    if let Some(missing) = needed.iter().find(|field| event.get(**field).is_none()) {
        return Some(format!("no {missing}"));
    }
    let numbers = ["ts", "dur"]
        .into_iter()
        .filter_map(|field| event.get(field));
    let bad = numbers
        .filter(|number| number.as_f64().is_none_or(|number| number < 0.0))
        .count();
    (bad > 0).then(|| "a time that is none".to_owned())
}

fn nanos(value: &Value) -> i64 {
    (value.as_f64().expect("a number") * 1_000.0).round() as i64
}

type Slices = BTreeMap<u64, Vec<(i64, i64)>>;

/// The complete slices of each row; only turns and firings if that is asked for.
fn slices(events: &[Value], turns: bool) -> Slices {
    let mut rows = Slices::new();
    for event in events
        .iter()
        .filter(|event| event["ph"] == "X" && (!turns || event["cat"] == "turn"))
    {
        let (from, row) = (nanos(&event["ts"]), event["tid"].as_u64().expect("a row"));
        rows.entry(row)
            .or_default()
            .push((from, from + nanos(&event["dur"])));
    }
    rows.values_mut().for_each(|row| row.sort_unstable());
    rows
}

/// Complete slices of a row do not overlap.
fn overlaps(events: &[Value]) -> Vec<String> {
    let rows = slices(events, false).into_iter();
    let pairs = rows.flat_map(|(row, slices)| {
        slices
            .windows(2)
            .map(|pair| (row, pair[0], pair[1]))
            .collect::<Vec<_>>()
    });
    let overlapping = pairs.filter(|(_, one, next)| next.0 < one.1);
    overlapping
        .map(|(row, one, next)| format!("row {row}: {one:?} overlaps {next:?}"))
        .collect()
}

/// Each flow begins once, in a turn or a firing, and ends once, where a turn begins.
fn flows(events: &[Value]) -> Vec<String> {
    let mut found = Vec::new();
    let mut flows: BTreeMap<u64, Vec<&Value>> = BTreeMap::new();
    let all = events
        .iter()
        .filter(|event| event["ph"] == "s" || event["ph"] == "f");
    all.for_each(|event| {
        flows
            .entry(event["id"].as_u64().expect("a number"))
            .or_default()
            .push(event)
    });
    let rows = slices(events, true);
    for (id, ends) in flows {
        let [from, to] = &ends[..] else {
            found.push(format!("flow {id} has {} ends", ends.len()));
            continue;
        };
        if from["ph"] != "s"
            || to["ph"] != "f"
            || to["bp"] != "e"
            || nanos(&from["ts"]) > nanos(&to["ts"])
        {
            found.push(format!("flow {id} does not run forward"));
        }
        for end in [from, to] {
            let (at, row) = (nanos(&end["ts"]), end["tid"].as_u64().expect("a row"));
            let within = |(from, to): &(i64, i64)| match end["ph"] == "f" {
                true => *from == at,
                false => (*from..=*to).contains(&at),
            };
            if !rows.get(&row).is_some_and(|row| row.iter().any(within)) {
                found.push(format!("flow {id} is tied to no slice at {at}"));
            }
        }
    }
    found
}

/// Each scope that begins ends, by its number.
fn scopes(events: &[Value]) -> Vec<String> {
    let mut open: BTreeMap<u64, i64> = BTreeMap::new();
    for event in events {
        let change = match event["ph"].as_str() {
            Some("b") => 1,
            Some("e") => -1,
            _ => continue,
        };
        *open
            .entry(event["id"].as_u64().expect("a number"))
            .or_default() += change;
    }
    open.retain(|_, left| *left != 0);
    open.keys()
        .map(|id| format!("scope {id} does not begin and end"))
        .collect()
}

#[test]
fn every_timeline_keeps_to_the_format() {
    let failures = [programs::pool(), programs::retry(), programs::hundred()];
    for failure in &failures {
        assert_eq!(problems(&perfetto(failure)), [""; 0], "{}", failure.name);
    }
    assert_eq!(problems(&perfetto(&programs::passing())), [""; 0]);
}

#[test]
fn the_pool_has_waits_wakes_and_cancels_and_the_real_nanoseconds() {
    let text = perfetto(&programs::pool());
    let whole: Value = serde_json::from_str(&text).expect("JSON");
    let events = whole["traceEvents"].as_array().expect("events");
    let named = |phase: &str, name: &str| {
        events
            .iter()
            .filter(|event| event["ph"] == phase && event["name"] == name)
            .count()
    };
    assert_eq!(named("X", "waits for sleep 60 ms to 140 ms  #1"), 1);
    assert!(named("s", "wakes") >= 3 && named("s", "cancels") == 2);
    assert_eq!(
        named("M", "thread_sort_index"),
        4,
        "three tasks and the timers"
    );
    let fired = events
        .iter()
        .find(|event| event["name"] == "fire #1")
        .expect("it fires");
    assert_eq!(fired["args"]["at_ns"], 99_999_999);
    assert!(fired["args"].get("event").is_some());
    // What happens at one instant stands apart.
    let mut times: Vec<i64> = events
        .iter()
        .filter(|event| event["ph"] == "i")
        .map(|event| nanos(&event["ts"]))
        .collect();
    let all = times.len();
    times.sort_unstable();
    times.dedup();
    assert_eq!(times.len(), all);
}

#[test]
fn a_slice_that_overlaps_and_a_flow_that_ends_nowhere_are_found() {
    let broken = r#"{"traceEvents":[
        {"ph":"X","name":"a","cat":"c","ts":0.0,"dur":2.0,"pid":1,"tid":1,"args":{}},
        {"ph":"X","name":"b","cat":"c","ts":1.0,"dur":2.0,"pid":1,"tid":1,"args":{}},
        {"ph":"s","name":"w","cat":"c","ts":1.0,"id":1,"pid":1,"tid":1},
        {"ph":"b","name":"w","cat":"c","ts":1.0,"id":1,"pid":1,"tid":1},
        {"ph":"X","name":"c","cat":"c","pid":1,"tid":1}]}"#
        .replace("\"ts\":1.0,\"dur\":2.0", "\"ts\":1.0,\"dur\":2.5");
    let broken = broken.replace(
        r#"{"ph":"X","name":"c","cat":"c","pid":1,"tid":1}"#,
        r#"{"ph":"Z"}"#,
    );
    assert_eq!(problems(&broken).len(), 4, "{:?}", problems(&broken));
}
