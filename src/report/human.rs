//! Diagnostics for people: headline, source excerpt, and the reasons below it.

use std::sync::Arc;

use owo_colors::Style as Paint;

use super::excerpt::{self, Mark};
use super::page::address;
use super::{Style, escape, redact, wrap};
use crate::diagnostic::{Applicability, Confidence, Diagnostic, FactUsed, Fix, Severity};
use crate::engine::Outcome;
use crate::policy::{PolicyError, PolicyProblem};
use crate::rules::EVERY_NIX;
use crate::text::SourceFile;

/// All diagnostics of a run, one after another.
pub fn stream<'a>(outcome: &'a Outcome, style: Style) -> impl Iterator<Item = String> + 'a {
    outcome
        .diagnostics
        .iter()
        .map(move |found| diagnostic(found, outcome, style))
}

/// One diagnostic, with an empty line at its end.
pub fn diagnostic(diagnostic: &Diagnostic, outcome: &Outcome, style: Style) -> String {
    let mut out = headline(
        diagnostic.severity,
        diagnostic.rule,
        &diagnostic.message,
        style,
    );
    let workspace = &outcome.workspace;
    for (file, marks) in marks_by_file(diagnostic, &|id| workspace.file(id).map(AsRef::as_ref)) {
        out.push_str(&excerpt::draw(
            file.name(),
            file.text(),
            marks,
            miette_severity(diagnostic.severity),
            style,
        ));
    }
    let mut notes = Notes::new(style);
    notes.add("why", &diagnostic.why);
    notes.add("help", &diagnostic.help);
    notes.add("facts", &facts(&diagnostic.facts));
    if diagnostic.applies != EVERY_NIX {
        notes.add("applies", &diagnostic.applies);
    }
    notes.add("note", confidence(diagnostic.confidence));
    if workspace.machines().len() > 1 {
        notes.add("for", &machines(&diagnostic.machines));
    }
    if let Some(fix) = &diagnostic.fix {
        notes.add("fix", &fix_line(fix, true));
    }
    out.push_str(&notes.text);
    out.push('\n');
    out
}

/// A `nixtune.toml` that cannot be used: every mistake with its place.
pub fn policy_error(error: &PolicyError, style: Style) -> String {
    let mut out = String::new();
    for PolicyProblem {
        span,
        message,
        help,
    } in &error.problems
    {
        out.push_str(&headline(Severity::Error, "", message, style));
        let mark = Mark {
            span: *span,
            text: None,
        };
        out.push_str(&excerpt::draw(
            &error.name,
            &error.text,
            vec![mark],
            miette::Severity::Error,
            style,
        ));
        let mut notes = Notes::new(style);
        notes.add("help", help);
        out.push_str(&notes.text);
        out.push('\n');
    }
    out
}

pub(super) fn headline(severity: Severity, rule: &str, message: &str, style: Style) -> String {
    let paint = severity_paint(severity);
    let mut label = severity.to_string();
    if !rule.is_empty() {
        label = format!("{label}[{rule}]");
    }
    let message = readable(message);
    let wrapped = textwrap::fill(
        &format!("{label}: {message}"),
        wrap::options(style.width).subsequent_indent("  "),
    );
    // Paint after wrapping, so that escapes count for nothing in the width.
    let rest = wrapped.strip_prefix(label.as_str()).unwrap_or("");
    let mut lines = rest.lines();
    let mut out = style.paint(&label, paint.bold());
    if let Some(page) = address(rule).filter(|_| style.links) {
        let link = format!("[\x1b]8;;{page}\x1b\\{rule}\x1b]8;;\x1b\\]");
        out = out.replacen(&format!("[{rule}]"), &link, 1);
    }
    out.push_str(&style.paint(lines.next().unwrap_or(""), Paint::new().bold()));
    for line in lines {
        out.push('\n');
        out.push_str(&style.paint(line, Paint::new().bold()));
    }
    out.push('\n');
    out
}

fn severity_paint(severity: Severity) -> Paint {
    match severity {
        Severity::Error => Paint::new().red(),
        Severity::Warning => Paint::new().yellow(),
        Severity::Info => Paint::new().cyan(),
    }
}

