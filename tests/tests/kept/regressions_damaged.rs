//! A file of kept runs that is damaged, deleted or about programs that there are no more.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use deadheat::{Bounds, Config, Failure, Mix, Regressions, Sampler, check, sleep, spawn_named};

const HEAD: &str = "# deadheat regressions 1\n";

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

struct File {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

impl File {
    fn with(bytes: impl AsRef<[u8]>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("kept.txt");
        fs::write(&path, bytes).unwrap();
        File {
            _folder: folder,
            path,
        }
    }

    fn config(&self) -> Config {
        Config::new()
            .name("reply")
            .regressions(Regressions::at(&self.path).named("reply"))
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.path).unwrap()).into_owned()
    }
}

async fn reply(deadline: u64) {
    let reply = spawn_named("reply", sleep(ms(10)..=ms(100)));
    sleep(ms(deadline)).await;
    assert!(reply.is_finished(), "the reply is late");
}

fn explored(config: &Config, deadline: u64) -> Result<u64, Box<Failure>> {
    check(config, move || reply(deadline))
}

#[test]
fn a_damaged_file_is_an_error_that_says_where_and_what_to_do_and_stays_as_it_is() {
    let damaged: [(&[u8], &str); 5] = [
        (b"dh1:7.n1=1/  reply\n", "line 2: "),
        (b"dh1:7  reply\ndh1:9  other\nnonsense\n", "line 4: "),
        // Of another test: what the file was, nobody knows.
        (b"dh7:0  other\n", "line 2: "),
        (b"dh1:7  reply\n\xff\xfe\x00\n", "line 3: it is no text"),
        (b"\xef\xbb\xbfdh1:7  reply\n", "line 2: "),
    ];
    for (bytes, place) in damaged {
        let file = File::with([HEAD.as_bytes(), bytes].concat());
        let before = fs::read(&file.path).unwrap();
        for deadline in [50, 110] {
            let report = explored(&file.config(), deadline).unwrap_err().to_string();
            assert!(
                report.starts_with("FAILED  reply   the regressions in "),
                "{report}"
            );
            assert!(report.contains(&*file.path.to_string_lossy()), "{report}");
            assert!(report.contains(place), "{report}");
            assert!(report.contains("correct or delete this line"), "{report}");
        }
        assert_eq!(fs::read(&file.path).unwrap(), before);
        // What is made of it is for each caller to say.
        let kept = Regressions::at(&file.path);
        let new = "dh1:3".parse().unwrap();
        for error in [kept.load().map(drop), kept.keep(&new, "")].map(Result::unwrap_err) {
            let error = error.to_string();
            assert!(
                error.contains(place) && !error.contains("nothing is"),
                "{error}"
            );
        }
    }
}

#[test]
fn a_file_that_is_deleted_or_emptied_is_none() {
    let file = File::with("");
    assert_eq!(explored(&file.config(), 110).unwrap(), 1000);
    let failure = explored(&file.config(), 50).unwrap_err();
    assert!(failure.number.is_some(), "{failure}");
    assert!(file.text().starts_with(HEAD), "{}", file.text());

    fs::remove_file(&file.path).unwrap();
    assert_eq!(explored(&file.config(), 110).unwrap(), 1000);
    let failure = explored(&file.config(), 50).unwrap_err();
    assert!(
        failure.number.is_some(),
        "it is explored for anew: {failure}"
    );
    assert_eq!(
        file.config().regressions.unwrap().load().unwrap(),
        std::slice::from_ref(&failure.run.token)
    );
}

#[test]
fn a_file_that_is_deleted_while_a_failure_is_shrunk_is_made_again() {
    let file = File::with(HEAD);
    let path = file.path.clone();
    let failure = check(&file.config(), move || {
        // Whatever was written is gone by the time that the run is shrunk.
        let _ = fs::remove_file(&path);
        reply(50)
    })
    .unwrap_err();
    let report = failure.to_string();
    assert!(
        report.contains("it is made first from now on: kept in "),
        "{report}"
    );
    assert_eq!(
        file.config().regressions.unwrap().load().unwrap(),
        std::slice::from_ref(&failure.run.token)
    );
}

#[test]
fn runs_of_programs_that_there_are_no_more_are_left_alone() {
    let of_others = "dh1:7.n77=1/9  gone::test  # why\n# a remark\ndh1:9\n";
    let file = File::with([HEAD, of_others].concat());
    assert_eq!(explored(&file.config(), 110).unwrap(), 1000);
    assert_eq!(file.text(), [HEAD, of_others].concat());
    explored(&file.config(), 50).unwrap_err();
    assert!(
        file.text().starts_with(&[HEAD, of_others].concat()),
        "{}",
        file.text()
    );
    file.config()
        .regressions
        .unwrap()
        .forget(&"dh1:9".parse().unwrap())
        .unwrap();
    assert!(
        file.text().contains("\ndh1:9\n"),
        "another's: {}",
        file.text()
    );
}

#[test]
fn a_kept_run_that_no_longer_fits_is_told_also_when_a_later_one_fails() {
    let failing = explored(&Config::new(), 50).unwrap_err().run.token;
    let lines = format!("dh1:0.n77=1/9  reply\n{failing}  reply\n");
    let file = File::with([HEAD, &*lines].concat());
    let first = explored(&file.config(), 50);
    let report = first.unwrap_err().to_string();
    assert!(
        report.contains(
            "dh1:0.n77=1/9: passes now; the schedule no longer fits, from decision n77 on"
        ),
        "{report}"
    );
    assert!(
        report.contains("it failed before, and is kept in "),
        "{report}"
    );
}

/// Else whoever asks for no lateness would wonder at a timer that is late.
#[test]
fn a_kept_run_that_has_its_own_lateness_says_so_where_another_was_asked_for() {
    let file = File::with([HEAD, "dh1:0.late=2000000  reply\n"].concat());
    let said = |late: Duration| {
        let mix = Mix::only(Sampler::Fifo, Bounds::late(late));
        let fails = || async { panic!("always") };
        let failure = check(&file.config().mix(mix), fails).unwrap_err();
        let report = failure.to_string();
        assert!(report.contains("it failed before"), "{report}");
        report
            .contains("note: its line says how late timers may be in it, 2 ms: what was asked for")
    };
    assert!(said(Duration::ZERO) && said(ms(1)));
    assert!(!said(ms(2)));
}

#[test]
fn why_a_run_is_kept_is_written_without_what_steers_a_terminal() {
    let file = File::with(HEAD);
    check(&file.config(), || async {
        panic!("\u{1b}[31mred \u{202e}turned\rback")
    })
    .unwrap_err();
    let text = file.text();
    assert!(
        text.contains("# \\u{1b}[31mred \\u{202e}turned\\u{d}back\n"),
        "{text}"
    );
    assert_eq!(file.config().regressions.unwrap().load().unwrap().len(), 1);
}
