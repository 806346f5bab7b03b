//! Tasks of hosts that may crash: after each turn of one it is decided whether its host goes down, and before one if time has
//! passed on the host.

use std::any::Any;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::net::crash::{self, Around};
use crate::state::tasks::{BoxFuture, Task};

/// A task that may go with its host.
struct Mortal(Option<BoxFuture>);

/// Makes a task one that may go with its host.
pub(super) fn mortal(future: BoxFuture) -> BoxFuture {
    Box::pin(Mortal(Some(future)))
}

impl Task for Mortal {
    fn turn(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<bool> {
        if let Some(crash) = crash::decided(Around::Before) {
            crash.happen(self.0.take());
            crash.start_later();
        }
        let Some(future) = &mut self.0 else {
            return Poll::Pending;
        };
        let polled = future.as_mut().turn(cx);
        if let Some(crash) = crash::decided(Around::After) {
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
