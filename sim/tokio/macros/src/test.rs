//! `#[tokio::test]` where the drop-in is tokio in a whole graph: the same function as a test of deadheat, and as tokio's
//! own for those who ask for it when they run it.

use std::env;
use std::path::{Path, PathBuf};

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Attribute, Error, Expr, ExprLit, ItemFn, Lit, Meta, MetaNameValue, Token};

pub(crate) fn expand(arguments: &TokenStream, item: TokenStream) -> Result<TokenStream, Error> {
    let read = Arguments::read(arguments.clone())?;
    let function: ItemFn = syn::parse2(item)?;
    if function.sig.asyncness.is_none() {
        let place = function.sig.fn_token;
        let what = "a test of tokio is an `async fn`: put `async` here";
        return Err(Error::new_spanned(place, what));
    }
    if !function.sig.inputs.is_empty() {
        let what = "a test takes no arguments";
        return Err(Error::new_spanned(&function.sig.inputs, what));
    }
    Ok(test(&function, arguments, &read))
}

/// What of tokio's arguments counts in a run.
struct Arguments {
    /// Where tokio is.
    tokio: TokenStream,
    /// The runtime has several threads.
    multi_thread: bool,
    /// Its clock is paused from the start.
    start_paused: bool,
    /// Its tasks need not be `Send`: what it runs is in a `LocalSet`.
    is_local: bool,
}

impl Arguments {
    fn read(arguments: TokenStream) -> Result<Arguments, Error> {
        let mut read = Arguments {
            tokio: quote!(::tokio),
            multi_thread: false,
            start_paused: false,
            is_local: false,
        };
        let pairs = Punctuated::<MetaNameValue, Token![,]>::parse_terminated;
        for pair in pairs.parse2(arguments)? {
            let Expr::Lit(ExprLit { lit, .. }) = &pair.value else {
                continue;
            };
            match lit {
                Lit::Str(path) if pair.path.is_ident("crate") => {
                    read.tokio = path.parse::<TokenStream>()?;
                }
                Lit::Str(flavor) if pair.path.is_ident("flavor") => {
                    read.multi_thread = flavor.value() == "multi_thread";
                    read.is_local = flavor.value() == "local";
                }
                Lit::Bool(is_paused) if pair.path.is_ident("start_paused") => {
                    read.start_paused = is_paused.value();
                }
                _ => {}
            }
        }
        Ok(read)
    }
}

/// The user's block sees what stands beside it here, which has names that nobody has; its own test's name it sees as ever.
fn test(function: &ItemFn, arguments: &TokenStream, read: &Arguments) -> TokenStream {
    let ItemFn {
        attrs,
        vis,
        sig,
        block,
        ..
    } = function;
    let (name, output, tokio) = (&sig.ident, &sig.output, &read.tokio);
    let (multi_thread, start_paused) = (read.multi_thread, read.start_paused);
    let body = match read.is_local {
        true => quote!(#tokio::task::LocalSet::new().run_until(__deadheat_body()).await),
        false => quote!(__deadheat_body().await),
    };
    let ours = quote!(#tokio::__private);
    let own = outside(function, arguments, &ours);
    if is_of_a_dependency() || attrs.iter().any(says_outside) {
        return quote! {
            #(#attrs)*
            #[expect(unnameable_test_items, reason = "what is inside is called")]
            #[::core::prelude::v1::test]
            #vis fn #name() {
                async fn __deadheat_body() #output #block
                #own
            }
        };
    }
    // What says how the test ends, or whether it is run, counts for the report too.
    let told = attrs.iter().filter(|attribute| counts(attribute));
    let library = format!("{tokio}::__private::deadheat").replace(' ', "");
    // From the first turn on, as tokio's own tests have it; else it would come with the first call.
    let budget = format!("{tokio}::budget").replace(' ', "");
    let at_name = Span::call_site().located_at(name.span());
    let simulated = quote_spanned!(at_name=>
        #(#told)*
        #[#ours::deadheat::test(
            beside = #budget, multi_thread = #multi_thread, start_paused = #start_paused, crate = #library
        )]
        async fn #name() #output {
            #body
        }
        #name()
    );
    quote! {
        #(#attrs)*
        #[expect(unnameable_test_items, reason = "what is inside is called")]
        #[::core::prelude::v1::test]
        #vis fn #name() {
            async fn __deadheat_body() #output #block
            let asked = ::std::env::var_os("DEADHEAT_OUTSIDE");
            if #ours::is_outside(asked, ::core::module_path!(), ::core::stringify!(#name)) {
                #own
            } else {
                #simulated
            }
        }
    }
}

/// The test as tokio makes it.
fn outside(function: &ItemFn, arguments: &TokenStream, ours: &TokenStream) -> TokenStream {
    let output = &function.sig.output;
    quote! {
        #[#ours::tokio_test(#arguments)]
        async fn __deadheat_outside() #output {
            __deadheat_body().await
        }
        #ours::returned(__deadheat_outside())
    }
}

/// What `#[deadheat::outside]` leaves on a function; or that attribute, if it stands below this one.
fn says_outside(attribute: &Attribute) -> bool {
    let last = attribute.path().segments.last();
    if last.is_some_and(|segment| segment.ident == "outside") {
        return true;
    }
    let Meta::NameValue(pair) = &attribute.meta else {
        return false;
    };
    let Expr::Lit(ExprLit {
        lit: Lit::Str(text),
        ..
    }) = &pair.value
    else {
        return false;
    };
    pair.path.is_ident("doc") && text.value() == "deadheat: outside of the simulation"
}

fn counts(attribute: &Attribute) -> bool {
    let path = attribute.path();
    path.is_ident("should_panic") || path.is_ident("ignore")
}

/// Whether the package that is compiled is one that cargo has fetched: those are below cargo's own folder.
fn is_of_a_dependency() -> bool {
    let Some(package) = env::var_os("CARGO_MANIFEST_DIR") else {
        return false;
    };
    let by_variable = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = by_variable.or_else(|| env::home_dir().map(|home| home.join(".cargo")));
    home.is_some_and(|home| is_fetched(Path::new(&package), &home))
}

/// Whether a package is in one of the two folders in which cargo unpacks what it has fetched.
fn is_fetched(package: &Path, home: &Path) -> bool {
    // Either may be behind a link.
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let (package, home) = (real(package), real(home));
    let mut folders = ["registry/src", "git/checkouts"].into_iter();
    folders.any(|folder| package.starts_with(home.join(folder)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_below_cargos_folder_is_of_a_dependency() {
        let home = Path::new("/home/me/.cargo");
        for fetched in [
            "/home/me/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/pool-1.0.0",
            "/home/me/.cargo/git/checkouts/pool-d0a3f8e62c1b4975/3a5c1de",
        ] {
            assert!(is_fetched(Path::new(fetched), home), "{fetched}");
        }
        for own in [
            "/home/me/git/checkouts/pool",
            "/srv/registry/src/pool",
            "/home/me/.cargo/mine",
            "/home/me/.cargo/git/checkouts-of-mine/pool",
        ] {
            assert!(!is_fetched(Path::new(own), home), "{own}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_cargos_folder_is_followed() {
        let folder = env::temp_dir().join(format!("deadheat-linked-{}", std::process::id()));
        let package = folder.join("there/registry/src/index/pool");
        std::fs::create_dir_all(&package).unwrap();
        std::os::unix::fs::symlink(folder.join("there"), folder.join("home")).unwrap();
        let is_fetched = is_fetched(&package, &folder.join("home"));
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(is_fetched);
    }
}
