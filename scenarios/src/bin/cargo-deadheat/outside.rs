//! Which tests stay outside of runs, and what is said of a name that none of them has.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::arguments::Options;
use crate::error::Error;
use crate::say;
use crate::workplace::Workplace;

/// Which tests stay outside, and the folder in which each test that is run leaves a file: by the number of a name that
/// it has, or another one.
pub(crate) struct Outside<'a> {
    options: &'a Options,
    met: PathBuf,
}

impl<'a> Outside<'a> {
    pub(crate) fn prepare(options: &'a Options, place: &Workplace) -> Result<Self, Error> {
        let met = place.file("outside");
        let _ = fs::remove_dir_all(&met);
        fs::create_dir_all(&met).map_err(Error::on(&met))?;
        Ok(Outside { options, met })
    }

    pub(crate) fn tell(&self, command: &mut Command) {
        if self.options.only_deadheat {
            command.env("DEADHEAT_OUTSIDE", "*");
        } else if !self.options.outside.is_empty() {
            command.env("DEADHEAT_OUTSIDE", self.options.outside.join(","));
            command.env("DEADHEAT_OUTSIDE_MET", &self.met);
        }
    }

    /// Says which names no test has met, once tests were run: where none was, as after an error of the compiler, that
    /// would say nothing of the name.
    pub(crate) fn say_what_met_none(&self) {
        for name in self.that_met_none() {
            say(&format!(
                "--outside {name} left no #[tokio::test] to tokio: none of those that were run and are simulated has \
                 this in its name"
            ));
        }
    }

    fn that_met_none(&self) -> impl Iterator<Item = &String> {
        let has_told = fs::read_dir(&self.met).is_ok_and(|mut told| told.next().is_some());
        let says = has_told && !self.options.only_deadheat;
        let names = self.options.outside.iter().enumerate();
        let names = names.filter(move |(at, _)| says && !self.met.join(at.to_string()).exists());
        names.map(|(_, name)| name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workplace::of_a_test;

    #[test]
    fn a_name_that_none_has_is_told_once_a_test_was_run() {
        let folder = tempfile::tempdir().unwrap();
        let place = of_a_test(folder.path(), &folder.path().join("target"));
        let options = Options {
            outside: vec!["socket".to_owned(), "disk".to_owned()],
            ..Options::default()
        };
        let outside = Outside::prepare(&options, &place).unwrap();
        let told = || outside.that_met_none().collect::<Vec<_>>();
        assert_eq!(told(), [""; 0]);
        fs::write(outside.met.join("run"), "").unwrap();
        assert_eq!(told(), ["socket", "disk"]);
        fs::write(outside.met.join("1"), "").unwrap();
        assert_eq!(told(), ["socket"]);
        // The next command begins anew.
        let outside = Outside::prepare(&options, &place).unwrap();
        assert_eq!(outside.that_met_none().count(), 0);
    }
}
