//! What has happened in the network, in words (`sim/net/src/drive/did.rs`).

/// What happened in the network.
///
/// # Examples
///
/// See [`Net::keep_did`](crate::Net::keep_did).
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Did {
    /// A program did something: words that go on after its name.
    Call(String),
    /// Something became of a packet: a sentence.
    Packet(String),
}
