//! The procedural macros of `deadheat-tokio`. Not to be used by themselves.

mod expand;
mod main_of;
mod parse;
mod pattern;
mod test;

use proc_macro::TokenStream;

/// Waits for the first of several branches; see `deadheat_tokio::select!`. It is given the path of that package first.
#[proc_macro]
pub fn select(input: TokenStream) -> TokenStream {
    let select = syn::parse_macro_input!(input as parse::Select);
    expand::expand(&select).into()
}

/// A test of tokio that is one of deadheat, where the drop-in is tokio in a whole graph.
#[proc_macro_attribute]
pub fn test(arguments: TokenStream, item: TokenStream) -> TokenStream {
    test::expand(&arguments.into(), item.into())
        .unwrap_or_else(|error| error.to_compile_error())
        .into()
}

/// The start of a program, as tokio's own; a host of a run may ask for its body instead.
#[proc_macro_attribute]
pub fn main(arguments: TokenStream, item: TokenStream) -> TokenStream {
    main_of::expand(&arguments.into(), item.into()).into()
}
