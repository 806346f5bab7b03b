//! Files that cannot be read, or are not text, or are too much.

use std::fs;
use std::path::Path;

use deadheat_scenarios::{MAX_FILE_BYTES, ParseError, parse, read};

const GOOD: &str = "scenario \"s\"\ntask \"main\" {}\n";

/// What reading a file of these bytes says, with the directory taken out.
fn refused(bytes: &[u8]) -> ParseError {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("case.kdl");
    fs::write(&path, bytes).expect("a file");
    read(&path).expect_err("a mistake")
}

fn line(error: &ParseError) -> String {
    let line = error.to_string();
    let start = line.find("case.kdl").unwrap_or_default();
    line[start..].to_owned()
}

#[test]
fn a_good_file_reads_like_its_text() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("good.kdl");
    fs::write(&path, GOOD).expect("a file");
    assert_eq!(
        read(&path).expect("good"),
        parse("good.kdl", GOOD).expect("good")
    );
}

#[test]
fn a_mistake_names_the_path_as_it_was_given() {
    let error = refused(b"scenario s; task main { slep }");
    assert_eq!(line(&error), "case.kdl:1:25: unknown step `slep`");
    assert!(error.mistakes()[0].file().ends_with("case.kdl"));
}

#[test]
fn a_missing_file_has_no_line() {
    let error = read(Path::new("no/such/case.kdl")).expect_err("missing");
    assert_eq!(error.to_string(), "no/such/case.kdl: there is no such file");
    assert_eq!(error.mistakes()[0].line(), None);
}

#[test]
fn a_directory_is_named_as_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let error = read(folder.path()).expect_err("a directory");
    assert!(
        error.to_string().ends_with(": this is a directory"),
        "{error}"
    );
}

#[test]
fn bytes_that_are_not_utf8_have_a_line_and_a_column() {
    let error = refused(b"scenario \"s\"\n// caf\xc3\xa9 caf\xe9\ntask");
    assert_eq!(
        line(&error),
        "case.kdl:2:12: the file is not UTF-8: byte 0xe9 at offset 25"
    );
    let truncated = refused(b"scenario \xf0\x9f\x98");
    assert_eq!(
        line(&truncated),
        "case.kdl:1:10: the file is not UTF-8: byte 0xf0 at offset 9"
    );
}

#[test]
fn a_file_may_be_as_large_as_the_limit() {
    let mut text = GOOD.to_owned();
    text.push_str(&"\n".repeat(MAX_FILE_BYTES - text.len()));
    parse("large.kdl", &text).expect("at the limit");
    text.push('\n');
    let error = refused(text.as_bytes());
    assert_eq!(
        line(&error),
        "case.kdl:1:1: the file has more than 1048576 bytes"
    );
}

#[test]
fn a_file_of_a_hundred_megabytes_is_refused_by_its_size() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("case.kdl");
    fs::File::create(&path)
        .and_then(|file| file.set_len(100 << 20))
        .expect("a file");
    let error = read(&path).expect_err("too large");
    assert_eq!(
        line(&error),
        "case.kdl:1:1: the file has more than 1048576 bytes"
    );
}

#[cfg(unix)]
#[test]
fn a_device_without_end_is_refused() {
    let error = read(Path::new("/dev/zero")).expect_err("endless");
    assert_eq!(
        error.to_string(),
        "/dev/zero:1:1: the file has more than 1048576 bytes"
    );
    let error = read(Path::new("/dev/null")).expect_err("empty");
    assert!(
        error
            .to_string()
            .starts_with("/dev/null:1:1: the file has no `scenario`"),
        "{error}"
    );
}

#[test]
fn carriage_returns_and_tabs_do_not_move_the_place() {
    let error = refused(b"scenario s\r\ntask main {\r\n\tslep\r\n}\r\n");
    assert_eq!(line(&error), "case.kdl:3:2: unknown step `slep`");
    let mark = refused("\u{feff}scenario s; tsak main {}".as_bytes());
    assert!(
        line(&mark).starts_with("case.kdl:1:13: unknown node `tsak`"),
        "{mark}"
    );
}
