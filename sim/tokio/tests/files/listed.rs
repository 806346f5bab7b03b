//! Listings: the same on both sides, but for the order, which is that of the names inside of a run.

use std::ffi::OsString;

use deadheat_tokio as tokio;
use tokio::fs;

use crate::same::{Place, same, same_on_the_system};

async fn files(place: &Place, count: u32) {
    for number in 0..count {
        // Made in an order that is none.
        let name = format!("{:03}", number * 7 % count);
        fs::write(place.path(&name), "").await.unwrap();
    }
}

async fn names(place: &Place) -> Vec<OsString> {
    let mut entries = fs::read_dir(place.path("")).await.unwrap();
    let mut names = Vec::new();
    while let Some(entry) = entries.next_entry().await.unwrap() {
        names.push(entry.file_name());
    }
    names
}

#[test]
fn nothing_is_listed_of_an_empty_directory() {
    same(|place| async move {
        place.is("names", names(&place).await);
        let mut entries = fs::read_dir(place.path("")).await.unwrap();
        place.told("end", entries.next_entry().await.map(|no| no.is_none()));
        place.told("still", entries.next_entry().await.map(|no| no.is_none()));
    });
}

#[test]
fn a_long_listing_has_all_of_it_once() {
    for count in [31, 32, 33, 64, 100] {
        same(move |place| async move {
            files(&place, count).await;
            let mut names = names(&place).await;
            names.sort();
            place.is("names", names);
        });
    }
}

#[test]
fn an_entry_says_what_it_is() {
    same_on_the_system(|place| async move {
        fs::create_dir(place.path("folder")).await.unwrap();
        fs::write(place.path("folder/file"), "text").await.unwrap();
        fs::symlink("file", place.path("folder/link"))
            .await
            .unwrap();
        fs::create_dir(place.path("folder/within")).await.unwrap();
        let mut entries = fs::read_dir(place.path("folder")).await.unwrap();
        let mut lines = Vec::new();
        while let Some(entry) = entries.next_entry().await.unwrap() {
            let (kind, of) = (entry.file_type().await, entry.metadata().await);
            let (kind, of) = (kind.unwrap(), of.unwrap());
            let is_it = entry.path() == place.path("folder").join(entry.file_name());
            let text = of.is_file().then_some(of.len());
            let number = std::os::unix::fs::MetadataExt::ino(&of) == entry.ino();
            lines.push((entry.file_name(), kind, text, is_it, number));
        }
        lines.sort_by_key(|line| line.0.clone());
        place.is("entries", lines);
    });
}

#[test]
fn an_entry_that_has_gone_is_not_found() {
    same(|place| async move {
        fs::write(place.path("a"), "").await.unwrap();
        let mut entries = fs::read_dir(place.path("")).await.unwrap();
        let entry = entries.next_entry().await.unwrap().unwrap();
        fs::remove_file(entry.path()).await.unwrap();
        place.told("metadata", entry.metadata().await.map(drop));
        place.told("type", entry.file_type().await);
    });
}

#[test]
fn inside_a_run_the_names_are_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_owned();
    let listed = deadheat::run(&deadheat::Config::new(), move || {
        let path = path.clone();
        async move {
            for number in 0..100 {
                let name = format!("{:02}", number * 37 % 100);
                fs::write(path.join(name), "").await.unwrap();
            }
            let mut entries = fs::read_dir(&path).await.unwrap();
            for number in 0..100 {
                let entry = entries.next_entry().await.unwrap().unwrap();
                assert_eq!(entry.file_name(), format!("{number:02}").as_str());
            }
        }
    });
    listed.unwrap();
}
