//! Where places of a text are after it was edited.

use super::Span;

/// The difference of two texts as one replaced part: what stands before and behind it is the same.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shift {
    /// The part of the earlier text that was replaced.
    replaced: Span,
    /// Where what replaces it ends in the later text.
    end: u32,
}

impl Shift {
    /// The smallest difference between two texts.
    pub fn between(before: &str, after: &str) -> Self {
        let size = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let same = |pairs: &mut dyn Iterator<Item = (u8, u8)>| {
            pairs.take_while(|(one, other)| one == other).count()
        };
        let shorter = before.len().min(after.len());
        let mut start = same(&mut before.bytes().zip(after.bytes()));
        while !before.is_char_boundary(start) {
            start -= 1;
        }
        let mut behind = same(&mut before.bytes().rev().zip(after.bytes().rev()));
        behind = behind.min(shorter - start);
        while !before.is_char_boundary(before.len() - behind) {
            behind -= 1;
        }
        Self {
            replaced: Span::new(size(start), size(before.len() - behind)),
            end: size(after.len() - behind),
        }
    }

    /// Where a part of the earlier text is in the later one: what the edit lies in grows with it.
    /// `None` for what was replaced, wholly or at one of its ends.
    pub fn span(&self, span: Span) -> Option<Span> {
        let moved = |at: u32| at - self.replaced.end + self.end;
        if span.end <= self.replaced.start {
            Some(span)
        } else if span.start >= self.replaced.end {
            Some(Span::new(moved(span.start), moved(span.end)))
        } else if span.start <= self.replaced.start && span.end >= self.replaced.end {
            Some(Span::new(span.start, moved(span.end)))
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_around_an_edit_move_with_it() {
        let (before, after) = ("a = 1; b = 2; c = 3;", "a = 1; b = 2345; c = 3;");
        let shift = Shift::between(before, after);
        let text = |start: u32, end: u32| {
            let span = shift.span(Span::new(start, end))?;
            after.get(span.range())
        };
        assert_eq!(text(0, 6), Some("a = 1;"));
        assert_eq!(text(7, 13), Some("b = 2345;"));
        assert_eq!(text(14, 20), Some("c = 3;"));
    }

    #[test]
    fn what_was_replaced_is_gone() {
        let shift = Shift::between("one two 3", "one 3");
        assert_eq!(shift.span(Span::new(4, 7)), None);
        // Its beginning went with it.
        assert_eq!(shift.span(Span::new(5, 9)), None);
        assert_eq!(shift.span(Span::new(8, 9)), Some(Span::new(4, 5)));
        assert_eq!(
            Shift::between("ä", "ö").span(Span::new(0, 2)),
            Some(Span::new(0, 2))
        );
        assert_eq!(
            Shift::between("", "a").span(Span::empty(0)),
            Some(Span::empty(0))
        );
        let same = Shift::between("aba", "aba");
        assert_eq!(same.span(Span::new(1, 2)), Some(Span::new(1, 2)));
    }
}
