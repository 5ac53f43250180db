//! Names, quoted strings and the words in them.

use std::ops::Range;

use crate::text::Span;

/// Words that cannot stand as an attribute name without quotes (`src/libexpr/lexer.l`).
const KEYWORDS: [&str; 9] = [
    "if", "then", "else", "assert", "with", "let", "in", "rec", "inherit",
];

/// True when `name` can be written as an attribute name without quotes. `or` can in most
/// places, but not in all, so it counts as one that cannot.
pub fn is_plain_name(name: &str) -> bool {
    let mut chars = name.chars();
    let starts = chars
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == '_');
    starts
        && chars.all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '\'' | '-'))
        && !KEYWORDS.contains(&name)
        && name != "or"
}

/// `text` as a Nix string in double quotes.
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' if chars.peek() == Some(&'{') => out.push_str("\\$"),
            _ => out.push(c),
        }
    }
    out.push('"');
    out
}

/// The byte ranges of the words of `text`, separated as Nix separates list items
/// (`tokenizeString`: blank, tab, CR, LF).
pub fn words(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = text.get(at..)?;
        let blank = |c: char| matches!(c, ' ' | '\t' | '\r' | '\n');
        let start = at + rest.find(|c| !blank(c))?;
        let body = text.get(start..)?;
        let end = start + body.find(blank).unwrap_or(body.len());
        at = end;
        Some(start..end)
    })
}

/// Where the part `range` of the string `value` stands in `source`, the literal that denotes it.
/// The place is relative to `source`. `None` unless the part occurs exactly once there, so that
/// escapes and interpolation can never make an edit hit the wrong bytes.
pub fn locate_in_literal(source: &str, value: &str, range: Range<usize>) -> Option<Span> {
    let part = value.get(range)?;
    let mut found = source.match_indices(part).filter(|(at, _)| {
        let edge = |c: Option<char>| c.is_none_or(|c| c.is_whitespace() || matches!(c, '"' | '\''));
        edge(
            source
                .get(..*at)
                .and_then(|before| before.chars().next_back()),
        ) && edge(
            source
                .get(at + part.len()..)
                .and_then(|after| after.chars().next()),
        )
    });
    let (at, _) = found.next()?;
    if found.next().is_some() {
        return None;
    }
    let start = u32::try_from(at).ok()?;
    Some(Span::new(start, start + u32::try_from(part.len()).ok()?))
}

/// Counts the digits of a base64 text as Nix reads it: line ends count for nothing, and the first
/// `=` ends it (`base64Decode` in `src/libutil`). The error is the first character that is none.
pub fn base64_digits(text: &str) -> Result<usize, char> {
    let mut digits = 0;
    for c in text.chars().take_while(|c| *c != '=') {
        match c {
            '\n' => {}
            'A'..='Z' | 'a'..='z' | '0'..='9' | '+' | '/' => digits += 1,
            other => return Err(other),
        }
    }
    Ok(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_split_as_nix_splits() {
        let text = "  a\tb\n c";
        let found: Vec<_> = words(text).map(|range| &text[range]).collect();
        assert_eq!(found, ["a", "b", "c"]);
        assert_eq!(words(" ").count(), 0);
    }

    #[test]
    fn a_word_is_located_only_when_it_is_unique() {
        let source = "\"nix-command flakes\"";
        assert_eq!(
            locate_in_literal(source, "nix-command flakes", 12..18),
            Some(Span::new(13, 19))
        );
        assert_eq!(locate_in_literal("\"a a\"", "a a", 0..1), None);
        assert_eq!(
            locate_in_literal("\"flakes-x flakes\"", "flakes-x flakes", 9..15),
            Some(Span::new(10, 16))
        );
    }

    #[test]
    fn quoting_escapes_what_nix_would_read() {
        assert_eq!(quote("a\"b\\c${d}$e"), "\"a\\\"b\\\\c\\${d}$e\"");
        assert!(is_plain_name("max-jobs"));
        assert!(!is_plain_name("1x"));
        assert!(!is_plain_name("with"));
    }
}
