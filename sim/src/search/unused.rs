//! Links that a test spoke of and over which no run has sent anything: most likely one of the names is misspelt.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::record::asked::{Told, quoted};

/// The links of all runs so far.
#[derive(Debug, Default)]
pub(crate) struct UnusedLinks {
    /// By their ends: whether something was sent over one in any run.
    links: BTreeMap<[String; 2], bool>,
    inhabited: BTreeSet<String>,
}

impl UnusedLinks {
    pub(crate) fn add(&mut self, told: &Told) {
        // A file of a host has two names in its call as well.
        let of_links = |call: &str| !call.starts_with("host(");
        for asked in told.asked.iter().filter(|asked| of_links(&asked.call)) {
            let Ok(ends) = <[String; 2]>::try_from(quoted(&asked.call)) else {
                continue;
            };
            let is_used = self.links.entry(ends.clone()).or_default();
            if !*is_used {
                let [a, b] = ends;
                let sent =
                    |a: &String, b: &String| told.travelled.contains(&(a.clone(), b.clone()));
                *is_used = sent(&a, &b) || sent(&b, &a);
            }
        }
        let is_new = |host: &&String| !self.inhabited.contains(*host);
        let new: Vec<String> = told.inhabited.iter().filter(is_new).cloned().collect();
        self.inhabited.extend(new);
    }

    pub(crate) fn merge(&mut self, other: UnusedLinks) {
        for (ends, is_used) in other.links {
            *self.links.entry(ends).or_default() |= is_used;
        }
        self.inhabited.extend(other.inhabited);
    }

    /// Those over which nothing was sent.
    pub(crate) fn found(&self) -> Vec<Unused> {
        let unused = self.links.iter().filter(|(_, is_used)| !**is_used);
        let unused = unused.map(|(ends, _)| Unused {
            ends: ends.clone(),
            missing: (ends.iter().find(|end| !self.inhabited.contains(*end))).cloned(),
            inhabited: self.inhabited.iter().cloned().collect(),
        });
        unused.collect()
    }
}

/// A link over which nothing was sent in any run.
#[derive(Debug, Clone)]
pub(crate) struct Unused {
    ends: [String; 2],
    /// The end that no task was ever on.
    missing: Option<String>,
    /// The hosts that have tasks.
    inhabited: Vec<String>,
}

impl Unused {
    /// Whether one of its hosts has no tasks: it may be called otherwise.
    pub(crate) fn is_of_nobody(&self) -> bool {
        self.missing.is_some()
    }
}

impl fmt::Display for Unused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b] = &self.ends;
        write!(f, "the link of {a:?} and {b:?} was never used: ")?;
        let Some(missing) = &self.missing else {
            return f.write_str("nothing was sent over it once it was spoken of");
        };
        let hosts: Vec<_> = self
            .inhabited
            .iter()
            .map(|host| format!("{host:?}"))
            .collect();
        let hosts = hosts.join(", ");
        write!(
            f,
            "no task was ever on a host of the name {missing:?}; there are tasks on {hosts}"
        )
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::program::Main;
    use crate::search::config::Config;
    use crate::search::explore::{Watch, explore};

    fn told(ends: (&'static str, &'static str)) -> Vec<String> {
        let program = Main::new(move || async move {
            let any = "0.0.0.0:7".parse().expect("an address");
            let bank = crate::net::host("bank");
            let listening = bank.spawn(async move {
                crate::net::Socket::open(|net, host| net.tcp_listen(host, any, 8)).expect("a port")
            });
            let _listener = listening.await.expect("a listener");
            crate::net::link(ends.0, ends.1).may_refuse();
            let to = (bank.address(), 7).into();
            let client = crate::net::Socket::open(|net, host| net.tcp_connect(host, to));
            drop(client.expect("a socket"));
            crate::program::wait::yield_now().await;
        });
        let config = Config::new().runs(4);
        let found = explore(&program, &config, &Watch::default()).unused_links;
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_link_of_a_misspelt_host_is_told_and_one_that_is_used_is_not() {
        let misspelt = told(("test", "bnk"));
        let expected = "the link of \"test\" and \"bnk\" was never used: no task was ever on a host of the name \"bnk\"; \
                        there are tasks on \"bank\", \"test\"";
        assert_eq!(misspelt, [expected]);
        assert_eq!(told(("bank", "test")), [""; 0]);
        let loopback = told(("bank", "bank"));
        assert!(
            loopback[0].ends_with("nothing was sent over it once it was spoken of"),
            "{loopback:?}"
        );
    }
}
