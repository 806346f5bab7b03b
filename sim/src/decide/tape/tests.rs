//! What tokens stand on: each kind is numbered by itself, and an empty tape says so.

use super::{DecisionKind, Departure, Tape};

#[test]
fn each_kind_has_its_own_place() {
    let places = DecisionKind::ALL.map(DecisionKind::index);
    assert_eq!(places, [0, 1, 2, 3, 4, 5]);
}

#[test]
fn only_a_tape_without_departures_is_empty() {
    assert!(Tape::new().is_empty());
    let departure = Departure {
        kind: DecisionKind::Next,
        number: 0,
        choice: 1,
        options: 2,
    };
    assert!(!Tape::of(vec![departure]).is_empty());
}
