//! Where a test stands: its name, the command that runs it alone, and the file its failures are kept in.

use std::path::{Path, PathBuf};

use crate::decide::token::Token;
use crate::search::regressions::Regressions;

use super::runner::Runner;
use super::settings::Keep;

/// Where a test stands, as the compiler and cargo tell it where the test is compiled.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The function.
    pub function: &'static str,
    /// `module_path!()`.
    pub module: &'static str,
    /// `file!()`.
    pub file: &'static str,
    /// `CARGO_MANIFEST_DIR`, the folder of the package.
    pub package_folder: Option<&'static str>,
    /// `CARGO_PKG_NAME`.
    pub package: Option<&'static str>,
    /// `CARGO_CRATE_NAME`.
    pub crate_name: Option<&'static str>,
    /// `CARGO_BIN_NAME`, if it is a test of a binary.
    pub binary: Option<&'static str>,
    /// `CARGO_TARGET_TMPDIR`, which is there for the files below `tests/` (and for benchmarks).
    pub scratch: Option<&'static str>,
    /// Whether it is left out unless asked for by name.
    pub is_ignored: bool,
    /// Whether it is to fail: it has `#[should_panic]`.
    pub should_panic: bool,
    /// What is to stand in the message of that panic, if the attribute says so.
    pub panics_with: Option<&'static str>,
}

impl Place {
    /// The name by which a test runner knows the test.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::testing::Place;
    ///
    /// let place = Place { function: "pool", module: "my_crate::tests", ..Place::default() };
    /// assert_eq!(place.test(), "tests::pool");
    /// ```
    pub fn test(&self) -> String {
        match self.module.split_once("::") {
            Some((_, module)) => format!("{module}::{}", self.function),
            None => self.function.to_owned(),
        }
    }

    /// The shell command that replays a token with this test alone.
    ///
    /// # Examples
    ///
    /// ```
    /// use deadheat::testing::{Place, Runner};
    ///
    /// let place = Place { function: "pool", module: "my_crate::tests", ..Place::default() };
    /// let line = place.replay_line(&"dh1:7".parse().unwrap(), Runner::default());
    /// assert_eq!(line, "DEADHEAT_REPLAY='dh1:7' cargo test tests::pool -- --exact");
    /// ```
    pub fn replay_line(&self, token: &Token, runner: Runner) -> String {
        self.line(&format!("DEADHEAT_REPLAY='{token}'"), runner)
    }

    /// The shell command that runs this test alone, with variables as a shell takes them.
    pub(super) fn line(&self, variables: &str, runner: Runner) -> String {
        let Runner { nextest, graph } = runner;
        let mut line = format!("{variables} cargo ");
        if graph {
            line.push_str("deadheat ");
        }
        line.push_str(if nextest { "nextest run" } else { "test" });
        if let Some(package) = self.package {
            line.push_str(&format!(" -p {package}"));
        }
        line.push_str(&self.target());
        let test = self.test();
        match (nextest, self.is_ignored) {
            (false, false) => line.push_str(&format!(" {test} -- --exact")),
            (false, true) => line.push_str(&format!(" {test} -- --exact --include-ignored")),
            (true, false) => line.push_str(&format!(" -E 'test(={test})'")),
            (true, true) => line.push_str(&format!(" --run-ignored all -E 'test(={test})'")),
        }
        line
    }

    /// Cargo's option for the target, where it is known for certain; the name alone is enough for a test
    /// to be found, at the cost of building the package's other targets.
    fn target(&self) -> String {
        let Some(crate_name) = self.crate_name else {
            return String::new();
        };
        let is = |name: &str| name.replace('-', "_") == crate_name;
        if let Some(binary) = self.binary {
            return format!(" --bin {binary}");
        }
        if self.scratch.is_none() {
            let is_library = self.package.is_some_and(is);
            return if is_library { " --lib" } else { "" }.to_owned();
        }
        match self.file_names().into_iter().find(|name| is(name)) {
            Some(name) => format!(" --test {name}"),
            None if crate_name.contains('_') => String::new(),
            None => format!(" --test {crate_name}"),
        }
    }

