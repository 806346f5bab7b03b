//! Reads tokens into nodes: names, values, properties and blocks, and nothing about scenarios yet.
//!
//! 1. No recursion: open blocks are a stack of at most [`MAX_DEPTH`], and a token is looked at no more
//!    than twice. What is built can be walked recursively without care.
//! 2. What `/-` leaves out is read like everything else and then dropped.
//! 3. A mistake in the structure ends reading; one in a value is noted, and reading goes on.
//!
//! Why `kdl::KdlDocument::parse` is not used: it needs time that doubles with each `/-` inside another
//! (kdl-rs issue 177; 240 bytes take months), and recurses once for each block, each `*` in a comment and
//! each mistake, so that a hostile file overflows the stack. Strings, numbers and keywords are
//! read by the `kdl` crate, one at a time (`values`); a test compares the two readings.

use kdl::KdlValue;

use super::MAX_DEPTH;
use super::lex::{Lexer, Token};
use super::malformed::{
    nameless_block, nothing_to_drop, second_block, stray, too_deep, too_many_values, unclosed,
    unopened, unseparated, unspaced, valueless,
};
use super::problem::{Problem, Problems, Span};
use super::values;

/// A node of KDL.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) name: String,
    pub(super) span: Span,
    pub(super) entries: Vec<Entry>,
    pub(super) block: Option<Block>,
}

/// A value of a node, or a property when it has a key.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) key: Option<String>,
    pub(super) value: KdlValue,
    /// The key as well.
    pub(super) span: Span,
}

/// The nodes between braces.
#[derive(Debug)]
pub(super) struct Block {
    /// The opening brace.
    pub(super) open: Span,
    pub(super) nodes: Vec<Node>,
}

/// A node with more values than this is not looked at any further; no step has more than five.
const MAX_ENTRIES: usize = 64;

/// Reads a whole text; after a mistake, which is in `problems`, only a part of it.
pub(super) fn read(text: &str, problems: &mut Problems) -> Vec<Node> {
    let top = Level {
        open: None,
        dropped: false,
        nodes: Vec::new(),
        node: None,
    };
    let mut reader = Reader {
        text,
        lexer: Lexer::new(text),
        levels: Vec::new(),
        top,
        problems,
    };
    if let Err(problem) = reader.run() {
        reader.problems.report(|| problem);
    }
    reader.top.nodes
}

/// The blocks that are open, from the outside in; `top` is the innermost.
struct Reader<'a> {
    text: &'a str,
    lexer: Lexer<'a>,
    levels: Vec<Level>,
    top: Level,
    problems: &'a mut Problems,
}

/// One open block, or the file itself.
struct Level {
    /// The opening brace; the file has none.
    open: Option<Span>,
    /// Whether `/-` stands before it.
    dropped: bool,
    nodes: Vec<Node>,
    /// The node that is being read.
    node: Option<Unfinished>,
}

struct Unfinished {
    node: Node,
    /// Whether `/-` stands before it.
    dropped: bool,
    /// Whether the last token was a space, so that a value may follow.
    spaced: bool,
    /// Whether a block was read, even one that is dropped: no value may follow.
    past_block: bool,
}

