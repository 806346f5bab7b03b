//! Faults of hosts, of their files and of processes: for each a program that is broken by it, and holds without it.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use deadheat::drill::drill;
use deadheat::fault::Process;
use deadheat::net::{self, Fault, Host};
use deadheat::{Config, assert_faults_bite, check};
use deadheat_tokio as tokio;
use tokio::fs;
use tokio::io::AsyncWriteExt;
use tokio::time::{Instant, sleep};

use super::{Boxed, boxed, drilled};

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// A program, the fault that breaks it, and whether that is asked for.
pub(super) struct Planted {
    pub(super) fault: Fault,
    program: fn(bool) -> Boxed,
}

const fn planted(fault: Fault, program: fn(bool) -> Boxed) -> Planted {
    Planted { fault, program }
}

pub(super) const PLANTED: [Planted; 10] = [
    planted(Fault::Crash, a_job_is_done_once),
    planted(Fault::Crash, a_clock_goes_on),
    planted(Fault::Restart, a_host_is_back_at_once),
    planted(Fault::Lost, what_was_written_is_there),
    planted(Fault::FileLatency, a_file_is_written_at_once),
    planted(Fault::FileFail, there_is_room),
    planted(Fault::FileFail, a_sync_works),
    planted(Fault::FileShort, a_record_is_whole_or_not_there),
    planted(Fault::FileRoom, a_disk_has_no_end),
    planted(Fault::ProcessStall, a_task_is_never_late),
];

/// What a host runs that waits for a second and counts.
fn counts(host: Host, done: &Rc<Cell<u32>>) {
    let done = Rc::clone(done);
    host.runs(move || {
        let done = Rc::clone(&done);
        async move {
            done.set(done.get() + 1);
            sleep(ms(1000)).await;
        }
    });
}

fn a_job_is_done_once(asks: bool) -> Boxed {
    boxed(async move {
        let done = Rc::new(Cell::new(0));
        let host = net::host("db");
        counts(if asks { host.may_crash() } else { host }, &done);
        sleep(ms(9000)).await;
        assert_eq!(done.get(), 1, "it was begun again");
    })
}

fn a_clock_goes_on(asks: bool) -> Boxed {
    boxed(async move {
        let host = net::host("db");
        counts(if asks { host.may_crash() } else { host }, &Rc::default());
        sleep(ms(9000)).await;
        assert_eq!(host.up_since(), Some(deadheat::Instant::START));
    })
}

fn a_host_is_back_at_once(asks: bool) -> Boxed {
    boxed(async move {
        let host = match asks {
            true => net::host("db").starts_again_after(ms(5)..=ms(5000)),
            false => net::host("db").starts_again_after(Duration::ZERO),
        };
        counts(host.may_crash(), &Rc::default());
        sleep(ms(900)).await;
        assert!(host.is_up(), "it is still down");
    })
}

/// Writes a file, syncs it if it says so, and loses power: what is there then. If the host was down before by itself, there
/// is nothing to see.
async fn left(host: Host, syncs: bool) -> Vec<u8> {
    let written = host.spawn(async move {
        let mut file = fs::File::create("/a").await.unwrap();
        file.write_all(b"text").await.unwrap();
        file.flush().await.unwrap();
        if syncs {
            file.sync_all().await.unwrap();
            fs::File::open("/").await.unwrap().sync_all().await.unwrap();
        }
    });
    if written.await.is_err() {
        return b"text".to_vec();
    }
    host.crash();
    host.restart();
    match host.spawn(fs::read("/a")).await {
        Ok(read) => read.unwrap_or_default(),
        Err(_) => b"text".to_vec(),
    }
}

fn what_was_written_is_there(asks: bool) -> Boxed {
    boxed(async move {
        let host = net::host("db");
        // Both ask for a loss. Without one it is left to the test that it crashes, and there is nothing to lose.
        host.files_in_memory();
        let left = left(host.crashes_at_most(1), !asks).await;
        assert_eq!(left, b"text");
    })
}

async fn saved() -> std::io::Result<()> {
    let mut file = fs::File::create("/a").await?;
    file.write_all(b"text").await?;
    // tokio tells here how the write went, and not as it syncs.
    file.flush().await?;
    file.sync_all().await
}

