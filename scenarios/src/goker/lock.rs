//! A mutex that is locked and unlocked by hand, as Go's is: who forgets to unlock it has it for ever.

use std::rc::Rc;

use deadheat::program::waiting_for;

use super::Permits;

#[derive(Clone)]
pub(super) struct Lock(Rc<Permits>);

impl Lock {
    pub(super) fn new() -> Self {
        Lock(Permits::new(1))
    }

    /// Waits for it; who waits gets it in the order in which they came.
    pub(super) async fn lock(&self) {
        waiting_for("a lock".into(), self.0.acquire()).await;
    }

    pub(super) fn unlock(&self) {
        self.0.release();
    }
}
