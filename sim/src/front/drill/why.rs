//! Why a fault that was asked for does not bite, most likely.

use std::collections::BTreeSet;

use crate::record::asked::{Fault, Told, quoted};
use crate::search::config::Config;

use super::Bite;

/// What was seen of the network in all runs of a drill.
#[derive(Debug, Default)]
pub(super) struct Seen {
    travelled: BTreeSet<(String, String)>,
    inhabited: BTreeSet<String>,
}

impl Seen {
    pub(super) fn add(&mut self, told: &Told) {
        self.travelled.extend(told.travelled.iter().cloned());
        self.inhabited.extend(told.inhabited.iter().cloned());
    }

    /// What there is to say of a fault.
    pub(super) fn why(&self, bite: &Bite, config: &Config) -> String {
        if bite.chances == 0 {
            return self.why_never(bite);
        }
        if bite.happened > 0 {
            return format!(
                "the program does the same with it and without it, as far as {} looks show: nobody waits for what it happens \
                 to, or it comes when all is done",
                bite.happened.min(super::LOOKS)
            );
        }
        if config.limits.faults == 0 {
            return "Limits::faults is 0, so nothing ever goes wrong".to_owned();
        }
        match bite.fault {
            Fault::Overtake => "none was faster than those before it: give the link a wider range of latencies".to_owned(),
            Fault::FileRoom => "there was room for all that was written".to_owned(),
            Fault::Restart => "its programs were down as the run ended, or were started by the test".to_owned(),
            _ => "each time it was decided that all goes well: make more runs, or see whether Limits::faults is used up by others"
                .to_owned(),
        }
    }

    fn why_never(&self, bite: &Bite) -> String {
        let names = quoted(&bite.call);
        let happens_to = bite.fault.happens_to();
        let [a, b] = &names[..] else {
            return match &names[..] {
                [name] if happens_to == "lookup" => {
                    format!("{name:?} was not looked up from then on")
                }
                [name] => format!("there was no {happens_to} on {name:?} from then on"),
                _ => format!("there was no {happens_to}"),
            };
        };
        let is_between =
            |(from, to): &(String, String)| (from == a && to == b) || (from == b && to == a);
        if self.travelled.iter().any(is_between) {
            let more = match bite.fault {
                Fault::Overtake => " (a link without a latency has none on their way)",
                Fault::Cut | Fault::CutOneWay | Fault::Hold => {
                    " before it was opened again, or the run was over"
                }
                _ => "",
            };
            return format!("there was no {happens_to} between {a:?} and {b:?} from then on{more}");
        }
        let mut why = format!("nothing was sent between {a:?} and {b:?} from then on");
        for host in [a, b] {
            if !self.inhabited.contains(host) {
                let hosts: Vec<String> = self
                    .inhabited
                    .iter()
                    .map(|host| format!("{host:?}"))
                    .collect();
                why += &format!(
                    "; no task is on {host:?}: is that its name, and was net::host({host:?}).spawn(…) called? There are tasks on {}",
                    hosts.join(", ")
                );
                break;
            }
        }
        if !self.travelled.is_empty() {
            let sent = self
                .travelled
                .iter()
                .map(|(from, to)| format!("{from} to {to}"));
            why += &format!(
                "; what was sent went from {}",
                sent.collect::<Vec<_>>().join(", from ")
            );
        }
        why
    }
}
