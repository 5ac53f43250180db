//! The text in string literals, byte for byte.

use rnix::SyntaxKind;

/// Stands for a byte of code between text.
pub const CODE: char = '\u{1}';
/// Stands for a byte of an escape, which means something else than it looks like.
pub const ESCAPE: char = '\u{2}';

/// The source of an expression with everything but the text in its strings blanked by [`CODE`] and
/// [`ESCAPE`], so that places in it are places of the source. Quotes and `\n` become line breaks: a
/// line of the text is a line of the result. Strings inside of interpolations are code.
pub fn text_of_literals(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut depth = 0_usize;
    let mut is_indented = false;
    for (kind, token) in rnix::tokenize(source) {
        match kind {
            SyntaxKind::TOKEN_INTERPOL_START => depth += 1,
            SyntaxKind::TOKEN_INTERPOL_END => depth = depth.saturating_sub(1),
            SyntaxKind::TOKEN_STRING_START | SyntaxKind::TOKEN_STRING_END if depth == 0 => {
                is_indented = token == "''";
                out.extend(token.chars().map(|_| '\n'));
                continue;
            }
            SyntaxKind::TOKEN_STRING_CONTENT if depth == 0 => {
                push_content(&mut out, token, is_indented);
                continue;
            }
            _ => {}
        }
        out.extend(token.bytes().map(|_| CODE));
    }
    out
}

fn push_content(out: &mut String, content: &str, is_indented: bool) {
    let mut rest = content;
    while let Some((piece, meaning)) = next_piece(rest, is_indented) {
        match meaning {
            None => out.push_str(piece),
            Some('\n') => {
                out.extend(std::iter::repeat_n(' ', piece.len() - 1));
                out.push('\n');
            }
            Some(_) => out.extend(std::iter::repeat_n(ESCAPE, piece.len())),
        }
        rest = rest.get(piece.len()..).unwrap_or("");
    }
}

/// What a part of a string literal between interpolations means.
pub fn unescaped(content: &str, is_indented: bool) -> String {
    let mut out = String::new();
    let mut rest = content;
    while let Some((piece, meaning)) = next_piece(rest, is_indented) {
        match meaning {
            Some('\'') => out.push_str("''"),
            Some(meaning) => out.push(meaning),
            None => out.push_str(piece),
        }
        rest = rest.get(piece.len()..).unwrap_or("");
    }
    out
}

/// The first character or escape of a string's content, and what an escape means; that of `'''`
/// stands for two quotes.
fn next_piece(content: &str, is_indented: bool) -> Option<(&str, Option<char>)> {
    let first = content.chars().next()?;
    let begins = |escape: &str| is_indented && content.starts_with(escape);
    let (length, meaning) = if begins("'''") {
        (3, Some('\''))
    } else if begins("''$") {
        (3, Some('$'))
    } else if begins("''\\") || (!is_indented && first == '\\') {
        let before = if is_indented { 3 } else { 1 };
        let escaped = content.get(before..)?.chars().next();
        let meaning = match escaped {
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some(other) => other,
            None => first,
        };
        (before + escaped.map_or(0, char::len_utf8), Some(meaning))
    } else {
        (first.len_utf8(), None)
    };
    Some((content.get(..length)?, meaning))
}

/// True when an expression is one string literal.
pub fn is_string_literal(source: &str) -> bool {
    let mut depth = 0_usize;
    let mut strings = 0;
    for (kind, _) in rnix::tokenize(source) {
        match kind {
            SyntaxKind::TOKEN_STRING_START => {
                strings += usize::from(depth == 0);
                depth += 1;
            }
            SyntaxKind::TOKEN_STRING_END => depth = depth.saturating_sub(1),
            _ if depth == 0 => return false,
            _ => {}
        }
    }
    strings == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_in_the_text_are_places_in_the_source() {
        for (source, text) in [
            (r#""a = 1\nb = 2""#, "\na = 1 \nb = 2\n"),
            (r#""a\\n\"é""#, "\na\u{2}\u{2}n\u{2}\u{2}é\n"),
            (
                "''\n  a ${f \"x\" ''y''} b\n''",
                "\n\n\n  a \u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{1} b\n\n\n",
            ),
            (
                "''a ''${b} ''' ''\\n''",
                "\n\na \u{2}\u{2}\u{2}{b} \u{2}\u{2}\u{2}    \n\n\n",
            ),
            ("f \"a\" + b", "\u{1}\u{1}\na\n\u{1}\u{1}\u{1}\u{1}"),
        ] {
            assert_eq!(text_of_literals(source), text, "{source}");
            assert_eq!(text.len(), source.len());
        }
    }

    #[test]
    fn escapes_mean_what_nix_says() {
        assert_eq!(unescaped(r#"a\"\\\n\${\é"#, false), "a\"\\\n${é");
        assert_eq!(unescaped(r"a\ ''' ''${ ''\t '", true), "a\\ '' ${ \t '");
    }

    #[test]
    fn one_literal_is_told_from_code() {
        for source in ["\"a ${b \"c\"} d\"", "''x''", "\"\""] {
            assert!(is_string_literal(source), "{source}");
        }
        for source in ["\"a\" + \"b\"", "f ''x''", "(\"a\")", "x", ""] {
            assert!(!is_string_literal(source), "{source}");
        }
    }
}
