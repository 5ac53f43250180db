//! A diagnostic as other programs want it: a file, a range, a line of text.

use std::borrow::Cow;
use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::super::page::address;
use super::super::{escape, redact};
use crate::diagnostic::Diagnostic;
use crate::engine::Outcome;
use crate::policy::{BaselineKey, builtin_page};
use crate::rules::{self, Rule};
use crate::text::{FileId, Place, Position, SourceFile, TextEdit};

/// A diagnostic with its place looked up.
pub(super) struct Finding<'o> {
    pub diagnostic: &'o Diagnostic,
    pub range: FileRange<'o>,
    /// The differences of text that its fix stands for; none that would repeat a secret.
    pub edits: &'o [(FileId, TextEdit)],
}

/// A range of a file.
pub(super) struct FileRange<'o> {
    /// From the working directory, with `/`.
    pub file: &'o str,
    pub source: Option<&'o SourceFile>,
    /// Lines and columns start at 1; columns count Unicode scalar values.
    pub start: Position,
    /// Behind the last character.
    pub end: Position,
}

/// Every diagnostic of a run.
pub(super) fn findings(outcome: &Outcome) -> impl Iterator<Item = Finding<'_>> {
    outcome
        .diagnostics
        .iter()
        .enumerate()
        .map(|(index, diagnostic)| {
            let edits = outcome.edits.get(index).map_or(&[][..], Vec::as_slice);
            let tells = edits.iter().any(|(_, edit)| redact::has_secret(&edit.text));
            Finding {
                diagnostic,
                range: FileRange::of(outcome, diagnostic.place),
                edits: if tells { &[] } else { edits },
            }
        })
}

impl<'o> FileRange<'o> {
    pub fn of(outcome: &'o Outcome, place: Place) -> Self {
        let source = outcome.workspace.file(place.file).map(AsRef::as_ref);
        let position = |offset| {
            source.map_or(Position { line: 1, column: 1 }, |source: &SourceFile| {
                source.position(offset)
            })
        };
        Self {
            file: source.map_or("", |source| source.name()),
            source,
            start: position(place.span.start),
            end: position(place.span.end),
        }
    }
}

impl Finding<'_> {
    /// What is wrong, on one line.
    pub fn message(&self) -> String {
        line(&self.diagnostic.message)
    }

    /// What is wrong, why it matters and what to do: a line each.
    pub fn whole(&self) -> String {
        let Diagnostic {
            message,
            why,
            help,
            fix,
            ..
        } = self.diagnostic;
        let mut out = line(message);
        for text in why.lines().chain(help.lines()) {
            if !text.trim().is_empty() {
                out.push('\n');
                out.push_str(&line(text));
            }
        }
        if let Some(fix) = fix {
            out.push_str("\nfix: ");
            out.push_str(&line(&super::super::human::fix_line(fix, true)));
        }
        out
    }

    /// The address of its rule's page.
    pub fn page(&self) -> Option<String> {
        address(self.diagnostic.rule)
    }
}

/// The rule of an id, and the words on what comes from no rule.
pub(super) fn about(id: &str) -> (Option<&'static Rule>, &'static str) {
    match rules::find(id) {
        Some(rule) => (Some(rule), rule.docs),
        None => (None, builtin_page(id).unwrap_or_default()),
    }
}

/// Text of rules on one line: secrets masked, nothing that a terminal obeys.
pub(in super::super) fn line(text: &str) -> String {
    escape::line(&redact::mask(text)).into_owned()
}

/// A name that recognizes each diagnostic when lines move: its rule, file, option and text decide.
/// Those that have all of it in common are counted.
pub(super) fn fingerprints(outcome: &Outcome) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    outcome
        .diagnostics
        .iter()
        .map(|diagnostic| {
            let key = BaselineKey::new(&outcome.workspace, diagnostic);
            let file = outcome.workspace.file(diagnostic.place.file);
            let name = file.map_or("", |file| file.name());
            let text = key.written(|_| true);
            let parts = [key.rule, name, &key.option, &text].join("\0");
            let count = seen.entry(parts.clone()).or_default();
            *count += 1;
            let digest = Sha256::digest(format!("{parts}\0{count}").as_bytes());
            digest
                .iter()
                .take(16)
                .map(|byte| format!("{byte:02x}"))
                .collect()
        })
        .collect()
}

/// A path as a relative reference of RFC 3986: what would end or split it is encoded.
pub(super) fn uri(path: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/+@,=".contains(&byte);
    if path.bytes().all(is_plain) {
        return Cow::Borrowed(path);
    }
    let mut out = String::with_capacity(path.len() + 8);
    for byte in path.bytes() {
        if is_plain(byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn a_path_is_one_reference() {
        assert_eq!(uri("darwin/nix-settings.nix"), "darwin/nix-settings.nix");
        assert_eq!(uri("a b#c?d%é:"), "a%20b%23c%3Fd%25%C3%A9%3A");
    }
}
