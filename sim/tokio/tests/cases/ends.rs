//! Programs that end in unusual ways: by a panic of a drop, with a guard that states something.

use std::time::Duration;

use deadheat_tokio as tokio;

const MS: Duration = Duration::from_millis(1);

struct Guard(&'static str);

impl Drop for Guard {
    fn drop(&mut self) {
        panic!("drop of {}", self.0);
    }
}

async fn an_output_whose_drop_panics() {
    drop(deadheat::spawn(async {
        deadheat::sleep(MS).await;
        Guard("an output")
    }));
    deadheat::sleep(5 * MS).await;
}

async fn a_guard_that_states_something() {
    struct Stating;
    impl Drop for Stating {
        fn drop(&mut self) {
            deadheat::always!(false, "the guard of a task that has not ended");
        }
    }
    drop(deadheat::spawn(async {
        let _guard = Stating;
        deadheat::sleep(10 * MS).await;
    }));
    deadheat::sleep(MS).await;
}

async fn a_panic_that_was_caught() {
    let caught = std::panic::catch_unwind(|| panic!("caught by the program"));
    assert!(caught.is_err());
    deadheat::sleep(MS).await;
}

async fn a_run_inside_a_run() {
    let inner = deadheat::run(&deadheat::Config::new(), || deadheat::sleep(MS));
    inner.unwrap();
}

async fn a_runtime_inside_a_runtime() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(tokio::time::sleep(MS));
}

async fn names_that_steer_a_terminal() {
    let work = async { panic!("two\nlines \u{1b}[31m") };
    drop(deadheat::spawn_named("new\nline \u{202e}", work));
    deadheat::sleep(MS).await;
}

crate::says! {
    an_output_whose_drop_panics(20),
    a_guard_that_states_something(20),
    a_panic_that_was_caught(20),
    a_run_inside_a_run(20),
    a_runtime_inside_a_runtime(20),
    names_that_steer_a_terminal(20),
}
