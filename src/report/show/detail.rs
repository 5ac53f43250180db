//! One setting or option on one machine: its value, its way there, and what it won over.

use owo_colors::Style as Paint;

use super::names::Asked;
use super::options;
use super::table::{filled, heading, notes};
use super::{One, Show, Style, escape, words};
use crate::model::{Condition, Definition, Form, Lost, LostWhy, Outcome as Read, Source, Text};
use crate::report::excerpt::{self, Mark};
use crate::text::{FileId, Place};

/// Width of the labels in front.
const LABEL: usize = 11;

/// What is asked for, on one machine.
pub(super) fn asked(show: &Show<'_>, one: &One<'_>, asked: &Asked, style: Style) -> String {
    let mut out = heading(one, style);
    match asked {
        Asked::Setting { name, note } => {
            let mut page = Page::new(show, style);
            setting(show, one, name, note, &mut page);
            out.push_str(&page.text);
        }
        Asked::Options(paths) => {
            for path in options::there(show, one, paths) {
                let mut page = Page::new(show, style);
                option(show, one, &path, &mut page);
                if let [asked] = paths.as_slice()
                    && *asked != path
                {
                    let note = format!("`{asked}` is a former name of `{path}`");
                    page.row("name", &escape::line(&note));
                }
                out.push_str(&page.text);
            }
        }
    }
    out
}

struct Page<'s, 'o> {
    show: &'s Show<'o>,
    style: Style,
    text: String,
}

impl<'s, 'o> Page<'s, 'o> {
    fn new(show: &'s Show<'o>, style: Style) -> Self {
        Self {
            show,
            style,
            text: String::new(),
        }
    }

    fn title(&mut self, name: &str, value: &str) {
        let whole = format!("{} = {value}", escape::line(name));
        let whole = filled(&whole, "  ", "      ", self.style);
        let whole = self.style.paint(&whole, Paint::new().bold());
        self.text.push_str(&format!("{whole}\n"));
    }

    fn row(&mut self, label: &str, text: &str) {
        let indent = format!("    {:LABEL$}", "");
        let first = format!("    {label:<LABEL$}");
        let line = filled(text, &first, &indent, self.style);
        let rest = line.strip_prefix(first.as_str()).unwrap_or("");
        let label = self.style.paint(&first, Paint::new().cyan());
        self.text.push_str(&format!("{label}{rest}\n"));
    }

    /// Where a definition stands and how its value got there.
    fn definition(&mut self, definition: &Definition, label: &str) {
        let mut about = vec![words::definition(self.show.outcome, definition)];
        // A line of a nix.conf has neither.
        if definition.form != Form::ConfLine {
            about.push(format!(
                "`{}`",
                escape::line(&definition.option.to_string())
            ));
            about.push(words::priority(definition.priority));
        }
        self.row(label, &about.join(", "));
        if let Condition::Unknown { why, at } = &definition.condition {
            let place = at
                .map(|at| format!(" ({})", words::place(self.show.outcome, at)))
                .unwrap_or_default();
            let why = escape::line(&why.to_string()).into_owned();
            self.row("condition", &format!("not decided: it {why}{place}"));
        }
        self.excerpt(definition);
    }

    /// The lines that the value passes, its statement first.
    fn excerpt(&mut self, definition: &Definition) {
        let Some(place) = definition.place() else {
            return;
        };
        let mut marks: Vec<(Place, Option<String>)> = vec![(place, None)];
        let value = &definition.value;
        for step in &value.via {
            marks.push((step.place, Some(words::via(step.via).to_owned())));
        }
        if let Some(origin) = value.origin {
            marks.push((origin, Some("written here".to_owned())));
        }
        // What the statement shows already needs no words of its own, and no place two.
        let mut kept: Vec<(Place, Option<String>)> = Vec::new();
        for (at, text) in marks.into_iter().rev() {
            let inside = at != place && place.file == at.file && place.span.contains(at.span);
            if !inside && !kept.iter().any(|(other, _)| *other == at) {
                kept.push((at, text));
            }
        }
        kept.reverse();
        let mut files: Vec<FileId> = Vec::new();
        for (at, _) in &kept {
            if !files.contains(&at.file) {
                files.push(at.file);
            }
        }
        for id in files {
            let Some(file) = self.show.outcome.workspace.file(id) else {
                continue;
            };
            let marks = kept
                .iter()
                .filter(|(at, _)| at.file == id)
                .map(|(at, text)| Mark {
                    span: at.span,
                    text: text.clone(),
                })
                .collect();
            self.text.push_str(&excerpt::draw(
                file.name(),
                file.text(),
                marks,
                miette::Severity::Advice,
                self.style,
            ));
        }
    }
}

