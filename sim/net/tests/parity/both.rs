//! A program runs on the kernel and on this machine.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::kernel::Kernel;
use crate::machine::Machine;
use crate::stack::Stack;

/// Runs a program on the kernel and on this machine, and compares what both have answered. A machine that has much else to
/// do may be late with what it was sent, so one that answers otherwise is given more time and is asked again.
pub(crate) fn both(program: impl Fn(&Stack<'_>)) {
    let kernel = Stack::run(&mut Kernel::new(), &program);
    let machine = |times| Stack::run(&mut Machine::slower(times), &program);
    let quick = catch_unwind(AssertUnwindSafe(|| machine(1)));
    if quick.is_ok_and(|answers| answers == kernel) {
        return;
    }
    assert_eq!(kernel, machine(8), "the kernel, and this machine");
}
