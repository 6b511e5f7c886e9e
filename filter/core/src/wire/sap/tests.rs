//! The edges. The recorded facts are replayed in `tests/oracle`.
