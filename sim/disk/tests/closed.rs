//! What a crash leaves of a write of which no byte is kept, and a file that was open before its disk was closed.

use deadheat_disk::{Disk, Error, Kept, OpenAs};

#[test]
fn a_write_of_which_no_byte_is_kept_is_lost() -> Result<(), Error> {
    let mut disk = Disk::new();
    let file = disk.open("a", OpenAs::NEW, ())?;
    disk.sync_folder("")?;
    disk.write(&file, 0, b"text", ())?;
    let lost = disk.crash(|_| Kept::First(0));
    assert_eq!(lost.len(), 1);
    assert_eq!(lost[0].kept, Kept::Nothing);
    assert_eq!(disk.read_all("a")?, b"");
    Ok(())
}

#[test]
fn a_file_that_was_open_when_all_were_closed_closes_no_other_that_is_opened_later()
-> Result<(), Error> {
    let mut disk = Disk::new();
    let before = disk.open("a", OpenAs::NEW, ())?;
    disk.close_all();
    let after = disk.open("a", OpenAs::THERE, ())?;
    disk.remove_file("a", ())?;
    disk.close(before);
    disk.write(&after, 0, b"text", ())?;
    assert_eq!(disk.length(&after), 4);
    Ok(())
}

#[test]
#[should_panic(expected = "a crash closes all files")]
fn a_file_that_was_open_when_all_were_closed_is_of_no_use() {
    let mut disk = Disk::new();
    let before = disk.open("a", OpenAs::NEW, ()).unwrap();
    disk.close_all();
    disk.length(&before);
}
