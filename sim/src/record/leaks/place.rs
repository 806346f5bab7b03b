//! Which line of a program is on the stack, beneath the libraries that it calls.

use std::backtrace::Backtrace;
use std::fmt;

use crate::base::whose;
use crate::record::workspace;

/// Where a program did something.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// At a line of its own: file and line.
    Line(String),
    /// In a function, of which the line is not known.
    Function(String),
    /// In a package that it depends on, called by no line of its own.
    Dependency(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Line(line) => write!(f, "at {line}"),
            Place::Function(name) => write!(f, "in {name}"),
            Place::Dependency(line) => write!(f, "in a dependency, at {line}"),
        }
    }
}

/// The packages whose frames are never the program's.
const OWN: [&str; 6] = [
    "deadheat",
    "deadheat_seal",
    "deadheat_timeout",
    "deadheat_timeout_core",
    "deadheat_tokio",
    "deadheat_ties",
];
/// Beneath it is who makes the run, which has caused nothing in it.
const EXECUTOR: &str = "deadheat::engine::execute::";
/// The same by its file, and the sources of those packages: with line tables alone a function has no path in its name.
const EXECUTOR_FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/engine/execute.rs");
const OWN_FOLDER: &str = env!("CARGO_MANIFEST_DIR");
const STANDARD: [&str; 5] = ["std", "core", "alloc", "test", "__rustc"];
impl Place {
    /// Of whoever called into the standard library.
    pub(crate) fn of_caller() -> Option<Place> {
        let place = among(&Backtrace::force_capture().to_string());
        match place {
            Some(Place::Line(line)) => Some(Place::Line(workspace::named(&line))),
            place => place,
        }
    }
}

/// The place that the text of a backtrace tells, whose innermost frame comes first.
fn among(backtrace: &str) -> Option<Place> {
    let mut dependency = None;
    let mut lines = backtrace.lines().map(str::trim).peekable();
    while let Some(line) = lines.next() {
        let Some((number, name)) = line.split_once(": ") else {
            continue;
        };
        if number.parse::<u32>().is_err() {
            continue;
        }
        let at = lines.next_if(|next| next.starts_with("at "));
        let at = at.map(|at| at.trim_start_matches("at ").trim_start_matches("./"));
        if name.contains(EXECUTOR) || at.is_some_and(|at| at.starts_with(EXECUTOR_FILE)) {
            break;
        }
        let package = package(name);
        let is_of_c = !name.contains("::") && !at.is_some_and(is_of_rust);
        if is_of_c
            || at.is_some_and(whose::is_standard)
            || STANDARD.contains(&package)
            || OWN.contains(&package)
            || at.is_some_and(is_own)
        {
            continue;
        }
        match at.map(without_column) {
            Some(at) if whose::is_fetched(&at) => {
                dependency.get_or_insert(Place::Dependency(at));
            }
            Some(at) => return Some(Place::Line(at)),
            None => return dependency.or_else(|| Some(Place::Function(name.to_owned()))),
        }
    }
    dependency
}

/// Whether it is a line of Rust. Those that are overridden have names of C: like the C library's own, and the start of a
/// thread, they are not looked at.
fn is_of_rust(at: &str) -> bool {
    at.contains(".rs:") && !at.contains("seal/src/")
}

/// Whether it is of these packages' sources, by its path: those of `deadheat`, or of one in a folder below.
fn is_own(at: &str) -> bool {
    let below = at.strip_prefix(OWN_FOLDER);
    below.is_some_and(|below| below.starts_with('/') && below.contains("/src/"))
}

/// The package of a function, by its name: `<deadheat::Main<F> as …>::start` is of `deadheat`.
fn package(name: &str) -> &str {
    let name = name.trim_start_matches(['<', '&', '*', '(', '[']);
    let name = name.strip_prefix("dyn ").unwrap_or(name);
    let is_of_a_name = |char: char| char.is_alphanumeric() || char == '_';
    let end = name.find(|char| !is_of_a_name(char)).unwrap_or(name.len());
    &name[..end]
}

