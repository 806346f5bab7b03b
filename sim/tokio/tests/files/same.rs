//! A program of files is made twice, outside of a run on tokio's threads and inside of one: it is told the same, and
//! leaves the same behind.

use std::fmt::Debug;
use std::future::Future;
use std::io;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use deadheat::{Config, run};
use deadheat_tokio as tokio;

/// Where a program has its files, and what it was told.
#[derive(Clone)]
pub(crate) struct Place {
    folder: PathBuf,
    told: Arc<Mutex<Vec<String>>>,
}

impl Place {
    fn new(folder: &Path) -> Place {
        Place {
            folder: folder.to_owned(),
            told: Arc::default(),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Notes what a call came to: its value, or the kind and the number of its error.
    pub(crate) fn told<T: Debug>(&self, what: &str, result: io::Result<T>) {
        // Whether tokio asked the system, or knew that nothing was there, is no difference.
        let number = |error: &io::Error| match error.kind() {
            io::ErrorKind::WouldBlock => None,
            _ => error.raw_os_error(),
        };
        let result = result.map_err(|error| (error.kind(), number(&error)));
        let line = format!("{what}: {result:?}");
        // Where the folder is differs.
        let line = line.replace(&*self.folder.to_string_lossy(), "FOLDER");
        self.told.lock().unwrap().push(line);
    }

    pub(crate) fn is<T: Debug>(&self, what: &str, value: T) {
        self.told(what, Ok(value));
    }
}

/// What is beneath a folder, in the order of the names.
fn tree(folder: &Path) -> Vec<String> {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().flatten().collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    // The path of a Unix socket is a file outside of runs alone.
    entries.retain(|entry| !entry.file_type().unwrap().is_socket());
    let one = |entry: &std::fs::DirEntry| {
        let (kind, path) = (entry.file_type().unwrap(), entry.path());
        let within = if kind.is_dir() {
            format!("{:?}", tree(&path))
        } else if kind.is_file() {
            String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned()
        } else {
            format!("{:?}", std::fs::read_link(&path).map(|to| to.is_absolute()))
        };
        format!("{:?} {within}", entry.file_name())
    };
    entries.iter().map(one).collect()
}

/// What a program was told, and what it left behind.
type Outcome = (Vec<String>, Vec<String>);

fn outcome(make: impl FnOnce(Place)) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::new(folder.path());
    make(place.clone());
    let told = place.told.lock().unwrap().clone();
    (told, tree(folder.path()))
}

/// No program takes so long, unless it waits for what never comes.
const ENOUGH: Duration = Duration::from_secs(10);

/// Makes a program, which comes to an end.
async fn in_time<F: Future<Output = ()>>(place: Place, program: impl Fn(Place) -> F) {
    let ended = tokio::time::timeout(ENOUGH, program(place)).await;
    assert!(ended.is_ok(), "it waits for what never comes");
}

/// Makes a program on both sides, and with files in memory. It is to be told something on each.
#[track_caller]
pub(crate) fn same<F>(program: impl Fn(Place) -> F + Clone + Sync + 'static)
where
    F: Future<Output = ()> + 'static,
{
    let told = same_on_the_system(program.clone());
    let folder = PathBuf::from("/a/folder");
    let place = Place::new(&folder);
    let (program, here) = (move |place| program(place), place.clone());
    run(&Config::new(), move || {
        deadheat::net::Host::here().files_in_memory();
        let (program, folder, place) = (program.clone(), folder.clone(), here.clone());
        async move {
            tokio::fs::create_dir_all(folder).await.unwrap();
            program(place).await;
        }
    })
    .unwrap();
    let in_memory = place.told.lock().unwrap().clone();
    assert_eq!(in_memory, told, "with files in memory");
}

/// Makes a program on both sides, of files that have more than those in memory: what it was told.
#[track_caller]
pub(crate) fn same_on_the_system<F>(
    program: impl Fn(Place) -> F + Clone + Sync + 'static,
) -> Vec<String>
where
    F: Future<Output = ()> + 'static,
{
    let outside = outcome(|place| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.unwrap().block_on(in_time(place, program.clone()));
    });
    let inside = outcome(|place| {
        let program = program.clone();
        let timed = move || in_time(place.clone(), program.clone());
        run(&Config::new(), timed).unwrap();
    });
    assert!(!outside.0.is_empty());
    assert_eq!(inside, outside);
    outside.0
}
