//! Source text: files, spans, positions and edits.
//!
//! Everything here counts in bytes of the file as it was read. Lines and columns exist
//! only at the edge, through [`LineIndex`].

mod edit;
mod line_index;
mod paths;
mod shift;
mod source;

pub use edit::{EditError, EditSet, TextEdit};
pub use line_index::{LineIndex, Position};
pub use paths::{PathKey, PathMap, PathSet};
pub use shift::Shift;
pub use source::{FileFormat, FileId, SourceFile};

/// A half-open range of bytes in one file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte; never below `start`.
    pub end: u32,
}

impl Span {
    /// The range `start..end`. An `end` below `start` gives the empty range at `start`.
    pub const fn new(start: u32, end: u32) -> Self {
        Self {
            start,
            end: if end < start { start } else { end },
        }
    }

    /// The empty range at `at`.
    pub const fn empty(at: u32) -> Self {
        Self { start: at, end: at }
    }

    /// Length in bytes.
    pub const fn len(self) -> u32 {
        self.end - self.start
    }

    /// True for a range without bytes.
    pub const fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// True when every byte of `other` lies in `self`; an empty range may sit on either edge.
    pub const fn contains(self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// True when the two share a byte, or an empty one lies in the other or on its edge.
    pub const fn touches(self, other: Span) -> bool {
        if self.is_empty() || other.is_empty() {
            return self.start <= other.end && other.start <= self.end;
        }
        self.start < other.end && other.start < self.end
    }

    /// The smallest range that holds both.
    pub fn cover(self, other: Span) -> Span {
        Span {
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }

    /// As indices for slicing with `str::get`.
    pub const fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A span in a known file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Place {
    /// The file.
    pub file: FileId,
    /// The bytes of it.
    pub span: Span,
}

impl Place {
    /// `span` of `file`.
    pub const fn new(file: FileId, span: Span) -> Self {
        Self { file, span }
    }
}
