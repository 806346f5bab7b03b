//! What a function must be to be a test; each mistake is told where it stands.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Attribute, Error, ItemFn};

/// Reads the function below the attribute.
pub(crate) fn parse(item: TokenStream) -> Result<ItemFn, Error> {
    let function: ItemFn = syn::parse2(item).map_err(|error| {
        Error::new(
            error.span(),
            format!("#[deadheat::test] goes on an `async fn`: {error}"),
        )
    })?;
    let mut mistakes = mistakes(&function).into_iter();
    match mistakes.next() {
        None => Ok(function),
        Some(first) => Err(mistakes.fold(first, |mut all, next| {
            all.combine(next);
            all
        })),
    }
}

fn mistakes(function: &ItemFn) -> Vec<Error> {
    let signature = &function.sig;
    let mut mistakes = Vec::new();
    let mut mistake = |place: &dyn ToTokens, what: &str| {
        mistakes.push(Error::new_spanned(place, what));
    };
    if let Some(attribute) = function
        .attrs
        .iter()
        .find(|attribute| makes_a_test(attribute))
    {
        mistake(
            attribute,
            "#[deadheat::test] makes the function a test by itself: remove this attribute",
        );
    } else if signature.asyncness.is_none() {
        mistake(
            &signature.fn_token,
            "a deadheat test is an `async fn`: put `async` here",
        );
    }
    if !signature.inputs.is_empty() {
        mistake(
            &signature.inputs,
            "a deadheat test takes no arguments: what varies comes from the run, as by `deadheat::random`, or \
             `deadheat::sleep` of a range",
        );
    }
    let generics = &signature.generics;
    if !generics.params.is_empty() {
        mistake(generics, "a deadheat test cannot be generic");
    }
    if let Some(unsafety) = &signature.unsafety {
        mistake(unsafety, "a deadheat test cannot be unsafe");
    }
    if let Some(abi) = &signature.abi {
        mistake(abi, "a deadheat test has no ABI of its own");
    }
    mistakes
}

/// `#[test]`, `#[tokio::test]`, and others by that name.
fn makes_a_test(attribute: &Attribute) -> bool {
    let last = attribute.path().segments.last();
    last.is_some_and(|segment| segment.ident == "test")
}