/// `src/cache.rs:31:9` is at line 31 of a file.
fn without_column(at: &str) -> String {
    let without = at
        .rsplit_once(':')
        .filter(|(before, column)| column.parse::<u32>().is_ok() && before.contains(':'));
    without.map_or(at, |(before, _)| before).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::whose::is_fetched;

    const TOP: &str = "   0: deadheat::record::leaks::place::Place::of_caller
             at /home/me/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/deadheat-0.1.0/src/record/leaks/place.rs:58:16
   1: clock_gettime
             at /home/me/deadheat/sim/seal/src/linux.rs:150:9
   2: std::time::Instant::now
             at /rustc/59807616e/library/std/src/time.rs:283:18
";

    fn placed(rest: &str) -> Option<String> {
        among(&format!("{TOP}{rest}")).map(|place| place.to_string())
    }

    #[test]
    fn the_first_line_of_the_program_counts() {
        let own = "   3: my_service::cache::Cache::get::{{closure}}
             at ./src/cache.rs:31:9
   4: my_service::main
             at ./src/main.rs:3:1
";
        assert_eq!(placed(own).unwrap(), "at src/cache.rs:31");
        let through = format!(
            "   3: pool::Pool::get\n             at /home/me/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/pool-1.0.0/src/lib.rs:7:3\n{own}"
        );
        assert_eq!(placed(&through).unwrap(), "at src/cache.rs:31");
    }

    #[test]
    fn with_line_tables_alone_functions_have_no_paths() {
        let by_step = format!(
            "   3: next\n             at {OWN_FOLDER}/src/engine/step.rs:1:1\n   4: get\n             at ./src/cache.rs:31:9\n"
        );
        assert_eq!(placed(&by_step).unwrap(), "at src/cache.rs:31");
        let by_executor = format!(
            "   3: drive\n             at {EXECUTOR_FILE}:1:1\n   4: main\n             at ./src/main.rs:3:1\n"
        );
        assert_eq!(
            placed(&by_executor),
            None,
            "who makes a run causes nothing in it"
        );
    }

    #[test]
    fn what_a_dependency_does_by_itself_is_told_so() {
        let driven = "   3: pool::Driver::poll
             at /home/me/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/pool-1.0.0/src/lib.rs:7:3
   4: <F as deadheat::Program>::start
             at /rustc/59807616e/library/core/src/ops/function.rs:250:5
   5: <deadheat::engine::Main<F> as deadheat::Program>::start
   6: __libc_start_main
";
        let said = placed(driven).unwrap();
        assert!(said.starts_with("in a dependency, at /home/me/"), "{said}");
    }

    #[test]
    fn a_file_is_of_a_dependency_only_where_cargo_unpacks_packages() {
        for fetched in [
            "/opt/cargo/registry/src/index.crates.io-1949cf8c6b5b557f/pool-1.0.0/src/lib.rs:7",
            "/home/me/.cargo/git/checkouts/pool-d0a3f8e62c1b4975/3a5c1de/src/lib.rs:7",
            r"C:\Users\me\.cargo\registry\src\index.crates.io-1949cf8c6b5b557f\pool-1.0.0\src\lib.rs:7",
            "/git/checkouts/mine/.cargo/registry/src/github.com-1ecc6299db9ec823/pool/src/lib.rs:7",
        ] {
            assert!(is_fetched(fetched), "{fetched}");
        }
        for own in [
            "/home/me/git/checkouts/service/src/lib.rs:7",
            "/srv/registry/src/index/service/src/lib.rs:7",
            "src/lib.rs:7",
        ] {
            assert!(!is_fetched(own), "{own}");
        }
    }

    #[test]
    fn without_lines_the_function_is_told() {
        let named = "   3: my_service::cache::get\n   4: main\n";
        assert_eq!(placed(named).unwrap(), "in my_service::cache::get");
        assert_eq!(placed("   3: clone3\n"), None);
    }
}
