//! How far an exploration was, as a small file.
//!
//! 1. Runs count as made only for what they were made of: the content of the scenario, the build of the command,
//!    and the arguments.
//! 2. What is in the file and does not fit, or cannot be read, is a reason to begin anew, which is told.

use std::fs;
use std::io;
use std::path::Path;

use deadheat::search::write_whole;

const HEAD: &str = "deadheat session 2";

/// What the runs of an exploration depend on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Subject {
    /// None if it cannot be told: then it fits nothing.
    pub(crate) build: Option<String>,
    pub(crate) content: String,
    pub(crate) arguments: String,
}

/// How far an exploration was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Progress {
    of: Subject,
    /// Every run below this number was made.
    pub(crate) runs: u64,
    /// Whether one of them failed.
    pub(crate) failed: bool,
}

/// What was found of an earlier session.
#[derive(Debug, PartialEq)]
pub(crate) enum Found {
    Nothing,
    /// It can be gone on with.
    Fits(Progress),
    /// It cannot, and why.
    Unfit(String),
}

impl Progress {
    pub(crate) fn of(subject: Subject) -> Self {
        Progress {
            of: subject,
            runs: 0,
            failed: false,
        }
    }

    /// What is written at `path` of a subject.
    ///
    /// # Errors
    ///
    /// If there is a file and it cannot be read.
    pub(crate) fn read(path: &Path, subject: &Subject) -> io::Result<Found> {
        let text = match fs::read(path) {
            Ok(bytes) => String::from_utf8(bytes).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
            Err(error) => return Err(error),
        };
        let Some(progress) = Progress::parse(&text) else {
            let why = match text.starts_with("deadheat session ") && !text.starts_with(HEAD) {
                true => "another version of deadheat wrote how far it was",
                false => "the file that tells how far it was is damaged",
            };
            return Ok(Found::Unfit(why.to_owned()));
        };
        Ok(match progress.differs(subject) {
            None => Found::Fits(progress),
            Some(why) => Found::Unfit(format!("{why} since {} runs were made", progress.runs)),
        })
    }

    /// What has changed, if something has.
    fn differs(&self, subject: &Subject) -> Option<String> {
        let of = &self.of;
        let mut changed = Vec::new();
        if of.content != subject.content {
            changed.push("the scenario has changed".to_owned());
        }
        if of.build.is_none() || of.build != subject.build {
            changed.push("deadheat has been built anew".to_owned());
        }
        if of.arguments != subject.arguments {
            let (then, now) = (&of.arguments, &subject.arguments);
            changed.push(format!("the arguments have changed ({then}, now {now})"));
        }
        (!changed.is_empty()).then(|| changed.join(", "))
    }

    pub(crate) fn write(&self, path: &Path) -> io::Result<()> {
        let Progress { of, runs, failed } = self;
        let build = of.build.as_deref().unwrap_or("unknown");
        let Subject {
            content, arguments, ..
        } = of;
        write_whole(
            path,
            format!(
                "{HEAD}\nbuild {build}\nscenario {content}\narguments {arguments}\nfailed {failed}\nruns {runs}\n"
            ),
        )
    }

    fn parse(text: &str) -> Option<Self> {
        // Each line ends: what was cut off in the middle of a number is no number.
        let lines: Vec<&str> = text.strip_suffix('\n')?.split('\n').collect();
        let [HEAD, build, content, arguments, failed, runs] = lines.as_slice() else {
            return None;
        };
        let build = build.strip_prefix("build ")?;
        Some(Progress {
            of: Subject {
                build: (build != "unknown").then(|| build.to_owned()),
                content: content.strip_prefix("scenario ")?.to_owned(),
                arguments: arguments.strip_prefix("arguments ")?.to_owned(),
            },
            failed: failed.strip_prefix("failed ")?.parse().ok()?,
            runs: runs.strip_prefix("runs ")?.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject() -> Subject {
        Subject {
            build: Some("0.1.0 00ff".to_owned()),
            content: "1234".to_owned(),
            arguments: "scheduler portfolio late mixed seed 0".to_owned(),
        }
    }

    fn written(folder: &tempfile::TempDir) -> (std::path::PathBuf, Progress) {
        let path = folder.path().join("progress");
        let mut progress = Progress::of(subject());
        (progress.runs, progress.failed) = (1_234, true);
        progress.write(&path).expect("it is written");
        (path, progress)
    }

    #[test]
    fn what_is_written_is_read_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, progress) = written(&folder);
        let read = Progress::read(&path, &subject()).expect("it can be read");
        assert_eq!(read, Found::Fits(progress));
        let none = Progress::read(&folder.path().join("none"), &subject());
        assert_eq!(none.expect("there is none"), Found::Nothing);
        Progress::read(folder.path(), &subject()).expect_err("a folder");
    }

    #[test]
    fn what_is_cut_off_anywhere_is_nothing_to_go_on_with() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, _) = written(&folder);
        let bytes = fs::read(&path).expect("a file");
        for length in 0..bytes.len() {
            fs::write(&path, &bytes[..length]).expect("a file");
            let read = Progress::read(&path, &subject()).expect("it can be read");
            assert!(
                matches!(read, Found::Unfit(_)),
                "cut off after {length} bytes: {read:?}"
            );
        }
        for damaged in [
            &b"\xff\xfe"[..],
            b"deadheat session 20\n",
            &[&bytes[..], b"\n"].concat(),
        ] {
            fs::write(&path, damaged).expect("a file");
            let read = Progress::read(&path, &subject()).expect("it can be read");
            assert!(matches!(read, Found::Unfit(_)), "{damaged:?}");
        }
    }

    #[test]
    fn what_was_made_of_something_else_says_what_has_changed() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, _) = written(&folder);
        let why = |change: fn(&mut Subject)| {
            let mut subject = subject();
            change(&mut subject);
            let read = Progress::read(&path, &subject).expect("it can be read");
            match read {
                Found::Unfit(why) => why,
                found => panic!("it fits: {found:?}"),
            }
        };
        let scenario = why(|subject| subject.content.push('5'));
        assert_eq!(
            scenario,
            "the scenario has changed since 1234 runs were made"
        );
        let build = why(|subject| subject.build = Some("0.1.1 00ff".to_owned()));
        assert_eq!(
            build,
            "deadheat has been built anew since 1234 runs were made"
        );
        why(|subject| subject.build = None);
        let both = why(|subject| {
            subject.content.clear();
            subject.arguments = "seed 7".to_owned();
        });
        let text = "the scenario has changed, the arguments have changed (scheduler portfolio late mixed seed 0, \
                    now seed 7) since 1234 runs were made";
        assert_eq!(both, text);
    }

    #[test]
    fn a_build_that_cannot_be_told_fits_nothing_not_even_itself() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("progress");
        let subject = Subject {
            build: None,
            ..subject()
        };
        Progress::of(subject.clone())
            .write(&path)
            .expect("it is written");
        let read = Progress::read(&path, &subject).expect("it can be read");
        assert!(matches!(read, Found::Unfit(_)));
    }
}
