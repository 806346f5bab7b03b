//! How large the stack of a thread is.

/// How many bytes the stack of this thread has, as far as that is known.
///
/// # Examples
///
/// ```
/// let asked = 3 << 20;
/// let made = std::thread::Builder::new().stack_size(asked).spawn(deadheat_seal::stack_size).unwrap();
/// let has = made.join().unwrap();
/// assert!(has.is_none_or(|has| has >= asked && has < asked + (1 << 20)));
/// ```
pub fn stack_size() -> Option<usize> {
    std::cfg_select! {
        all(target_os = "linux", target_env = "gnu") => { of_this_thread() }
        _ => { None }
    }
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn of_this_thread() -> Option<usize> {
    use std::mem::MaybeUninit;
    use std::ptr;

    let mut attributes = MaybeUninit::uninit();
    let (mut lowest, mut size) = (ptr::null_mut(), 0);
    #[expect(unsafe_code, reason = "libc is asked")]
    // SAFETY: the attributes are read only after the first call has filled them, and are freed once. All places that are
    // written to are on this stack.
    unsafe {
        if libc::pthread_getattr_np(libc::pthread_self(), attributes.as_mut_ptr()) != 0 {
            return None;
        }
        let found = libc::pthread_attr_getstack(attributes.as_ptr(), &mut lowest, &mut size);
        libc::pthread_attr_destroy(attributes.as_mut_ptr());
        (found == 0).then_some(size)
    }
}
