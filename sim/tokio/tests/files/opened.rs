//! Open files: the same on both sides.

use std::io::{IoSlice, SeekFrom};
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, UNIX_EPOCH};

use deadheat_tokio as tokio;
use tokio::fs::{self, File, FileTimes, OpenOptions};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncSeekExt, AsyncWriteExt, BufReader, BufWriter};

use crate::same::{Place, same, same_on_the_system};

/// A file with letters in it, to be read and written.
async fn letters(place: &Place) -> File {
    fs::write(place.path("a"), "abcdefghij").await.unwrap();
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    options.open(place.path("a")).await.unwrap()
}

async fn some(file: &mut File, count: usize) -> std::io::Result<String> {
    let mut bytes = vec![0; count];
    let count = file.read(&mut bytes).await?;
    Ok(String::from_utf8_lossy(&bytes[..count]).into_owned())
}

#[test]
fn options_that_contradict_are_invalid() {
    same(|place| async move {
        let path = place.path("a");
        let none = OpenOptions::new().open(&path).await.map(drop);
        place.told("nothing said", none);
        let create = File::options().read(true).create(true).open(&path).await;
        place.told("made to be read", create.map(drop));
        let both = File::options()
            .append(true)
            .truncate(true)
            .open(&path)
            .await;
        place.told("appended and cut off", both.map(drop));
    });
}

#[test]
fn a_new_file_is_new() {
    same_on_the_system(|place| async move {
        let path = place.path("a");
        place.told("first", File::create_new(&path).await.map(drop));
        place.told("second", File::create_new(&path).await.map(drop));
        fs::symlink("gone", place.path("b")).await.unwrap();
        let through = File::create_new(place.path("b")).await.map(drop);
        place.told("through a link", through);
    });
}

#[test]
fn what_is_appended_comes_last() {
    same(|place| async move {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        let mut first = options.open(place.path("a")).await.unwrap();
        let mut second = options.open(place.path("a")).await.unwrap();
        for part in ["1", "3"] {
            first.write_all(part.as_bytes()).await.unwrap();
            place.told("flush", first.flush().await);
            second.write_all(b"-").await.unwrap();
            second.flush().await.unwrap();
        }
    });
}

#[test]
fn a_file_that_is_only_read_tells_the_next_write_or_flush() {
    same(|place| async move {
        drop(letters(&place).await);
        let mut file = File::open(place.path("a")).await.unwrap();
        place.told("write", file.write(b"x").await);
        place.told("flush", file.flush().await);
        place.told("once more", file.flush().await);
        place.told("write again", file.write(b"x").await);
        place.told("and again", file.write(b"x").await);
        place.told("read", some(&mut file, 3).await);
    });
}

#[test]
fn a_write_that_failed_is_told_after_a_read() {
    same(|place| async move {
        drop(letters(&place).await);
        let mut file = File::open(place.path("a")).await.unwrap();
        place.told("write", file.write(b"x").await);
        place.told("read", some(&mut file, 3).await);
        place.told("flush", file.flush().await);
        place.told("flush", file.flush().await);
        place.told("write", file.write(b"x").await);
        place.told("sync", file.sync_all().await);
        place.told("shutdown", file.shutdown().await);
    });
}

#[test]
fn a_file_that_is_only_written_is_not_read() {
    same(|place| async move {
        let mut file = File::create(place.path("a")).await.unwrap();
        place.told("read", some(&mut file, 3).await);
        place.told("read nothing", some(&mut file, 0).await);
        place.told("length", file.set_len(2).await);
    });
}

#[test]
fn a_seek_counts_from_where_was_read() {
    same(|place| async move {
        let mut file = letters(&place).await;
        for to in [
            SeekFrom::Start(2),
            SeekFrom::Current(2),
            SeekFrom::Current(-3),
            SeekFrom::End(-1),
            SeekFrom::Current(-100),
            SeekFrom::Start(100),
            SeekFrom::Current(i64::MIN),
        ] {
            place.told("seek", file.seek(to).await);
            place.told("read", some(&mut file, 2).await);
            place.told("position", file.stream_position().await);
        }
        place.told("rewind", file.rewind().await);
        place.told("read", some(&mut file, 2).await);
    });
}

