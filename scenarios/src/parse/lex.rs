//! Cuts the text into KDL tokens.
//!
//! 1. One pass, no recursion, no going back: nested comments are counted, not descended into.
//! 2. It only finds where a token ends; what a string or a number *says* is the `kdl` crate's business.
//! 3. A mistake here ends reading, since nothing behind it can be trusted.
//!
//! Source: the KDL 2.0.0 specification. DIFFERENCE: type annotations are refused, because they mean
//! nothing in a scenario.

use super::blank::{is_newline, is_space};
use super::problem::{Problem, Span};
use super::strings;

/// A piece of KDL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    /// A bare identifier, a number, or a keyword such as `#true`.
    Word,
    /// A string in quotes of any kind.
    Text,
    /// `=`
    Equals,
    /// `{`
    Open,
    /// `}`
    Close,
    /// `;`
    Semicolon,
    /// The end of a line, with the `//` comment before it.
    Newline,
    /// Space, `/* */` comments and continued lines.
    Space,
    /// `/-`
    SlashDash,
    /// The end of the text.
    End,
}

/// Where reading stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The next token.
    pub(super) fn next(&mut self) -> Result<(Token, Span), Problem> {
        let start = self.at;
        let token = self.token()?;
        Ok((
            token,
            Span {
                start,
                end: self.at,
            },
        ))
    }

    fn token(&mut self) -> Result<Token, Problem> {
        if self.skip_space()? {
            return Ok(Token::Space);
        }
        let Some(first) = self.rest().chars().next() else {
            return Ok(Token::End);
        };
        match first {
            '=' => Ok(self.punctuation(Token::Equals)),
            '{' => Ok(self.punctuation(Token::Open)),
            '}' => Ok(self.punctuation(Token::Close)),
            ';' => Ok(self.punctuation(Token::Semicolon)),
            '"' => self.string(),
            '#' if self.rest().trim_start_matches('#').starts_with('"') => self.string(),
            '/' => self.slash(),
            c if is_newline(c) => {
                self.at += newline_len(self.rest());
                Ok(Token::Newline)
            }
            c if is_word(c) || c == '#' => {
                self.at += c.len_utf8();
                self.at += self
                    .rest()
                    .find(|c| !is_word(c))
                    .unwrap_or(self.rest().len());
                Ok(Token::Word)
            }
            c => Err(self.stray(c)),
        }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn punctuation(&mut self, token: Token) -> Token {
        self.at += 1;
        token
    }

    fn string(&mut self) -> Result<Token, Problem> {
        self.at = strings::end(self.text, self.at)?;
        Ok(Token::Text)
    }

    /// A comment to the end of the line, or `/-`; a block comment is space and was seen to.
    fn slash(&mut self) -> Result<Token, Problem> {
        if self.rest().starts_with("/-") {
            self.at += 2;
            return Ok(Token::SlashDash);
        }
        if !self.rest().starts_with("//") {
            return Err(self.stray('/'));
        }
        self.at += line_len(self.rest());
        if self.rest().is_empty() {
            return Ok(Token::End);
        }
        self.at += newline_len(self.rest());
        Ok(Token::Newline)
    }

    /// Goes over space of all kinds; whether there was any.
    fn skip_space(&mut self) -> Result<bool, Problem> {
        let start = self.at;
        loop {
            let before = self.at;
            self.at += self
                .rest()
                .find(|c| !is_space(c))
                .unwrap_or(self.rest().len());
            if self.rest().starts_with("/*") {
                self.at = comment_end(self.text, self.at)?;
            }
            if self.rest().starts_with('\\') {
                self.continued_line()?;
            }
            if self.at == before {
                return Ok(self.at > start);
            }
        }
    }

    /// `\`, space, perhaps a comment, and the end of the line.
    fn continued_line(&mut self) -> Result<(), Problem> {
        let backslash = self.at;
        self.at += 1;
        loop {
            self.at += self
                .rest()
                .find(|c| !is_space(c))
                .unwrap_or(self.rest().len());
            if !self.rest().starts_with("/*") {
                break;
            }
            self.at = comment_end(self.text, self.at)?;
        }
        if self.rest().starts_with("//") {
            self.at += line_len(self.rest());
        }
        if !self.rest().is_empty() && !self.rest().starts_with(is_newline) {
            self.at = backslash;
            return Err(self.stray('\\'));
        }
        self.at += newline_len(self.rest());
        Ok(())
    }

    /// A character that cannot stand where it stands.
    fn stray(&self, c: char) -> Problem {
        let span = Span {
            start: self.at,
            end: self.at + c.len_utf8(),
        };
        let help = match c {
            '(' | ')' => "type annotations mean nothing in a scenario; take the parentheses out",
            '/' => "a comment begins with `//` or `/*`, and `/-` leaves out what follows it",
            '\\' => "a `\\` continues a line and is the last thing on it",
            _ => "put a text that holds such a character in double quotes",
        };
        Problem::new(span, format!("`{c}` cannot stand here"), help).label("not expected")
    }
}

/// The end of a block comment, past the comments inside it.
fn comment_end(text: &str, start: usize) -> Result<usize, Problem> {
    let mut depth = 0_usize;
    let mut at = start;
    while let Some(found) = text[at..].find(['*', '/']) {
        at += found;
        let (step, change) = match text.as_bytes().get(at..at + 2) {
            Some(b"/*") => (2, 1),
            Some(b"*/") => (2, -1),
            _ => (1, 0),
        };
        at += step;
        depth = depth.saturating_add_signed(change);
        if depth == 0 {
            return Ok(at);
        }
    }
    let span = Span {
        start,
        end: start + 2,
    };
    let help = "end it with `*/`; comments nest, so each `/*` needs a `*/` of its own";
    Err(Problem::new(span, "this comment is never closed", help).label("begins here"))
}

/// Everything before the end of the line.
fn line_len(text: &str) -> usize {
    text.find(is_newline).unwrap_or(text.len())
}

/// The end of a line; `\r\n` is one.
pub(super) fn newline_len(text: &str) -> usize {
    if text.starts_with("\r\n") {
        return 2;
    }
    text.chars()
        .next()
        .filter(|c| is_newline(*c))
        .map_or(0, char::len_utf8)
}

/// What an identifier or a number is made of; whether it is a good one is not decided here.
fn is_word(c: char) -> bool {
    !is_space(c)
        && !is_newline(c)
        && !matches!(
            c,
            '\\' | '/' | '(' | ')' | '{' | '}' | '[' | ']' | ';' | '"' | '#' | '='
        )
}

/// The first character that KDL forbids outside of escapes, such as NUL.
pub(super) fn forbidden(text: &str) -> Option<(usize, char)> {
    text.char_indices().find(|(_, c)| {
        matches!(c,
            '\0'..='\u{8}' | '\u{e}'..='\u{1f}' | '\u{7f}' | '\u{200e}' | '\u{200f}'
            | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    })
}