fn a_file_is_written_at_once(asks: bool) -> Boxed {
    boxed(async move {
        let files = Host::here().files_in_memory();
        if asks {
            files.latency(ms(0)..=ms(40));
        }
        let begin = Instant::now();
        saved().await.unwrap();
        assert_eq!(begin.elapsed(), Duration::ZERO);
    })
}

fn there_is_room(asks: bool) -> Boxed {
    boxed(async move {
        let files = Host::here().files_in_memory();
        if asks {
            files.may_fail();
        }
        if let Err(error) = saved().await {
            assert_ne!(error.kind(), std::io::ErrorKind::StorageFull);
        }
    })
}

fn a_sync_works(asks: bool) -> Boxed {
    boxed(async move {
        let files = Host::here().files_in_memory();
        if asks {
            files.may_fail();
        }
        if let Err(error) = saved().await {
            assert_eq!(error.kind(), std::io::ErrorKind::StorageFull);
        }
    })
}

/// One write is one change of the disk, of which a crash leaves all or nothing: so it is thought.
fn a_record_is_whole_or_not_there(asks: bool) -> Boxed {
    boxed(async move {
        let host = net::host("db");
        let files = host.files_in_memory();
        if asks {
            files.may_write_less();
        }
        let left = left(host, false).await;
        // What is cut in the middle of one change is the other fault: of these changes the second is lost.
        assert!(left != b"te" || !asks, "the first half alone");
    })
}

fn a_disk_has_no_end(asks: bool) -> Boxed {
    boxed(async move {
        let files = Host::here().files_in_memory();
        if asks {
            files.room(3);
        }
        saved().await.unwrap();
    })
}

fn a_task_is_never_late(asks: bool) -> Boxed {
    boxed(async move {
        let process = Process::new();
        let process = if asks {
            process.may_stall(ms(40))
        } else {
            process
        };
        let late = process.spawn(async {
            let begin = Instant::now();
            sleep(ms(10)).await;
            begin.elapsed() - ms(10)
        });
        // A timer of the run itself may be a millisecond late.
        assert!(late.await.unwrap() < ms(5), "late");
    })
}

#[test]
fn each_fault_breaks_the_program_that_is_planted_for_it_and_only_if_it_is_asked_for() {
    for (place, planted) in PLANTED.iter().enumerate() {
        let program = planted.program;
        for asks in [true, false] {
            let checked = check(&Config::new().runs(400), move || program(asks));
            let fault = planted.fault;
            assert_eq!(
                checked.is_err(),
                asks,
                "{fault:?}, program {place}: {checked:?}"
            );
        }
    }
}

#[test]
fn each_fault_bites_where_it_breaks_a_program() {
    for planted in &PLANTED {
        let program = planted.program;
        let drill = drill(&Config::new().runs(100), move || program(true));
        let fault = planted.fault;
        let bite = drill.bites.iter().find(|bite| bite.fault == fault);
        assert!(bite.is_some_and(|bite| bite.bites), "{fault:?}: {drill}");
    }
}

#[test]
fn a_host_that_has_nothing_to_do_as_it_may_crash_is_told() {
    let told = drilled(|| {
        boxed(async {
            net::host("db").may_crash().runs(std::future::pending);
            net::host("bd").may_crash();
            sleep(ms(1)).await;
        })
    });
    insta::assert_snapshot!(told);
}

#[test]
fn files_of_which_nothing_is_lost_are_told() {
    let told = drilled(|| {
        boxed(async {
            let host = net::host("db");
            host.files_in_memory()
                .may_fail()
                .may_write_less()
                .room(1 << 20);
            // On the test's own host, not on that one.
            fs::try_exists("/a").await.unwrap();
        })
    });
    insta::assert_snapshot!(told);
}

#[test]
fn a_process_without_tasks_is_told() {
    let told = drilled(|| {
        boxed(async {
            let _process = Process::new().may_stall(ms(40));
            sleep(ms(1)).await;
        })
    });
    insta::assert_snapshot!(told);
}

#[test]
fn a_crash_that_bites_passes() {
    assert_faults_bite(&Config::new().runs(200), || a_job_is_done_once(true));
}
