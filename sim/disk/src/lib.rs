//! A disk that forgets: files and folders as programs see them, and what of them is there after a crash.
//!
//! It is plain data, without a clock, chance, input or output. Somebody else drives it: a call changes what is there, and
//! [`Disk::crash`] asks of each change that was not synced whether it is kept.
//!
//! # Invariants
//!
//! 1. What a disk does depends on the calls and on their order, and on nothing else.
//! 2. What was synced is there after a crash. [`Disk::sync`] makes certain what is in a file, and not its name;
//!    [`Disk::sync_folder`] makes certain the names in a folder, and not what is in the files.
//! 3. A change of names is kept whole or lost whole, so a file that is renamed has its old name or its new one.
//! 4. Changes of names are kept in their order, as a file system with a journal keeps them: after one that was lost no later
//!    one is kept, unless it was synced. A sync takes with it what the synced names stand on.
//! 5. What is in a file is kept in any order: any write of those that were not synced may be lost, and the others kept. Where
//!    one was lost and a later one was kept, zeros are between.
//! 6. What has no name and is not open takes no room.
//!
//! # What is not here, on purpose
//!
//! - Symbolic links, permissions and times.
//! - What a file system promises beyond POSIX: here a file that is synced for the first time has no certain name.
//! - Errors of a disk, and how long it takes: whoever drives it decides on them before a call.
//! - A limit on what was not synced: it is kept until it is, or until the crash.
//!
//! # Examples
//!
//! A file is written beside another one and takes its place, and nobody synced what is in it:
//!
//! ```
//! use deadheat_disk::{Disk, Kept, OpenAs, What};
//!
//! let mut disk = Disk::new();
//! for (name, text) in [("data", "old"), ("data.new", "new")] {
//!     let file = disk.open(name, OpenAs::CREATE, "open")?;
//!     disk.write(&file, 0, text.as_bytes(), "write")?;
//!     if name == "data" {
//!         disk.sync(&file)?;
//!     }
//!     disk.close(file);
//! }
//! disk.rename("data.new", "data", "rename")?;
//! disk.sync_folder("")?;
//!
//! // The names are certain, and what is in the file is not.
//! let lost = disk.crash(|_| Kept::Nothing);
//! assert_eq!(disk.read_all("data")?, b"");
//! assert!(matches!(lost[0].what, What::Written { at: 0, length: 3 }));
//! assert_eq!(lost[0].place, "write");
//! # Ok::<(), deadheat_disk::Error>(())
//! ```

mod crash;
mod disk;
mod error;
mod log;
mod names;
mod open;
mod tree;

pub use crash::{Kept, Lost};
pub use disk::{Disk, Look};
pub use error::Error;
pub use log::{Unsynced, What};
pub use open::{OpenAs, Opened};
