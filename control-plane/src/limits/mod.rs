//! What a key may still do: windows, leases and money, as a state machine without I/O, time or storage of its own.

mod account;
mod amount;
mod holder;
mod window;

#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;

pub use account::{Account, Ask, Lease, Limits, Shortage};
pub use amount::{Dimension, from_dollars};
pub use window::{LENGTH as WINDOW, Window};

use std::sync::Arc;

/// What a step changed, as differences: they can be added up, written in any order, and taken back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// Requests and tokens, more or fewer, in a window.
    pub window: Option<(Window, i64, i64)>,
    /// By worker: nano-dollars and slots that it holds, more or fewer. Every worker named here has a row from now on.
    pub held: Vec<(Arc<str>, i64, i64)>,
}
