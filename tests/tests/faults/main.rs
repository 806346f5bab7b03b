//! What may go wrong, and cancels at every wait: is the planted bug found, and does its fixed twin pass?

mod cancel_everywhere;
mod cancel_points;
mod kinds;
