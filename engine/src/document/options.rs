//! What a loader is asked for and how far it goes.

/// What to keep of a file, and the limits to hold to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LoadOptions {
    /// Keep comments; see [`Document::comments`](super::Document::comments).
    pub comments: bool,
    /// How large and how deep input may be.
    pub limits: Limits,
}

/// Bounds on one file. Input beyond them is an error that names the place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Largest text of a file, in bytes.
    pub bytes: u32,
    /// Deepest nesting of mappings and sequences in a document.
    pub depth: u32,
    /// Most nodes of one document, copies made for aliases included.
    pub nodes: u32,
    /// Most nodes of one document that may be copies made for aliases. The proportion of copies is bounded besides, as
    /// in the YAML library of the API server.
    pub alias_nodes: u32,
}

impl Limits {
    /// 512 MiB, 1,000 levels, 32 million nodes, 400,000 of them from aliases.
    ///
    /// The API server takes up to 10,000 levels. No object it knows comes near a tenth of that, and code that walks a
    /// tree may use the stack.
    pub const DEFAULT: Limits = Limits { bytes: 512 << 20, depth: 1_000, nodes: 32_000_000, alias_nodes: 400_000 };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
