//! Growing a list of which there may be many entries, without half of it being spare.

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

#[cold]
fn make_room<T>(list: &mut Vec<T>) {
    if list.len() >= DOUBLES_BELOW {
        list.reserve_exact(list.len() / 4);
    }
}
