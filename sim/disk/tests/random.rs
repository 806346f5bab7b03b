//! Random programs: what a disk answers is what this machine's file system does, and a crash takes nothing that is certain.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use deadheat_disk::{Disk, Error, Kept, OpenAs};

/// SplitMix64.
struct Draw(u64);

impl Draw {
    fn below(&mut self, count: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % count
    }

    fn path(&mut self) -> PathBuf {
        let depth = 1 + self.below(3);
        (0..depth)
            .map(|_| ["a", "b", "c"][self.below(3) as usize])
            .collect()
    }
}

/// One call on the disk, and the same one on the machine.
fn both(draw: &mut Draw, disk: &mut Disk<u32>, root: &Path, place: u32) {
    let (path, to) = (draw.path(), draw.path());
    let (real, real_to) = (root.join(&path), root.join(&to));
    let (on_disk, on_machine) = match draw.below(7) {
        0 => (disk.make_folder(&path, place), std::fs::create_dir(&real)),
        1 => (disk.remove_file(&path, place), std::fs::remove_file(&real)),
        2 => (disk.remove_folder(&path, place), std::fs::remove_dir(&real)),
        3 => (
            disk.rename(&path, &to, place),
            std::fs::rename(&real, &real_to),
        ),
        4 => {
            let linked = std::fs::hard_link(&real, &real_to);
            // What may have no second name is another error there.
            let linked = linked.map_err(|error| match error.kind() {
                ErrorKind::PermissionDenied => Error::IsADirectory.into(),
                _ => error,
            });
            (disk.link(&path, &to, place), linked)
        }
        kind => {
            let how = [OpenAs::NEW, OpenAs::CREATE, OpenAs::THERE][draw.below(3) as usize];
            let (at, count) = (draw.below(9), 1 + draw.below(9) as usize);
            let bytes = vec![b'0' + (place % 10) as u8; count];
            let written = disk.open(&path, how, place).and_then(|file| {
                let written = match kind {
                    5 => disk.write(&file, at, &bytes, place).map(drop),
                    _ => disk.resize(&file, at, place),
                };
                disk.close(file);
                written
            });
            let mut options = std::fs::OpenOptions::new();
            options.write(true).truncate(how.truncate);
            options.create(how.create).create_new(how.new);
            let really = options.open(&real).and_then(|mut file| match kind {
                5 => {
                    file.seek(SeekFrom::Start(at))?;
                    file.write_all(&bytes)
                }
                _ => file.set_len(at),
            });
            (written, really)
        }
    };
    let [on_disk, on_machine] = [
        on_disk.map_err(Error::kind),
        on_machine.map_err(|error| error.kind()),
    ];
    assert_eq!(on_disk, on_machine, "{path:?} {to:?}");
}

/// All files beneath a folder, with what is in them; and the folders.
fn on_disk(disk: &Disk<u32>, path: &Path, all: &mut BTreeMap<PathBuf, Option<Vec<u8>>>) {
    for name in disk.list(path).unwrap() {
        let path = path.join(name);
        if disk.look(&path).unwrap().is_folder {
            all.insert(path.clone(), None);
            on_disk(disk, &path, all);
        } else {
            let bytes = disk.read_all(&path).unwrap().to_owned();
            all.insert(path, Some(bytes));
        }
    }
}

