//! Files beside sockets. What files do by themselves `tests/files` holds on both sides.

use deadheat_tokio as tokio;
use tokio::fs;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};

use crate::same::Place;
use crate::streams::two;

async fn a_file_is_sent_and_kept_by_who_receives_it(place: Place) {
    fs::write(place.path("sent"), vec![7; 100_000])
        .await
        .unwrap();
    let (mut client, mut server) = two().await;
    let sends = tokio::spawn({
        let path = place.path("sent");
        async move {
            let mut file = fs::File::open(path).await?;
            let sent = tokio::io::copy(&mut file, &mut client).await;
            client.shutdown().await?;
            sent
        }
    });
    let mut kept = fs::File::create(place.path("kept")).await.unwrap();
    place.told("kept", tokio::io::copy(&mut server, &mut kept).await);
    place.told("synced", kept.sync_all().await);
    place.told("sent", sends.await.unwrap());
    let kept = fs::read(place.path("kept")).await;
    place.told("length", kept.map(|bytes| bytes.len()));
}

async fn each_line_of_a_stream_is_appended(place: Place) {
    let (mut client, server) = two().await;
    client.write_all(b"one\ntwo\nthree").await.unwrap();
    drop(client);
    let mut lines = BufReader::new(server).lines();
    let mut options = fs::OpenOptions::new();
    let mut log = options
        .append(true)
        .create(true)
        .open(place.path("log"))
        .await
        .unwrap();
    while let Some(line) = lines.next_line().await.unwrap() {
        place.told("line", log.write_all(format!("{line};").as_bytes()).await);
    }
    place.told("flushed", log.flush().await);
    place.told("all", fs::read_to_string(place.path("log")).await);
}

async fn a_file_that_is_not_there(place: Place) {
    place.told("open", fs::File::open(place.path("none")).await.map(drop));
    place.told("read", fs::read(place.path("none")).await);
    place.told("remove", fs::remove_file(place.path("none")).await);
    place.told("exists", fs::try_exists(place.path("none")).await);
    place.told("folder", fs::write(place.path("none/a"), "").await);
}

async fn a_file_is_read_in_pieces_while_it_is_written(place: Place) {
    let mut writes = fs::File::create(place.path("a")).await.unwrap();
    let mut reads = fs::File::open(place.path("a")).await.unwrap();
    let mut buffer = [0; 8];
    place.told("nothing yet", reads.read(&mut buffer).await);
    writes.write_all(b"abc").await.unwrap();
    writes.flush().await.unwrap();
    place.told("some", reads.read(&mut buffer).await);
    place.told("no more", reads.read(&mut buffer).await);
}

programs! {
    a_file_is_read_in_pieces_while_it_is_written,
    a_file_is_sent_and_kept_by_who_receives_it,
    a_file_that_is_not_there,
    each_line_of_a_stream_is_appended,
}
