//! Documents that are open in the editor, kept as their changes tell.

use std::sync::Arc;

use lsp_types::{TextDocumentContentChangeEvent, Uri};

use super::encoding::{Encoding, Lines};

/// An open document.
#[derive(Clone, Debug)]
pub(super) struct Document {
    /// Its address, as the client writes it.
    pub uri: Uri,
    /// Counts its changes.
    pub version: i32,
    /// What the editor shows.
    pub text: Arc<str>,
}

impl Document {
    /// Applies changes, one after the other: each speaks of the text that the one before left.
    pub fn change(
        &mut self,
        version: i32,
        changes: Vec<TextDocumentContentChangeEvent>,
        encoding: Encoding,
    ) {
        self.version = version;
        let mut text = self.text.to_string();
        for change in changes {
            match change.range {
                None => text = change.text,
                Some(range) => {
                    let span = Lines::of(&text, encoding).span(range);
                    text.replace_range(span, &change.text);
                }
            }
        }
        self.text = text.into();
    }
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use lsp_types::{Position, Range};

    use super::*;

    fn changed(start: (u32, u32), end: (u32, u32), text: &str) -> TextDocumentContentChangeEvent {
        TextDocumentContentChangeEvent {
            range: Some(Range {
                start: Position::new(start.0, start.1),
                end: Position::new(end.0, end.1),
            }),
            range_length: None,
            text: text.to_owned(),
        }
    }

    #[test]
    fn changes_follow_each_other() {
        let mut document = Document {
            uri: Uri::from_str("file:///a.nix").unwrap(),
            version: 1,
            text: "{\n  a = \"😀\";\n}\n".into(),
        };
        let changes = vec![
            changed((1, 9), (1, 9), "x"),
            changed((0, 1), (0, 1), " b = 1;"),
            changed((1, 2), (1, 3), "long"),
        ];
        document.change(7, changes, Encoding::Utf16);
        assert_eq!(&*document.text, "{ b = 1;\n  long = \"😀x\";\n}\n");
        assert_eq!(document.version, 7);
    }
}
