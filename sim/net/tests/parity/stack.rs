//! What a program has of sockets, wherever they are.

use std::cell::RefCell;
use std::fmt::Debug;
use std::net::{Shutdown, SocketAddr};
use std::path::PathBuf;

use deadheat_net::{Family, Readiness, UnixName};
use nix::errno::Errno;

use crate::kernel::Kernel;
use crate::machine::Machine;

pub(crate) type Answer<T> = Result<T, Errno>;

/// A socket, by its place in the order in which sockets were made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Handle(pub(crate) usize);

/// What the sockets of this machine have in common with those of the kernel. A call that would have to wait does so for
/// a little while, and then answers `EAGAIN`.
pub(crate) trait System {
    fn tcp(&mut self, family: Family) -> Handle;
    fn udp(&mut self, address: SocketAddr) -> Answer<Handle>;
    fn set_reuse_address(&mut self, socket: Handle, on: bool);
    fn set_only_v6(&mut self, socket: Handle, on: bool);
    fn set_abort_on_close(&mut self, socket: Handle, on: bool);
    fn bind(&mut self, socket: Handle, address: SocketAddr) -> Answer<()>;
    fn listen(&mut self, socket: Handle, backlog: usize) -> Answer<()>;
    fn connect(&mut self, socket: Handle, to: SocketAddr) -> Answer<()>;
    fn accept(&mut self, socket: Handle) -> Answer<(Handle, SocketAddr)>;
    fn write(&mut self, socket: Handle, bytes: &[u8]) -> Answer<usize>;
    fn read(&mut self, socket: Handle, count: usize) -> Answer<Vec<u8>>;
    fn peek(&mut self, socket: Handle, count: usize) -> Answer<Vec<u8>>;
    fn send_to(&mut self, socket: Handle, bytes: &[u8], to: SocketAddr) -> Answer<usize>;
    fn recv_from(&mut self, socket: Handle, count: usize) -> Answer<(Vec<u8>, SocketAddr)>;
    fn shutdown(&mut self, socket: Handle, how: Shutdown) -> Answer<()>;
    fn close(&mut self, socket: Handle);
    fn take_error(&mut self, socket: Handle) -> Answer<()>;
    fn local(&mut self, socket: Handle) -> Answer<SocketAddr>;
    fn remote(&mut self, socket: Handle) -> Answer<SocketAddr>;
    /// Whether there is an other end, whatever its address.
    fn is_connected(&mut self, socket: Handle) -> Answer<()>;
    fn readiness_now(&mut self, socket: Handle) -> Readiness;
    fn unix_listen(&mut self, name: &UnixName, backlog: usize) -> Answer<Handle>;
    fn unix_connect(&mut self, name: &UnixName) -> Answer<Handle>;
    fn unix_accept(&mut self, socket: Handle) -> Answer<Handle>;
    fn unix_pair(&mut self) -> (Handle, Handle);
    fn unix_datagram(&mut self, name: Option<&UnixName>) -> Answer<Handle>;
    fn unix_datagram_pair(&mut self) -> (Handle, Handle);
    fn unix_datagram_connect(&mut self, socket: Handle, name: &UnixName) -> Answer<()>;
    fn unix_send_to(&mut self, socket: Handle, bytes: &[u8], name: &UnixName) -> Answer<usize>;
    fn unix_recv_from(
        &mut self,
        socket: Handle,
        count: usize,
    ) -> Answer<(Vec<u8>, Option<UnixName>)>;
    fn unix_name(&mut self, socket: Handle) -> Answer<Option<UnixName>>;
    fn unix_remove(&mut self, name: &UnixName) -> Answer<()>;
    /// Until everything that was sent has arrived.
    fn settle(&mut self);
}

/// A system, and what it has answered.
pub(crate) struct Stack<'a> {
    system: RefCell<&'a mut dyn System>,
    folder: PathBuf,
    told: RefCell<Vec<String>>,
}

/// Gives a call on, and writes down what came of it.
macro_rules! told {
    ($($name:ident($($argument:ident: $of:ty),*) -> $answer:ty;)*) => {
        $(
            pub(crate) fn $name(&self, $($argument: $of),*) -> $answer {
                let answer = self.system.borrow_mut().$name($($argument),*);
                self.tell(stringify!($name), &answer);
                answer
            }
        )*
    };
}

/// Gives a call on whose answer is another one on each system.
macro_rules! untold {
    ($($name:ident($($argument:ident: $of:ty),*) -> $answer:ty;)*) => {
        $(
            pub(crate) fn $name(&self, $($argument: $of),*) -> $answer {
                self.system.borrow_mut().$name($($argument),*)
            }
        )*
    };
}

