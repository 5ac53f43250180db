//! Lines that someone wrote as lines: `nix.extraOptions`, and `nix.conf` itself.

use std::sync::Arc;

use super::file::{Writer, Written};
use super::merge::Candidate;
use super::{Line, Lost, LostWhy, Open, Part, Source, Text, value};
use crate::eval::{Value, Why};
use crate::model::{DefId, Form, MachineView};
use crate::syntax::{ConfStatement, conf_lines, conf_value};
use crate::text::Place;

impl<'m> Writer<'_, 'm> {
    /// `nix.extraOptions`: the lines behind all others.
    pub fn text_below(&mut self) {
        let mut candidates: Vec<Candidate<'m>> = self
            .definitions
            .iter()
            .enumerate()
            .filter(|(_, one)| one.form != Form::TextLine && one.option.is("nix.extraOptions"))
            .map(|(index, one)| Candidate::of(one, Self::text_position(index)))
            .collect();
        candidates.sort_by_key(|one| (one.order, one.position));
        let strongest = candidates
            .iter()
            .filter(|one| one.condition.is_none())
            .map(|one| one.priority)
            .min();
        let by = candidates
            .iter()
            .find(|one| Some(one.priority) == strongest)
            .map(|one| one.source);
        let mut used = Vec::new();
        for candidate in &candidates {
            let weaker = strongest.is_some_and(|strongest| candidate.priority > strongest);
            let beatable = candidates
                .iter()
                .any(|other| other.condition.is_some() && other.priority < candidate.priority);
            let unconditional = candidate.condition.is_none() && !beatable;
            for line in self.text_lines(candidate, unconditional, &mut used) {
                match (weaker, by) {
                    (true, Some(than)) => {
                        let text = line.text.to_string();
                        let source = line
                            .parts
                            .first()
                            .map_or(candidate.source, |one| one.source);
                        self.written.lost.push(Lost {
                            source,
                            key: line.key,
                            text,
                            why: LostWhy::Weaker { than },
                        });
                    }
                    _ => self.written.lines.push(line),
                }
            }
        }
    }

    fn text_lines(
        &self,
        candidate: &Candidate<'m>,
        unconditional: bool,
        used: &mut Vec<DefId>,
    ) -> Vec<Line<'m>> {
        let (texts, unconditional): (Vec<&str>, bool) = match &candidate.value {
            Value::Str(text) => (vec![text], unconditional),
            Value::OneOf(branches) => (
                branches
                    .iter()
                    .filter_map(|one| one.value.as_str())
                    .collect(),
                false,
            ),
            _ => (Vec::new(), false),
        };
        let mut lines = Vec::new();
        for text in texts {
            for line in conf_lines(text) {
                let ConfStatement::Setting { key, value } = line.statement else {
                    continue;
                };
                let key: Arc<str> = text.get(key.range()).unwrap_or("").into();
                let value = conf_value(text, value);
                let source = self.line_source(candidate.source, &key, &value, used);
                lines.push(Line {
                    text: if unconditional {
                        Text::Known(value.clone())
                    } else {
                        Text::OneOf(vec![None, Some(value.clone())])
                    },
                    parts: vec![Part {
                        text: value,
                        source,
                        known: true,
                        unconditional,
                    }],
                    key,
                    reaches_nix: true,
                });
            }
        }
        lines
    }

    /// The definition of one line of a text; the text's own where no line has one.
    fn line_source(
        &self,
        text: Source<'m>,
        key: &str,
        value: &str,
        used: &mut Vec<DefId>,
    ) -> Source<'m> {
        let Source::Definition(whole) = text else {
            return text;
        };
        let holds = |place: Option<Place>| {
            [whole.value.site, whole.value.origin]
                .into_iter()
                .flatten()
                .any(|outer| {
                    place.is_some_and(|place| {
                        place.file == outer.file && outer.span.contains(place.span)
                    })
                })
        };
        let found = self.definitions.iter().find(|one| {
            one.form == Form::TextLine
                && one.setting.as_deref() == Some(key)
                && one.value.value.as_str() == Some(value)
                && holds(one.value.site.or(one.value.origin))
                && !used.contains(&one.id)
        });
        match found {
            Some(line) => {
                used.push(line.id);
                Source::Definition(line)
            }
            None => text,
        }
    }
}

/// A `nix.conf` that someone wrote.
pub(super) fn conf<'m>(view: &MachineView<'m>) -> Written<'m> {
    let mut written = Written::default();
    let mut definitions = view
        .definitions()
        .filter(|definition| definition.form == Form::ConfLine)
        .peekable();
    let file = view
        .machine()
        .files
        .first()
        .and_then(|id| view.workspace().file(*id));
    let text = file.map_or("", |file| file.text());
    for line in conf_lines(text) {
        match line.statement {
            ConfStatement::Setting { .. } => {
                let Some(definition) = definitions.next() else {
                    break;
                };
                written.lines.push(Line {
                    key: definition.setting.clone().unwrap_or_default(),
                    text: value::text(&definition.value.value),
                    parts: vec![Part {
                        text: value::text(&definition.value.value).to_string(),
                        source: Source::Definition(definition),
                        known: true,
                        unconditional: true,
                    }],
                    reaches_nix: true,
                });
            }
            ConfStatement::Include { path, .. } => {
                // As written: whether the file may be missing is part of it.
                let line = text.get(line.span.range()).unwrap_or("");
                written
                    .includes
                    .push((written.lines.len(), line.to_owned()));
                written.open.push(Open {
                    option: "include".to_owned(),
                    why: Why::Import(text.get(path.range()).unwrap_or("").into()),
                    at: file.map(|file| Place::new(file.id(), path)),
                });
            }
            ConfStatement::Blank | ConfStatement::Malformed(_) => {}
        }
    }
    written
}
