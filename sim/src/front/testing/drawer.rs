//! Where the picture of a test goes: `target/deadheat/NAME.…`, beside what cargo builds.
//!
//! The folder is `CARGO_TARGET_DIR`'s if that is set, that of `CARGO_TARGET_TMPDIR` in a test below `tests/`, and else
//! `target` in the folder of the workspace. Where nothing can be written the report says why, and the test's verdict is
//! what it was.

use std::fs;
use std::path::{Path, PathBuf};

use crate::picture::{self, Subject};

use super::place::Place;
use super::traced::{self, Form};

/// Who draws the runs of a test.
#[derive(Debug)]
pub(super) struct Drawer {
    place: Place,
    /// The folder of the workspace, as far as it is there.
    workspace: PathBuf,
    /// The folder for pictures.
    folder: PathBuf,
}

impl Drawer {
    /// `target` is what `CARGO_TARGET_DIR` says.
    pub(super) fn new(place: &Place, target: Option<&Path>) -> Drawer {
        let package = Path::new(place.package_folder.unwrap_or("."));
        let locked = |folder: &&Path| folder.join("Cargo.lock").is_file();
        let workspace = package
            .ancestors()
            .find(locked)
            .unwrap_or(package)
            .to_owned();
        let scratch = place
            .scratch
            .and_then(|scratch| Path::new(scratch).parent());
        let target = match (target, scratch) {
            (Some(target), _) => workspace.join(target),
            (None, Some(scratch)) => scratch.to_owned(),
            (None, None) => workspace.join("target"),
        };
        Drawer {
            place: place.clone(),
            folder: target.join("deadheat"),
            workspace,
        }
    }

    /// Draws a run, and gives the line that says where.
    pub(super) fn draw(&self, subject: Subject<'_>, form: Form) -> String {
        let read = |file: &str| {
            let path = self.place.path_of(file)?;
            fs::read_to_string(path).ok()
        };
        let text = match form {
            Form::Html => picture::html(subject.with_sources(&read)),
            Form::Json => picture::json(subject),
            Form::Perfetto => picture::perfetto(subject),
            Form::Text => traced::in_words(subject.run()),
        };
        let name = self.place.test().replace("::", ".");
        let path = self.folder.join(format!("{name}.{}", form.ending()));
        let written = fs::create_dir_all(&self.folder).and_then(|()| fs::write(&path, text));
        let shown = path
            .strip_prefix(&self.workspace)
            .unwrap_or(&path)
            .display();
        match written {
            Ok(()) => format!("  picture  {shown}"),
            Err(error) => format!("  picture  none: {shown} cannot be written: {error}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(scratch: Option<&'static str>, target: Option<&str>) -> PathBuf {
        let place = Place {
            package_folder: Some("/there/is/no/such/package"),
            scratch,
            ..Place::default()
        };
        Drawer::new(&place, target.map(Path::new)).folder
    }

    #[test]
    fn a_picture_goes_beside_what_cargo_builds() {
        let package = "/there/is/no/such/package";
        assert_eq!(
            folder(None, None),
            Path::new(package).join("target/deadheat")
        );
        assert_eq!(folder(Some("/t/tmp"), None), Path::new("/t/deadheat"));
        assert_eq!(
            folder(Some("/t/tmp"), Some("/own")),
            Path::new("/own/deadheat")
        );
        assert_eq!(
            folder(None, Some("rel")),
            Path::new(package).join("rel/deadheat")
        );
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_told() {
        let place = Place {
            function: "pool",
            ..Place::default()
        };
        let drawer = Drawer::new(&place, Some(Path::new("/dev/null")));
        let run = crate::run(&crate::Config::new().trace(true), || async {}).unwrap();
        let line = drawer.draw(Subject::from(&run), Form::Html);
        assert!(
            line.starts_with("  picture  none: /dev/null/deadheat/pool.html cannot be written: "),
            "{line}"
        );
    }
}
