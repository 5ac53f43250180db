//! What tells one state of a file from another without reading it.

/// Two looks at a path with the same stamp, both settled, saw the same content (of a folder: the same
/// names), as git and ninja rely on it, too. A user can set the time of a change back, but not the time
/// at which the file system notes it, which is here as well.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Stamp {
    /// Device and number: a link that leads elsewhere gives another one.
    pub identity: (u64, u64),
    /// The length in bytes.
    pub size: u64,
    /// When the content was last changed, in seconds and nanoseconds since the beginning of 1970.
    pub modified: (i64, i64),
    /// When content, mode, owner or names were last changed, likewise.
    pub changed: (i64, i64),
    /// False when that was so little before the look that one more change could have the same time.
    pub is_settled: bool,
}
