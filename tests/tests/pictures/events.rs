//! Events as JSON: each line has the fields that the schema asks for, and the schema in `docs/` is the one that is meant.

use std::fs;
use std::path::Path;

use deadheat::picture::{json, json_schema};
use serde_json::Value;

use crate::programs;

fn schema() -> Value {
    serde_json::from_str(&json_schema()).expect("JSON")
}

/// What is wrong with a line, by those parts of JSON schema that ours uses.
fn wrong(schema: &Value, line: &Value) -> Option<String> {
    let kinds = schema["oneOf"].as_array().expect("kinds");
    let own = kinds
        .iter()
        .find(|kind| kind["properties"]["kind"]["const"] == line["kind"]);
    let Some(kind) = own else {
        return Some(format!("kind {} is not known", line["kind"]));
    };
    let fields = line.as_object().expect("an object");
    let required = kind["required"].as_array().expect("a list").iter();
    let missing = required
        .filter_map(Value::as_str)
        .find(|name| !fields.contains_key(*name));
    if let Some(name) = missing {
        return Some(format!("no {name}"));
    }
    fields.iter().find_map(|(name, value)| {
        let property = kind["properties"].get(name);
        match property {
            None => Some(format!("{name} is not known of {}", line["kind"])),
            Some(property) => {
                (!fits(schema, property, value)).then(|| format!("{name} is {value}"))
            }
        }
    })
}

fn fits(schema: &Value, property: &Value, value: &Value) -> bool {
    if let Some(only) = property.get("const") {
        return value == only;
    }
    if let Some(of) = property.get("enum") {
        return of.as_array().expect("a list").contains(value);
    }
    if property.get("$ref").is_some() {
        let place = &schema["$defs"]["place"];
        let mut fields = value.as_object().into_iter().flatten();
        let known = |(name, value): (&String, &Value)| {
            place["properties"]
                .get(name)
                .is_some_and(|property| fits(schema, property, value))
        };
        return value["file"].is_string() && value["line"].is_u64() && fields.all(known);
    }
    let types = match &property["type"] {
        Value::Array(types) => types.clone(),
        one => vec![one.clone()],
    };
    let least = property.get("minimum").and_then(Value::as_i64);
    types.iter().any(|of| match of.as_str() {
        Some("integer") => {
            (value.is_i64() || value.is_u64())
                && least.is_none_or(|least| value.as_i64().is_none_or(|value| value >= least))
        }
        Some("string") => value.is_string(),
        Some("null") => value.is_null(),
        other => panic!("type {other:?} is not known here"),
    })
}

#[test]
fn every_line_is_as_the_schema_says() {
    let schema = schema();
    let failures = [programs::pool(), programs::retry(), programs::hundred()];
    let mut kinds = std::collections::BTreeSet::new();
    for line in failures
        .iter()
        .flat_map(|failure| json(failure).lines().map(str::to_owned).collect::<Vec<_>>())
    {
        let line: Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!(wrong(&schema, &line), None, "{line}");
        kinds.insert(line["kind"].as_str().expect("a kind").to_owned());
    }
    assert!(kinds.len() >= 12, "{kinds:?}");
}

#[test]
fn a_line_tells_its_place_its_cause_and_its_departure() {
    let lines = json(&programs::retry());
    let lines: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let arm = lines
        .iter()
        .find(|line| line["kind"] == "arm")
        .expect("a timer");
    assert!(
        arm["place"]["file"]
            .as_str()
            .expect("a file")
            .ends_with("programs.rs"),
        "{arm}"
    );
    assert!(lines.iter().any(|line| line["departure"].is_string()));
    let wake = lines
        .iter()
        .find(|line| line["kind"] == "wake")
        .expect("a wake");
    let cause = wake["caused_by"].as_u64().expect("a number") as usize;
    assert_eq!(lines[cause - 1]["kind"], "fire");
}

#[test]
fn a_line_that_does_not_fit_is_found() {
    let (schema, fire) = (
        schema(),
        r#"{"event":1,"at_ns":0,"task":null,"kind":"fire","timer":1}"#,
    );
    let told = |from: &str, to: &str| {
        wrong(
            &schema,
            &serde_json::from_str(&fire.replace(from, to)).expect("JSON"),
        )
    };
    assert_eq!(told("", ""), None);
    assert_eq!(
        told("\"timer\":1", "\"timer\":-1"),
        Some("timer is -1".to_owned())
    );
    assert_eq!(told(",\"timer\":1", ""), Some("no timer".to_owned()));
    assert_eq!(
        told("\"timer\":1", "\"timer\":1,\"of\":2"),
        Some("of is not known of \"fire\"".to_owned())
    );
    assert_eq!(
        told("\"fire\"", "\"fires\""),
        Some("kind \"fires\" is not known".to_owned())
    );
}

/// `INSTA_UPDATE=always` writes it, as it does with snapshots.
#[test]
fn the_schema_in_the_documents_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/trace.schema.json");
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        fs::write(&path, json_schema()).expect("it can be written");
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == json_schema(),
        "docs/trace.schema.json is old: INSTA_UPDATE=always cargo test -p deadheat-tests --test pictures"
    );
}
