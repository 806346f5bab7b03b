//! Is the project itself in order: its style, its imports, its documents, the corpus of its fuzz targets?

mod declared;
mod fuzz_corpus;
mod items;
mod lists;
mod map;
mod package;
mod patched;
mod rooms;
mod settings;
mod speed;
mod tidy;
mod workspace;
