//! What the standard library says of a file that is in memory.
//!
//! Its `Metadata` can be made by nobody else. So it is asked of an empty file or an empty folder of the system, which has no
//! name, and a file is made as long as the one in memory is. What is right of it is what the file is, and how long. Its times
//! are those of a beginning; when it was made, and its number, are those of the other.

use std::cell::RefCell;
use std::fs::{File, FileTimes, Metadata, OpenOptions};
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

thread_local! {
    static FILE: RefCell<Option<File>> = const { RefCell::new(None) };
    static FOLDER: RefCell<Option<File>> = const { RefCell::new(None) };
}

static MADE: AtomicU64 = AtomicU64::new(0);

/// A path at which there is nothing.
fn fresh() -> PathBuf {
    let number = MADE.fetch_add(1, Ordering::Relaxed);
    let name = format!("deadheat-stand-in-{}-{number}", std::process::id());
    std::env::temp_dir().join(name)
}

/// Makes an empty file, and takes its name away.
fn nameless() -> io::Result<File> {
    let path = fresh();
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&path)?;
    std::fs::remove_file(path)?;
    Ok(file)
}

/// Makes an empty folder, and takes its name away.
fn nameless_folder() -> io::Result<File> {
    let path = fresh();
    std::fs::create_dir(&path)?;
    let folder = File::open(&path);
    std::fs::remove_dir(path)?;
    folder
}

pub(super) fn metadata(is_folder: bool, length: u64) -> io::Result<Metadata> {
    match is_folder {
        true => FOLDER.with_borrow_mut(|folder| begun(made(folder, nameless_folder)?)),
        false => FILE.with_borrow_mut(|file| {
            let file = made(file, nameless)?;
            file.set_len(length)?;
            begun(file)
        }),
    }
}

fn made(place: &mut Option<File>, make: fn() -> io::Result<File>) -> io::Result<&File> {
    Ok(match place {
        Some(file) => file,
        None => place.insert(make()?),
    })
}

/// What is said of it, with the times of a beginning.
fn begun(file: &File) -> io::Result<Metadata> {
    let begin = SystemTime::UNIX_EPOCH;
    file.set_times(FileTimes::new().set_accessed(begin).set_modified(begin))?;
    file.metadata()
}
