//! The grammar of `select!`, tokio's: `biased;`, then branches `pattern = future, if condition => handler`,
//! then `else => handler`.

use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Block, Expr, ExprBlock, Ident, Pat, Token, token};

/// As many branches as a mask has bits.
const BRANCHES_MAX: usize = 64;

/// A whole `select!`.
pub(crate) struct Select {
    /// Where the support code is.
    pub(crate) home: Ident,
    pub(crate) biased: bool,
    pub(crate) branches: Vec<Branch>,
    pub(crate) otherwise: Option<Expr>,
}

/// One branch.
pub(crate) struct Branch {
    pub(crate) pattern: Pat,
    pub(crate) future: Expr,
    pub(crate) condition: Option<Expr>,
    pub(crate) handler: Expr,
}

mod word {
    syn::custom_keyword!(biased);
}

impl Parse for Select {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let home = input.call(Ident::parse_any)?;
        input.parse::<Token![;]>()?;
        let biased = input.peek(word::biased) && input.peek2(Token![;]);
        if biased {
            input.parse::<word::biased>()?;
            input.parse::<Token![;]>()?;
        }
        let (mut branches, mut otherwise) = (Vec::new(), None);
        while !input.is_empty() && otherwise.is_none() {
            if input.peek(Token![else]) {
                otherwise = Some(parse_else(input)?);
            } else if branches.len() == BRANCHES_MAX {
                return Err(input.error("select! takes at most 64 branches"));
            } else {
                branches.push(input.parse()?);
            }
        }
        if !input.is_empty() {
            return Err(input.error("nothing may come after the `else` branch of select!"));
        }
        if branches.is_empty() && otherwise.is_none() {
            return Err(input.error("select! requires at least one branch"));
        }
        Ok(Select {
            home,
            biased,
            branches,
            otherwise,
        })
    }
}

impl Parse for Branch {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let pattern = Pat::parse_multi_with_leading_vert(input)?;
        if !input.peek(Token![=]) || input.peek(Token![=>]) {
            return Err(
                input.error("expected `=` and a future: a branch is `pattern = future => handler`")
            );
        }
        input.parse::<Token![=]>()?;
        let future = input.parse()?;
        let condition = match input.peek(Token![,]) {
            true => Some(parse_condition(input)?),
            false => None,
        };
        parse_arrow(input)?;
        let handler = parse_handler(input)?;
        Ok(Branch {
            pattern,
            future,
            condition,
            handler,
        })
    }
}

fn parse_condition(input: ParseStream<'_>) -> syn::Result<Expr> {
    input.parse::<Token![,]>()?;
    if !input.peek(Token![if]) {
        return Err(input.error(
            "expected `if condition =>`: a branch is `pattern = future, if condition => handler`",
        ));
    }
    input.parse::<Token![if]>()?;
    input.parse()
}

fn parse_arrow(input: ParseStream<'_>) -> syn::Result<()> {
    if !input.peek(Token![=>]) {
        return Err(
            input.error("expected `=>` and a handler: a branch is `pattern = future => handler`")
        );
    }
    input.parse::<Token![=>]>()?;
    Ok(())
}

fn parse_else(input: ParseStream<'_>) -> syn::Result<Expr> {
    input.parse::<Token![else]>()?;
    parse_arrow(input)?;
    let handler = input.parse()?;
    if input.peek(Token![,]) {
        input.parse::<Token![,]>()?;
    }
    Ok(handler)
}

/// A block, after which a comma may come; or an expression, after which one must, unless it is the last.
fn parse_handler(input: ParseStream<'_>) -> syn::Result<Expr> {
    if input.peek(token::Brace) {
        let block: Block = input.parse()?;
        if input.peek(Token![,]) {
            input.parse::<Token![,]>()?;
        }
        let (attrs, label) = (Vec::new(), None);
        return Ok(Expr::Block(ExprBlock {
            attrs,
            label,
            block,
        }));
    }
    let handler = input.parse()?;
    if !input.is_empty() {
        if !input.peek(Token![,]) {
            return Err(input.error("expected `,` after a handler that is no block"));
        }
        input.parse::<Token![,]>()?;
    }
    Ok(handler)
}
