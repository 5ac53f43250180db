//! From byte offsets to lines and columns, and back to whole lines.

use super::Span;

/// A place as people and editors count it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Position {
    /// Starts at 1.
    pub line: u32,
    /// Starts at 1; counts Unicode scalar values.
    pub column: u32,
}

/// Start offset of every line. A line ends with LF; a CR before it belongs to the ending.
#[derive(Clone, Debug)]
pub struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    /// Reads the line starts of `text`.
    pub fn new(text: &str) -> Self {
        let mut starts = vec![0];
        for (offset, byte) in text.bytes().enumerate() {
            if byte == b'\n' {
                starts.push(u32::try_from(offset + 1).unwrap_or(u32::MAX));
            }
        }
        Self { starts }
    }

    /// Number of the line (from 0) that holds `offset`.
    fn line_of(&self, offset: u32) -> usize {
        self.starts
            .partition_point(|start| *start <= offset)
            .saturating_sub(1)
    }

    /// How many lines the text has; what follows the last line ending counts as one, even when it
    /// is empty.
    pub fn count(&self) -> u32 {
        u32::try_from(self.starts.len()).unwrap_or(u32::MAX)
    }

    /// The line of this number (from 1) in `text`, the text this index was made from, without its
    /// line ending; `None` when there is no such line.
    pub fn line(&self, text: &str, number: u32) -> Option<Span> {
        let start = *self.starts.get(number.checked_sub(1)? as usize)?;
        Some(self.line_span(text, start))
    }

    /// Line and column of `offset` in `text`, the text this index was made from.
    pub fn position(&self, text: &str, offset: u32) -> Position {
        let line = self.line_of(offset);
        let start = self.starts.get(line).copied().unwrap_or(0);
        let column = text
            .get(start as usize..offset as usize)
            .map_or(0, |before| before.chars().count());
        Position {
            line: u32::try_from(line + 1).unwrap_or(u32::MAX),
            column: u32::try_from(column + 1).unwrap_or(u32::MAX),
        }
    }

    /// The line that holds `offset`, without its line ending.
    pub fn line_span(&self, text: &str, offset: u32) -> Span {
        let full = self.full_line_span(text, offset);
        let body = text.get(full.range()).unwrap_or("");
        let trimmed = body.strip_suffix('\n').unwrap_or(body);
        let trimmed = trimmed.strip_suffix('\r').unwrap_or(trimmed);
        Span::new(
            full.start,
            full.start + u32::try_from(trimmed.len()).unwrap_or(0),
        )
    }

    /// The line that holds `offset`, line ending included.
    pub fn full_line_span(&self, text: &str, offset: u32) -> Span {
        let line = self.line_of(offset);
        let start = self.starts.get(line).copied().unwrap_or(0);
        let end = self
            .starts
            .get(line + 1)
            .copied()
            .unwrap_or_else(|| u32::try_from(text.len()).unwrap_or(u32::MAX));
        Span::new(start, end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_not_bytes() {
        let text = "a\näö = 1\r\nlast";
        let index = LineIndex::new(text);
        let equals = u32::try_from(text.find('=').unwrap()).unwrap();
        assert_eq!(
            index.position(text, equals),
            Position { line: 2, column: 4 }
        );
        assert_eq!(index.line_span(text, equals), Span::new(2, 10));
        assert_eq!(index.full_line_span(text, equals), Span::new(2, 12));
        assert_eq!(index.position(text, 12), Position { line: 3, column: 1 });
        assert_eq!(index.count(), 3);
        assert_eq!(index.line(text, 0), None);
        assert_eq!(index.line(text, 2), Some(Span::new(2, 10)));
        assert_eq!(index.line(text, 3), Some(Span::new(12, 16)));
        assert_eq!(index.line(text, 4), None);
    }
}
