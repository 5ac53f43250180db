//! Positions and edits as a client understands them, written down once more: what the server says
//! is held against the protocol's text, not against the server's own arithmetic.

use serde_json::{Value, json};

/// What a column counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Encoding {
    Utf8,
    Utf16,
    Utf32,
}

impl Encoding {
    pub const ALL: [Self; 3] = [Self::Utf8, Self::Utf16, Self::Utf32];

    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Utf16 => "utf-16",
            Self::Utf32 => "utf-32",
        }
    }

    pub fn of(name: &str) -> Self {
        let found = Self::ALL.into_iter().find(|one| one.name() == name);
        found.unwrap_or_else(|| panic!("{name} is no encoding"))
    }

    fn width(self, text: &str) -> usize {
        match self {
            Self::Utf8 => text.len(),
            Self::Utf16 => text.encode_utf16().count(),
            Self::Utf32 => text.chars().count(),
        }
    }
}

/// The lines of a text: where each starts, and its length without what ends it, in bytes.
fn lines(text: &str) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut lines = Vec::new();
    let (mut start, mut at) = (0, 0);
    while at < bytes.len() {
        let width = match (bytes[at], bytes.get(at + 1)) {
            (b'\r', Some(b'\n')) => 2,
            (b'\r' | b'\n', _) => 1,
            _ => 0,
        };
        if width == 0 {
            at += 1;
            continue;
        }
        lines.push((start, at - start));
        at += width;
        start = at;
    }
    lines.push((start, text.len() - start));
    lines
}

/// The position of a byte.
pub fn position(text: &str, byte: usize, encoding: Encoding) -> Value {
    let lines = lines(text);
    let line = lines.iter().rposition(|(start, _)| *start <= byte).unwrap();
    let column = encoding.width(&text[lines[line].0..byte]);
    json!({ "line": line, "character": column })
}

/// The range of some bytes.
pub fn range(text: &str, bytes: std::ops::Range<usize>, encoding: Encoding) -> Value {
    json!({
        "start": position(text, bytes.start, encoding),
        "end": position(text, bytes.end, encoding),
    })
}

/// The byte that a position means, which must lie within the text.
pub fn byte(text: &str, position: &Value, encoding: Encoding) -> usize {
    let number = |key: &str| usize::try_from(position[key].as_u64().unwrap()).unwrap();
    let lines = lines(text);
    let (start, length) = lines[number("line")];
    let line = &text[start..start + length];
    let ends = line.char_indices().map(|(at, _)| at).chain([length]);
    let column = number("character");
    let found = ends
        .into_iter()
        .find(|at| encoding.width(&line[..*at]) == column);
    start + found.unwrap_or_else(|| panic!("{position} lies not between characters of {line:?}"))
}

/// The bytes of a range.
pub fn bytes(text: &str, range: &Value, encoding: Encoding) -> std::ops::Range<usize> {
    byte(text, &range["start"], encoding)..byte(text, &range["end"], encoding)
}

/// The text with edits made, all of which speak of the text before any.
pub fn edited(text: &str, edits: &[Value], encoding: Encoding) -> String {
    let mut edits: Vec<_> = edits
        .iter()
        .map(|edit| {
            let new = edit["newText"].as_str().unwrap();
            (bytes(text, &edit["range"], encoding), new)
        })
        .collect();
    edits.sort_by_key(|(bytes, _)| (bytes.start, bytes.end));
    let overlap = edits.windows(2).any(|two| two[0].0.end > two[1].0.start);
    assert!(!overlap, "edits overlap: {edits:?}");
    let mut after = text.to_owned();
    for (bytes, new) in edits.into_iter().rev() {
        after.replace_range(bytes, new);
    }
    after
}
