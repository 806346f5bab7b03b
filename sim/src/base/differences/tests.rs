//! What is solvable, beside counting through all values.

use super::{Differences, Var};
use crate::base::rng::{Purpose, Stream};

#[test]
fn a_chain_of_bounds_is_solved_and_what_contradicts_it_is_refused() {
    let mut system = Differences::new();
    let one = system.above(Var::ORIGIN, 10, 20);
    let other = system.above(Var::ORIGIN, 12, 30);
    assert!(system.exactly(other, one, 7), "17 to 27");
    assert_eq!(system.range(other), (Some(17), Some(27)));
    assert!(!system.below(other, one), "7 above is not below");
    assert_eq!(
        system.value(other) - system.value(one),
        7,
        "nothing has changed"
    );
    let mark = system.mark();
    assert!(system.at_most(one, Var::ORIGIN, 10));
    assert_eq!(system.range(other), (Some(17), Some(17)));
    system.back_to(mark);
    assert_eq!(system.range(other), (Some(17), Some(27)));
}

/// Every value from 0 to `MOST` of a few numbers.
const MOST: i64 = 4;

#[test]
fn what_is_solvable_is_what_counting_through_all_values_finds() {
    for seed in 0..2_000 {
        let mut stream = Stream::new(seed, Purpose::Schedule);
        let mut system = Differences::new();
        let numbers: Vec<Var> = (0..3).map(|_| system.above(Var::ORIGIN, 0, MOST)).collect();
        let mut demands: Vec<(usize, usize, i64)> = Vec::new();
        for _ in 0..6 {
            let (to, from) = (stream.below(3) as usize, stream.below(3) as usize);
            let most = stream.below(9) as i64 - 5;
            let mut with = demands.clone();
            with.push((to, from, most));
            let mark = system.mark();
            let accepted = system.at_most(numbers[to], numbers[from], most);
            assert_eq!(accepted, counted(&with).is_some(), "seed {seed}: {with:?}");
            match (accepted, stream.below(4)) {
                (true, 0) => system.back_to(mark),
                (true, _) => demands = with,
                (false, _) => {}
            }
            let found = numbers
                .iter()
                .map(|var| system.value(*var))
                .collect::<Vec<_>>();
            assert!(
                holds(&found, &demands),
                "seed {seed}: {found:?} {demands:?}"
            );
            let bounds = counted(&demands).expect("it was accepted");
            for (var, (least, most)) in numbers.iter().zip(bounds) {
                assert_eq!(system.range(*var), (Some(least), Some(most)), "seed {seed}");
            }
        }
    }
}

fn holds(values: &[i64], demands: &[(usize, usize, i64)]) -> bool {
    let inside = values.iter().all(|value| (0..=MOST).contains(value));
    let met = |(to, from, most): &(usize, usize, i64)| values[*to] - values[*from] <= *most;
    inside && demands.iter().all(met)
}

/// The ends of each number among all solutions; none if there is none.
fn counted(demands: &[(usize, usize, i64)]) -> Option<[(i64, i64); 3]> {
    let all = (0..(MOST + 1).pow(3)).map(|code| {
        [code, code / (MOST + 1), code / (MOST + 1).pow(2)].map(|value| value % (MOST + 1))
    });
    all.filter(|values| holds(values, demands))
        .fold(None, |ends, values| {
            let mut ends: [(i64, i64); 3] = ends.unwrap_or(values.map(|value| (value, value)));
            for (end, value) in ends.iter_mut().zip(values) {
                *end = (end.0.min(value), end.1.max(value));
            }
            Some(ends)
        })
}
