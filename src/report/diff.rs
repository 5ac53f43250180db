//! Unified diffs that `git apply` and `patch -p1` accept.

use owo_colors::Style as Paint;
use similar::{ChangeTag, TextDiff};

use super::{Style, escape, redact};

/// One file before and after.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileDiff<'a> {
    /// Relative to the folder where the diff shall apply, `/` as separator.
    pub name: &'a str,
    /// The text as it is.
    pub before: &'a str,
    /// The text as it shall be.
    pub after: &'a str,
}

/// Lines of context on both sides of a change.
const CONTEXT: usize = 3;

/// What a diff is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DiffUse {
    /// A screen: secrets are masked, control characters escaped.
    Reading,
    /// A pipe: secrets are masked; without any the diff can be applied, if it has no colors.
    Piping,
    /// A file that the user named: nothing is left out.
    Applying,
}

/// A diff as text.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Unified {
    /// Empty when nothing changes.
    pub text: String,
    /// True when it speaks of a secret. Where these are masked it cannot be applied.
    pub holds_secrets: bool,
}

/// The unified diff of one file.
pub fn unified(file: &FileDiff<'_>, style: Style, what_for: DiffUse) -> Unified {
    let is_for_reading = style.color || what_for == DiffUse::Reading;
    // Lines end with LF alone, as in git; a lone CR is part of its line.
    let before: Vec<&str> = file.before.split_inclusive('\n').collect();
    let after: Vec<&str> = file.after.split_inclusive('\n').collect();
    let diff = TextDiff::from_slices(&before, &after);
    let mut out = String::new();
    let mut holds_secrets = false;
    for hunk in diff.unified_diff().context_radius(CONTEXT).iter_hunks() {
        if out.is_empty() {
            let bold = Paint::new().bold();
            for (mark, side) in [("---", "a"), ("+++", "b")] {
                let mut header = format!("{mark} {}", header_name(side, file.name));
                if is_for_reading {
                    header = escape_body(&header);
                }
                out.push_str(&style.paint(&header, bold));
                out.push('\n');
            }
        }
        out.push_str(&style.paint(&hunk.header().to_string(), Paint::new().cyan()));
        out.push('\n');
        for change in hunk.iter_changes() {
            let (sign, paint) = match change.tag() {
                ChangeTag::Delete => ('-', Paint::new().red()),
                ChangeTag::Insert => ('+', Paint::new().green()),
                ChangeTag::Equal => (' ', Paint::new()),
            };
            let line: &str = change.value();
            let body = line.strip_suffix('\n').unwrap_or(line);
            let masked = redact::mask(body);
            holds_secrets |= masked != body;
            if is_for_reading {
                let shown = escape_body(masked.strip_suffix('\r').unwrap_or(&masked));
                out.push_str(&style.paint(&format!("{sign}{shown}"), paint));
            } else {
                out.push(sign);
                out.push_str(match what_for {
                    DiffUse::Applying => body,
                    DiffUse::Reading | DiffUse::Piping => &masked,
                });
            }
            out.push('\n');
            if !line.ends_with('\n') {
                out.push_str("\\ No newline at end of file\n");
            }
        }
    }
    Unified {
        text: out,
        holds_secrets,
    }
}

/// As on one line, but with tabs kept.
fn escape_body(text: &str) -> String {
    text.split('\t')
        .map(|part| escape::line(part).into_owned())
        .collect::<Vec<_>>()
        .join("\t")
}

/// A name as git writes it in diff headers: quoted in the manner of C when it holds quotes,
/// backslashes or control characters, ended by a tab when it holds blanks
/// (git `diff.c`, `quote_two` and `emit_rewrite_diff`).
fn header_name(side: &str, name: &str) -> String {
    // An absolute name counts from the root folder: `patch -p1 -d /`.
    let name = name.trim_start_matches('/');
    let plain = format!("{side}/{name}");
    if !name
        .chars()
        .any(|c| c.is_control() || c == '"' || c == '\\')
    {
        return if name.contains(' ') {
            plain + "\t"
        } else {
            plain
        };
    }
    let mut out = String::from("\"");
    for byte in plain.bytes() {
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\t' => out.push_str("\\t"),
            b'\r' => out.push_str("\\r"),
            0x20..=0x7e => out.push(char::from(byte)),
            other => out.push_str(&format!("\\{other:03o}")),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(before: &str, after: &str) -> String {
        unified(
            &FileDiff {
                name: "a b.nix",
                before,
                after,
            },
            Style::PLAIN,
            DiffUse::Piping,
        )
        .text
    }

    #[test]
    fn a_diff_has_headers_hunks_and_the_end_of_file_mark() {
        assert_eq!(
            plain("{\n  a = 1;\n}", "{\n  a = 2;\n}"),
            "--- a/a b.nix\t\n+++ b/a b.nix\t\n@@ -1,3 +1,3 @@\n {\n-  a = 1;\n+  a = 2;\n }\n\\ No newline at end of file\n"
        );
        assert_eq!(plain("same", "same"), "");
    }

    #[test]
    fn line_endings_are_kept() {
        assert_eq!(
            plain("a\r\nb\r\n", "a\r\nc\r\n"),
            "--- a/a b.nix\t\n+++ b/a b.nix\t\n@@ -1,2 +1,2 @@\n a\r\n-b\r\n+c\r\n"
        );
    }

    #[test]
    fn secrets_stand_only_in_what_is_to_be_applied() {
        let file = FileDiff {
            name: "x",
            before: "a\u{1b}\naccess-tokens = github.com=hunter2\n",
            after: "b\u{1b}\naccess-tokens = github.com=hunter2\n",
        };
        let diff = |what_for| unified(&file, Style::PLAIN, what_for);
        for (what_for, masks, escapes) in [
            (DiffUse::Reading, true, true),
            (DiffUse::Piping, true, false),
            (DiffUse::Applying, false, false),
        ] {
            let found = diff(what_for);
            assert!(found.holds_secrets);
            assert_eq!(found.text.contains("hunter2"), !masks, "{what_for:?}");
            assert_eq!(found.text.contains('\u{1b}'), !escapes, "{what_for:?}");
        }
    }

    #[test]
    fn odd_names_are_quoted() {
        assert_eq!(header_name("a", "x\ny\"ä"), "\"a/x\\ny\\\"\\303\\244\"");
    }
}
