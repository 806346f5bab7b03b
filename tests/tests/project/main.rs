//! Is the project itself in order: its style, its imports, the corpus of its fuzz targets?

mod fuzz_corpus;
mod rooms;
mod tidy;
