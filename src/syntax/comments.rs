//! The comments that stand with a piece of text: beside it, inside it, directly above it.

use rnix::SyntaxKind;

use crate::text::{FileFormat, Span};

/// The comments that belong to `span`, in reading order, with their markers:
///
/// - behind it on the line where it ends, nothing but closing brackets and `;` between;
/// - inside it;
/// - above it, each alone on its line, without an empty line between.
///
/// A span inside a Nix string (a line of `extraOptions`) is read as a line of `nix.conf`.
pub fn comments_beside(text: &str, format: FileFormat, span: Span) -> Vec<Span> {
    // Most places have none; finding that out must not cost reading the whole file.
    let above = line_start(text, line_start(text, span.start).saturating_sub(1));
    let below = between(text, span.end, len(text));
    let line_end = span.end.saturating_add(
        below
            .find('\n')
            .map_or(len(below), |at| u32::try_from(at).unwrap_or(u32::MAX)),
    );
    let around = between(text, above, line_end);
    if !around.contains('#') && !around.contains("*/") && !around.contains("/*") {
        return Vec::new();
    }
    match format {
        FileFormat::Conf => conf_comments(text, whole(text), span),
        FileFormat::Nix => {
            let mut comments = Vec::new();
            let mut at = 0u32;
            for (kind, token) in rnix::tokenize(text) {
                let here = Span::new(at, at.saturating_add(len(token)));
                at = here.end;
                match kind {
                    SyntaxKind::TOKEN_COMMENT => comments.push(here),
                    SyntaxKind::TOKEN_STRING_CONTENT if here.contains(span) => {
                        return conf_comments(text, here, span);
                    }
                    _ => {}
                }
            }
            select(text, &comments, span)
        }
    }
}

/// The text of a comment without its markers and surrounding white space.
pub fn comment_body(comment: &str) -> &str {
    let body = comment
        .strip_prefix("/*")
        .map_or(comment, |inner| inner.strip_suffix("*/").unwrap_or(inner));
    body.trim_start_matches(['#', '*']).trim()
}

fn len(text: &str) -> u32 {
    u32::try_from(text.len()).unwrap_or(u32::MAX)
}

fn whole(text: &str) -> Span {
    Span::new(0, len(text))
}

fn between(text: &str, from: u32, to: u32) -> &str {
    text.get(Span::new(from, to).range()).unwrap_or("")
}

/// Comments of the `nix.conf` grammar in `area`: from `#` to the end of the line.
fn conf_comments(text: &str, area: Span, span: Span) -> Vec<Span> {
    let mut comments = Vec::new();
    let mut at = area.start;
    for line in between(text, area.start, area.end).split_inclusive('\n') {
        let body = line.trim_end_matches(['\n', '\r']);
        if let Some(hash) = body.find('#') {
            let start = at.saturating_add(u32::try_from(hash).unwrap_or(u32::MAX));
            comments.push(Span::new(start, at.saturating_add(len(body))));
        }
        at = at.saturating_add(len(line));
    }
    select(text, &comments, span)
}

fn select(text: &str, comments: &[Span], span: Span) -> Vec<Span> {
    let mut above = Vec::new();
    let mut edge = line_start(text, span.start);
    if between(text, edge, span.start).trim().is_empty() {
        for comment in comments.iter().rev().filter(|c| c.end <= span.start) {
            let start = line_start(text, comment.start);
            let alone = between(text, start, comment.start).trim().is_empty();
            let gap = between(text, comment.end, edge);
            if !alone || !gap.trim().is_empty() || gap.matches('\n').count() != 1 {
                break;
            }
            above.push(*comment);
            edge = start;
        }
    }
    above.reverse();
    let rest = comments.iter().copied().filter(|comment| {
        let inside = span.contains(*comment);
        let behind = comment.start >= span.end
            && between(text, span.end, comment.start)
                .chars()
                .all(|c| matches!(c, ' ' | '\t' | ';' | '}' | ']' | ')'));
        inside || behind
    });
    above.into_iter().chain(rest).collect()
}

fn line_start(text: &str, at: u32) -> u32 {
    let before = between(text, 0, at);
    before
        .rfind('\n')
        .map_or(0, |newline| len(before.get(..=newline).unwrap_or("")))
}

/// True when two Nix texts differ in blanks and comments only. Both have to parse.
pub fn same_code(one: &str, other: &str) -> bool {
    let is_code = |(kind, _): &(SyntaxKind, &str)| {
        !matches!(
            kind,
            SyntaxKind::TOKEN_WHITESPACE | SyntaxKind::TOKEN_COMMENT
        )
    };
    rnix::tokenize(one)
        .filter(is_code)
        .eq(rnix::tokenize(other).filter(is_code))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beside(text: &str, format: FileFormat, part: &str) -> Vec<String> {
        let at = u32::try_from(text.find(part).unwrap()).unwrap();
        comments_beside(text, format, Span::new(at, at + len(part)))
            .into_iter()
            .map(|span| comment_body(text.get(span.range()).unwrap()).to_owned())
            .collect()
    }

    #[test]
    fn comments_above_inside_and_behind_belong() {
        let text = "{\n  # far\n\n  # one\n  /* two */\n  a = { # three\n    b = 1;\n  }; # four\n  c = 2; # five\n}\n";
        assert_eq!(
            beside(text, FileFormat::Nix, "a = { # three\n    b = 1;\n  };"),
            ["one", "two", "three", "four"]
        );
        assert_eq!(beside(text, FileFormat::Nix, "b = 1;"), [""; 0]);
        assert_eq!(beside(text, FileFormat::Nix, "c = 2;"), ["five"]);
    }

    #[test]
    fn closing_brackets_do_not_part_a_comment_from_its_statement() {
        let text = "{ interval = { Day = 1; }; # daily\n}";
        assert_eq!(beside(text, FileFormat::Nix, "Day = 1;"), ["daily"]);
    }

    #[test]
    fn a_comment_behind_the_line_above_belongs_to_that_line() {
        let text = "{\n  a = 1; # of a\n  b = 2;\n}";
        assert_eq!(beside(text, FileFormat::Nix, "b = 2;"), [""; 0]);
    }

    #[test]
    fn lines_of_text_have_the_comments_of_nix_conf() {
        let text = "# top\n# why\nkeep-outputs = true # direnv\ncores = 0\n";
        assert_eq!(
            beside(text, FileFormat::Conf, "keep-outputs = true"),
            ["top", "why", "direnv"]
        );
        let text = "{\n  # outside\n  nix.extraOptions = ''\n    # inside\n    keep-outputs = true\n  '';\n}";
        assert_eq!(
            beside(text, FileFormat::Nix, "keep-outputs = true"),
            ["inside"]
        );
    }

    #[test]
    fn windows_line_endings_and_empty_texts_are_fine() {
        let text = "{\r\n  # why\r\n  a = 1; # b\r\n}";
        assert_eq!(beside(text, FileFormat::Nix, "a = 1;"), ["why", "b"]);
        assert!(comments_beside("", FileFormat::Nix, Span::new(3, 9)).is_empty());
    }

    #[test]
    fn comments_and_blanks_are_no_code() {
        assert!(same_code("{ a = 1; }", "{\n  a = 1; # one\n}"));
        assert!(!same_code("{ a = 1; }", "{ a = 2; }"));
        assert!(!same_code("{ a = \"x y\"; }", "{ a = \"x  y\"; }"));
    }
}