impl Reader<'_> {
    fn run(&mut self) -> Result<(), Problem> {
        // A file with so many bad values is no scenario, and each of them takes its time.
        while !self.problems.is_full() {
            let (token, span) = self.lexer.next()?;
            match self.top.node.take() {
                None => self.between_nodes(token, span)?,
                Some(node) => self.inside_node(node, token, span)?,
            }
            if token == Token::End {
                return self.finish();
            }
        }
        Ok(())
    }

    fn between_nodes(&mut self, token: Token, span: Span) -> Result<(), Problem> {
        match token {
            Token::Space | Token::Newline | Token::End => {}
            Token::Word | Token::Text => self.begin_node(span, false),
            Token::Close => self.close_block(span)?,
            Token::SlashDash => match self.next_significant()? {
                (Token::Word | Token::Text, name) => self.begin_node(name, true),
                _ => return Err(nothing_to_drop(span)),
            },
            Token::Open => return Err(nameless_block(span)),
            Token::Semicolon | Token::Equals => return Err(stray(self.text, span)),
        }
        Ok(())
    }

    fn inside_node(
        &mut self,
        mut node: Unfinished,
        token: Token,
        span: Span,
    ) -> Result<(), Problem> {
        let spaced = std::mem::replace(&mut node.spaced, token == Token::Space);
        match token {
            Token::Space => {}
            Token::Newline | Token::Semicolon | Token::End => {
                self.end_node(node);
                return Ok(());
            }
            Token::Close => {
                self.end_node(node);
                return self.close_block(span);
            }
            Token::Open => return self.open_block(node, span, false),
            Token::Word | Token::Text if node.past_block => return Err(unseparated(span)),
            Token::Word | Token::Text if !spaced => return Err(unspaced(span)),
            Token::Word | Token::Text if node.node.entries.len() == MAX_ENTRIES => {
                return Err(too_many_values(span));
            }
            Token::Word | Token::Text => {
                let entry = self.entry(span)?;
                node.node.entries.push(entry);
            }
            Token::SlashDash => match self.next_significant()? {
                (Token::Open, open) => return self.open_block(node, open, true),
                (Token::Word | Token::Text, dropped) if spaced && !node.past_block => {
                    self.entry(dropped)?;
                }
                _ => return Err(nothing_to_drop(span)),
            },
            Token::Equals => return Err(stray(self.text, span)),
        }
        self.top.node = Some(node);
        Ok(())
    }

    /// What a `/-` stands before, perhaps lines later.
    fn next_significant(&mut self) -> Result<(Token, Span), Problem> {
        loop {
            match self.lexer.next()? {
                (Token::Space | Token::Newline, _) => {}
                other => return Ok(other),
            }
        }
    }

    fn begin_node(&mut self, span: Span, dropped: bool) {
        let name = values::name(self.text, span, self.problems);
        let node = Node {
            name,
            span,
            entries: Vec::new(),
            block: None,
        };
        self.top.node = Some(Unfinished {
            node,
            dropped,
            spaced: false,
            past_block: false,
        });
    }

    fn end_node(&mut self, unfinished: Unfinished) {
        if !unfinished.dropped {
            self.top.nodes.push(unfinished.node);
        }
    }

    /// A value, or with `=` behind it a property; space may be on both sides of the `=`.
    fn entry(&mut self, first: Span) -> Result<Entry, Problem> {
        let mut ahead = self.lexer;
        if next_but_space(&mut ahead)?.0 != Token::Equals {
            let value = values::value(self.text, first, self.problems);
            return Ok(Entry {
                key: None,
                value,
                span: first,
            });
        }
        self.lexer = ahead;
        let (token, second) = next_but_space(&mut self.lexer)?;
        if !matches!(token, Token::Word | Token::Text) {
            return Err(valueless(self.text, first));
        }
        let key = Some(values::name(self.text, first, self.problems));
        let value = values::value(self.text, second, self.problems);
        Ok(Entry {
            key,
            value,
            span: Span {
                start: first.start,
                end: second.end,
            },
        })
    }

    fn open_block(
        &mut self,
        mut node: Unfinished,
        span: Span,
        dropped: bool,
    ) -> Result<(), Problem> {
        if node.node.block.is_some() && !dropped {
            return Err(second_block(span));
        }
        if self.levels.len() == MAX_DEPTH {
            return Err(too_deep(span));
        }
        node.past_block = true;
        self.top.node = Some(node);
        let inner = Level {
            open: Some(span),
            dropped,
            nodes: Vec::new(),
            node: None,
        };
        self.levels.push(std::mem::replace(&mut self.top, inner));
        Ok(())
    }

    fn close_block(&mut self, span: Span) -> Result<(), Problem> {
        let (Some(open), Some(outer)) = (self.top.open, self.levels.pop()) else {
            return Err(unopened(span));
        };
        let inner = std::mem::replace(&mut self.top, outer);
        if let Some(node) = self.top.node.as_mut().filter(|_| !inner.dropped) {
            node.node.block = Some(Block {
                open,
                nodes: inner.nodes,
            });
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Problem> {
        let Some(open) = self.top.open else {
            return Ok(());
        };
        let owner = self.levels.last().and_then(|outer| outer.node.as_ref());
        let name = owner.map_or("", |node| node.node.name.as_str());
        Err(unclosed(open, name))
    }
}

fn next_but_space(lexer: &mut Lexer<'_>) -> Result<(Token, Span), Problem> {
    loop {
        match lexer.next()? {
            (Token::Space, _) => {}
            other => return Ok(other),
        }
    }
}