fn miette_severity(severity: Severity) -> miette::Severity {
    match severity {
        Severity::Error => miette::Severity::Error,
        Severity::Warning => miette::Severity::Warning,
        Severity::Info => miette::Severity::Advice,
    }
}

/// Text of rules may quote linted files.
fn readable(text: &str) -> String {
    escape::line(&redact::mask(text)).into_owned()
}

/// The diagnostic's own place first, then its labels, by file.
fn marks_by_file<'w>(
    diagnostic: &Diagnostic,
    file: &dyn Fn(crate::text::FileId) -> Option<&'w SourceFile>,
) -> Vec<(&'w SourceFile, Vec<Mark>)> {
    let mut out: Vec<(&SourceFile, Vec<Mark>)> = Vec::new();
    let mut place = |place: crate::text::Place, text: Option<&str>| {
        let Some(file) = file(place.file) else {
            return;
        };
        let mark = Mark {
            span: place.span,
            text: text.map(readable),
        };
        match out.iter_mut().find(|(other, _)| other.id() == file.id()) {
            Some((_, marks)) => marks.push(mark),
            None => out.push((file, vec![mark])),
        }
    };
    // A label at the diagnostic's own place gives it its words.
    let own = diagnostic
        .labels
        .iter()
        .find(|label| label.place == diagnostic.place);
    place(diagnostic.place, own.map(|label| label.text.as_str()));
    for label in &diagnostic.labels {
        if label.place != diagnostic.place {
            place(label.place, Some(&label.text));
        }
    }
    out
}

pub(super) fn facts(facts: &[FactUsed]) -> String {
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for fact in facts {
        let origin = format!("{}: {}", fact.how, fact.source);
        // `threads 12 threads` says it twice.
        let value = if fact.value.ends_with(&fact.name) {
            fact.value.clone()
        } else {
            format!("{} {}", fact.name, fact.value)
        };
        match groups.iter_mut().find(|(other, _)| *other == origin) {
            Some((_, values)) => {
                if !values.contains(&value) {
                    values.push(value);
                }
            }
            None => groups.push((origin, vec![value])),
        }
    }
    groups
        .into_iter()
        .map(|(origin, values)| format!("{} ({origin})", values.join(", ")))
        .collect::<Vec<_>>()
        .join("; ")
}

pub(super) fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Certain => "",
        Confidence::Likely => {
            "likely, not certain: a condition or a file that was not read may decide otherwise"
        }
        Confidence::Possible => "possible: it depends on something that is not known",
    }
}

/// A few names in full, many as a number.
pub(super) fn machines(names: &[Arc<str>]) -> String {
    match names {
        [first, second, third, _, _, ..] => {
            format!("{first}, {second}, {third} and {} more", names.len() - 3)
        }
        _ => names.join(", "),
    }
}

/// What a fix does and who may make it; with `names_command` also how.
pub(super) fn fix_line(fix: &Fix, names_command: bool) -> String {
    let how = match (fix.applicability, names_command) {
        (Applicability::Safe, true) => "safe: `nixtune apply`",
        (Applicability::Unsafe, true) => "unsafe: `nixtune apply --unsafe`",
        (Applicability::Safe, false) => "safe",
        (Applicability::Unsafe, false) => "unsafe",
        (Applicability::Manual, _) => "by hand",
    };
    format!("{} ({how})", fix.title)
}

/// The lines below an excerpt: `  why: …`, wrapped to the screen.
pub(super) struct Notes {
    style: Style,
    pub text: String,
}

impl Notes {
    pub fn new(style: Style) -> Self {
        Self {
            style,
            text: String::new(),
        }
    }

    pub fn add(&mut self, key: &str, text: &str) {
        const INDENT: &str = "         ";
        for (number, paragraph) in text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .enumerate()
        {
            let paragraph = readable(paragraph);
            let wrapped = textwrap::fill(
                &paragraph,
                wrap::options(self.style.width)
                    .initial_indent(INDENT)
                    .subsequent_indent(INDENT),
            );
            if number == 0 {
                let label = self.style.paint(&format!("{key:>7}:"), Paint::new().cyan());
                let rest = wrapped.get(INDENT.len()..).unwrap_or("");
                self.text.push_str(&format!("{label} {rest}\n"));
            } else {
                self.text.push_str(&wrapped);
                self.text.push('\n');
            }
        }
    }
}
