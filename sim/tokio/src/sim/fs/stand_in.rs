//! What the standard library says of a file that is in memory.
//!
//! Its `Metadata` can be made by nobody else. So it is asked of an empty file of the system, which has no name and is made
//! as long as the one in memory is; of a folder it is that of the system's folder for temporary files. What is right of it
//! is what the file is, and how long. Its times are those of a beginning, and its number is that of the other.

use std::cell::RefCell;
use std::fs::{File, FileTimes, Metadata, OpenOptions};
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

thread_local! {
    static FILE: RefCell<Option<File>> = const { RefCell::new(None) };
}

static MADE: AtomicU64 = AtomicU64::new(0);

/// Makes an empty file, and takes its name away.
fn nameless() -> io::Result<File> {
    let number = MADE.fetch_add(1, Ordering::Relaxed);
    let name = format!("deadheat-stand-in-{}-{number}", std::process::id());
    let path = std::env::temp_dir().join(name);
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&path)?;
    std::fs::remove_file(path)?;
    Ok(file)
}

pub(super) fn metadata(is_folder: bool, length: u64) -> io::Result<Metadata> {
    if is_folder {
        return std::fs::metadata(std::env::temp_dir());
    }
    FILE.with_borrow_mut(|file| {
        let file = match file {
            Some(file) => file,
            None => file.insert(nameless()?),
        };
        file.set_len(length)?;
        let begin = SystemTime::UNIX_EPOCH;
        file.set_times(FileTimes::new().set_accessed(begin).set_modified(begin))?;
        file.metadata()
    })
}
