//! Is the project itself in order: its style, its imports, the corpus of its fuzz targets?

mod fuzz_corpus;
mod lists;
mod rooms;
mod tidy;
