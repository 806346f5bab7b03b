//! The arguments of the attribute: names, values, and what is wrong with them.
//!
//! All mistakes are told at once, each at its own place. The values are given on as they are to be used, so
//! nothing is left to be read when the test runs but the scheduler's name.

use std::time::Duration;

use deadheat_words::patience::{self, Patience};
use deadheat_words::seed::{self, Seed};
use deadheat_words::{WordError, count, duration, near, scheduler};
use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Error, Ident, Lit, Path, Token};

/// Every argument, with an example of its value.
const KNOWN: [(&str, &str); 21] = [
    ("seed", "7"),
    ("runs", "1000"),
    ("time", "\"5s\""),
    ("jobs", "2"),
    ("scheduler", "\"pct:3\""),
    ("exhaustive", "true"),
    ("late", "\"1ms\""),
    ("task_late", "\"1ms\""),
    ("check_determinism", "true"),
    ("check_starved", "true"),
    ("until_quiet", "true"),
    ("multi_thread", "true"),
    ("start_paused", "true"),
    ("watchdog", "\"5s\""),
    ("steps", "10_000"),
    ("steps_per_instant", "500"),
    ("virtual_time", "\"1h\""),
    ("regressions", "false"),
    ("config", "\"my_config\""),
    ("beside", "\"deadheat_tokio::beside\""),
    ("crate", "\"deadheat\""),
];

/// What the attribute was given.
pub(crate) struct Arguments {
    /// Fields of `deadheat::testing::Arguments`: name and value.
    pub(crate) fields: Vec<(Ident, Value)>,
    /// Where deadheat is, if it is said.
    pub(crate) deadheat: Option<Path>,
}

/// The value of an argument.
pub(crate) enum Value {
    /// As it stands.
    Plain(TokenStream),
    Time(Duration),
    Seed(Seed),
    Patience(Patience),
    /// A variant of `deadheat::testing::Keep`.
    Keep(TokenStream),
}

impl Arguments {
    pub(crate) fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(field, _)| field == name)
    }
}

impl Parse for Arguments {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut read = Reader::default();
        while !input.is_empty() {
            let name = Ident::parse_any(input).map_err(|error| {
                Error::new(
                    error.span(),
                    "expected a name and a value, as in `runs = 1000`",
                )
            })?;
            if let Err(error) = read.argument(&name, input) {
                read.mistake(error);
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        match read.mistakes {
            Some(mistakes) => Err(mistakes),
            None => Ok(read.arguments),
        }
    }
}

struct Reader {
    arguments: Arguments,
    names: Vec<Ident>,
    mistakes: Option<Error>,
}

impl Default for Reader {
    fn default() -> Self {
        Reader {
            arguments: Arguments {
                fields: Vec::new(),
                deadheat: None,
            },
            names: Vec::new(),
            mistakes: None,
        }
    }
}

impl Reader {
    fn mistake(&mut self, error: Error) {
        match &mut self.mistakes {
            Some(mistakes) => mistakes.combine(error),
            None => self.mistakes = Some(error),
        }
    }

