//! How long a token may be.

use super::{DEPARTURES_MAX, Problem, Token};

const DRAW: &str = ".r0=0/1";

fn of_draws(count: usize) -> String {
    format!("dh1:7{}", DRAW.repeat(count))
}

#[test]
fn a_token_has_up_to_a_million_departures() {
    let token: Token = of_draws(DEPARTURES_MAX).parse().unwrap();
    assert_eq!(token.tape.len(), DEPARTURES_MAX);
    let error = of_draws(DEPARTURES_MAX + 1).parse::<Token>().unwrap_err();
    assert_eq!(error.problem, Problem::TooMany);
    assert_eq!(error.offset(), of_draws(DEPARTURES_MAX).len() + 1);
}
