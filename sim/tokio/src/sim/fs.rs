//! `tokio::fs`: inside a run each operation takes a turn of the run, on the real file system or in memory.
//!
//! 1. What is opened or listed inside a run belongs to that run, what is outside is tokio's own. Used on the other side it
//!    panics, and says why.
//! 2. An operation is a task of the run that takes one turn, as a closure for `spawn_blocking` is. No virtual time passes
//!    in it.
//! 3. On a host whose files are in memory (`deadheat::net::Host::files_in_memory`) they are on its disk, which forgets after a
//!    crash what was not synced. `sim/tokio/src/sim/fs/disk.rs` says for each operation what that comes to.
//! 4. Else the files are the system's, so a run is the same each time only if it finds the same: a test begins with a folder
//!    of its own, made anew in its body. What the system alone knows (inode numbers, times, the order in which it lists) is
//!    not the same; listings are sorted.

mod contents;
mod dir_builder;
mod directories;
mod disk;
mod file;
#[cfg(tokio_since_1_54)]
mod file_times;
mod inquiries;
mod memory;
mod names;
mod open_options;
mod read_dir;
mod stand_in;

pub use contents::{copy, read, read_to_string, write};
pub use dir_builder::DirBuilder;
pub use directories::{create_dir, create_dir_all, remove_dir, remove_dir_all};
pub use file::File;
#[cfg(tokio_since_1_54)]
pub use file_times::FileTimes;
pub use inquiries::{metadata, set_permissions, symlink_metadata, try_exists};
#[cfg(unix)]
pub use names::symlink;
pub use names::{canonicalize, hard_link, read_link, remove_file, rename};
#[cfg(windows)]
pub use names::{symlink_dir, symlink_file};
pub use open_options::OpenOptions;
pub use read_dir::{DirEntry, ReadDir, read_dir};
