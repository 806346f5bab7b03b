//! `#[tokio::main]`: tokio's own, of a function that first hands its body to a host of a run which asks for it.

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Expr, ExprLit, ItemFn, Lit, MetaNameValue, Token};

pub(crate) fn expand(arguments: &TokenStream, item: TokenStream) -> TokenStream {
    let tokio = tokio_of(arguments);
    let function: Option<ItemFn> = syn::parse2(item.clone()).ok();
    // What takes arguments is no program's start, and what is wrong tokio says best.
    let is_start = |function: &ItemFn| {
        let sig = &function.sig;
        sig.asyncness.is_some() && sig.inputs.is_empty() && sig.generics.params.is_empty()
    };
    let Some(ItemFn {
        attrs,
        vis,
        sig,
        block,
    }) = function.filter(is_start)
    else {
        return quote!(#[#tokio::__private::tokio_main(#arguments)] #item);
    };
    let (name, output) = (&sig.ident, &sig.output);
    quote! {
        #(#attrs)*
        #vis fn #name() #output {
            async fn __deadheat_body() #output #block
            #tokio::__private::hand_over(__deadheat_body);
            #[#tokio::__private::tokio_main(#arguments)]
            async fn __deadheat_main() #output {
                __deadheat_body().await
            }
            __deadheat_main()
        }
    }
}

/// Where tokio is, as the arguments say it.
fn tokio_of(arguments: &TokenStream) -> TokenStream {
    let pairs = Punctuated::<MetaNameValue, Token![,]>::parse_terminated;
    let pairs = pairs.parse2(arguments.clone()).unwrap_or_default();
    let path = pairs.iter().find_map(|pair| match &pair.value {
        Expr::Lit(ExprLit {
            lit: Lit::Str(path),
            ..
        }) if pair.path.is_ident("crate") => path.parse::<TokenStream>().ok(),
        _ => None,
    });
    path.unwrap_or_else(|| quote!(tokio))
}
