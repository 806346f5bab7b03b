//! The programs that are measured, one text for every contender.
//!
//! Who includes them has a module `rt` beside them with `spawn`, `sleep`, `timeout`, `now`, `since`, `yield_now` and `channel`; times are
//! in milliseconds. Each program knows what it has to come to, so that a contender that does less does not look faster.

use super::rt;

pub mod kitchen;
pub mod messages;
pub mod scattered;
pub mod sleepers;
pub mod three_tasks;
