//! Edges and properties of the translation.
