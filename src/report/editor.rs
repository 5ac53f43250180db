//! What editors show: the words of a diagnostic, and pages as Markdown.

use super::formats::line;
use super::page;
use super::settings::{escaped, markdown_row};
use crate::catalog::{CacheInfo, CacheStatus};
use crate::diagnostic::Diagnostic;

/// What is wrong, why it matters and what to do, a paragraph each: the first line says it alone.
/// Secrets are masked.
pub fn editor_message(diagnostic: &Diagnostic) -> String {
    let mut out = line(&diagnostic.message);
    let parts = [&diagnostic.why, &diagnostic.help];
    for text in parts.into_iter().flat_map(|part| part.lines()) {
        if !text.trim().is_empty() {
            out.push('\n');
            out.push_str(&line(text));
        }
    }
    if !diagnostic.machines.is_empty() {
        out.push_str("\nfor: ");
        out.push_str(&line(&diagnostic.machines.join(", ")));
    }
    out
}

/// Text of rules on one line: secrets masked, nothing that a terminal obeys.
pub fn editor_line(text: &str) -> String {
    line(text)
}

/// The address of a rule's page; `None` for what is reported by no rule.
pub fn rule_address(id: &str) -> Option<String> {
    page::address(id)
}

/// What is known of a cache, as Markdown.
pub fn cache_markdown(cache: &CacheInfo) -> String {
    let mut out = format!("**{}**: {}\n\n", cache.url, escaped(cache.purpose));
    let mut row = |key: &str, lines: &[String]| markdown_row(&mut out, key, lines);
    match (cache.status, cache.successor) {
        (CacheStatus::Active, _) => {}
        (CacheStatus::Retired, _) => row("status", &["gone, or not filled any more".to_owned()]),
        (CacheStatus::Moved, Some(to)) => row("moved", &[format!("to {to}")]),
        (CacheStatus::Moved, None) => row("status", &["moved".to_owned()]),
    }
    let keys: Vec<String> = cache
        .public_keys
        .iter()
        .map(|key| format!("`{key}`"))
        .collect();
    row(if keys.len() == 1 { "key" } else { "keys" }, &keys);
    if cache.needs_login {
        row("access", &["only for people who are logged in".to_owned()]);
    }
    let more = [
        ("instead", cache.advice),
        ("note", cache.note),
        ("owner", cache.owner),
    ];
    for (key, text) in more {
        row(key, &text.map(escaped).into_iter().collect::<Vec<_>>());
    }
    out.truncate(out.trim_end().len());
    out
}
