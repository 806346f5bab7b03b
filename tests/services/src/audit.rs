//! The audit file: a line for each answer, written by a task of its own.

use std::io;
use std::path::Path;

use tokio::fs::File;
use tokio::io::AsyncWriteExt;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;

use crate::Version;

/// Takes lines for the file. It can be cloned.
#[derive(Debug, Clone)]
pub struct Audit {
    lines: UnboundedSender<String>,
}

/// The task that writes.
#[derive(Debug)]
pub struct Writer {
    task: JoinHandle<io::Result<()>>,
    version: Version,
}

/// Makes the file, and begins to write what is noted.
pub async fn open(path: &Path, version: Version) -> io::Result<(Audit, Writer)> {
    let file = File::create(path).await?;
    let (lines, noted) = unbounded_channel();
    let task = tokio::spawn(write(file, noted));
    Ok((Audit { lines }, Writer { task, version }))
}

impl Audit {
    /// Notes a line. It does not wait for the disk.
    pub fn note(&self, line: &str) {
        // Without a writer the service is going down.
        let _ = self.lines.send(format!("{line}\n"));
    }
}

impl Writer {
    /// Ends the writing. The caller has dropped each [`Audit`].
    pub async fn close(self) -> io::Result<()> {
        if self.version == Version::First {
            self.task.abort();
            return Ok(());
        }
        self.task.await.map_err(io::Error::other)?
    }
}

/// Writes until nobody can note anything any more, and then makes sure of it.
async fn write(mut file: File, mut noted: UnboundedReceiver<String>) -> io::Result<()> {
    while let Some(line) = noted.recv().await {
        file.write_all(line.as_bytes()).await?;
        file.flush().await?;
    }
    file.sync_all().await
}
