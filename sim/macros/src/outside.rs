//! `#[deadheat::outside]`: a mark on a function for the attribute `#[tokio::test]` of a whole graph.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Error;

/// A comment in the documentation stays on a function whatever attributes there are, and says nothing to anybody else.
const MARK: &str = "deadheat: outside of the simulation";

pub(crate) fn mark(arguments: TokenStream, item: TokenStream) -> TokenStream {
    if arguments.is_empty() {
        return quote!(#[doc = #MARK] #item);
    }
    let error = Error::new_spanned(arguments, "#[deadheat::outside] takes no arguments");
    let error = error.to_compile_error();
    quote!(#error #item)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_item_stays_as_it_is() {
        let item = quote!(
            #[tokio::test]
            async fn x() {}
        );
        let marked = mark(TokenStream::new(), item.clone()).to_string();
        assert_eq!(
            marked,
            quote!(#[doc = "deadheat: outside of the simulation"] #item).to_string()
        );
        let refused = mark(quote!(x), item).to_string();
        assert!(refused.contains("takes no arguments"), "{refused}");
    }
}
