//! The procedural macro behind `select!` of `deadheat-tokio`. Not to be used by itself: it is given the path of
//! that package first.

mod expand;
mod parse;
mod pattern;

use proc_macro::TokenStream;

/// Waits for the first of several branches; see `deadheat_tokio::select!`.
#[proc_macro]
pub fn select(input: TokenStream) -> TokenStream {
    let select = syn::parse_macro_input!(input as parse::Select);
    expand::expand(&select).into()
}
