//! A cancel stops who receives and not who sends (CockroachDB #18101; GoKer cockroach/18101).
//!
//! A restore splits ranges and sends them to the importer, which takes one after the other. As shipped, only the
//! importer looked at the cancel: it left, and the splitter waited for ever to send the next range.
//!
//! With the fix the splitter looks at the cancel, too, while it sends.

use std::rc::Rc;

use deadheat::{log, sleep, spawn_named};

use super::{Channel, Either, Exhibit, Finder, Flag, all_end, ms, select};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "cockroach-18101",
    summary: "a cancelled restore stops the importer, and the splitter sends to nobody",
    source: "CockroachDB #18101",
    checked_by: "the splitter ends when the restore does",
    finder: Finder::Any,
    variants: variants! {
        "cockroach-18101" Shipped: restore(Splitter::OnlySends);
        "cockroach-18101-fixed" Fixed: restore(Splitter::HearsTheCancel);
    },
};

#[derive(Clone, Copy)]
enum Splitter {
    OnlySends,
    HearsTheCancel,
}

const RANGES: u32 = 8;

async fn restore(splitter: Splitter) {
    let ready = Channel::new(0);
    let cancelled = Rc::new(Flag::default());
    let cancel = Rc::clone(&cancelled);
    spawn_named("client", async move {
        sleep(ms(10)..=ms(200)).await;
        cancel.set();
    });
    let splits = split(splitter, ready.clone(), cancelled.clone());
    let splits = spawn_named("splitter", splits);
    while let Either::Left(Some(())) = select(ready.receive(), cancelled.wait()).await {
        sleep(ms(5)..=ms(20)).await; // the import
        if cancelled.is_set() {
            break;
        }
    }
    log("the importer ends");
    all_end([splits]).await;
}

async fn split(splitter: Splitter, ready: Rc<Channel<()>>, cancelled: Rc<Flag>) {
    for _ in 0..RANGES {
        sleep(ms(1)..=ms(5)).await;
        match splitter {
            Splitter::OnlySends => ready.send(()).await,
            Splitter::HearsTheCancel => {
                if let Either::Right(()) = select(ready.send(()), cancelled.wait()).await {
                    return;
                }
            }
        }
    }
    ready.close();
}