#[test]
fn a_write_after_a_read_begins_where_that_ended() {
    same(|place| async move {
        let mut file = letters(&place).await;
        place.told("read", some(&mut file, 3).await);
        place.told("write", file.write(b"XY").await);
        place.told("read", some(&mut file, 3).await);
        place.told("write", file.write(b"Z").await);
        place.told("flush", file.flush().await);
    });
}

#[test]
fn a_read_that_was_given_up_leaves_what_it_read() {
    same(|place| async move {
        let mut file = letters(&place).await;
        // Without a budget nobody sees it end at once, however fast tokio's thread is.
        let given_up = std::future::poll_fn(|cx| {
            while tokio::task::coop::has_budget_remaining() {
                let _ = pin!(tokio::task::consume_budget()).poll(cx);
            }
            Poll::Ready(pin!(some(&mut file, 8)).poll(cx).is_pending())
        });
        place.is("given up", given_up.await);
        // The operation has begun: it goes on, and the next reads have what it read.
        place.told("read", some(&mut file, 3).await);
        place.told("read", some(&mut file, 3).await);
        place.told("write", file.write(b"X").await);
        place.told("flush", file.flush().await);
        place.told("read", some(&mut file, 9).await);
    });
}

#[test]
fn a_seek_is_refused_while_an_operation_is_under_way() {
    same(|place| async move {
        let mut file = letters(&place).await;
        place.told("write", file.write(b"X").await);
        let begun =
            tokio::io::AsyncSeek::start_seek(std::pin::Pin::new(&mut file), SeekFrom::Start(1));
        place.told("start", begun);
        place.told("seek", file.seek(SeekFrom::Start(1)).await);
        place.told("read", some(&mut file, 2).await);
    });
}

#[test]
fn a_length_is_cut_off_or_filled_up() {
    same(|place| async move {
        let mut file = letters(&place).await;
        place.told("read", some(&mut file, 4).await);
        place.told("shorter", file.set_len(2).await);
        place.told("read", some(&mut file, 4).await);
        place.told("longer", file.set_len(6).await);
        place.told("read", some(&mut file, 4).await);
        let known = file.metadata().await.map(|of| of.len());
        place.told("length", known);
    });
}

#[test]
fn a_buffer_is_as_large_as_was_said() {
    same(|place| async move {
        let mut file = letters(&place).await;
        place.is("by itself", file.max_buf_size());
        file.set_max_buf_size(4);
        place.told("read", some(&mut file, 9).await);
        place.told("write", file.write(b"123456789").await);
        let parts = [IoSlice::new(b"XY"), IoSlice::new(b""), IoSlice::new(b"Zzz")];
        place.told("parts", file.write_vectored(&parts).await);
        place.told("flush", file.flush().await);
        let clone = file.try_clone().await.unwrap();
        place.is("the same for a clone", clone.max_buf_size());
    });
}

#[test]
fn a_clone_has_the_same_position() {
    same(|place| async move {
        let mut file = letters(&place).await;
        let mut clone = file.try_clone().await.unwrap();
        place.told("read", some(&mut file, 3).await);
        place.told("read", some(&mut clone, 3).await);
        place.told("write", file.write(b"X").await);
        place.told("sync", file.sync_data().await);
        place.told("read", some(&mut clone, 3).await);
    });
}

#[test]
fn a_file_of_the_standard_librarys_goes_in_and_out() {
    same_on_the_system(|place| async move {
        let std = std::fs::File::create(place.path("a")).unwrap();
        let mut file = File::from_std(std);
        place.told("write", file.write(b"one").await);
        // A write is under way, or has been.
        let mut std = file.into_std().await;
        std::io::Write::write_all(&mut std, b"two").unwrap();
        let file = File::from(std);
        place.is("at once", file.try_into_std().is_ok());
    });
}

