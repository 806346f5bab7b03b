//! The protocol: a line there, a line back.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

/// A connection to the backend.
#[derive(Debug)]
pub struct Lines {
    read: BufReader<OwnedReadHalf>,
    write: OwnedWriteHalf,
}

impl Lines {
    /// Connects.
    pub async fn connect(address: SocketAddr) -> io::Result<Lines> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (read, write) = stream.into_split();
        Ok(Lines {
            read: BufReader::new(read),
            write,
        })
    }

    /// Asks, and waits for the answer.
    pub async fn ask(&mut self, question: &str) -> io::Result<String> {
        let question = format!("{question}\n");
        self.write.write_all(question.as_bytes()).await?;
        let mut answer = String::new();
        match self.read.read_line(&mut answer).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(answer.trim_end().to_owned()),
        }
    }
}
