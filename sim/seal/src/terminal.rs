//! How wide a terminal is.

/// How many columns the terminal has to which standard error is written, as far as that is known.
///
/// # Examples
///
/// ```
/// let columns = deadheat_seal::terminal_columns();
/// assert!(columns.is_none_or(|columns| columns > 0));
/// ```
pub fn terminal_columns() -> Option<usize> {
    std::cfg_select! {
        target_os = "linux" => { [libc::STDERR_FILENO, libc::STDOUT_FILENO].into_iter().find_map(of_descriptor) }
        _ => { None }
    }
}

#[cfg(target_os = "linux")]
fn of_descriptor(descriptor: libc::c_int) -> Option<usize> {
    let mut size = libc::winsize {
        ws_row: 0,
        ws_col: 0,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    #[expect(unsafe_code, reason = "libc is asked")]
    // SAFETY: the call writes to `size` alone, which is of the type that it wants.
    let asked = unsafe { libc::ioctl(descriptor, libc::TIOCGWINSZ, &mut size) };
    (asked == 0 && size.ws_col > 0).then_some(usize::from(size.ws_col))
}
