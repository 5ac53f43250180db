//! A table in Markdown: the job summary of GitHub Actions, comments on merge requests.

use std::fmt::Write;

use super::super::summary::summary;
use super::super::{Style, escape};
use super::finding::{findings, line};
use crate::engine::Outcome;

/// A headline with the counts, and a row for each diagnostic.
pub fn markdown(outcome: &Outcome) -> String {
    let mut out = String::from("### nixtune\n\n");
    out.push_str(&plain(summary(outcome, Style::PLAIN).trim_end()));
    out.push('\n');
    if !outcome.diagnostics.is_empty() {
        out.push_str("\n| Severity | Place | Rule | What |\n| --- | --- | --- | --- |\n");
    }
    for finding in findings(outcome) {
        let rule = finding.diagnostic.rule;
        let rule = match finding.page() {
            Some(page) => format!("[{rule}]({page})"),
            None => rule.to_owned(),
        };
        // Writing to a string never fails.
        let _ = writeln!(
            out,
            "| {} | {} | {rule} | {} |",
            finding.diagnostic.severity,
            code(&format!(
                "{}:{}",
                finding.range.file, finding.range.start.line
            )),
            plain(&finding.message()),
        );
    }
    if !outcome.problems.is_empty() {
        out.push_str("\nnixtune could not do all of its job:\n\n");
    }
    for problem in &outcome.problems {
        let _ = writeln!(
            out,
            "- {}: {}",
            code(&problem.file),
            plain(&line(&problem.message))
        );
    }
    out
}

/// Words with code in backticks; everything else that Markdown or HTML would obey is escaped.
pub(in crate::report) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut parts = text.split('`');
    out.push_str(&escaped(parts.next().unwrap_or("")));
    let parts: Vec<&str> = parts.collect();
    for (index, part) in parts.iter().enumerate() {
        let is_code = index % 2 == 0;
        if is_code && index + 1 < parts.len() {
            out.push_str(&code(part));
        } else if is_code {
            // Nothing closes it.
            out.push_str("\\`");
            out.push_str(&escaped(part));
        } else {
            out.push_str(&escaped(part));
        }
    }
    out
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // A mention would notify somebody.
            '@' => out.push_str("&#64;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '!' | '#' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

/// Code in a cell of a table: in as many backticks as it takes, with `|` as tables want it.
fn code(text: &str) -> String {
    let text = escape::line(text).replace('|', "\\|");
    if text.is_empty() {
        return String::new();
    }
    let longest = text
        .split(|c| c != '`')
        .map(str::len)
        .max()
        .unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let blank = if text.starts_with('`') || text.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{fence}{blank}{text}{blank}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_message_is_markup() {
        assert_eq!(
            plain("`a|b` is <b>@all</b>"),
            "`a\\|b` is &lt;b&gt;&#64;all&lt;/b&gt;"
        );
        assert_eq!(
            plain("one ` alone | [x](y)"),
            "one \\` alone \\| \\[x\\](y)"
        );
        assert_eq!(code("a``b`"), "``` a``b` ```");
    }
}
