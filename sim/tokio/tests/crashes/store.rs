//! A small store as one would write it on tokio: each change is in a log before it is acknowledged, and the log is written
//! anew now and then.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use deadheat_tokio as tokio;
use tokio::fs::{self, File, OpenOptions};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;

/// What is left out of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Left {
    Nothing,
    /// A change is acknowledged before it is synced.
    SyncOfAChange,
    /// The new log takes the place of the old one before it is synced.
    SyncOfTheNewLog,
    /// The new log is used before its name is synced.
    SyncOfTheFolder,
}

/// The values of the keys, and the log that they are made from.
pub(crate) struct Store {
    folder: PathBuf,
    log: File,
    values: BTreeMap<String, String>,
    changes: u32,
    left: Left,
}

/// After so many changes the log is written anew.
const CHANGES_MAX: u32 = 3;

/// A line of the log: one that is torn is seen by its checksum.
fn line(key: &str, value: &str) -> String {
    format!("{} {key} {value}\n", checksum(key, value))
}

fn checksum(key: &str, value: &str) -> u32 {
    let bytes = key.bytes().chain([0]).chain(value.bytes());
    bytes.fold(7, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u32::from(byte))
    })
}

/// The key and the value of a whole line.
fn parsed(line: &str) -> Option<(&str, &str)> {
    let mut parts = line.strip_suffix('\n')?.split(' ');
    let (sum, key, value) = (parts.next()?, parts.next()?, parts.next()?);
    (sum.parse() == Ok(checksum(key, value))).then_some((key, value))
}

async fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder).await?.sync_all().await
}

impl Store {
    pub(crate) async fn open(folder: &Path, left: Left) -> io::Result<Store> {
        fs::create_dir_all(folder).await?;
        sync_folder(Path::new("/")).await?;
        let path = folder.join("log");
        let text = fs::read(&path).await.unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let mut values = BTreeMap::new();
        let mut whole = 0;
        for line in text.split_inclusive('\n') {
            let Some((key, value)) = parsed(line) else {
                break;
            };
            values.insert(key.to_owned(), value.to_owned());
            whole += line.len() as u64;
        }
        let log = OpenOptions::new()
            .append(true)
            .create(true)
            .open(&path)
            .await?;
        log.set_len(whole).await?;
        log.sync_all().await?;
        sync_folder(folder).await?;
        Ok(Store {
            folder: folder.to_owned(),
            log,
            values,
            changes: 0,
            left,
        })
    }

    pub(crate) async fn set(&mut self, key: &str, value: &str) -> io::Result<()> {
        self.log.write_all(line(key, value).as_bytes()).await?;
        self.log.flush().await?;
        if self.left != Left::SyncOfAChange {
            self.log.sync_data().await?;
        }
        self.values.insert(key.to_owned(), value.to_owned());
        self.changes += 1;
        if self.changes == CHANGES_MAX {
            self.write_anew().await?;
        }
        Ok(())
    }

    async fn write_anew(&mut self) -> io::Result<()> {
        let path = self.folder.join("log.new");
        let mut log = File::create(&path).await?;
        for (key, value) in &self.values {
            log.write_all(line(key, value).as_bytes()).await?;
        }
        log.flush().await?;
        if self.left != Left::SyncOfTheNewLog {
            log.sync_all().await?;
        }
        fs::rename(&path, self.folder.join("log")).await?;
        if self.left != Left::SyncOfTheFolder {
            sync_folder(&self.folder).await?;
        }
        self.log = log;
        self.changes = 0;
        Ok(())
    }

    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(String::as_str)
    }
}

/// Serves a store: `set KEY VALUE` and `get KEY`, a line each.
pub(crate) async fn serve(folder: PathBuf, left: Left) -> io::Result<()> {
    let store = Arc::new(Mutex::new(Store::open(&folder, left).await?));
    let listener = TcpListener::bind("0.0.0.0:7000").await?;
    loop {
        let (stream, _) = listener.accept().await?;
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            // A client that goes away is no error of the store.
            let _ = answer(stream, &store).await;
        });
    }
}

async fn answer(stream: TcpStream, store: &Mutex<Store>) -> io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    while let Some(line) = lines.next_line().await? {
        let parts: Vec<&str> = line.split(' ').collect();
        let mut store = store.lock().await;
        let answer = match parts[..] {
            ["set", key, value] => store.set(key, value).await.map(|()| "done".to_owned())?,
            ["get", key] => store.get(key).unwrap_or("nothing").to_owned(),
            _ => "what?".to_owned(),
        };
        write.write_all(format!("{answer}\n").as_bytes()).await?;
    }
    Ok(())
}
