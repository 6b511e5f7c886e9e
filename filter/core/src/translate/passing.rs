//! An answer that passes as it comes.

use super::{Flow, Pushed};
use crate::usage::Usage;

/// Bytes that nobody looks into; what they cost was known before.
pub struct Passing(pub Usage);

impl Flow for Passing {
    fn push(&mut self, bytes: &[u8]) -> Pushed {
        Pushed { bytes: bytes.to_vec(), ..Pushed::default() }
    }

    fn end(&mut self) -> Pushed {
        Pushed::default()
    }

    fn usage(&self) -> Usage {
        self.0
    }
}
