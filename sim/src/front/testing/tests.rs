//! Of what there is both an argument and a variable, which counts.

use super::*;

#[test]
fn of_the_watchdog_the_environment_counts_before_the_argument() {
    let patience = |argument, variables: &[&str]| {
        let arguments = Arguments {
            watchdog: argument,
            regressions: Keep::Nowhere,
            ..Arguments::default()
        };
        let variables = variables.iter();
        let variables = variables.map(|value| ("DEADHEAT_WATCHDOG".into(), value.into()));
        let test = Test::new(Place::default(), &arguments, variables, || 0);
        test.unwrap().patience
    };
    let second = |seconds| Patience::For(Duration::from_secs(seconds));
    assert_eq!(patience(Some(second(1)), &["off"]), Patience::Forever);
    assert_eq!(patience(Some(Patience::Forever), &["2s"]), second(2));
    assert_eq!(patience(Some(second(1)), &[]), second(1));
    assert_eq!(patience(None, &[]), Patience::For(Watchdog::LIMIT));
}
