//! What runs belong to: the content of a scenario, and the build of the command that made them.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::OnceLock;

use deadheat_scenarios::Subject;

/// FNV-1a, 64 bits: the same on every machine and in every version.
#[derive(Debug, Clone, Copy)]
struct Hash(u64);

impl Hash {
    const EMPTY: Hash = Hash(0xcbf2_9ce4_8422_2325);

    fn and(self, bytes: &[u8]) -> Hash {
        let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        Hash(bytes.iter().fold(self.0, step))
    }

    fn of(text: &str) -> Hash {
        Hash::EMPTY.and(text.as_bytes())
    }
}

/// What a scenario says, whatever its file is named and however it is laid out. What a piece of the museum does
/// is a part of the build.
pub(crate) fn content(program: &Subject) -> String {
    let text = match program {
        Subject::Scenario(program) => program.scenario().to_string(),
        Subject::Museum(variant) => variant.name.to_owned(),
    };
    format!("{:016x}", Hash::of(&text).0)
}

/// This build of the command: its version and what its file contains. None if its file cannot be read.
///
/// A change of the library, of a piece of the museum, or of the compiler makes another file; so may a build in
/// another place, which then makes again what need not have been made.
pub(crate) fn build() -> Option<String> {
    static FILE: OnceLock<Option<u64>> = OnceLock::new();
    let hash = FILE.get_or_init(|| std::env::current_exe().and_then(|path| file(&path)).ok());
    hash.map(|hash| format!("{} {hash:016x}", env!("CARGO_PKG_VERSION")))
}

fn file(path: &Path) -> io::Result<u64> {
    let mut file = File::open(path)?;
    let (mut hash, mut block) = (Hash::EMPTY, vec![0; 1 << 16]);
    loop {
        match file.read(&mut block) {
            Ok(0) => return Ok(hash.0),
            Ok(read) => hash = hash.and(&block[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Longer names of files are cut off: not every file system takes them.
const NAME_MAX: usize = 100;

/// The name of a file that belongs to an argument and to no other one.
pub(crate) fn file_name(argument: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if argument.chars().all(plain) && argument.len() <= NAME_MAX {
        return argument.to_owned();
    }
    let shown = argument.chars().map(|c| if plain(c) { c } else { '_' });
    // The end tells more than the beginning: that is a folder.
    let shown: String = shown.rev().take(NAME_MAX).collect();
    let shown: String = shown.chars().rev().collect();
    format!("{shown}-{:016x}", Hash::of(argument).0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_that_look_alike_have_different_files() {
        let alike = ["x_y", "x y", "x/y", "x\\y", "x:y", "\u{e9}", "e\u{301}"];
        let long = ["a".repeat(200), "a".repeat(201)];
        let all: Vec<String> = alike.into_iter().map(str::to_owned).chain(long).collect();
        let mut names: Vec<String> = all.iter().map(|argument| file_name(argument)).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all.len(), "{names:?}");
        for name in &names {
            assert!(
                name.len() <= 128 && !name.contains(['/', '\\', ' ', ':']),
                "{name}"
            );
        }
        assert_eq!(file_name("connection-pool-bug"), "connection-pool-bug");
        assert_eq!(
            file_name("x y"),
            "x_y-beccb1197f2b3af4",
            "it outlives a build"
        );
    }
}
