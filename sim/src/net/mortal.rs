//! Tasks of hosts that may crash: after each turn of one it is decided whether its host goes down.

use std::any::Any;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::net::crash;
use crate::state::tasks::{BoxFuture, Task};

/// A task that may go with its host.
struct Mortal(Option<BoxFuture>);

/// Makes a task one that may go with its host.
pub(super) fn mortal(future: BoxFuture) -> BoxFuture {
    Box::pin(Mortal(Some(future)))
}

impl Task for Mortal {
    fn turn(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<bool> {
        let Some(future) = &mut self.0 else {
            return Poll::Pending;
        };
        let polled = future.as_mut().turn(cx);
        if let Some(crash) = crash::decided() {
            // What has ended has its output, which others may have.
            let own = match polled {
                Poll::Pending => self.0.take(),
                Poll::Ready(_) => None,
            };
            crash.happen(own);
            crash.start_later();
        }
        polled
    }

    fn output(mut self: Pin<&mut Self>, into: &mut dyn Any) {
        if let Some(future) = &mut self.0 {
            future.as_mut().output(into);
        }
    }
}
