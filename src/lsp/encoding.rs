//! Positions as the protocol counts them: lines from 0, and within a line bytes or code units.

use lsp_types::{Position, PositionEncodingKind, Range};

use crate::text::Span;

/// What a column counts. The protocol's own is UTF-16; a client may offer others.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Encoding {
    /// Bytes of UTF-8.
    Utf8,
    /// Code units of UTF-16.
    #[default]
    Utf16,
    /// Unicode scalar values.
    Utf32,
}

impl Encoding {
    /// The best of what a client offers: bytes need no counting.
    pub fn choose(offered: &[PositionEncodingKind]) -> Self {
        if offered.contains(&PositionEncodingKind::UTF8) {
            Self::Utf8
        } else if offered.contains(&PositionEncodingKind::UTF32)
            && !offered.contains(&PositionEncodingKind::UTF16)
        {
            Self::Utf32
        } else {
            Self::Utf16
        }
    }

    /// Its name in the protocol.
    pub fn kind(self) -> PositionEncodingKind {
        match self {
            Self::Utf8 => PositionEncodingKind::UTF8,
            Self::Utf16 => PositionEncodingKind::UTF16,
            Self::Utf32 => PositionEncodingKind::UTF32,
        }
    }

    fn units(self, character: char) -> usize {
        match self {
            Self::Utf8 => character.len_utf8(),
            Self::Utf16 => character.len_utf16(),
            Self::Utf32 => 1,
        }
    }
}

/// A text with its lines. In the protocol LF, CR LF and a lone CR end one.
pub(super) struct Lines<'t> {
    text: &'t str,
    /// Where each line starts, in bytes.
    starts: Vec<usize>,
    encoding: Encoding,
}

impl<'t> Lines<'t> {
    /// The lines of `text`.
    pub fn of(text: &'t str, encoding: Encoding) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        starts.extend(memchr::memchr2_iter(b'\n', b'\r', bytes).filter_map(|at| {
            let is_half = bytes.get(at) == Some(&b'\r') && bytes.get(at + 1) == Some(&b'\n');
            (!is_half).then_some(at + 1)
        }));
        Self {
            text,
            starts,
            encoding,
        }
    }

    /// A line without what ends it, and where it starts in bytes.
    fn line(&self, number: usize) -> Option<(usize, &'t str)> {
        let start = *self.starts.get(number)?;
        let end = self.starts.get(number + 1).copied();
        let line = self.text.get(start..end.unwrap_or(self.text.len()))?;
        Some((start, line.trim_end_matches(['\n', '\r'])))
    }

    /// The byte that a position means. What lies behind the end of a line is its end, and what
    /// lies behind the last line is the end of the text, as the protocol wants it.
    pub fn offset(&self, position: Position) -> usize {
        let Some((start, line)) = self.line(position.line as usize) else {
            return self.text.len();
        };
        let mut units = position.character as usize;
        let mut offset = start;
        for character in line.chars() {
            let width = self.encoding.units(character);
            if units < width {
                break;
            }
            units -= width;
            offset += character.len_utf8();
        }
        offset
    }

    /// The position of a byte. One within a character is that of its start.
    pub fn position(&self, offset: usize) -> Position {
        let number = self.starts.partition_point(|start| *start <= offset);
        let number = number.saturating_sub(1);
        let start = self.starts.get(number).copied().unwrap_or(0);
        let line = self.text.get(start..).unwrap_or("");
        let before = line
            .char_indices()
            .take_while(|(at, character)| start + at + character.len_utf8() <= offset);
        let units: usize = before.map(|(_, one)| self.encoding.units(one)).sum();
        Position {
            line: u32::try_from(number).unwrap_or(u32::MAX),
            character: u32::try_from(units).unwrap_or(u32::MAX),
        }
    }

    /// The bytes that a range means; one that is turned round is empty.
    pub fn span(&self, range: Range) -> std::ops::Range<usize> {
        let start = self.offset(range.start);
        start..self.offset(range.end).max(start)
    }

    /// The range of a span.
    pub fn range(&self, span: Span) -> Range {
        Range {
            start: self.position(span.start as usize),
            end: self.position(span.end as usize),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A byte order mark, characters of two, three and four bytes, and all three line ends.
    const TEXT: &str = "\u{feff}a = \"ö\";\r\nb = \"€😀\";\rc\n";

    #[test]
    fn every_border_of_a_character_comes_back_in_every_encoding() {
        for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32] {
            let lines = Lines::of(TEXT, encoding);
            for (offset, character) in TEXT.char_indices() {
                let position = lines.position(offset);
                let back = lines.offset(position);
                if character == '\n' && TEXT[..offset].ends_with('\r') {
                    // Within a line end there is no position.
                    assert_eq!(back, offset - 1);
                } else {
                    assert_eq!(back, offset, "{encoding:?} {position:?}");
                }
            }
            assert_eq!(lines.position(TEXT.len()), Position::new(3, 0));
        }
    }

    #[test]
    fn columns_count_what_the_client_counts() {
        let quote = TEXT.rfind("\";").unwrap();
        let column = |encoding| Lines::of(TEXT, encoding).position(quote);
        assert_eq!(column(Encoding::Utf8), Position::new(1, 12));
        assert_eq!(column(Encoding::Utf16), Position::new(1, 8));
        assert_eq!(column(Encoding::Utf32), Position::new(1, 7));
    }

    #[test]
    fn positions_behind_the_end_are_the_end() {
        let lines = Lines::of(TEXT, Encoding::Utf16);
        assert_eq!(
            lines.offset(Position::new(1, 99)),
            TEXT.find("\rc").unwrap()
        );
        assert_eq!(lines.offset(Position::new(99, 0)), TEXT.len());
        // Between the halves of a pair is before the character.
        let smile = TEXT.find('😀').unwrap();
        assert_eq!(lines.offset(Position::new(1, 7)), smile);
        let turned = Range::new(Position::new(2, 1), Position::new(0, 0));
        assert!(lines.span(turned).is_empty());
    }

    #[test]
    fn bytes_are_taken_when_they_are_offered() {
        use PositionEncodingKind as Kind;
        assert_eq!(Encoding::choose(&[]), Encoding::Utf16);
        assert_eq!(Encoding::choose(&[Kind::UTF16, Kind::UTF8]), Encoding::Utf8);
        assert_eq!(
            Encoding::choose(&[Kind::UTF32, Kind::UTF16]),
            Encoding::Utf16
        );
        assert_eq!(Encoding::choose(&[Kind::UTF32]), Encoding::Utf32);
    }
}
