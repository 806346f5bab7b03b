//! The halves of a stream of TCP.

use tokio::io::ReadBuf;

use super::stream::TcpStream;
use crate::sim::net::halves::halves;

halves!(TcpStream, std::net::SocketAddr);

/// What a half has that reads bytes of TCP.
macro_rules! peeks {
    ($($half:ty),*) => {$(
        impl $half {
            /// Polls for bytes that are read and stay there.
            ///
            /// # Errors
            ///
            /// As the system's.
            pub fn poll_peek(
                &mut self,
                cx: &mut Context<'_>,
                buf: &mut ReadBuf<'_>,
            ) -> Poll<io::Result<usize>> {
                self.stream().poll_peek(cx, buf)
            }

            /// Waits for bytes that are read and stay there.
            ///
            /// # Errors
            ///
            /// As the system's.
            ///
            /// # Cancel safety
            ///
            /// Dropped, it has taken nothing.
            pub async fn peek(&mut self, buf: &mut [u8]) -> io::Result<usize> {
                self.stream().peek(buf).await
            }
        }
    )*};
}

peeks!(ReadHalf<'_>, OwnedReadHalf);
