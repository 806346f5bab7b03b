//! What a `#[tokio::test]` expands to in a whole graph: no part of tokio's interface.

use std::ffi::OsString;
use std::path::Path;
use std::{env, fs};

use deadheat::testing::Returned;

/// Whether a test is to be tokio's own: by what was asked for, which is parts of names with commas between them, or `*`.
///
/// Which of the parts its name has is left in a folder, where `cargo deadheat` wants to know which met no test at all; or
/// that it was run, if it has none.
pub fn is_outside(asked: Option<OsString>, module: &str, function: &str) -> bool {
    let Some(asked) = asked else {
        return false;
    };
    let met = met(&asked.to_string_lossy(), module, function);
    if let Some(folder) = env::var_os("DEADHEAT_OUTSIDE_MET") {
        tell(Path::new(&folder), &met);
    }
    !met.is_empty()
}

/// Leaves a file for each part that was met, or one that says that the test was run.
fn tell(folder: &Path, met: &[usize]) {
    let leave = |name: &str| {
        // Nothing depends on it but a line of the command.
        let _ = fs::write(folder.join(name), "");
    };
    match met {
        [] => leave("run"),
        met => met.iter().for_each(|part| leave(&part.to_string())),
    }
}

/// The numbers of the parts that a name has. The name of the test binary is no part of it.
fn met(asked: &str, module: &str, function: &str) -> Vec<usize> {
    let module = module.split_once("::").map_or("", |(_, module)| module);
    let name = format!("{module}::{function}");
    let name = name.trim_start_matches(':');
    let parts = asked.split(',').filter(|part| !part.is_empty());
    let met = parts
        .enumerate()
        .filter(|(_, part)| *part == "*" || name.contains(part));
    met.map(|(number, _)| number).collect()
}

/// Ends a test as what it returned says.
///
/// # Panics
///
/// If that is an error.
#[track_caller]
pub fn returned(returned: impl Returned) {
    if let Some(error) = returned.error() {
        panic!("the test returned an error: {error}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outside(asked: &str) -> bool {
        is_outside(Some(asked.into()), "pool::tests::io", "reads_a_socket")
    }

    #[test]
    fn a_test_is_outside_by_a_part_of_its_name() {
        for asked in [
            "socket",
            "io",
            "tests::io::reads",
            "disk,socket",
            ",socket,",
            "*",
        ] {
            assert!(outside(asked), "{asked}");
        }
        // The first part of a module is the name of the test binary.
        for asked in ["", ",", "disk", "pool", "sockets", "socket disk"] {
            assert!(!outside(asked), "{asked}");
        }
        assert!(!is_outside(None, "pool", "reads_a_socket"));
        assert!(is_outside(Some("socket".into()), "pool", "reads_a_socket"));
        assert!(!is_outside(Some("::".into()), "pool", "reads_a_socket"));
    }

    #[test]
    fn every_part_that_is_met_is_told() {
        let met = |asked| met(asked, "pool::tests", "reads_a_socket");
        assert_eq!(met("disk,socket,reads"), [1, 2]);
        assert_eq!(met("disk"), []);
    }

    #[test]
    fn what_a_test_returned_ends_it() {
        returned(());
        returned(Ok::<(), std::fmt::Error>(()));
        let ended = std::panic::catch_unwind(|| returned("x".parse::<u8>().map(drop)));
        let told = *ended.unwrap_err().downcast::<String>().unwrap();
        assert!(told.starts_with("the test returned an error: "), "{told}");
    }
}
