//! Functions of libc that are overridden, called as code in C calls them.
#![cfg(all(
    target_os = "linux",
    target_env = "gnu",
    not(target_feature = "crt-static"),
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
#![expect(unsafe_code, reason = "libc is called")]

mod calls;
mod more;
mod world;
