//! What is there after a crash.

use deadheat_disk::{Disk, Error, Kept, Lost, OpenAs, Unsynced, What};

type Result = std::result::Result<(), Error>;

/// A file with a text in it, which is synced, and its name too.
fn with(name: &str, text: &str) -> Disk<&'static str> {
    let mut disk = Disk::new();
    put(&mut disk, name, text);
    let file = disk.open(name, OpenAs::THERE, "with").unwrap();
    disk.sync(&file).unwrap();
    disk.sync_folder("").unwrap();
    assert_eq!(disk.unsynced().count(), 0);
    disk
}

fn put(disk: &mut Disk<&'static str>, name: &str, text: &str) {
    let file = disk.open(name, OpenAs::CREATE, "open").unwrap();
    disk.write(&file, 0, text.as_bytes(), "write").unwrap();
    disk.close(file);
}

fn places(lost: &[Lost<&'static str>]) -> Vec<&'static str> {
    lost.iter().map(|lost| lost.place).collect()
}

fn nothing(_: &Unsynced<&'static str>) -> Kept {
    Kept::Nothing
}

#[test]
fn what_was_synced_is_there_and_the_rest_is_not() -> Result {
    let mut disk = with("a", "one");
    put(&mut disk, "b", "two");
    let file = disk.open("a", OpenAs::THERE, "open")?;
    disk.write(&file, 3, b"more", "append")?;
    let lost = disk.crash(nothing);
    assert_eq!(places(&lost), ["open", "write", "append"]);
    assert_eq!(disk.read_all("a")?, b"one");
    assert_eq!(disk.list("")?, ["a"]);
    Ok(())
}

#[test]
fn a_name_and_what_is_in_the_file_are_synced_apart() -> Result {
    let mut disk = Disk::new();
    put(&mut disk, "a", "text");
    let mut other = disk.clone();
    disk.sync_folder("")?;
    assert_eq!(places(&disk.crash(nothing)), ["write"]);
    assert_eq!(disk.read_all("a")?, b"");
    let file = other.open("a", OpenAs::THERE, "open")?;
    other.sync(&file)?;
    assert_eq!(places(&other.crash(nothing)), ["open"]);
    assert_eq!(other.read_all("a"), Err(Error::NotFound));
    Ok(())
}

#[test]
fn a_folder_is_named_in_the_one_above() -> Result {
    let mut disk = Disk::new();
    disk.make_folder("a", "a")?;
    disk.make_folder("a/b", "b")?;
    let mut other = disk.clone();
    disk.sync_folder("")?;
    assert_eq!(places(&disk.crash(nothing)), ["b"]);
    other.sync_folder("a")?;
    assert_eq!(places(&other.crash(nothing)), ["a"]);
    assert_eq!(other.list("")?.len(), 0);
    Ok(())
}

#[test]
fn a_file_that_takes_the_place_of_another_is_one_of_both() -> Result {
    for kept in [Kept::Whole, Kept::Nothing, Kept::First(1)] {
        let mut disk = with("data", "old");
        put(&mut disk, "new", "new");
        let file = disk.open("new", OpenAs::THERE, "open")?;
        disk.sync(&file)?;
        disk.rename("new", "data", "rename")?;
        let lost = disk.crash(|made| match made.what {
            What::Renamed { .. } => kept,
            _ => Kept::Whole,
        });
        let (is_lost, text) = (kept == Kept::Nothing, disk.read_all("data")?);
        assert_eq!(text, if is_lost { b"old" } else { b"new" });
        assert_eq!(disk.look("new").is_ok(), is_lost);
        assert_eq!(places(&lost).contains(&"rename"), is_lost);
    }
    Ok(())
}

#[test]
fn a_synced_rename_takes_along_what_it_stands_on() -> Result {
    let mut disk = Disk::new();
    disk.make_folder("to", "to")?;
    disk.sync_folder("")?;
    put(&mut disk, "a", "text");
    disk.rename("a", "to/a", "rename")?;
    disk.sync_folder("to")?;
    assert_eq!(places(&disk.crash(nothing)), ["write"]);
    assert_eq!(disk.list("")?, ["to"]);
    assert_eq!(disk.read_all("to/a")?, b"");
    Ok(())
}

#[test]
fn writes_are_lost_one_by_one_and_leave_zeros() -> Result {
    let mut disk = with("a", "");
    let file = disk.open("a", OpenAs::THERE, "open")?;
    for (at, bytes, place) in [(0, b"11", "1"), (2, b"22", "2"), (4, b"33", "3")] {
        disk.write(&file, at, bytes, place)?;
    }
    let lost = disk.crash(|made| match made.place {
        "1" => Kept::Nothing,
        "3" => Kept::First(1),
        _ => Kept::Whole,
    });
    assert_eq!(disk.read_all("a")?, b"\0\x0022\x33");
    assert_eq!(places(&lost), ["1", "3"]);
    assert_eq!(lost[1].kept, Kept::First(1));
    assert_eq!(lost[1].path.to_str(), Some("a"));
    Ok(())
}

#[test]
fn after_a_name_that_was_lost_no_later_one_is_kept() -> Result {
    let mut disk = with("a", "text");
    disk.rename("a", "b", "first")?;
    disk.rename("b", "c", "second")?;
    let mut asked = Vec::new();
    let lost = disk.crash(|made| {
        asked.push(made.place);
        Kept::Nothing
    });
    assert_eq!(
        (places(&lost), asked),
        (vec!["first", "second"], vec!["first"])
    );
    assert_eq!(disk.read_all("a")?, b"text");
    Ok(())
}

#[test]
fn a_file_that_was_removed_is_back_unless_that_was_synced() -> Result {
    let mut disk = with("a", "text");
    disk.remove_file("a", "remove")?;
    let mut other = disk.clone();
    assert_eq!(places(&disk.crash(nothing)), ["remove"]);
    assert_eq!(disk.read_all("a")?, b"text");
    other.sync_folder("")?;
    assert!(other.crash(nothing).is_empty());
    assert_eq!(other.look("a"), Err(Error::NotFound));
    Ok(())
}

#[test]
fn a_length_is_a_change_like_another() -> Result {
    let mut disk = with("a", "text");
    let file = disk.open("a", OpenAs::CREATE, "truncate")?;
    disk.resize(&file, 2, "resize")?;
    assert_eq!(disk.read_all("a")?, [0, 0]);
    let lost = disk.crash(|made| match made.place {
        "truncate" => Kept::Nothing,
        _ => Kept::Whole,
    });
    assert_eq!(places(&lost), ["truncate"]);
    assert_eq!(disk.read_all("a")?, b"te");
    Ok(())
}

#[test]
fn a_full_disk_takes_what_there_is_room_for() -> Result {
    let mut disk = Disk::with_room(6);
    let file = disk.open("a", OpenAs::NEW, ())?;
    assert_eq!(disk.write(&file, 0, b"1234", ()), Ok(4));
    assert_eq!(disk.write(&file, 4, b"5678", ()), Ok(2));
    assert_eq!(disk.write(&file, 6, b"9", ()), Err(Error::StorageFull));
    assert_eq!(disk.write(&file, 5, b"X", ()), Ok(1));
    assert_eq!(disk.resize(&file, 7, ()), Err(Error::StorageFull));
    // A file without a name has its room as long as it is open.
    disk.remove_file("a", ())?;
    assert_eq!(disk.room(), 0);
    disk.close(file);
    assert_eq!(disk.room(), 6);
    Ok(())
}

#[test]
#[should_panic(expected = "a crash closes all files")]
fn a_file_that_was_open_in_a_crash_is_not_any_more() {
    let mut disk = with("a", "text");
    let file = disk.open("a", OpenAs::THERE, "open").unwrap();
    disk.crash(nothing);
    disk.length(&file);
}
