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

/// So much of a file is read at once: a multiple of eight.
const BLOCK: u64 = 1 << 16;

/// A hash of what a file contains, by words of eight bytes: it is as long as a program is.
fn file(path: &Path) -> io::Result<u64> {
    let mut file = File::open(path)?;
    let (mut hash, mut length) = (0_u64, 0_u64);
    let mut block = Vec::new();
    // Each step keeps different hashes different.
    let mut step =
        |word: u64| hash = (hash.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    loop {
        block.clear();
        let read = (&mut file).take(BLOCK).read_to_end(&mut block)?;
        if read == 0 {
            step(length);
            return Ok(hash);
        }
        length += read as u64;
        for bytes in block.chunks(8) {
            let mut word = [0; 8];
            word[..bytes.len()].copy_from_slice(bytes);
            step(u64::from_le_bytes(word));
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
    fn files_that_differ_in_a_byte_or_in_their_length_have_different_hashes() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("program");
        let mut hashes = std::collections::BTreeSet::new();
        let mut add = |bytes: &[u8]| {
            std::fs::write(&path, bytes).expect("a file");
            hashes.insert(file(&path).expect("it can be read"));
        };
        let lengths = [0, 1, 7, 8, 9, 65_535, 65_536, 65_537, 131_072];
        lengths.iter().for_each(|length| add(&vec![0; *length]));
        let mut bytes = vec![7; 65_600];
        add(&bytes);
        let places = [0, 1, 8, 65_535, 65_536, 65_599];
        for place in places {
            bytes[place] ^= 0x80;
            add(&bytes);
            bytes[place] ^= 0x80;
        }
        assert_eq!(hashes.len(), lengths.len() + 1 + places.len());
        file(folder.path()).expect_err("a folder");
    }

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
