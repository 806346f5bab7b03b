//! Lines over a connection of TCP: each goes there and comes back.

use deadheat_tokio::io::{AsyncReadExt, AsyncWriteExt};
use deadheat_tokio::net::{TcpListener, TcpStream};

const LINE: &[u8; 16] = b"how are you now\n";

/// So many lines, there and back.
pub async fn lines(number: u64) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let server = deadheat_tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a client");
        let (mut line, mut answered) = ([0; 64], 0);
        loop {
            let read = stream.read(&mut line).await.expect("a line or the end");
            if read == 0 {
                return answered;
            }
            stream.write_all(&line[..read]).await.expect("a client");
            answered += 1;
        }
    });
    let mut stream = TcpStream::connect(address).await.expect("a server");
    let mut line = [0; 64];
    for _ in 0..number {
        stream.write_all(LINE).await.expect("a server");
        let read = stream.read(&mut line).await.expect("an answer");
        assert_eq!(&line[..read], LINE);
    }
    drop(stream);
    assert_eq!(server.await.expect("it ends"), number);
}
