//! Whole files, and names: the same on both sides.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use deadheat_tokio as tokio;
use tokio::fs;

use crate::same::{same, same_on_the_system};

#[test]
fn what_is_written_is_read() {
    same(|place| async move {
        let path = place.path("a");
        place.told("write", fs::write(&path, "one").await);
        place.told("write over", fs::write(&path, vec![b'2'; 2]).await);
        place.told("read", fs::read(&path).await);
        place.told("read as text", fs::read_to_string(&path).await);
    });
}

#[test]
fn what_is_not_there_is_not_found() {
    same(|place| async move {
        let path = place.path("gone");
        place.told("read", fs::read(&path).await);
        place.told("remove_file", fs::remove_file(&path).await);
        place.told("remove_dir", fs::remove_dir(&path).await);
        place.told("rename", fs::rename(&path, place.path("b")).await);
        place.told("copy", fs::copy(&path, place.path("b")).await);
        place.told("metadata", fs::metadata(&path).await.map(drop));
        place.told("canonicalize", fs::canonicalize(&path).await);
        place.told("read_link", fs::read_link(&path).await);
        place.told("read_dir", fs::read_dir(&path).await.map(drop));
        place.told("write below", fs::write(path.join("a"), "").await);
    });
}

#[test]
fn a_text_that_is_none_is_invalid() {
    same(|place| async move {
        fs::write(place.path("a"), [0xff, 0xfe]).await.unwrap();
        place.told("read", fs::read_to_string(place.path("a")).await);
    });
}

#[test]
fn a_name_with_a_zero_in_it_is_invalid() {
    same(|place| async move {
        place.told("write", fs::write(place.path("a\0b"), "").await);
        place.told("create", fs::create_dir(place.path("a\0b")).await);
    });
}

#[test]
fn a_directory_is_no_file_and_a_file_no_directory() {
    same(|place| async move {
        fs::write(place.path("file"), "").await.unwrap();
        fs::create_dir(place.path("folder")).await.unwrap();
        place.told("read", fs::read(place.path("folder")).await);
        place.told("write", fs::write(place.path("folder"), "").await);
        place.told("unlink", fs::remove_file(place.path("folder")).await);
        place.told("rmdir", fs::remove_dir(place.path("file")).await);
        place.told("beneath", fs::read(place.path("file/a")).await);
        place.told("list", fs::read_dir(place.path("file")).await.map(drop));
    });
}

#[test]
fn directories_are_made_one_or_all() {
    same(|place| async move {
        place.told("two at once", fs::create_dir(place.path("a/b")).await);
        place.told("all", fs::create_dir_all(place.path("a/b/c")).await);
        place.told("all again", fs::create_dir_all(place.path("a/b/c")).await);
        place.told("one again", fs::create_dir(place.path("a")).await);
    });
}

#[test]
fn a_builder_makes_directories_as_it_was_told() {
    same_on_the_system(|place| async move {
        let mut builder = fs::DirBuilder::new();
        place.told("not all", builder.create(place.path("a/b")).await);
        builder.recursive(true).mode(0o700);
        place.told("all", builder.create(place.path("a/b")).await);
        let made = fs::metadata(place.path("a/b")).await;
        place.told("mode", made.map(|made| made.mode() & 0o777));
    });
}

#[test]
fn a_directory_with_something_in_it_goes_only_with_all() {
    same(|place| async move {
        fs::create_dir_all(place.path("a/b")).await.unwrap();
        fs::write(place.path("a/b/c"), "").await.unwrap();
        place.told("one", fs::remove_dir(place.path("a")).await);
        place.told("all", fs::remove_dir_all(place.path("a")).await);
        place.told("there", fs::try_exists(place.path("a")).await);
    });
}

#[test]
fn a_rename_takes_the_place_of_a_file() {
    same(|place| async move {
        fs::write(place.path("a"), "a").await.unwrap();
        fs::write(place.path("b"), "b").await.unwrap();
        fs::create_dir(place.path("folder")).await.unwrap();
        place.told("over", fs::rename(place.path("a"), place.path("b")).await);
        let onto = fs::rename(place.path("b"), place.path("folder")).await;
        place.told("onto a directory", onto);
        let into = fs::rename(place.path("b"), place.path("folder/b")).await;
        place.told("into a directory", into);
        let within = fs::rename(place.path("folder"), place.path("folder/x")).await;
        place.told("into itself", within);
    });
}

#[test]
fn a_copy_has_the_text_and_the_permissions() {
    same_on_the_system(|place| async move {
        fs::write(place.path("a"), "text").await.unwrap();
        let permissions = std::fs::Permissions::from_mode(0o640);
        let set = fs::set_permissions(place.path("a"), permissions).await;
        place.told("set", set);
        place.told("copy", fs::copy(place.path("a"), place.path("b")).await);
        let mode = |path| async { fs::metadata(path).await.map(|made| made.mode()) };
        place.told("mode", mode(place.path("b")).await);
    });
}

#[test]
fn a_hard_link_is_the_same_file() {
    same_on_the_system(|place| async move {
        fs::write(place.path("a"), "one").await.unwrap();
        let link = fs::hard_link(place.path("a"), place.path("b")).await;
        place.told("link", link);
        fs::write(place.path("b"), "two").await.unwrap();
        place.told("read", fs::read_to_string(place.path("a")).await);
        let links = fs::metadata(place.path("a")).await;
        place.told("links", links.map(|links| links.nlink()));
        let again = fs::hard_link(place.path("a"), place.path("b")).await;
        place.told("again", again);
    });
}

#[test]
fn a_link_leads_somewhere_or_nowhere() {
    same_on_the_system(|place| async move {
        let link = place.path("link");
        place.told("link", fs::symlink("file", &link).await);
        place.told("dangling", fs::metadata(&link).await.map(drop));
        place.told("there", fs::try_exists(&link).await);
        let itself = fs::symlink_metadata(&link).await;
        place.told("itself", itself.map(|of| of.is_symlink()));
        fs::write(place.path("file"), "text").await.unwrap();
        place.told("to", fs::read_link(&link).await);
        place.told("through", fs::read_to_string(&link).await);
        let real = fs::canonicalize(&link).await;
        place.told("real", real.map(|path| path.ends_with("file")));
        place.told("again", fs::symlink("other", &link).await);
    });
}

#[test]
fn links_in_a_circle_lead_nowhere() {
    same_on_the_system(|place| async move {
        fs::symlink(place.path("b"), place.path("a")).await.unwrap();
        fs::symlink(place.path("a"), place.path("b")).await.unwrap();
        place.told("read", fs::read(place.path("a")).await);
        place.told("there", fs::try_exists(place.path("a")).await);
    });
}

#[test]
fn what_may_not_be_written_says_so_in_its_metadata() {
    same_on_the_system(|place| async move {
        fs::write(place.path("a"), "").await.unwrap();
        let mut permissions = fs::metadata(place.path("a")).await.unwrap().permissions();
        permissions.set_readonly(true);
        let set = fs::set_permissions(place.path("a"), permissions).await;
        place.told("set", set);
        let read_only = fs::metadata(place.path("a")).await;
        let read_only = read_only.map(|of| of.permissions().readonly());
        place.told("read only", read_only);
    });
}

#[test]
fn an_empty_path_is_not_found() {
    same(|place| async move {
        place.told("read", fs::read("").await);
        place.told("make", fs::create_dir(Path::new("")).await);
        place.told("all", fs::create_dir_all("").await);
        place.told("there", fs::try_exists("").await);
    });
}
