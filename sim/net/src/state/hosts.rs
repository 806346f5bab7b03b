//! The hosts of a network: their names and addresses, and what is theirs.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::ports::Ports;
use super::unix::Names;
use crate::id::HostId;

#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) name: String,
    addresses: [IpAddr; 2],
    pub(crate) tcp: Ports,
    pub(crate) udp: Ports,
    pub(crate) unix: Names,
    /// How often it has crashed.
    pub(crate) epoch: u32,
    pub(crate) is_up: bool,
}

impl Host {
    pub(crate) fn addresses(&self) -> &[IpAddr] {
        &self.addresses
    }

    /// Whether a socket of it may have the address.
    pub(crate) fn has(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_unspecified() || address.is_loopback() || self.addresses.contains(&address)
    }

    /// The address from which it sends to another one.
    pub(crate) fn source(&self, to: IpAddr) -> IpAddr {
        match to {
            IpAddr::V4(to) if to.is_loopback() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(to) if to.is_loopback() => to.into(),
            IpAddr::V4(_) => self.addresses[0],
            IpAddr::V6(_) => self.addresses[1],
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Hosts {
    hosts: Vec<Host>,
    names: BTreeMap<String, HostId>,
}

impl Hosts {
    /// The host of a name. One that is new gets the addresses that come next.
    pub(crate) fn named(&mut self, name: &str) -> HostId {
        if let Some(known) = self.names.get(name) {
            return *known;
        }
        let number = u32::try_from(self.hosts.len()).expect("fewer hosts than 2^32");
        let addresses = [
            Ipv4Addr::from_bits(Ipv4Addr::new(10, 0, 0, 1).to_bits() + number).into(),
            Ipv6Addr::from_bits((0xfd << 120) + 1 + u128::from(number)).into(),
        ];
        self.hosts.push(Host {
            name: name.to_owned(),
            addresses,
            tcp: Ports::new(),
            udp: Ports::new(),
            unix: Names::default(),
            epoch: 0,
            is_up: true,
        });
        self.names.insert(name.to_owned(), HostId(number));
        HostId(number)
    }

    pub(crate) fn find(&self, name: &str) -> Option<HostId> {
        self.names.get(name).copied()
    }

    #[inline]
    pub(crate) fn get(&self, id: HostId) -> &Host {
        &self.hosts[id.0 as usize]
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, id: HostId) -> &mut Host {
        &mut self.hosts[id.0 as usize]
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Host> {
        self.hosts.iter()
    }

    /// Whose an address is, as one host sees it.
    pub(crate) fn owner(&self, from: HostId, address: IpAddr) -> Option<HostId> {
        if self.get(from).has(address) {
            return Some(from);
        }
        let number = match address {
            IpAddr::V4(ip) => u128::from(ip.to_bits()) - 1,
            IpAddr::V6(ip) => ip.to_bits() - 1,
        };
        let first = match address {
            IpAddr::V4(_) => u128::from(Ipv4Addr::new(10, 0, 0, 0).to_bits()),
            IpAddr::V6(_) => 0xfd << 120,
        };
        let at = number.checked_sub(first)?;
        let is_known = at < self.hosts.len() as u128;
        is_known.then(|| HostId(u32::try_from(at).unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_belongs_to_the_host_that_has_it() {
        let mut hosts = Hosts::default();
        let (a, b) = (hosts.named("a"), hosts.named("b"));
        assert_eq!(hosts.named("a"), a);
        for (address, owner) in [
            ("10.0.0.1", Some(a)),
            ("10.0.0.2", Some(b)),
            ("fd00::2", Some(b)),
            ("127.1.2.3", Some(a)),
            ("::1", Some(a)),
            ("10.0.0.0", None),
            ("10.0.0.3", None),
            ("fd00::3", None),
            ("1.1.1.1", None),
        ] {
            let address = address.parse().expect("an address");
            assert_eq!(hosts.owner(a, address), owner, "{address}");
        }
        for id in [a, b] {
            for address in hosts.get(id).addresses().to_vec() {
                assert_eq!(hosts.owner(a, address), Some(id));
            }
        }
    }
}