#[test]
fn times_are_as_was_said() {
    same_on_the_system(|place| async move {
        let mut file = letters(&place).await;
        let at = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
        let times = FileTimes::new().set_accessed(at(1)).set_modified(at(2));
        // A write that is under way comes first.
        place.told("write", file.write(b"X").await);
        place.told("set", file.set_times(times).await);
        let of = file.metadata().await.unwrap();
        place.told("accessed", of.accessed().map(|time| time == at(1)));
        place.told("modified", of.modified().map(|time| time == at(2)));
        place.told("set", file.set_modified(at(3)).await);
        let of = fs::metadata(place.path("a")).await.unwrap();
        place.told("modified", of.modified().map(|time| time == at(3)));
    });
}

#[test]
fn permissions_are_those_it_is_made_with_and_given() {
    same_on_the_system(|place| async move {
        let mut options = OpenOptions::from(std::fs::OpenOptions::new());
        options.write(true).create(true).mode(0o600);
        let file = options.open(place.path("a")).await.unwrap();
        let mode = |of: std::fs::Metadata| std::os::unix::fs::MetadataExt::mode(&of);
        place.told("made", file.metadata().await.map(mode));
        let read_only = std::os::unix::fs::PermissionsExt::from_mode(0o400);
        place.told("set", file.set_permissions(read_only).await);
        place.told("given", file.metadata().await.map(mode));
    });
}

#[test]
fn flags_of_the_system_are_given_on() {
    same_on_the_system(|place| async move {
        fs::symlink("a", place.path("link")).await.unwrap();
        // O_NOFOLLOW
        let mut options = OpenOptions::new();
        options.read(true).custom_flags(0o400000);
        let opened = options.open(place.path("link")).await;
        place.told("opened", opened.map(drop));
    });
}

#[test]
fn a_file_that_was_removed_is_there_for_whoever_has_it_open() {
    same(|place| async move {
        let mut file = letters(&place).await;
        fs::remove_file(place.path("a")).await.unwrap();
        place.told("read", some(&mut file, 4).await);
        place.told("write", file.write(b"X").await);
        place.told("sync", file.sync_all().await);
    });
}

#[test]
fn lines_and_large_parts_go_through_buffers() {
    same(|place| async move {
        let mut writer = BufWriter::new(File::create(place.path("a")).await.unwrap());
        for number in 0..3000 {
            let line = format!("line {number}\n");
            writer.write_all(line.as_bytes()).await.unwrap();
        }
        place.told("flush", writer.flush().await);
        let reader = BufReader::new(File::open(place.path("a")).await.unwrap());
        let mut lines = reader.lines();
        let (mut count, mut last) = (0, None);
        while let Some(line) = lines.next_line().await.unwrap() {
            (count, last) = (count + 1, Some(line));
        }
        place.is("lines", (count, last));
    });
}

#[test]
fn more_than_a_buffer_is_written_and_read_in_parts() {
    same(|place| async move {
        let much = vec![b'x'; 5 << 20];
        let mut file = File::create(place.path("a")).await.unwrap();
        place.told("first", file.write(&much).await);
        place.told("rest", file.write_all(&much[2 << 20..]).await);
        place.told("flush", file.flush().await);
        let mut file = File::open(place.path("a")).await.unwrap();
        let mut back = vec![0; 3 << 20];
        place.told("read", file.read(&mut back).await);
        place.told("read", file.read_exact(&mut back).await);
        place.told("the end", file.read(&mut back).await);
        place.told("remove", fs::remove_file(place.path("a")).await);
    });
}

#[test]
fn what_was_handed_over_is_written_also_at_the_end() {
    same(|place| async move {
        let mut file = File::create(place.path("a")).await.unwrap();
        place.told("write", file.write(b"nobody waits for this").await);
    });
}
