//! What was made on one side of a run and is used on the other says so.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use deadheat::{Config, run};
use deadheat_tokio as tokio;
use tokio::fs::{self, File, ReadDir};
use tokio::io::{AsyncReadExt, AsyncWriteExt, Stdout, stdout};

fn runtime() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.build().unwrap()
}

struct Things {
    file: File,
    listing: ReadDir,
    stream: Stdout,
}

async fn make() -> Things {
    let mut file = File::from_std(tempfile::tempfile().unwrap());
    file.write_all(b"text").await.unwrap();
    file.flush().await.unwrap();
    Things {
        file,
        listing: fs::read_dir(std::env::temp_dir()).await.unwrap(),
        stream: stdout(),
    }
}

/// Each use of them.
async fn used(mut things: Things, which: u32) {
    match which {
        0 => drop(things.file.read_u8().await),
        1 => drop(things.file.write(b"x").await),
        2 => drop(things.file.sync_all().await),
        3 => drop(things.file.metadata().await),
        4 => drop(things.file.into_std().await),
        5 => drop(things.listing.next_entry().await),
        _ => drop(things.stream.write(b"").await),
    }
}

/// Uses a thing of another side in a run, which fails for that.
fn told_in_a_run(things: Things, which: u32) -> String {
    // A run that is made again for the report finds nothing.
    let things = Mutex::new(Some(things));
    let failure = run(&Config::new(), move || {
        let things = things.lock().unwrap().take();
        async move {
            if let Some(things) = things {
                used(things, which).await;
            }
        }
    });
    failure.unwrap_err().to_string()
}

fn made_inside() -> Things {
    let kept = Arc::new(Mutex::new(None));
    let keep = Arc::clone(&kept);
    let making = move || {
        let keep = Arc::clone(&keep);
        async move { *keep.lock().unwrap() = Some(make().await) }
    };
    run(&Config::new(), making).unwrap();
    kept.lock().unwrap().take().unwrap()
}

#[test]
fn what_was_made_outside_is_refused_inside() {
    for which in 0..7 {
        let report = told_in_a_run(runtime().block_on(make()), which);
        assert!(
            report.contains("make it inside the run"),
            "{which}: {report}"
        );
    }
}

#[test]
fn what_was_made_inside_is_refused_outside_and_in_another_run() {
    for which in 0..7 {
        let things = made_inside();
        let outside = catch_unwind(AssertUnwindSafe(|| {
            runtime().block_on(used(things, which));
        }));
        let outside = outside.unwrap_err();
        let outside = outside.downcast::<String>().map(|text| *text).unwrap();
        for told in [outside, told_in_a_run(made_inside(), which)] {
            assert!(told.contains("make it where it is used"), "{which}: {told}");
        }
    }
}

#[test]
fn what_asks_the_system_for_nothing_goes_everywhere() {
    let mut file = runtime().block_on(make()).file;
    let use_it = move || {
        file.set_max_buf_size(9);
        let descriptor = std::os::fd::AsRawFd::as_raw_fd(&file);
        assert!(descriptor > 2 && format!("{file:?}").contains("File"));
        assert!(file.try_into_std().is_ok());
    };
    let use_it = Mutex::new(Some(use_it));
    let used = run(&Config::new(), move || {
        let use_it = use_it.lock().unwrap().take();
        async move { use_it.unwrap()() }
    });
    used.unwrap();
}
