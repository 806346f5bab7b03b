//! The page: opened in a browser, it has the lanes, flags, arrows and lenses of its run, and nothing that fails.

use deadheat::picture::html;

use crate::browser::{self, Opened};
use crate::programs;

/// What holds of every page.
fn is_sound(opened: &Opened) {
    assert_eq!(opened.complaints, [""; 0]);
    assert_eq!(
        opened.count("script[src], link, img, iframe"),
        0,
        "it needs nothing else"
    );
    assert_eq!(opened.count("outside"), 0, "no text leaves its image");
    assert_eq!(
        opened.count("wide"),
        0,
        "nothing is to be scrolled sideways"
    );
}

#[test]
fn the_pool_has_its_lanes_flags_arrows_and_its_lens() {
    let Some(browser) = browser::found() else {
        return;
    };
    let opened = browser::open(&browser, "connection-pool-bug", &html(&programs::pool()));
    is_sound(&opened);
    assert_eq!(
        opened.count("svg.chart"),
        2,
        "this run, and the nearest that passes"
    );
    assert_eq!(opened.count("svg.chart .name"), 6);
    assert_eq!(opened.count("svg.lens"), 1);
    assert_eq!(opened.count(".mark"), 1, "the lens has its place");
    assert_eq!(opened.count(".apart"), 1, "a nanosecond lies between");
    assert!(
        opened.count(".flag") >= 6,
        "a deadline in this run twice, and its pole"
    );
    assert!(opened.count(".wakes") >= 4 && opened.count(".cancels") >= 1);
    assert_eq!(
        opened.count(".departure"),
        2,
        "on the whisker, and in the lens"
    );
    assert_eq!(opened.count(".violation"), 2);
    for said in [
        "1 ns later",
        "100 ms − 1 ns",
        "39 ms to spare",
        "24 of 24 random continuations fail",
    ] {
        assert!(opened.dom.contains(said), "{said}");
    }
}

#[test]
fn a_retry_shows_its_faults_and_the_lines_that_made_them() {
    let failure = programs::retry();
    let read = |_: &str| Some(include_str!("programs.rs").to_owned());
    let page = html(deadheat::picture::Subject::from(&failure).with_sources(&read));
    assert!(page.contains("fault backend fails"), "{page}");
    assert!(page.contains("programs.rs:"), "{page}");
    assert!(page.contains("<mark class=\"dep\">"), "{page}");
    let Some(browser) = browser::found() else {
        return;
    };
    let opened = browser::open(&browser, "retry", &page);
    is_sound(&opened);
    assert!(opened.count(".departure") >= 2 && opened.count(".violation") == 1);
}

#[test]
fn of_a_hundred_tasks_the_twenty_that_matter_are_large_and_the_others_fold() {
    let page = html(&programs::hundred());
    assert!(
        page.contains("<summary>80 more tasks"),
        "the rest is folded"
    );
    assert!(page.len() < 700_000, "{} bytes", page.len());
    let Some(browser) = browser::found() else {
        return;
    };
    let opened = browser::open(&browser, "hundred", &page);
    is_sound(&opened);
    assert!(opened.count(".folded") >= 1);
    assert!(
        opened.count(".violation") >= 1,
        "what failed is among the large ones"
    );
}

#[test]
fn names_and_messages_do_not_become_markup() {
    let failure = deadheat::check(&deadheat::Config::new().name("<b>&\"x\""), || async {
        deadheat::log("</svg><script>alert(1)</script>");
        panic!("<img src=x onerror=alert(1)>");
    });
    let page = html(&failure.unwrap_err());
    assert!(
        !page.contains("<script") && !page.contains("<img"),
        "{page}"
    );
    assert!(page.contains("&lt;b&gt;&amp;&quot;x&quot;"), "{page}");
}

#[test]
fn a_run_without_a_trace_says_so() {
    let run = deadheat::run(&deadheat::Config::new(), || async {}).unwrap();
    assert!(html(&run).contains("of this run there is no trace"));
}
