//! `nixtune init`: the values with their reasons, before anything is written.

use owo_colors::Style as Paint;

use super::{Style, escape, wrap};
use crate::catalog::CacheInfo;
use crate::engine::Decided;
use crate::generate::Row;

/// Whom the file is for, and a value with its reason on each line.
pub fn init_table(decided: &Decided, rows: &[Row], style: Style) -> String {
    let subject = &decided.subject;
    let head = format!(
        "for {}: {}; {} use; {} because {}",
        subject.host.name,
        subject.hardware(),
        subject.usage.name(),
        subject.sink.name(),
        decided.because
    );
    values_table(&head, rows, style)
}

/// A sentence about whom the values are for, and a value with its reason on each line.
pub fn values_table(head: &str, rows: &[Row], style: Style) -> String {
    let mut out = textwrap::fill(&escape::line(head), wrap::options(style.width));
    out.push_str("\n\n");
    let width = |cell: fn(&Row) -> &str| {
        rows.iter()
            .map(|row| cell(row).len().min(40))
            .max()
            .unwrap_or(0)
    };
    let (first, second) = (width(|row| &row.name), width(|row| &row.value));
    for row in rows {
        let head = format!("  {:first$}  {:second$}  ", row.name, row.value);
        let assumed = if row.assumed { "assumed: " } else { "" };
        let indent = " ".repeat(4 + first + second + 2);
        let reason = textwrap::fill(
            &escape::line(&format!("{assumed}{}", row.reason)),
            wrap::options(style.width.max(indent.len() + 30))
                .initial_indent(&indent)
                .subsequent_indent(&indent),
        );
        out.push_str(&style.paint(&escape::line(&head), Paint::new().bold()));
        out.push_str(reason.trim_start());
        out.push('\n');
    }
    out.push('\n');
    out
}

/// Caches to choose from, each with its number and what it holds.
pub fn cache_list(caches: &[&CacheInfo]) -> String {
    caches
        .iter()
        .enumerate()
        .map(|(index, cache)| {
            let line = format!("  {}  {}: {}", index + 1, cache.url, cache.purpose);
            format!("{}\n", escape::line(&line))
        })
        .collect()
}