impl Stack<'_> {
    told! {
        tcp(family: Family) -> Handle;
        udp(address: SocketAddr) -> Answer<Handle>;
        bind(socket: Handle, address: SocketAddr) -> Answer<()>;
        listen(socket: Handle, backlog: usize) -> Answer<()>;
        connect(socket: Handle, to: SocketAddr) -> Answer<()>;
        read(socket: Handle, count: usize) -> Answer<Vec<u8>>;
        peek(socket: Handle, count: usize) -> Answer<Vec<u8>>;
        send_to(socket: Handle, bytes: &[u8], to: SocketAddr) -> Answer<usize>;
        shutdown(socket: Handle, how: Shutdown) -> Answer<()>;
        take_error(socket: Handle) -> Answer<()>;
        is_connected(socket: Handle) -> Answer<()>;
        readiness_now(socket: Handle) -> Readiness;
        unix_listen(name: &UnixName, backlog: usize) -> Answer<Handle>;
        unix_connect(name: &UnixName) -> Answer<Handle>;
        unix_accept(socket: Handle) -> Answer<Handle>;
        unix_pair() -> (Handle, Handle);
        unix_datagram(name: Option<&UnixName>) -> Answer<Handle>;
        unix_datagram_pair() -> (Handle, Handle);
        unix_datagram_connect(socket: Handle, name: &UnixName) -> Answer<()>;
        unix_send_to(socket: Handle, bytes: &[u8], name: &UnixName) -> Answer<usize>;
        unix_recv_from(socket: Handle, count: usize) -> Answer<(Vec<u8>, Option<UnixName>)>;
        unix_name(socket: Handle) -> Answer<Option<UnixName>>;
        unix_remove(name: &UnixName) -> Answer<()>;
    }

    // Of these the ports differ, and how much the buffers hold.
    untold! {
        set_reuse_address(socket: Handle, on: bool) -> ();
        set_only_v6(socket: Handle, on: bool) -> ();
        set_abort_on_close(socket: Handle, on: bool) -> ();
        accept(socket: Handle) -> Answer<(Handle, SocketAddr)>;
        write(socket: Handle, bytes: &[u8]) -> Answer<usize>;
        recv_from(socket: Handle, count: usize) -> Answer<(Vec<u8>, SocketAddr)>;
        local(socket: Handle) -> Answer<SocketAddr>;
        remote(socket: Handle) -> Answer<SocketAddr>;
        close(socket: Handle) -> ();
        settle() -> ();
    }

    /// A read of bytes that come in other pieces on each system.
    pub(crate) fn read_untold(&self, socket: Handle, count: usize) -> Answer<Vec<u8>> {
        self.system.borrow_mut().read(socket, count)
    }

    /// When everything has arrived.
    pub(crate) fn readiness(&self, socket: Handle) -> Readiness {
        self.settle();
        self.readiness_now(socket)
    }

    /// Writes down what came of a call.
    pub(crate) fn tell(&self, call: &str, answer: &impl Debug) {
        self.told.borrow_mut().push(format!("{call}: {answer:?}"));
    }

    /// The name of a file in a folder that was empty.
    pub(crate) fn file(&self, name: &str) -> UnixName {
        UnixName::Path(self.folder.join(name))
    }

    /// A listener on a free port of loopback, with its address.
    pub(crate) fn listener(&self, backlog: usize) -> (Handle, SocketAddr) {
        let listener = self.tcp(Family::V4);
        self.set_reuse_address(listener, true);
        assert_eq!(self.bind(listener, v4(0)), Ok(()));
        assert_eq!(self.listen(listener, backlog), Ok(()));
        (listener, self.local(listener).expect("an address"))
    }

    /// A client and a server that are connected.
    pub(crate) fn connection(&self) -> (Handle, Handle) {
        let (listener, address) = self.listener(8);
        let client = self.tcp(Family::V4);
        assert_eq!(self.connect(client, address), Ok(()));
        let (server, _) = self.accept(listener).expect("a connection");
        self.close(listener);
        (client, server)
    }

    pub(crate) fn write_all(&self, socket: Handle, bytes: &[u8]) {
        assert_eq!(self.write(socket, bytes), Ok(bytes.len()));
    }
}

/// An address of loopback.
pub(crate) fn v4(port: u16) -> SocketAddr {
    ([127, 0, 0, 1], port).into()
}

pub(crate) fn v6(port: u16) -> SocketAddr {
    (std::net::Ipv6Addr::LOCALHOST, port).into()
}

/// Runs a program on the kernel and on this machine, and compares what both have answered.
pub(crate) fn both(program: impl Fn(&Stack<'_>)) {
    let kernel = run(&mut Kernel::new(), &program);
    let machine = run(&mut Machine::default(), &program);
    assert_eq!(kernel, machine, "the kernel, and this machine");
}

fn run(system: &mut dyn System, program: &impl Fn(&Stack<'_>)) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let stack = Stack {
        system: RefCell::new(system),
        folder: folder.path().to_owned(),
        told: RefCell::default(),
    };
    program(&stack);
    let shown = folder.path().display().to_string();
    let told = stack.told.into_inner().into_iter();
    told.map(|line| line.replace(&shown, "")).collect()
}
