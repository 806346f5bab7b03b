//! What the compiler says to a mistake, word for word and at its place.

#[test]
fn mistakes_are_told_where_they_are() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/mistakes/functions.rs");
    cases.compile_fail("tests/mistakes/arguments.rs");
}
