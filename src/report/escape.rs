//! Characters of linted files that must not reach a terminal.

use std::borrow::Cow;

use super::Style;

/// True for characters that move the cursor, change colors or reorder text: C0 and C1 controls,
/// DEL, bidirectional marks and line separators. Tab and newline are left to the caller.
pub(super) fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            | '\u{061c}' | '\u{2028}' | '\u{2029}' | '\u{feff}')
}

/// How an unsafe character is shown: `\u{1b}`.
pub(super) fn shown(c: char) -> impl Iterator<Item = char> {
    c.escape_unicode()
}

/// `text` on one line, with every unsafe character spelled out.
pub(super) fn line(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\t' => out.push(' '),
            c if is_unsafe(c) => out.extend(shown(c)),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Text for people as the screen can show it: without Unicode, the signs that nixtune itself
/// writes are replaced and everything else is spelled out.
pub fn for_screen(text: &str, style: Style) -> Cow<'_, str> {
    if style.unicode || text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if c.is_ascii() => out.push(c),
            '×' => out.push('x'),
            '·' => out.push('-'),
            '…' => out.push_str("..."),
            '–' | '—' | '−' => out.push('-'),
            '→' => out.push_str("->"),
            '≤' => out.push_str("<="),
            '≥' => out.push_str(">="),
            '≈' => out.push('~'),
            '“' | '”' => out.push('"'),
            '‘' | '’' => out.push('\''),
            c => out.extend(shown(c)),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_screen_without_unicode_gets_ascii() {
        let plain = Style {
            unicode: false,
            ..Style::PLAIN
        };
        assert_eq!(for_screen("4 × 3 … ä", plain), "4 x 3 ... \\u{e4}");
        assert_eq!(for_screen("4 × 3 ä", Style::PLAIN), "4 × 3 ä");
    }

    #[test]
    fn nothing_that_a_terminal_obeys_gets_through() {
        assert_eq!(line("plain ä"), "plain ä");
        assert_eq!(line("a\u{1b}[31m\r\u{9b}b"), "a\\u{1b}[31m\\u{d}\\u{9b}b");
        assert_eq!(line("x\u{202e}y\nz\tw"), "x\\u{202e}y\\nz w");
    }
}