fn on_machine(root: &Path, path: &Path, all: &mut BTreeMap<PathBuf, Option<Vec<u8>>>) {
    for entry in std::fs::read_dir(root.join(path)).unwrap().flatten() {
        let path = path.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            all.insert(path.clone(), None);
            on_machine(root, &path, all);
        } else {
            all.insert(path.clone(), Some(std::fs::read(root.join(&path)).unwrap()));
        }
    }
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "its answers are those of Linux")]
fn a_disk_answers_as_this_machine_does() {
    for seed in 0..60 {
        let root =
            std::env::temp_dir().join(format!("deadheat-disk-{}-{seed}", std::process::id()));
        std::fs::create_dir(&root).unwrap();
        let (mut draw, mut disk) = (Draw(seed), Disk::new());
        for place in 0..150 {
            both(&mut draw, &mut disk, &root, place);
        }
        let (mut ours, mut real) = (BTreeMap::new(), BTreeMap::new());
        on_disk(&disk, Path::new(""), &mut ours);
        on_machine(&root, Path::new(""), &mut real);
        std::fs::remove_dir_all(&root).unwrap();
        assert_eq!(ours, real, "seed {seed}");
    }
}

/// A log: what was appended and synced is there, in a file whose name is certain, whatever else is lost.
#[test]
fn a_log_that_is_synced_loses_nothing_that_was() {
    for seed in 0..300 {
        let (mut draw, mut disk) = (Draw(seed), Disk::new());
        let mut log = disk.open("log", OpenAs::NEW, 0).unwrap();
        disk.sync_folder("").unwrap();
        let (mut written, mut synced) = (Vec::new(), 0);
        for place in 0..40 {
            match draw.below(4) {
                0 => {
                    disk.sync(&log).unwrap();
                    synced = written.len();
                }
                1 if draw.below(4) == 0 => {
                    disk.crash(|_| match draw.below(3) {
                        0 => Kept::Whole,
                        1 => Kept::First(draw.below(3)),
                        _ => Kept::Nothing,
                    });
                    let there = disk.read_all("log").unwrap().to_owned();
                    assert!(there.len() >= synced, "seed {seed}");
                    assert_eq!(there[..synced], written[..synced], "seed {seed}");
                    (synced, written) = (there.len(), there);
                    log = disk.open("log", OpenAs::THERE, place).unwrap();
                }
                _ => {
                    let bytes = vec![b'a' + (place % 26) as u8; 1 + draw.below(4) as usize];
                    let at = disk.length(&log);
                    disk.write(&log, at, &bytes, place).unwrap();
                    written.extend(bytes);
                }
            }
        }
    }
}

/// All is kept: what was seen before a crash is there after it. Nothing is, after all was synced: the same.
#[test]
fn a_crash_that_takes_nothing_changes_nothing() {
    for seed in 0..100 {
        let (mut draw, mut disk) = (Draw(seed), Disk::<u32>::new());
        for place in 0..200 {
            let (path, to) = (draw.path(), draw.path());
            match draw.below(6) {
                0 => drop(disk.make_folder(&path, place)),
                1 => drop(disk.remove_file(&path, place)),
                2 => drop(disk.rename(&path, &to, place)),
                3 => drop(disk.link(&path, &to, place)),
                4 => drop(disk.sync_folder(&path)),
                _ => {
                    if let Ok(file) = disk.open(&path, OpenAs::CREATE, place) {
                        disk.write(&file, 0, b"text", place).unwrap();
                        if draw.below(2) == 0 {
                            disk.sync(&file).unwrap();
                        }
                        disk.close(file);
                    }
                }
            }
        }
        let seen = |disk: &Disk<u32>| {
            let mut all = BTreeMap::new();
            on_disk(disk, Path::new(""), &mut all);
            all
        };
        let before = seen(&disk);
        let mut synced = disk.clone();
        assert!(disk.crash(|_| Kept::Whole).is_empty());
        assert_eq!(seen(&disk), before, "seed {seed}");

        for (path, bytes) in &before {
            match bytes {
                None => synced.sync_folder(path).unwrap(),
                Some(_) => {
                    let file = synced.open(path, OpenAs::THERE, 0).unwrap();
                    synced.sync(&file).unwrap();
                    synced.close(file);
                }
            }
        }
        synced.sync_folder("").unwrap();
        synced.crash(|_| Kept::Nothing);
        assert_eq!(seen(&synced), before, "seed {seed}");
    }
}
