//! Does a program end as it does elsewhere: on CPython's asyncio, and on tokio with its clock paused?

mod cpython;
mod late_order;
mod paused_tokio;
