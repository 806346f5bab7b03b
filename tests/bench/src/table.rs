//! The table of instructions, as Markdown.

use crate::count::Counts;
use crate::rows::Row;

const HEAD: &str = "\
| instructions for | floor | tokio, paused | here | tokio / here | drop-in | tokio / drop-in |
|---|---|---|---|---|---|---|
";

/// The table of some rows.
pub fn table(rows: &[&Row], counts: &Counts) -> String {
    let lines = rows.iter().map(|row| line(row, counts));
    HEAD.to_owned() + &lines.collect::<String>()
}

fn line(row: &Row, counts: &Counts) -> String {
    let of = |name: Option<&str>| name.and_then(|name| counts.get(name).copied());
    let [floor, tokio, here, drop_in] = [row.floor, row.tokio, row.here, row.drop_in].map(of);
    let cells = [
        row.work.to_owned(),
        number(floor),
        number(tokio),
        number(here),
        ratio(tokio, here),
        number(drop_in),
        ratio(tokio, drop_in),
    ];
    format!("| {} |\n", cells.join(" | "))
}

fn number(value: Option<u64>) -> String {
    value.map_or("–".to_owned(), grouped)
}

fn ratio(of: Option<u64>, to: Option<u64>) -> String {
    match of.zip(to) {
        Some((of, to)) => format!("{:.2}", of as f64 / to as f64),
        None => "–".to_owned(),
    }
}

/// A number with a comma before each three digits.
pub fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[test]
fn a_row_has_its_counts_and_their_ratios() {
    let row = crate::rows::ROWS
        .iter()
        .find(|row| row.here == Some("native::message"));
    let counts = Counts::from([
        ("tokio::message", 1_000),
        ("native::message", 800),
        ("drop_in::message", 1_234_567),
    ]);
    let line = line(row.expect("a row of messages"), &counts);
    assert!(
        line.ends_with(" | – | 1,000 | 800 | 1.25 | 1,234,567 | 0.00 |\n"),
        "{line}"
    );
    assert_eq!([0, 999, 100_000].map(grouped), ["0", "999", "100,000"]);
}