    /// What the target may be called: `tests/NAME.rs`, `tests/NAME/main.rs`, or a file beside that.
    fn file_names(&self) -> Vec<&'static str> {
        let path = Path::new(self.file);
        let names = path.ancestors().filter_map(Path::file_stem);
        names.filter_map(|name| name.to_str()).collect()
    }

    /// Where failing runs are kept.
    ///
    /// # Errors
    ///
    /// Why they cannot be, if the source file is not where it was compiled.
    pub(super) fn regressions(&self, keep: &Keep) -> Result<Option<Regressions>, String> {
        if *keep == Keep::Nowhere {
            return Ok(None);
        }
        let source = self.source().ok_or_else(|| {
            format!(
                "it is not kept: {}, beside which it would be, is not there",
                self.file
            )
        })?;
        let path = match keep {
            Keep::At(path) => source.parent().unwrap_or(Path::new("")).join(path),
            Keep::Beside | Keep::Nowhere => source.with_extension("regressions"),
        };
        Ok(Some(Regressions::at(path).named(&self.test())))
    }

    /// The source file. The compiler tells it from where cargo called it, which is the folder of the
    /// workspace: the package's own or one above it.
    fn source(&self) -> Option<PathBuf> {
        self.path_of(self.file)
    }

    /// A file that the compiler told in the same way.
    pub(super) fn path_of(&self, file: &str) -> Option<PathBuf> {
        let folder = Path::new(self.package_folder?);
        let candidates = folder.ancestors().map(|above| above.join(file));
        let found: Vec<_> = candidates.filter(|path| path.is_file()).collect();
        let own = found.iter().position(|path| path.starts_with(folder));
        found.into_iter().nth(own.unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place {
        Place {
            function: "comes_back",
            module: "pool_tests::permits",
            file: "pool/tests/pool-tests/permits.rs",
            package: Some("pool"),
            crate_name: Some("pool_tests"),
            scratch: Some("there"),
            ..Place::default()
        }
    }

    fn line(place: &Place, nextest: bool) -> String {
        let runner = Runner {
            nextest,
            graph: false,
        };
        place.replay_line(&"dh1:5.n1=1/2".parse().unwrap(), runner)
    }

    #[test]
    fn a_test_of_a_whole_graph_is_run_again_with_it() {
        let runner = Runner {
            nextest: true,
            graph: true,
        };
        let line = place().replay_line(&"dh1:5".parse().unwrap(), runner);
        assert!(
            line.starts_with("DEADHEAT_REPLAY='dh1:5' cargo deadheat nextest run -p pool "),
            "{line}"
        );
    }

    #[test]
    fn the_line_selects_the_test_alone() {
        assert_eq!(
            line(&place(), false),
            "DEADHEAT_REPLAY='dh1:5.n1=1/2' cargo test -p pool --test pool-tests permits::comes_back -- --exact"
        );
        assert_eq!(
            line(&place(), true),
            "DEADHEAT_REPLAY='dh1:5.n1=1/2' cargo nextest run -p pool --test pool-tests -E 'test(=permits::comes_back)'"
        );
        let ignored = Place {
            is_ignored: true,
            ..place()
        };
        assert!(line(&ignored, false).ends_with("-- --exact --include-ignored"));
        assert!(line(&ignored, true).contains(" --run-ignored all -E "));
    }

    #[test]
    fn a_target_that_is_not_certain_is_not_named() {
        let target = |change: fn(&mut Place)| {
            let mut place = place();
            change(&mut place);
            place.target()
        };
        assert_eq!(target(|place| place.file = "elsewhere.rs"), "");
        assert_eq!(target(|place| place.crate_name = None), "");
        assert_eq!(target(|place| place.binary = Some("pool")), " --bin pool");
        assert_eq!(target(|place| place.scratch = None), "");
        let library = target(|place| (place.scratch, place.crate_name) = (None, Some("pool")));
        assert_eq!(library, " --lib");
        let plain = target(|place| (place.file, place.crate_name) = ("x.rs", Some("permits")));
        assert_eq!(plain, " --test permits");
    }

    #[test]
    fn a_test_at_the_root_of_its_crate_has_no_module_in_its_name() {
        let root = Place {
            module: "pool_tests",
            ..place()
        };
        assert_eq!(root.test(), "comes_back");
        assert_eq!(place().test(), "permits::comes_back");
    }
}
