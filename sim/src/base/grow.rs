//! Growing a list: without half of it being spare where there may be many entries, and aside where it is seldom.

/// Below this a list doubles, as `Vec` does.
const DOUBLES_BELOW: usize = 1 << 12;

/// Pushes a value; a long list grows by a quarter.
#[inline]
pub(crate) fn push<T>(list: &mut Vec<T>, value: T) {
    if list.len() == list.capacity() {
        make_room(list);
    }
    list.push(value);
}

/// Pushes a value as the last thing that a function does: one that need not come back from asking for memory saves no
/// registers, each time it is called, for the few times that it asks.
#[inline]
pub(crate) fn push_last<T>(list: &mut Vec<T>, value: T) {
    if list.len() == list.capacity() {
        return push_and_grow(list, value);
    }
    list.push(value);
}

#[cold]
#[inline(never)]
fn push_and_grow<T>(list: &mut Vec<T>, value: T) {
    list.push(value);
}

#[cold]
fn make_room<T>(list: &mut Vec<T>) {
    if list.len() >= DOUBLES_BELOW {
        list.reserve_exact(list.len() / 4);
    }
}
