//! Where nothing is overridden.

use crate::hooks::{ask_anyway, is_asked, keeping_hooks, under};

/// There is nothing to link, and nobody asks.
#[inline]
pub(crate) fn link() {
    let _: fn() = || {
        is_asked();
        ask_anyway(|_, _| ());
        let _ = under();
        keeping_hooks(|| ());
    };
}

pub(crate) mod aside {
    //! There is one stack, on which all is called.

    use std::any::Any;

    /// A function that is called where it is to go on, and never gives way.
    #[derive(Debug)]
    pub struct Aside(Option<Function>);

    struct Function(Box<dyn FnOnce()>);

    impl std::fmt::Debug for Function {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("Function")
        }
    }

    impl Aside {
        /// A function that has not begun.
        pub fn new(_: usize, function: impl FnOnce() + 'static) -> Aside {
            Aside(Some(Function(Box::new(function))))
        }

        /// Calls the function: true.
        pub fn go_on(&mut self) -> bool {
            let Some(Function(function)) = self.0.take() else {
                panic!("it has ended");
            };
            function();
            true
        }

        /// A panic has gone on to whoever called.
        pub fn take_panic(&mut self) -> Option<Box<dyn Any + Send>> {
            None
        }
    }

    /// There is nobody to give way to.
    pub fn give_way() -> bool {
        false
    }
}
