//! The backend: knows what each share costs, and of some only just in time.

use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// How long it takes to find out what a share costs that is called `slow…`: a little less than anybody waits.
const SLOW: Duration = Duration::from_micros(49_500);

/// What a share costs: its name's length, so that an answer tells which question it is for.
#[must_use]
pub fn price(share: &str) -> usize {
    share.len()
}

/// Answers for ever.
pub async fn serve(listener: TcpListener) -> std::io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(answer(stream));
    }
}

async fn answer(stream: TcpStream) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    while let Some(share) = lines.next_line().await? {
        if share.starts_with("slow") {
            tokio::time::sleep(SLOW).await;
        }
        let answer = format!("{}\n", price(&share));
        write.write_all(answer.as_bytes()).await?;
    }
    Ok(())
}
