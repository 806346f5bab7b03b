//! Texts that are made once and are there for ever, for what is told by `&'static str`.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

static TEXTS: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());

/// The same text, for ever. To be asked for few texts: none is ever given back.
pub(crate) fn interned(text: &str) -> &'static str {
    let mut texts = TEXTS.lock().unwrap_or_else(PoisonError::into_inner);
    match texts.get(text) {
        Some(known) => known,
        None => {
            let text: &'static str = Box::leak(text.to_owned().into_boxed_str());
            texts.insert(text);
            text
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_made_once() {
        let (one, other) = (interned("one text"), interned(&String::from("one text")));
        assert_eq!(one, "one text");
        assert!(std::ptr::eq(one, other));
        assert_ne!(interned("another"), one);
    }
}
