//! Functions that can be no tests.

#[deadheat::test]
fn is_not_async() {}

#[deadheat::test]
async fn takes_arguments(number: u64, text: &str) {}

#[deadheat::test]
async fn is_generic<T>() {}

#[deadheat::test]
async unsafe fn is_unsafe() {}

#[deadheat::test]
#[test]
async fn is_a_test_already() {}

#[deadheat::test]
#[tokio::test]
async fn is_a_test_of_tokio() {}

#[deadheat::test]
#[deadheat::test(runs = 3)]
async fn is_a_test_twice() {}

#[deadheat::test]
struct IsNoFunction;

#[deadheat::test(rusn = 3)]
fn has_two_mistakes() {}

fn main() {}
