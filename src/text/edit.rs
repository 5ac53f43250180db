//! Differences of text: single edits, and sets of them that cannot collide.

use super::Span;

/// Replaces the bytes of `span` with `text`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TextEdit {
    /// What goes.
    pub span: Span,
    /// What comes.
    pub text: String,
}

/// Why edits cannot be combined or applied.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EditError {
    /// Two edits want the same bytes, or insert at the same place with different text.
    #[error("two edits overlap at bytes {}..{}", .0.start, .0.end)]
    Overlap(Span),
    /// A span does not lie on character borders of the text.
    #[error("an edit lies outside the text at bytes {}..{}", .0.start, .0.end)]
    OutOfBounds(Span),
}

/// Edits of one file, sorted and disjoint by construction.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct EditSet {
    edits: Vec<TextEdit>,
}

impl EditSet {
    /// An empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an edit. The same edit twice counts once.
    ///
    /// # Errors
    /// [`EditError::Overlap`] when it touches bytes of an edit that is there already; the set
    /// is unchanged then.
    pub fn insert(&mut self, edit: TextEdit) -> Result<(), EditError> {
        if self.edits.contains(&edit) {
            return Ok(());
        }
        let at = self.edits.partition_point(|other| {
            (other.span.start, other.span.end) < (edit.span.start, edit.span.end)
        });
        let before = at.checked_sub(1).and_then(|index| self.edits.get(index));
        let after = self.edits.get(at);
        let clash = |other: &TextEdit| {
            (other.span.start < edit.span.end && edit.span.start < other.span.end)
                || (other.span == edit.span)
        };
        if before.is_some_and(clash) || after.is_some_and(clash) {
            return Err(EditError::Overlap(edit.span));
        }
        self.edits.insert(at, edit);
        Ok(())
    }

    /// Adds all edits of `other`, or none.
    ///
    /// # Errors
    /// As [`EditSet::insert`].
    pub fn extend(&mut self, other: &EditSet) -> Result<(), EditError> {
        let mut merged = self.clone();
        for edit in &other.edits {
            merged.insert(edit.clone())?;
        }
        *self = merged;
        Ok(())
    }

    /// The edits in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &TextEdit> {
        self.edits.iter()
    }

    /// True when nothing changes.
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// `text` with all edits made.
    ///
    /// # Errors
    /// [`EditError::OutOfBounds`] when a span does not fit `text`.
    pub fn apply(&self, text: &str) -> Result<String, EditError> {
        let mut out = String::with_capacity(text.len());
        let mut copied = 0;
        for edit in &self.edits {
            let range = edit.span.range();
            let kept = text
                .get(copied..range.start)
                .ok_or(EditError::OutOfBounds(edit.span))?;
            if text.get(range.clone()).is_none() {
                return Err(EditError::OutOfBounds(edit.span));
            }
            out.push_str(kept);
            out.push_str(&edit.text);
            copied = range.end;
        }
        out.push_str(text.get(copied..).unwrap_or(""));
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(start: u32, end: u32, text: &str) -> TextEdit {
        TextEdit {
            span: Span::new(start, end),
            text: text.to_owned(),
        }
    }

    #[test]
    fn edits_apply_in_file_order() {
        let mut set = EditSet::new();
        set.insert(edit(4, 5, "two")).unwrap();
        set.insert(edit(0, 1, "one")).unwrap();
        set.insert(edit(0, 1, "one")).unwrap();
        assert_eq!(set.apply("a = b").unwrap(), "one = two");
    }

    #[test]
    fn overlapping_edits_are_refused_and_leave_the_set_alone() {
        let mut set = EditSet::new();
        set.insert(edit(2, 6, "x")).unwrap();
        assert!(set.insert(edit(5, 8, "y")).is_err());
        assert!(set.insert(edit(2, 6, "z")).is_err());
        set.insert(edit(6, 6, "!")).unwrap();
        assert_eq!(set.apply("0123456789").unwrap(), "01x!6789");
    }

    #[test]
    fn a_span_inside_a_character_is_out_of_bounds() {
        let mut set = EditSet::new();
        set.insert(edit(1, 2, "x")).unwrap();
        assert_eq!(set.apply("ä"), Err(EditError::OutOfBounds(Span::new(1, 2))));
    }
}
