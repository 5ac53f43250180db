//! How text is broken into lines: at blanks only, so that names and URLs can be copied.

use super::Style;

/// Options for [`textwrap::fill`].
pub(super) fn options<'a>(width: usize) -> textwrap::Options<'a> {
    textwrap::Options::new(width)
        .break_words(false)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
}

/// `text` behind a label, with further lines indented, newline at the end. `shown` is the label
/// with its colors, which count for nothing in the width.
pub(super) fn behind(label: &str, shown: &str, text: &str, style: Style) -> String {
    let filled = textwrap::fill(
        &format!("{label} {text}"),
        options(style.width).subsequent_indent("  "),
    );
    let rest = filled.strip_prefix(label).unwrap_or("");
    format!("{shown}{rest}\n")
}
