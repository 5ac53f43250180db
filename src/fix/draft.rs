//! A file's text while several changes are made to it, one after the other.

use std::sync::Arc;

use crate::text::{EditError, EditSet, Span, TextEdit};

/// A text that remembers which of its bytes are the original's, so that places of the original
/// stay known while it changes.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    original: Arc<str>,
    text: String,
    pieces: Vec<Piece>,
}

/// A run of the text.
#[derive(Clone, Copy, Debug)]
struct Piece {
    /// Where the run starts in the original; `None` for new bytes.
    from: Option<u32>,
    len: u32,
}

fn length(text: &str) -> u32 {
    u32::try_from(text.len()).unwrap_or(u32::MAX)
}

impl Draft {
    pub fn new(original: &Arc<str>) -> Self {
        Self {
            original: Arc::clone(original),
            text: original.to_string(),
            pieces: vec![Piece {
                from: Some(0),
                len: length(original),
            }],
        }
    }

    /// True while nothing was changed.
    pub fn is_original(&self) -> bool {
        matches!(self.pieces.as_slice(), [piece] if piece.from == Some(0))
            && self.text.len() == self.original.len()
    }

    /// The text as it is now.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Makes the edits; their spans are places of the text as it is now.
    ///
    /// # Errors
    /// A span does not lie on character borders; nothing is changed then.
    pub fn apply(&mut self, edits: &EditSet) -> Result<(), EditError> {
        self.text = edits.apply(&self.text)?;
        let mut pieces = Vec::with_capacity(self.pieces.len() + 2);
        let mut old = self.pieces.iter().copied();
        let mut pending = old.next();
        let mut at = 0;
        for edit in edits.iter() {
            let kept = edit.span.start.saturating_sub(at);
            take(&mut pending, &mut old, kept, Some(&mut pieces));
            take(&mut pending, &mut old, edit.span.len(), None);
            if !edit.text.is_empty() {
                pieces.push(Piece {
                    from: None,
                    len: length(&edit.text),
                });
            }
            at = edit.span.end;
        }
        pieces.extend(pending);
        pieces.extend(old);
        self.pieces = pieces;
        Ok(())
    }

    /// Where a place of the original lies now. Bytes that replaced its edges belong to it;
    /// `None` when nothing of it is left.
    pub fn locate(&self, span: Span) -> Option<Span> {
        self.around(span).0
    }

    /// As [`Draft::locate`]; where nothing of the place is left, what stands in its stead.
    pub fn locate_new(&self, span: Span) -> Option<Span> {
        let (kept, between) = self.around(span);
        kept.or(Some(between).filter(|between| !between.is_empty()))
    }

    /// Where a place lies as far as it is kept, and the text between what is kept around it.
    fn around(&self, span: Span) -> (Option<Span>, Span) {
        let mut at = 0;
        let mut kept_before = 0;
        let mut kept_after = None;
        let (mut first, mut last) = (None, None);
        for piece in &self.pieces {
            if let Some(from) = piece.from {
                let end = from + piece.len;
                if end <= span.start {
                    kept_before = at + piece.len;
                } else if from < span.start {
                    kept_before = at + (span.start - from);
                }
                let inside_from = from.max(span.start);
                let inside_end = end.min(span.end);
                if inside_from < inside_end {
                    if first.is_none() {
                        first = Some((inside_from, at + (inside_from - from)));
                    }
                    last = Some((inside_end, at + (inside_end - from)));
                } else if span.is_empty() && from <= span.start && span.start <= end {
                    let here = Span::empty(at + (span.start - from));
                    return (Some(here), here);
                }
                if end > span.end && kept_after.is_none() {
                    kept_after = Some(at + span.end.saturating_sub(from));
                }
            }
            at += piece.len;
        }
        let between = Span::new(kept_before, kept_after.unwrap_or(at).max(kept_before));
        let (Some((first_from, first_at)), Some((last_end, last_at))) = (first, last) else {
            return (None, between);
        };
        let start = if first_from == span.start {
            first_at
        } else {
            between.start
        };
        let end = if last_end == span.end {
            last_at
        } else {
            between.end
        };
        (Some(Span::new(start, end)), between)
    }

