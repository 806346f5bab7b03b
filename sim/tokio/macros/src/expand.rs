//! What a `select!` becomes.
//!
//! 1. All conditions are looked at first, in order; then all futures are made, also of disabled branches.
//! 2. Each poll begins with another branch, unless it is biased. A branch whose output does not match is
//!    disabled from then on.
//! 3. The futures are dropped before the handler runs, which stands outside of every closure: `?`,
//!    `break`, `return` and `.await` mean in it what they mean around the macro.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote_spanned};
use syn::Ident;

use crate::parse::{Branch, Select};
use crate::pattern;

/// Names that the user's code cannot see.
fn hidden() -> Span {
    Span::mixed_site()
}

fn name(text: &str) -> Ident {
    Ident::new(text, hidden())
}

fn numbered(prefix: &str, branch: usize) -> Ident {
    format_ident!("{prefix}{branch}", span = hidden())
}

pub(crate) fn expand(select: &Select) -> TokenStream {
    if let ([], Some(otherwise)) = (&select.branches[..], &select.otherwise) {
        return quote_spanned!(hidden()=> { #otherwise });
    }
    let (types, conditions) = (declare(select), conditions(select));
    let (futures, handlers) = (futures(select), handlers(select));
    let permit = name("allow");
    quote_spanned! {hidden()=> {
        #types
        let mut progress = __deadheat_select::Progress { disabled: 0, goes_on_at: 0 };
        #conditions
        #[#permit(unused_mut)]
        let mut output = #futures;
        #handlers
    }}
}

/// What is kept between polls, and the output of a branch.
fn declare(select: &Select) -> TokenStream {
    let mask = name(match select.branches.len() {
        0..=8 => "u8",
        9..=16 => "u16",
        17..=32 => "u32",
        _ => "u64",
    });
    let outputs: Vec<Ident> = (0..select.branches.len())
        .map(|branch| numbered("Branch", branch))
        .collect();
    let home = &select.home;
    let futures: Vec<Ident> = (0..select.branches.len())
        .map(|branch| numbered("future", branch))
        .collect();
    quote_spanned! {hidden()=>
        #[doc(hidden)]
        mod __deadheat_select {
            #home::__private::pin_project! {
                pub(super) struct Futures<#(#outputs),*> {
                    #(#[pin] pub(super) #futures: #outputs,)*
                }
            }
            pub(super) struct Progress {
                pub(super) disabled: #mask,
                pub(super) goes_on_at: u8,
            }
            pub(super) enum Output<#(#outputs),*> {
                #(#outputs(#outputs),)*
                Disabled,
            }
        }
    }
}

fn conditions(select: &Select) -> TokenStream {
    let conditions = select.branches.iter().enumerate();
    conditions
        .filter_map(|(branch, Branch { condition, .. })| {
            let condition = condition.as_ref()?;
            Some(quote_spanned! {hidden()=>
                let is_enabled: bool = #condition;
                if !is_enabled {
                    progress.disabled |= 1 << #branch;
                }
            })
        })
        .collect()
}

/// Waits for the output of a branch.
fn futures(select: &Select) -> TokenStream {
    let home = &select.home;
    let count = select.branches.len() as u32;
    let made = select.branches.iter().map(|branch| &branch.future);
    let names: Vec<Ident> = (0..select.branches.len())
        .map(|branch| numbered("future", branch))
        .collect();
    let fields = (0..select.branches.len()).map(syn::Index::from);
    let begin = match select.biased {
        true => quote_spanned!(hidden()=> 0),
        false => quote_spanned!(hidden()=> #home::__private::begin_with(#count, *disabled as u64)),
    };
    let polls = select
        .branches
        .iter()
        .enumerate()
        .map(|(branch, of)| poll(branch, of, home));
    quote_spanned! {hidden()=> {
        // As a tuple, so that temporaries live as long as it.
        let made = (#(#made,)*);
        let mut futures = ::core::pin::pin!(__deadheat_select::Futures {
            #(#names: ::core::future::IntoFuture::into_future(made.#fields),)*
        });
        // The closure holds two references, as tokio's does, so that a future of `select!` is no larger than tokio's.
        let progress = &mut progress;
        ::core::future::poll_fn(move |cx| {
            let __deadheat_select::Progress { disabled, goes_on_at } = &mut *progress;
            if #home::__private::must_yield(cx) {
                return ::core::task::Poll::Pending;
            }
            let mut is_pending = false;
            let begin: u32 = match #home::__private::goes_on(goes_on_at) {
                ::core::option::Option::Some(branch) => branch,
                ::core::option::Option::None => #begin,
            };
            for nth in 0..#count {
                match #home::__private::branch(begin, nth, #count) {
                    #(#polls)*
                    _ => ::core::unreachable!(),
                }
            }
            match is_pending {
                true => {
                    #home::__private::waits(goes_on_at);
                    ::core::task::Poll::Pending
                }
                false => ::core::task::Poll::Ready(__deadheat_select::Output::Disabled),
            }
        }).await
    }}
}

/// Polls a branch that is enabled.
fn poll(branch: usize, of: &Branch, home: &Ident) -> TokenStream {
    let (future, output) = (numbered("future", branch), numbered("Branch", branch));
    let (tried, permit) = (pattern::tried(&of.pattern), name("allow"));
    let number = branch as u32;
    quote_spanned! {hidden()=>
        #[#permit(unreachable_code)]
        #number => {
            if *disabled & (1 << #branch) != 0 {
                continue;
            }
            if is_pending && #home::__private::pauses(goes_on_at, #number, cx) {
                return ::core::task::Poll::Pending;
            }
            let output = match ::core::future::Future::poll(futures.as_mut().project().#future, cx) {
                ::core::task::Poll::Ready(output) => output,
                ::core::task::Poll::Pending => {
                    is_pending = true;
                    continue;
                }
            };
            *disabled |= 1 << #branch;
            #[#permit(unused_variables)]
            match &output {
                #tried => {}
                #[#permit(unreachable_patterns)]
                _ => continue,
            }
            return ::core::task::Poll::Ready(__deadheat_select::Output::#output(output));
        }
    }
}

fn handlers(select: &Select) -> TokenStream {
    let arms = select.branches.iter().enumerate().map(|(branch, of)| {
        let Branch {
            pattern, handler, ..
        } = of;
        let output = numbered("Branch", branch);
        quote_spanned!(hidden()=> __deadheat_select::Output::#output(#pattern) => #handler,)
    });
    let otherwise = match &select.otherwise {
        Some(otherwise) => quote_spanned!(hidden()=> #otherwise),
        None => quote_spanned! {hidden()=>
            ::core::panic!("all branches are disabled and there is no else branch")
        },
    };
    let permit = name("allow");
    quote_spanned! {hidden()=>
        match output {
            #(#arms)*
            __deadheat_select::Output::Disabled => #otherwise,
            #[#permit(unreachable_patterns)]
            _ => ::core::unreachable!(),
        }
    }
}
