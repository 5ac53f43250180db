//! The line grammar of `nix.conf`, which is that of `nix.extraOptions`, too.
//!
//! As `src/libutil/configuration.cc` of Nix reads it: `#` starts a comment anywhere on a line,
//! the rest is split into words at blanks, and a line is `name = words…`, `include FILE` or
//! `!include FILE`. There is no quoting, no escape and no continuation.

use super::words;
use crate::text::Span;

/// One line of the text. All spans are byte offsets of the text that was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConfLine {
    /// From the first to the last word, comment and line ending excluded; empty for a line
    /// without words.
    pub span: Span,
    /// What it says.
    pub statement: ConfStatement,
    /// The comment, `#` included, line ending excluded.
    pub comment: Option<Span>,
}

/// What a line says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ConfStatement {
    /// Nothing, or only a comment.
    Blank,
    /// `key = value`.
    Setting {
        /// The key.
        key: Span,
        /// From the first to the last word of the value; empty, right behind the `=`, for a
        /// key without value.
        value: Span,
    },
    /// `include FILE`, `!include FILE`.
    Include {
        /// The file.
        path: Span,
        /// True for `!include`: the file may be missing.
        optional: bool,
    },
    /// A line that Nix refuses, with what is wrong and what to do: lower case, no final full
    /// stop.
    Malformed(&'static str),
}

/// The lines of `text`, those without words included.
pub fn conf_lines(text: &str) -> Vec<ConfLine> {
    let mut start = 0;
    text.split_inclusive('\n')
        .map(|line| {
            let parsed = read_line(line, start);
            start += line.len();
            parsed
        })
        .collect()
}

/// The value in `span` as Nix sees it: its words with one blank between.
pub fn conf_value(text: &str, span: Span) -> String {
    let written = text.get(span.range()).unwrap_or("");
    let parts: Vec<_> = words(written)
        .filter_map(|range| written.get(range))
        .collect();
    parts.join(" ")
}

fn read_line(line: &str, start: usize) -> ConfLine {
    let body = line.strip_suffix('\n').unwrap_or(line);
    let body = body.strip_suffix('\r').unwrap_or(body);
    let hash = body.find('#');
    let content = body.get(..hash.unwrap_or(body.len())).unwrap_or("");
    let place = |from: usize, to: usize| {
        let offset = |at: usize| u32::try_from(start + at).unwrap_or(u32::MAX);
        Span::new(offset(from), offset(to))
    };
    let found: Vec<_> = words(content).collect();
    let word = |index: usize| {
        let range = found.get(index)?;
        Some((content.get(range.clone())?, place(range.start, range.end)))
    };
    let span = match (found.first(), found.last()) {
        (Some(first), Some(last)) => place(first.start, last.end),
        _ => place(0, 0),
    };
    let statement = match (word(0), word(1)) {
        (None, _) => ConfStatement::Blank,
        (Some((name @ ("include" | "!include"), _)), second) => match (second, found.len()) {
            (Some((_, path)), 2) => ConfStatement::Include {
                path,
                optional: name == "!include",
            },
            _ => ConfStatement::Malformed(
                "`include` takes exactly one file name; blanks cannot be part of it",
            ),
        },
        (Some((_, key)), Some(("=", equals))) => ConfStatement::Setting {
            key,
            value: match found.get(2) {
                Some(first) => Span::new(place(first.start, first.end).start, span.end),
                None => Span::empty(equals.end),
            },
        },
        (Some((";", _)), _) => ConfStatement::Malformed("a comment starts with `#`, not with `;`"),
        (Some((name, _)), _) if name.starts_with(';') => {
            ConfStatement::Malformed("a comment starts with `#`, not with `;`")
        }
        (Some(_), _) if content.contains('=') => ConfStatement::Malformed(
            "Nix reads `name = value` only with a blank before and after the `=`",
        ),
        _ => ConfStatement::Malformed("a line is `name = value`, and this one has no ` = `"),
    };
    ConfLine {
        span,
        statement,
        comment: hash.map(|hash| place(hash, body.len())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(text: &str) -> Vec<String> {
        let part = |span: Span| &text[span.range()];
        conf_lines(text)
            .into_iter()
            .map(|line| {
                let said = match line.statement {
                    ConfStatement::Blank => "blank".to_owned(),
                    ConfStatement::Setting { key, value } => {
                        format!("{}|{}", part(key), conf_value(text, value))
                    }
                    ConfStatement::Include { path, optional } => {
                        format!("include {} {optional}", part(path))
                    }
                    ConfStatement::Malformed(_) => format!("bad {}", part(line.span)),
                };
                match line.comment {
                    Some(comment) => format!("{said} {}", part(comment)),
                    None => said,
                }
            })
            .collect()
    }

    #[test]
    fn every_kind_of_line_is_read() {
        assert_eq!(
            show(
                "max-jobs = 4\n# top\n\n  substituters =  a\t b   # c # d\ninclude x.conf\n!include /y\nempty =\nlast = 1"
            ),
            [
                "max-jobs|4",
                "blank # top",
                "blank",
                "substituters|a b # c # d",
                "include x.conf false",
                "include /y true",
                "empty|",
                "last|1",
            ]
        );
    }

    #[test]
    fn the_value_is_what_stands_between_the_first_and_the_last_word() {
        let text = "a = b  c  # d\r\nx =\r\n";
        let lines = conf_lines(text);
        assert_eq!(lines[0].span, Span::new(0, 8));
        assert_eq!(lines[0].comment, Some(Span::new(10, 13)));
        assert_eq!(
            lines[0].statement,
            ConfStatement::Setting {
                key: Span::new(0, 1),
                value: Span::new(4, 8)
            }
        );
        assert_eq!(
            lines[1].statement,
            ConfStatement::Setting {
                key: Span::new(15, 16),
                value: Span::empty(18)
            }
        );
    }

    #[test]
    fn what_nix_refuses_is_malformed() {
        assert_eq!(
            show("max-jobs=4\nmax-jobs  4\n; comment\nlone\ninclude\ninclude a b\na =b\nx # = 1"),
            [
                "bad max-jobs=4",
                "bad max-jobs  4",
                "bad ; comment",
                "bad lone",
                "bad include",
                "bad include a b",
                "bad a =b",
                "bad x # = 1",
            ]
        );
    }

    #[test]
    fn odd_texts_have_lines_too() {
        assert_eq!(show(""), [""; 0]);
        assert_eq!(show("\n"), ["blank"]);
        assert_eq!(show("ä = ö ü"), ["ä|ö ü"]);
        assert_eq!(show("= = ="), ["=|="]);
    }
}
