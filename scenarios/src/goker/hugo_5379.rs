//! A timeout gives up on a task that holds a mutex, and the caller locks it (Hugo #5379; GoKer hugo/5379).
//!
//! The content of a page is made once, by a task that holds the page's mutex, and whoever wants it waits ten seconds at
//! most: pages may contain each other, in a circle. After that it is done without the content. As shipped, the caller
//! then locked the mutex to count the words. In a circle its holder waits for the other page, whose holder waits for
//! this one: neither mutex is ever free.
//!
//! With the fix nobody locks a page whose content was given up.

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use deadheat::{JoinHandle, log, random, sleep, spawn_named};

use super::{Either, Exhibit, Finder, Flag, Lock, all_end, ms, s, select};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "hugo-5379",
    summary: "a timeout gives up on who holds a page's mutex, and the caller locks it",
    source: "Hugo #5379",
    checked_by: "every page is rendered",
    finder: Finder::Any,
    variants: variants! {
        "hugo-5379" Shipped: site(GivenUp::Locked);
        "hugo-5379-fixed" Fixed: site(GivenUp::LeftAlone);
    },
};

const TIMEOUT: Duration = s(10);

/// What is done with a page whose content was given up.
#[derive(Clone, Copy)]
enum GivenUp {
    Locked,
    LeftAlone,
}

/// Two pages, of which the first contains the second; in some sites it is a circle.
async fn site(given_up: GivenUp) {
    let is_circle = random(2) == 1;
    let page = |contains| Rc::new(Page::new(given_up, contains));
    let pages = Rc::new([page(Some(1)), page(is_circle.then_some(0))]);
    word_count(Rc::clone(&pages), 0).await;
    for page in &*pages {
        all_end(page.content.take()).await;
    }
}

struct Page {
    given_up: GivenUp,
    contains: Option<usize>,
    lock: Lock,
    begun: Cell<bool>,
    /// The task that makes its content.
    content: RefCell<Option<JoinHandle<()>>>,
    /// Whether its content was made, or given up.
    over: Flag,
    made: Flag,
}

impl Page {
    fn new(given_up: GivenUp, contains: Option<usize>) -> Self {
        Page {
            given_up,
            contains,
            lock: Lock::new(),
            begun: Cell::new(false),
            content: RefCell::default(),
            over: Flag::default(),
            made: Flag::default(),
        }
    }
}

type Pages = Rc<[Rc<Page>; 2]>;

/// Counts the words of a page, for which its content is made if it is not yet.
fn word_count(pages: Pages, number: usize) -> Pin<Box<dyn Future<Output = ()>>> {
    Box::pin(async move {
        let page = &pages[number];
        if !page.begun.replace(true) {
            let content = spawn_named("content", make(Rc::clone(&pages), number));
            page.content.replace(Some(content));
            if let Either::Right(()) = select(page.made.wait(), sleep(TIMEOUT)).await {
                log("timed out creating content");
            }
            page.over.set();
        }
        page.over.wait().await;
        if page.made.is_set() || matches!(page.given_up, GivenUp::Locked) {
            page.lock.lock().await;
            sleep(ms(1)..=ms(10)).await;
            page.lock.unlock();
        }
    })
}

async fn make(pages: Pages, number: usize) {
    let page = &pages[number];
    page.lock.lock().await;
    sleep(ms(10)..=ms(200)).await;
    if let Some(other) = page.contains {
        word_count(Rc::clone(&pages), other).await;
    }
    page.lock.unlock();
    page.made.set();
}
