//! The standard rules, embedded as text.
