//! No call and no packet brings the network down, and after a crash of all hosts there is nothing left.

use std::net::{Shutdown, SocketAddr};

use deadheat_net::{Crash, Failure, Family, HostId, Net, Packet, Sizes, SocketId, UnixName};

use crate::numbers::Numbers;

struct Chaos {
    net: Net,
    hosts: [HostId; 3],
    /// Those that were closed among them.
    sockets: Vec<SocketId>,
    kept: Vec<Packet>,
    numbers: Numbers,
}

impl Chaos {
    fn new(seed: u64) -> Chaos {
        let mut numbers = Numbers::new(seed);
        let mut sizes = Sizes::default();
        (sizes.receive, sizes.send) = (numbers.below(3), numbers.below(3));
        (sizes.unix, sizes.unix_datagrams) = (numbers.below(40), numbers.below(2));
        sizes.datagrams = numbers.below(2_000);
        let mut net = Net::with_sizes(sizes);
        let hosts = ["a", "b", "c"].map(|name| net.host(name));
        Chaos {
            net,
            hosts,
            sockets: Vec::new(),
            kept: Vec::new(),
            numbers,
        }
    }

    fn one_of<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.numbers.below(of.len())]
    }

    fn address(&mut self) -> SocketAddr {
        let ips = [
            "127.0.0.1",
            "10.0.0.1",
            "10.0.0.2",
            "0.0.0.0",
            "::",
            "::1",
            "fd00::3",
            "10.9.9.9",
        ];
        let ip = self.one_of(&ips).parse().expect("an address");
        SocketAddr::new(ip, self.one_of(&[0, 1, 2]))
    }

    fn make(&mut self) {
        let host = self.one_of(&self.hosts.clone());
        let (address, backlog) = (self.address(), self.numbers.below(2));
        let name = match self.numbers.below(2) {
            0 => UnixName::path("/a"),
            _ => UnixName::Abstract(b"a".into()),
        };
        let net = &mut self.net;
        let made = match self.numbers.below(10) {
            0 | 1 => net.tcp_listen(host, address, backlog).ok(),
            2 | 3 => net.tcp_connect(host, address).ok(),
            4 => net.udp_bind(host, address).ok(),
            5 => net.unix_listen(host, &name, backlog).ok(),
            6 => net.unix_connect(host, &name).ok(),
            7 => net.unix_datagram(host, Some(&name)).ok(),
            8 => Some(net.tcp_socket(
                host,
                if address.is_ipv4() {
                    Family::V4
                } else {
                    Family::V6
                },
            )),
            _ => {
                let two = [net.unix_pair(host), net.unix_datagram_pair(host)];
                self.sockets.extend(two.map(|(one, _)| one));
                self.sockets.extend(two.map(|(_, other)| other));
                net.unix_remove(host, &name).err().and(None)
            }
        };
        self.sockets.extend(made);
    }

    fn call(&mut self, id: SocketId) {
        let address = self.address();
        let how = self.one_of(&[Shutdown::Read, Shutdown::Write, Shutdown::Both]);
        let failure = self.one_of(&[Failure::TimedOut, Failure::Reset]);
        let bytes = vec![7; self.numbers.below(5)];
        let net = &mut self.net;
        match self.numbers.below(20) {
            0..=3 => drop(net.write(id, &bytes)),
            4..=6 => drop(net.read(id, &mut [0; 3])),
            7 => drop(net.peek(id, &mut [0; 3])),
            8 => drop(net.shutdown(id, how)),
            9 => drop(net.close(id)),
            10 => drop(net.fail(id, failure)),
            11 => drop(net.connect(id, address)),
            12 => drop(net.bind(id, address)),
            13 => drop(net.listen(id, 1)),
            14 => drop(net.udp_send_to(id, &bytes, address)),
            15 => drop(net.set_reuse_address(id, bytes.len() > 2)),
            16 => drop(net.set_abort_on_close(id, bytes.len() > 2)),
            17 => drop(net.unix_send_to(id, &bytes, &UnixName::path("/a"))),
            _ => {
                let tcp = net.tcp_accept(id).map(|(new, _)| new);
                self.sockets.extend(tcp.or_else(|_| net.unix_accept(id)));
            }
        }
    }

    fn drive(&mut self) {
        let Some(mut packet) = self.net.next_packet() else {
            return;
        };
        match self.numbers.below(8) {
            0 => {}
            1 => self.net.refuse(packet),
            2 => self.kept.push(packet),
            3 => {
                self.kept.extend(packet.split_off(1));
                self.net.deliver(packet);
            }
            4 if !self.kept.is_empty() => {
                let at = self.numbers.below(self.kept.len());
                let kept = self.kept[at].clone();
                self.net.deliver(packet);
                self.net.deliver(kept);
            }
            _ => drop(self.net.deliver(packet)),
        }
    }

    fn crash(&mut self) {
        let host = self.one_of(&self.hosts.clone());
        let how = self.one_of(&[Crash::Silent, Crash::Reset, Crash::Closed]);
        if self.numbers.below(4) == 0 {
            self.net.crash(host, how);
        } else {
            self.net.start(host);
        }
    }
}

#[test]
fn whatever_is_called_and_whatever_comes_nothing_is_left_after_a_crash_of_all() {
    for seed in 0..800 {
        let mut chaos = Chaos::new(seed);
        for _ in 0..400 {
            match chaos.numbers.below(20) {
                0..=3 => chaos.make(),
                4..=11 if !chaos.sockets.is_empty() => {
                    let id = chaos.one_of(&chaos.sockets.clone());
                    chaos.call(id);
                }
                12 => chaos.crash(),
                _ => chaos.drive(),
            }
            while let Some(id) = chaos.net.next_woken() {
                assert!(chaos.net.readiness(id).is_ok());
            }
        }
        for host in chaos.hosts {
            chaos.net.crash(host, Crash::Silent);
        }
        let counts = chaos.net.counts();
        assert_eq!((counts.sockets, counts.ports), (0, 0), "seed {seed}");
        assert!(counts.names <= 3, "seed {seed}");
    }
}