fn setting(show: &Show<'_>, one: &One<'_>, name: &str, note: &str, page: &mut Page<'_, '_>) {
    let read = one.rendered.setting(name);
    let text = read.and_then(|read| read.text.as_ref());
    match (read, text) {
        (Some(read), Some(text)) => set(show, read, text, page),
        _ => unset(show, one, name, page),
    }
    if !note.is_empty() {
        page.row("name", &escape::line(note));
    }
    for lost in read.map_or(&[][..], |read| &read.lost) {
        let won: Vec<Source<'_>> = read
            .map(|read| read.parts.iter().map(|part| part.source).collect())
            .unwrap_or_default();
        loser(show, name, lost, &won, page);
    }
    for note in notes(show, one) {
        page.row("note", &note);
    }
}

/// What has no effect; `won` is what has.
fn loser(
    show: &Show<'_>,
    name: &str,
    lost: &Lost<'_>,
    won: &[Source<'_>],
    page: &mut Page<'_, '_>,
) {
    let mut words = Vec::new();
    let value = words::safe(&lost.key, &lost.text);
    let value = if value.is_empty() { "(empty)" } else { &value };
    words.push(if lost.key.as_ref() == name {
        value.to_owned()
    } else {
        format!("{} = {value}", escape::line(&lost.key))
    });
    words.push(words::source(show.outcome, &lost.source));
    match &lost.source {
        Source::Definition(definition) if definition.form == Form::ConfLine => {}
        other => words.extend(other.priority().map(words::priority)),
    }
    if let Source::Module(default) = &lost.source {
        words.push(default.source.to_owned());
    }
    let mut text = words.join(", ");
    let label = match &lost.why {
        LostWhy::Weaker { than } if won.contains(than) => "overrides",
        LostWhy::Later { by, .. } if won.contains(by) => {
            text.push_str(": an earlier line");
            "overrides"
        }
        why => {
            text.push_str(&format!(": {}", words::lost(show.outcome, why)));
            "lost"
        }
    };
    page.row(label, &text);
    if let Source::Definition(definition) = &lost.source {
        page.excerpt(definition);
    }
}

fn set(show: &Show<'_>, read: &Read<'_>, text: &Text, page: &mut Page<'_, '_>) {
    let value = words::safe(&read.name, &text.to_string());
    page.title(
        &read.name,
        if value.is_empty() { "(empty)" } else { &value },
    );
    let mut seen: Vec<Source<'_>> = Vec::new();
    for part in &read.parts {
        if seen.contains(&part.source) {
            continue;
        }
        seen.push(part.source);
        let own: Vec<String> = read
            .parts
            .iter()
            .filter(|other| other.source == part.source)
            .map(|other| words::safe(&read.name, &other.text))
            .collect();
        let several = read.parts.iter().any(|other| other.source != part.source);
        if several {
            page.row("value", &own.join(" "));
        }
        match &part.source {
            Source::Definition(definition) => page.definition(definition, "from"),
            Source::Module(default) => {
                let note = default
                    .note
                    .map(|note| format!("; {note}"))
                    .unwrap_or_default();
                page.row(
                    "from",
                    &format!(
                        "module default `{}`, {}, {}{note}",
                        default.option(),
                        words::priority(crate::model::Priority(default.priority)),
                        default.source
                    ),
                );
            }
            other => page.row("from", &words::source(show.outcome, other)),
        }
    }
    page.row(
        "confidence",
        &words::confidence(text, read.certain).to_string(),
    );
    if let Some(words) = words::reach(read) {
        page.row("reach", words);
    }
    let keys: Vec<&str> = show
        .catalog
        .setting(&read.name)
        .map(|setting| setting.aliases.iter().map(|alias| alias.name).collect())
        .unwrap_or_default();
    if !keys.is_empty() {
        page.row("aliases", &keys.join(", "));
    }
}

/// A setting that no line gives a value.
fn unset(show: &Show<'_>, one: &One<'_>, name: &str, page: &mut Page<'_, '_>) {
    if show.catalog.setting(name).is_none() {
        page.title(name, "(ignored)");
        return;
    }
    let unset = words::unset(show, one, name);
    let value = words::safe(name, &unset.text.to_string());
    page.title(name, if value.is_empty() { "(empty)" } else { &value });
    if unset.is_default {
        page.row("from", "Nix default: no line sets it");
    }
    page.row("confidence", &unset.confidence.to_string());
}

fn option(show: &Show<'_>, one: &One<'_>, path: &str, page: &mut Page<'_, '_>) {
    let row = options::row(show, one, path);
    page.title(path, &words::safe(path, &row.value));
    for winner in &row.winners {
        page.definition(winner, "from");
    }
    if row.is_default {
        page.row("from", "module default: no definition sets it");
    } else if row.winners.is_empty() {
        page.row("from", "nothing sets it, and no default is known");
    }
    for loser in &row.losers {
        let value = words::safe(path, &words::nix(&loser.value.value));
        page.row(
            "overrides",
            &format!(
                "{value} from {} ({})",
                words::definition(show.outcome, loser),
                words::priority(loser.priority)
            ),
        );
    }
    if let Some(confidence) = row.confidence {
        page.row("confidence", &confidence.to_string());
    }
}
