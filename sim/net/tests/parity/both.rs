//! A program runs on the kernel and on this machine.

use crate::kernel::Kernel;
use crate::machine::Machine;
use crate::stack::Stack;

/// Runs a program on the kernel and on this machine, and compares what both have answered.
pub(crate) fn both(program: impl Fn(&Stack<'_>)) {
    let kernel = Stack::run(&mut Kernel::new(), &program);
    let machine = Stack::run(&mut Machine::default(), &program);
    assert_eq!(kernel, machine, "the kernel, and this machine");
}
