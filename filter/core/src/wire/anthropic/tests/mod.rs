//! The recorded facts, the edges, and the properties that hold for anything.

mod oracle;
