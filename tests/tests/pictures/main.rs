//! Is what is drawn of a run true to it, and can it be opened: the page, the timeline, the JSON?

mod browser;
mod events;
mod page;
mod programs;
mod timeline;
