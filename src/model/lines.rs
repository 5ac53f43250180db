//! Definitions in lines of text: `nix.conf` files, and strings such as `nix.extraOptions`.

use super::definition::{Condition, DefId, Definition, Form, OptionPath, Order, Priority};
use super::library::Library;
use super::machine::{Hole, OddLine, Oddity};
use super::modules::{Reader, Reading};
use crate::eval::{Traced, Value, Why};
use crate::syntax::{ConfLine, ConfStatement, conf_lines, conf_value};
use crate::text::{FileId, Place, Span};

impl Reader<'_> {
    /// Adds the lines of `nix.extraOptions` as definitions of their own.
    pub(super) fn text_lines(&mut self) {
        let mut texts: Vec<Definition> = self
            .reading
            .drafts
            .iter()
            .filter(|draft| draft.option.is("nix.extraOptions"))
            .cloned()
            .collect();
        // Weaker texts are dropped, those that remain follow each other by their order.
        let certain = texts
            .iter()
            .filter(|text| text.condition == Condition::Always);
        if let Some(strongest) = certain.map(|text| text.priority).min() {
            texts.retain(|text| text.priority <= strongest);
        }
        texts.sort_by_key(|text| text.order);
        for draft in texts {
            match &draft.value.value {
                Value::Str(text) => self.lines_of(&draft, &draft.value, text, &draft.condition),
                Value::OneOf(branches) => {
                    for branch in branches {
                        if let Value::Str(text) = &branch.value {
                            let condition = Condition::Unknown {
                                why: Why::Unsupported("a choice".into()),
                                at: draft.value.site,
                            };
                            self.lines_of(&draft, branch, text, &condition);
                        }
                    }
                }
                Value::Unknown(why) => self.reading.holes.push(Hole {
                    path: draft.option.clone(),
                    why: why.clone(),
                    at: draft.value.site,
                }),
                _ => {}
            }
        }
    }

    fn lines_of(&mut self, draft: &Definition, value: &Traced, text: &str, condition: &Condition) {
        let written = value.site.filter(|_| value.is_literal_in_place());
        let start_of = |line: &ConfLine| {
            let place = written?;
            let source = self.library.source(place.file)?;
            let at = locate_line(source.slice(place.span), text.get(line.span.range())?)?;
            Some((place.file, place.span.start + at))
        };
        for line in conf_lines(text) {
            let start = start_of(&line);
            if let Some(what) = oddity(text, &line) {
                let place = start.map(|(file, start)| {
                    Place::new(file, Span::new(start, start + line.span.len()))
                });
                self.reading.odd_lines.push(OddLine {
                    text: text.get(line.span.range()).unwrap_or("").into(),
                    place: place.or(value.site).or(value.origin),
                    certain: *condition == Condition::Always,
                    what,
                });
            }
            let ConfStatement::Setting { key, value: span } = line.statement else {
                continue;
            };
            let located = start.map(|(file, start)| {
                let shift = |span: Span| {
                    let from = start + (span.start - line.span.start);
                    Place::new(file, Span::new(from, from + span.len()))
                };
                (shift(line.span), shift(key), shift(span))
            });
            let site = located.map(|(_, _, value)| value);
            self.reading.drafts.push(Definition {
                id: DefId::NONE,
                option: draft.option.clone(),
                setting: text.get(key.range()).map(Into::into),
                value: Traced {
                    value: Value::Str(conf_value(text, span).into()),
                    origin: site.or(value.origin),
                    site: site.or(value.site),
                    via: Vec::new(),
                },
                priority: draft.priority,
                order: draft.order,
                set_priority: Priority::NORMAL,
                condition: condition.clone(),
                form: Form::TextLine,
                statement: located.map(|(line, _, _)| line),
                name: located.map(|(_, key, _)| key),
            });
        }
    }
}

/// Reads a `nix.conf`.
pub(super) fn conf(library: &Library<'_>, id: FileId) -> Reading {
    let mut reading = Reading {
        files: vec![id],
        is_module: true,
        ..Reading::default()
    };
    let Some(source) = library.source(id) else {
        return reading;
    };
    let text = source.text();
    for line in conf_lines(text) {
        if let Some(what) = oddity(text, &line) {
            reading.odd_lines.push(OddLine {
                text: text.get(line.span.range()).unwrap_or("").into(),
                place: Some(Place::new(id, line.span)),
                certain: true,
                what,
            });
        }
        match line.statement {
            ConfStatement::Setting { key, value } => {
                let place = |span| Place::new(id, span);
                let name = text.get(key.range()).unwrap_or("");
                reading.drafts.push(Definition {
                    id: DefId::NONE,
                    option: OptionPath::new([name]),
                    setting: Some(name.into()),
                    value: Traced {
                        value: Value::Str(conf_value(text, value).into()),
                        origin: Some(place(value)),
                        site: Some(place(value)),
                        via: Vec::new(),
                    },
                    priority: Priority::NORMAL,
                    order: Order::NORMAL,
                    set_priority: Priority::NORMAL,
                    condition: Condition::Always,
                    form: Form::ConfLine,
                    statement: Some(place(line.span)),
                    name: Some(place(key)),
                });
            }
            ConfStatement::Include { path, .. } => {
                let name = text.get(path.range()).unwrap_or("");
                reading.unread.push(Why::Import(name.into()));
            }
            ConfStatement::Blank | ConfStatement::Malformed(_) => {}
        }
    }
    reading
}

/// What is odd about a line; `None` for most.
fn oddity(text: &str, line: &ConfLine) -> Option<Oddity> {
    match line.statement {
        ConfStatement::Malformed(why) => Some(Oddity::Malformed(why)),
        ConfStatement::Setting { key, value } => {
            // A comment begins behind a blank, or at least behind something.
            let comment = line.comment?;
            let is_glued = !value.is_empty() && value.end == comment.start;
            is_glued.then(|| Oddity::Cut {
                key: text.get(key.range()).unwrap_or("").into(),
                lost: text.get(comment.range()).unwrap_or("").trim_end().into(),
            })
        }
        ConfStatement::Blank | ConfStatement::Include { .. } => None,
    }
}

/// Where a line of text stands in a string literal: exactly once, as a line of its own.
fn locate_line(literal: &str, line: &str) -> Option<u32> {
    let mut found = literal.match_indices(line).filter(|(at, _)| {
        let before = literal.get(..*at).unwrap_or("");
        let after = literal.get(at + line.len()..).unwrap_or("");
        let opens = before.trim_end_matches([' ', '\t']);
        let closes = after.trim_start_matches([' ', '\t']);
        (opens.ends_with('\n') || opens == "''" || opens == "\"")
            && (closes.starts_with(['\n', '\r', '#']) || closes == "''" || closes == "\"")
    });
    let (at, _) = found.next()?;
    if found.next().is_some() {
        return None;
    }
    u32::try_from(at).ok()
}
