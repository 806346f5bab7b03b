//! Patterns as they are tried on a reference to an output: they bind nothing by value and nothing mutably.

use syn::{FieldPat, Pat};

/// The pattern without `ref` and `mut`.
pub(crate) fn tried(pattern: &Pat) -> Pat {
    let mut pattern = pattern.clone();
    clean(&mut pattern);
    pattern
}

fn clean(pattern: &mut Pat) {
    match pattern {
        Pat::Ident(bound) => {
            (bound.by_ref, bound.mutability) = (None, None);
            if let Some((_, inner)) = &mut bound.subpat {
                clean(inner);
            }
        }
        Pat::Or(or) => or.cases.iter_mut().for_each(clean),
        Pat::Slice(slice) => slice.elems.iter_mut().for_each(clean),
        Pat::Struct(of) => of.fields.iter_mut().for_each(clean_field),
        Pat::Tuple(tuple) => tuple.elems.iter_mut().for_each(clean),
        Pat::TupleStruct(tuple) => tuple.elems.iter_mut().for_each(clean),
        Pat::Reference(reference) => {
            reference.mutability = None;
            clean(&mut reference.pat);
        }
        Pat::Type(typed) => clean(&mut typed.pat),
        Pat::Paren(inner) => clean(&mut inner.pat),
        _ => {}
    }
}

fn clean_field(field: &mut FieldPat) {
    clean(&mut field.pat);
}
