//! How far what begins on a line reaches: a definition, an `inherit`, an element of a list.

use rnix::SyntaxKind;

use super::parse::BYTE_ORDER_MARK;
use crate::text::Span;

/// The end of the longest definition or list element of a Nix file that begins in `line`, or the
/// end of `line` when nothing does or the text is not within bounds.
pub fn reach_of_line(text: &str, line: Span) -> u32 {
    let body = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let shift = u32::try_from(text.len() - body.len()).unwrap_or(0);
    if super::bounds::check(body).is_err() {
        return line.end;
    }
    let root = rnix::Root::parse(body).syntax();
    root.descendants()
        .filter(|node| {
            let is_element = node
                .parent()
                .is_some_and(|parent| parent.kind() == SyntaxKind::NODE_LIST);
            is_element
                || matches!(
                    node.kind(),
                    SyntaxKind::NODE_ATTRPATH_VALUE | SyntaxKind::NODE_INHERIT
                )
        })
        .map(|node| {
            let range = node.text_range();
            Span::new(
                u32::from(range.start()) + shift,
                u32::from(range.end()) + shift,
            )
        })
        .filter(|span| line.start <= span.start && span.start < line.end)
        .map(|span| span.end)
        .fold(line.end, u32::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reached(text: &str, line: &str) -> String {
        let start = u32::try_from(text.find(line).unwrap()).unwrap();
        let span = Span::new(start, start + u32::try_from(line.len()).unwrap());
        let end = reach_of_line(text, span);
        text.get(Span::new(start, end).range()).unwrap().to_owned()
    }

    #[test]
    fn a_line_reaches_as_far_as_what_begins_on_it() {
        let text = "\u{feff}{\n  nix.gc = {\n    a = 1;\n  };\n  b = [\n    {\n      c = 1;\n    }\n    2\n  ];\n}\n";
        assert_eq!(
            reached(text, "  nix.gc = {\n"),
            "  nix.gc = {\n    a = 1;\n  };"
        );
        assert_eq!(reached(text, "    a = 1;\n"), "    a = 1;\n");
        assert_eq!(reached(text, "    {\n"), "    {\n      c = 1;\n    }");
        assert_eq!(reached(text, "    2\n"), "    2\n");
        assert_eq!(reached("{ broken", "{ broken"), "{ broken");
    }
}