    /// The end of what was inserted at a place of the text as it is now; the place itself when
    /// nothing was.
    pub fn end_of_new(&self, at: u32) -> u32 {
        let mut start = 0;
        for piece in &self.pieces {
            let end = start + piece.len;
            if start == at && piece.from.is_none() {
                return end;
            }
            start = end;
        }
        at
    }

    /// The difference from the original.
    pub fn edits(&self) -> EditSet {
        let mut set = EditSet::new();
        let mut gap_from = 0;
        let mut new = String::new();
        let mut at = 0usize;
        let mut flush = |from: u32, to: u32, new: &mut String| {
            if from < to || !new.is_empty() {
                // The gaps between kept pieces never touch each other.
                let _ = set.insert(TextEdit {
                    span: Span::new(from, to),
                    text: std::mem::take(new),
                });
            }
        };
        for piece in self.pieces.iter().filter(|piece| piece.len > 0) {
            let end = at + piece.len as usize;
            match piece.from {
                Some(from) => {
                    flush(gap_from, from, &mut new);
                    gap_from = from + piece.len;
                }
                None => new.push_str(self.text.get(at..end).unwrap_or("")),
            }
            at = end;
        }
        flush(gap_from, length(&self.original), &mut new);
        set
    }
}

/// Moves `count` bytes from the old pieces to `out`, or drops them.
fn take(
    pending: &mut Option<Piece>,
    old: &mut impl Iterator<Item = Piece>,
    count: u32,
    mut out: Option<&mut Vec<Piece>>,
) {
    let mut left = count;
    while left > 0 {
        let Some(piece) = pending.take().or_else(|| old.next()) else {
            return;
        };
        let used = piece.len.min(left);
        if let Some(out) = out.as_deref_mut() {
            out.push(Piece {
                from: piece.from,
                len: used,
            });
        }
        if used < piece.len {
            *pending = Some(Piece {
                from: piece.from.map(|from| from + used),
                len: piece.len - used,
            });
        }
        left -= used;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edits(list: &[(u32, u32, &str)]) -> EditSet {
        let mut set = EditSet::new();
        for (start, end, text) in list {
            set.insert(TextEdit {
                span: Span::new(*start, *end),
                text: (*text).to_owned(),
            })
            .unwrap();
        }
        set
    }

    #[test]
    fn places_are_known_after_edits_around_and_inside_them() {
        let mut draft = Draft::new(&"one two three".into());
        draft.apply(&edits(&[(0, 3, "1"), (13, 13, "!")])).unwrap();
        assert_eq!(draft.text(), "1 two three!");
        assert_eq!(draft.locate(Span::new(4, 7)), Some(Span::new(2, 5)));
        assert_eq!(draft.locate(Span::new(0, 3)), None);
        assert_eq!(draft.locate_new(Span::new(0, 3)), Some(Span::new(0, 1)));
        assert_eq!(draft.locate(Span::new(0, 7)), Some(Span::new(0, 5)));
        draft.apply(&edits(&[(3, 4, "WW")])).unwrap();
        assert_eq!(draft.text(), "1 tWWo three!");
        assert_eq!(draft.locate(Span::new(4, 7)), Some(Span::new(2, 6)));
        assert_eq!(draft.locate(Span::new(8, 13)), Some(Span::new(7, 12)));
    }

    #[test]
    fn an_insertion_beside_a_place_is_not_part_of_it() {
        let mut draft = Draft::new(&"ab".into());
        draft.apply(&edits(&[(1, 1, "--")])).unwrap();
        assert_eq!(draft.locate(Span::new(0, 1)), Some(Span::new(0, 1)));
        assert_eq!(draft.locate(Span::new(1, 2)), Some(Span::new(3, 4)));
    }

    #[test]
    fn several_rounds_come_out_as_one_difference() {
        let original: Arc<str> = "0123456789".into();
        let mut draft = Draft::new(&original);
        draft.apply(&edits(&[(2, 4, "ab"), (8, 8, "c")])).unwrap();
        draft.apply(&edits(&[(3, 6, "X"), (10, 10, "Y")])).unwrap();
        assert_eq!(draft.text(), "01aX67c8Y9");
        assert_eq!(draft.edits().apply(&original).unwrap(), draft.text());
        draft.apply(&edits(&[(0, 10, "")])).unwrap();
        assert_eq!(draft.edits().apply(&original).unwrap(), "");
    }
}
