//! Audits of a real API server. They need Go and time to build it, so they are left out unless asked for: `tests/run` does.

mod access;
mod confidential;
mod custom;
mod encryption;
mod partial;
mod rights;
mod rotation;
mod scale;