    /// Reads `= value` behind a name. An error leaves the input behind the value, so that reading can go on.
    fn argument(&mut self, name: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
        let value = value(input);
        let Some((_, example)) = KNOWN.iter().find(|(known, _)| name == known) else {
            return Err(unknown(name));
        };
        if self.names.contains(name) {
            let what = format!("`{name}` is given twice");
            return Err(Error::new(name.span(), what));
        }
        self.names.push(name.clone());
        let value = value.map_err(|place| {
            let what = format!("expected a literal value, as in `{name} = {example}`");
            Error::new(place.unwrap_or(name.span()), what)
        })?;
        if name == "crate" {
            self.arguments.deadheat = Some(path(name, &value, example)?);
        } else {
            let value = read(name, &value, example)?;
            self.arguments.fields.push((name.clone(), value));
        }
        Ok(())
    }
}

/// A literal behind `=`; else the place of what stands there, which is skipped.
fn value(input: ParseStream<'_>) -> Result<Lit, Option<Span>> {
    let begins = input.peek(Token![=]);
    if begins {
        // It was just seen.
        let _ = input.parse::<Token![=]>();
        if let Ok(literal) = input.parse::<Lit>() {
            let ends = input.is_empty() || input.peek(Token![,]);
            if ends {
                return Ok(literal);
            }
        }
    }
    let mut place = None;
    while !input.is_empty() && !input.peek(Token![,]) {
        let token = input.parse::<proc_macro2::TokenTree>();
        place = place.or(token.ok().map(|token| token.span()));
    }
    Err(place)
}

fn unknown(name: &Ident) -> Error {
    let known = KNOWN.map(|(known, _)| known);
    let hint = match near::of_ours(&name.to_string(), &known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are {}", known.join(", ")),
    };
    let what = format!("#[deadheat::test] has no argument `{name}`; {hint}");
    Error::new(name.span(), what)
}

fn path(name: &Ident, value: &Lit, example: &str) -> syn::Result<Path> {
    let path = match value {
        Lit::Str(text) => text.parse_with(Path::parse_mod_style).ok(),
        _ => None,
    };
    let expected = || format!("expected a path in quotes, as in `{name} = {example}`");
    path.ok_or_else(|| Error::new(value.span(), expected()))
}

fn read(name: &Ident, value: &Lit, example: &str) -> syn::Result<Value> {
    let expected = |what: &str| {
        let what = format!("expected {what}, as in `{name} = {example}`");
        Error::new(value.span(), what)
    };
    match (name.to_string().as_str(), value) {
        ("seed", Lit::Int(number)) => match number.base10_parse() {
            Ok(seed) => Ok(Value::Seed(Seed::Fixed(seed))),
            Err(_) => Err(expected("a whole number below 2^64")),
        },
        ("seed", Lit::Str(text)) => match seed::parse(&text.value()) {
            Ok(seed) => Ok(Value::Seed(seed)),
            Err(error) => Err(expected(error.expected())),
        },
        ("seed", _) => Err(expected("a whole number or \"random\"")),
        ("runs" | "steps" | "steps_per_instant", _) => {
            number(value, u64::MAX).map_err(|what| expected(&what))
        }
        ("jobs", _) => number(value, count::JOBS_MAX).map_err(|what| expected(&what)),
        ("late" | "task_late", _) => {
            let time = word(value, duration::setting).map(Value::Time);
            time.map_err(|what| expected(&what))
        }
        ("config" | "beside", _) => {
            path(name, value, example).map(|path| Value::Plain(quote!(#path)))
        }
        ("time" | "virtual_time", _) => {
            let time = word(value, duration::more_than_none).map(Value::Time);
            time.map_err(|what| expected(&what))
        }
        ("watchdog", _) => {
            let patience = word(value, patience::parse).map(Value::Patience);
            patience.map_err(|what| expected(&format!("\"off\", or {what}")))
        }
        ("scheduler", Lit::Str(text)) if is_scheduler(&text.value()) => {
            Ok(Value::Plain(quote!(#text)))
        }
        ("scheduler", _) => Err(expected(&scheduler::expected_in_quotes(
            scheduler::OF_A_TEST,
        ))),
        (
            "check_determinism" | "check_starved" | "until_quiet" | "multi_thread" | "start_paused"
            | "exhaustive",
            Lit::Bool(_),
        ) => Ok(Value::Plain(quote!(#value))),
        ("regressions", Lit::Bool(keep)) if keep.value => Ok(Value::Keep(quote!(Beside))),
        ("regressions", Lit::Bool(_)) => Ok(Value::Keep(quote!(Nowhere))),
        ("regressions", Lit::Str(path)) if !path.value().is_empty() => {
            Ok(Value::Keep(quote!(At(#path))))
        }
        ("regressions", _) => Err(expected("true, false, or a path in quotes")),
        _ => Err(expected("true or false")),
    }
}

/// A time that is written in quotes; else what was expected.
fn word<T>(value: &Lit, read: fn(&str) -> Result<T, WordError>) -> Result<T, String> {
    match value {
        Lit::Str(text) => read(&text.value()).map_err(|error| error.expected().to_owned()),
        _ => Err("a duration in quotes".to_owned()),
    }
}

fn number(value: &Lit, most: u64) -> Result<Value, String> {
    let number = match value {
        Lit::Int(number) if number.suffix().is_empty() => number.base10_parse().ok(),
        _ => None,
    };
    match number {
        Some(number) if (1..=most).contains(&number) => Ok(Value::Plain(quote!(#value))),
        _ if most == u64::MAX => Err("a whole number from 1".to_owned()),
        _ => Err(count::expected(most)),
    }
}

/// Whether deadheat has such a scheduler.
fn is_scheduler(name: &str) -> bool {
    scheduler::parse(name, scheduler::OF_A_TEST).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_library_knows_the_same_schedulers() {
        let odd = [
            "", "pct:", "pct:0", "pct:1", "pct:64", "pct:65", "delay:3", "fifo:1", "Pct", "zebra",
        ];
        let names = scheduler::OF_A_TEST.iter().map(|scheduler| scheduler.name);
        for name in names.chain(odd) {
            let library =
                matches!(name, "portfolio" | "solved") || name.parse::<deadheat::Sampler>().is_ok();
            assert_eq!(is_scheduler(name), library, "{name:?}");
        }
        for sampler in deadheat::Sampler::ALL {
            assert!(is_scheduler(sampler.name()));
        }
    }
}
