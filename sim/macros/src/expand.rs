//! What a test expands to: a `#[test]` that hands the real clock, the environment and the output to
//! `deadheat::testing`, which has none of them.
//!
//! Every path is absolute and every name has the macro's own hygiene, so nothing of the user's can change
//! what it means. The function itself stands inside, as it was written: its errors are told where they are.

use std::time::Duration;

use deadheat_words::patience::Patience;
use deadheat_words::seed::Seed;
use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Error, Expr, ExprLit, ItemFn, Lit, LitStr, Meta, MetaNameValue};

use crate::arguments::{Arguments, Value};
use crate::function;

pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> Result<TokenStream, Error> {
    let function = function::parse(item);
    let arguments = syn::parse2::<Arguments>(arguments);
    match (function, arguments) {
        (Ok(function), Ok(arguments)) => Ok(test(&function, &arguments)),
        (Err(mut error), Err(more)) => {
            error.combine(more);
            Err(error)
        }
        (Err(error), Ok(_)) | (Ok(_), Err(error)) => Err(error),
    }
}

fn test(function: &ItemFn, arguments: &Arguments) -> TokenStream {
    let ItemFn {
        attrs,
        vis,
        sig,
        block,
        ..
    } = function;
    let name = &sig.ident;
    let library = match &arguments.deadheat {
        Some(path) => path.to_token_stream(),
        None => quote!(::deadheat),
    };
    let testing = quote!(#library::testing);
    let place = place(function, &testing);
    let arguments = fields(function, arguments, &testing);
    let output = &sig.output;
    let outside = outside(&testing);
    // Reports say that the main task is from the function, not from the attribute.
    let at_name = Span::call_site().located_at(name.span());
    let run = quote_spanned!(at_name=> test.run_watched(&outside, #name));
    let (as_it_should, fails) = ends(function);
    quote! {
        #(#attrs)*
        #[::core::prelude::v1::test]
        #vis fn #name() {
            async fn #name() #output #block
            let begun = ::std::time::Instant::now();
            let entropy = || {
                ::core::hash::BuildHasher::hash_one(&::std::hash::RandomState::new(), 0_u8)
            };
            let variables = ::std::env::vars_os();
            let test = match #testing::Test::new(#place, &#arguments, variables, entropy) {
                ::core::result::Result::Ok(test) => test,
                ::core::result::Result::Err(error) => ::core::panic!("\n{error}"),
            };
            let is_terminal = ::std::io::IsTerminal::is_terminal(&::std::io::stderr());
            let _listening = #testing::Listening::begin();
            let test = test
                .written_to(is_terminal, ::std::env::args_os())
                .interrupted_by(#testing::Listening::heard);
            if let ::core::option::Option::Some(first) = test.announcement() {
                // Whole lines in one write: a panic in another thread writes without a lock.
                ::std::eprint!("{}", ::std::format!("{first}\n"));
            }
            let outside = #outside;
            match #run {
                ::core::result::Result::Ok(passed) => {
                    ::std::eprint!("{}", ::std::format!("{passed}\n"));
                    #as_it_should
                }
                ::core::result::Result::Err(failed) => #fails,
            }
        }
    }
}

/// What is done once every run is as it should be, and what if one is not.
fn ends(function: &ItemFn) -> (TokenStream, TokenStream) {
    // A runner takes any panic of this function for the one that it expects: so only the program's own is raised here.
    match has(function, "should_panic") {
        true => (
            quote! {
                if let ::core::option::Option::Some(message) = passed.panicked() {
                    let message = ::std::string::String::from(message);
                    ::std::panic::resume_unwind(::std::boxed::Box::new(message));
                }
            },
            quote!(::std::eprint!("{}", ::std::format!("\n{failed}\n"))),
        ),
        false => (quote!(), quote!(::core::panic!("\n{failed}"))),
    }
}

/// What the test is given of the process.
fn outside(testing: &TokenStream) -> TokenStream {
    quote! {
        #testing::Outside {
        elapsed: &|| begun.elapsed(),
        pause: ::std::thread::park_timeout,
        // Not captured by the test runner; if it is closed, there is nobody to tell.
        tell: |text| {
            let _ = ::std::io::Write::write_all(&mut ::std::io::stderr(), text.as_bytes());
        },
        end: |status| ::std::process::exit(status),
        debugged: || {
            let status = ::std::fs::read_to_string("/proc/self/status");
            status.is_ok_and(|status| #testing::is_traced(&status))
        },
    }
    }
}

fn place(function: &ItemFn, testing: &TokenStream) -> TokenStream {
    let name = function.sig.ident.to_string();
    let is_ignored = has(function, "ignore");
    let should_panic = has(function, "should_panic");
    let panics_with = match panics_with(function) {
        Some(text) => quote!(::core::option::Option::Some(#text)),
        None => quote!(::core::option::Option::None),
    };
    quote! {
        #testing::Place {
            function: #name,
            module: ::core::module_path!(),
            file: ::core::file!(),
            package_folder: ::core::option_env!("CARGO_MANIFEST_DIR"),
            package: ::core::option_env!("CARGO_PKG_NAME"),
            crate_name: ::core::option_env!("CARGO_CRATE_NAME"),
            binary: ::core::option_env!("CARGO_BIN_NAME"),
            scratch: ::core::option_env!("CARGO_TARGET_TMPDIR"),
            is_ignored: #is_ignored,
            should_panic: #should_panic,
            panics_with: #panics_with,
        }
    }
}

fn has(function: &ItemFn, attribute: &str) -> bool {
    function
        .attrs
        .iter()
        .any(|found| found.path().is_ident(attribute))
}

/// What `#[should_panic(expected = "…")]` or `#[should_panic = "…"]` expects. What else stands there, the compiler tells.
fn panics_with(function: &ItemFn) -> Option<LitStr> {
    let mut attributes = function.attrs.iter();
    let attribute = attributes.find(|found| found.path().is_ident("should_panic"))?;
    let pair = match &attribute.meta {
        Meta::NameValue(pair) => pair.clone(),
        Meta::List(list) => {
            syn::parse2::<MetaNameValue>(without_a_last_comma(&list.tokens)).ok()?
        }
        Meta::Path(_) => return None,
    };
    match pair.value {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) => Some(text),
        _ => None,
    }
}

fn without_a_last_comma(tokens: &TokenStream) -> TokenStream {
    let mut tokens: Vec<_> = tokens.clone().into_iter().collect();
    tokens.pop_if(|last| matches!(last, TokenTree::Punct(mark) if mark.as_char() == ','));
    tokens.into_iter().collect()
}

fn fields(function: &ItemFn, arguments: &Arguments, testing: &TokenStream) -> TokenStream {
    let mut fields = Vec::new();
    for (name, value) in &arguments.fields {
        let value = match value {
            Value::Keep(keep) => quote!(#testing::Keep::#keep),
            Value::Patience(patience) => {
                let patience = match patience {
                    Patience::For(time) => {
                        let time = duration(*time);
                        quote!(For(#time))
                    }
                    Patience::Forever => quote!(Forever),
                };
                quote!(::core::option::Option::Some(#testing::Patience::#patience))
            }
            Value::Plain(value) => quote!(::core::option::Option::Some(#value)),
            Value::Time(time) => {
                let time = duration(*time);
                quote!(::core::option::Option::Some(#time))
            }
            Value::Seed(seed) => {
                let seed = match seed {
                    Seed::Fixed(seed) => quote!(Fixed(#seed)),
                    Seed::Random => quote!(Random),
                };
                quote!(::core::option::Option::Some(#testing::Seed::#seed))
            }
        };
        fields.push(quote!(#name: #value));
    }
    // A run that is meant to fail is no regression.
    if has(function, "should_panic") && !arguments.has("regressions") {
        let name = format_ident!("regressions");
        fields.push(quote!(#name: #testing::Keep::Nowhere));
    }
    quote! {
        #testing::Arguments {
            #(#fields,)*
            ..::core::default::Default::default()
        }
    }
}

/// A duration that was read, which is at most an `i64` of nanoseconds.
fn duration(time: Duration) -> TokenStream {
    let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    quote!(::core::time::Duration::from_nanos(#nanos))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(arguments: &str, item: &str) -> String {
        let [arguments, item] = [arguments, item].map(|text| text.parse().expect("tokens"));
        expand(arguments, item).map_or_else(|error| error.to_string(), |tokens| tokens.to_string())
    }

    #[test]
    fn other_attributes_stay_and_those_that_count_are_seen() {
        let item = concat!(
            "#[ign",
            "ore] #[cfg(unix)] #[doc = \"why\"] async fn x() {}"
        );
        let text = expanded("", item);
        assert!(
            text.contains("cfg (unix)") && text.contains("doc = \"why\""),
            "{text}"
        );
        assert!(text.contains("is_ignored : true"), "{text}");
        let text = expanded("", "#[should_panic(expected = \"y\")] async fn x() {}");
        assert!(text.contains("should_panic (expected = \"y\")"), "{text}");
        assert!(text.contains("Keep :: Nowhere"), "{text}");
        assert!(text.contains("Some (\"y\")"), "{text}");
        for other in [
            "#[should_panic = \"y\"]",
            "#[should_panic(expected = \"y\",)]",
        ] {
            let text = expanded("", &format!("{other} async fn x() {{}}"));
            assert!(
                text.contains("panics_with : :: core :: option :: Option :: Some (\"y\")"),
                "{text}"
            );
        }
        let text = expanded("", "#[should_panic] async fn x() {}");
        assert!(
            text.contains("panics_with : :: core :: option :: Option :: None"),
            "{text}"
        );
    }

    #[test]
    fn arguments_are_given_on_as_values() {
        let arguments =
            "seed = 0x1f, late = \"1.5ms\", regressions = \"kept.txt\", crate = \"sub::dh\",";
        let text = expanded(arguments, "async fn x() {}");
        assert!(text.contains("Seed :: Fixed (31u64)"), "{text}");
        assert!(text.contains("from_nanos (1500000u64)"), "{text}");
        assert!(text.contains("Keep :: At (\"kept.txt\")"), "{text}");
        assert!(text.contains("sub :: dh :: testing :: Test"), "{text}");
        let patience = |watchdog| expanded(&format!("watchdog = {watchdog:?}"), "async fn x() {}");
        let (off, long) = (patience("off"), patience("2s"));
        assert!(off.contains("Patience :: Forever"), "{off}");
        assert!(long.contains("Patience :: For ("), "{long}");
        assert!(long.contains("from_nanos (2000000000u64)"), "{long}");
    }
}
