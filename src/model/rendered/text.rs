//! Lines that someone wrote as lines: `nix.extraOptions`, and `nix.conf` itself.

use std::sync::Arc;

use super::file::{Writer, Written};
use super::merge::Candidate;
use super::{Line, Lost, LostWhy, Open, Part, Source, Text, value};
use crate::eval::{Value, Why};
use crate::model::{DefId, Definition, Form, Inclusion, MachineView};
use crate::syntax::{ConfStatement, conf_lines, conf_value};
use crate::text::{FileId, Place};

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
        let mut lines = self.partly_known_lines(candidate, unconditional, used);
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

    /// The lines of a text that is not known as a whole.
    fn partly_known_lines(
        &self,
        candidate: &Candidate<'m>,
        unconditional: bool,
        used: &mut Vec<DefId>,
    ) -> Vec<Line<'m>> {
        let whole = match (candidate.source, &candidate.value) {
            (Source::Definition(whole), Value::Unknown(_)) => whole,
            _ => return Vec::new(),
        };
        let mut lines = Vec::new();
        for one in &self.definitions {
            let is_line = one.form == Form::TextLine && one.option.is("nix.extraOptions");
            if !is_line || !is_within(one.value.site, whole) || used.contains(&one.id) {
                continue;
            }
            used.push(one.id);
            let text = value::text(&one.value.value);
            let known = matches!(text, Text::Known(_));
            lines.push(Line {
                key: one.setting.clone().unwrap_or_default(),
                parts: vec![Part {
                    text: text.to_string(),
                    source: Source::Definition(one),
                    known,
                    unconditional,
                }],
                text: match text {
                    Text::Known(text) if !unconditional => Text::OneOf(vec![None, Some(text)]),
                    text => text,
                },
                reaches_nix: true,
            });
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
        let found = self.definitions.iter().find(|one| {
            one.form == Form::TextLine
                && one.setting.as_deref() == Some(key)
                && one.value.value.as_str() == Some(value)
                && is_within(one.value.site.or(one.value.origin), whole)
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

/// True for a place in what a text is written as.
fn is_within(place: Option<Place>, whole: &Definition) -> bool {
    let written = [whole.value.site, whole.value.origin];
    written.into_iter().flatten().any(|outer| {
        place.is_some_and(|place| place.file == outer.file && outer.span.contains(place.span))
    })
}

/// A `nix.conf` that someone wrote, with the files that it includes.
pub(super) fn conf<'m>(view: &MachineView<'m>) -> Written<'m> {
    let mut written = Written::default();
    let definitions: Vec<_> = view
        .definitions()
        .filter(|definition| definition.form == Form::ConfLine)
        .collect();
    let inclusions = &view.machine().inclusions;
    if let Some(file) = view.machine().files.first() {
        let mut lines = ConfLines {
            view,
            definitions: definitions.into_iter(),
            inclusions: inclusions.iter(),
            written: &mut written,
        };
        lines.of(*file);
    }
    written
}

/// Lines of `nix.conf` files on their way, with what the model made of them in the same order.
struct ConfLines<'c, 'm> {
    view: &'c MachineView<'m>,
    definitions: std::vec::IntoIter<&'m Definition>,
    inclusions: std::slice::Iter<'m, (Place, Inclusion)>,
    written: &'c mut Written<'m>,
}

impl ConfLines<'_, '_> {
    fn of(&mut self, id: FileId) {
        let Some(file) = self.view.workspace().file(id) else {
            return;
        };
        let text = file.text();
        for line in conf_lines(text) {
            match line.statement {
                ConfStatement::Setting { .. } => {
                    let Some(definition) = self.definitions.next() else {
                        return;
                    };
                    self.written.lines.push(Line {
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
                    let found = self.inclusions.next().map(|(_, found)| *found);
                    if let Some(Inclusion::Read(file)) = found {
                        self.of(file);
                        continue;
                    }
                    // As written: whether the file may be missing is part of it.
                    let line = text.get(line.span.range()).unwrap_or("");
                    let before = self.written.lines.len();
                    self.written.includes.push((before, line.to_owned()));
                    self.written.open.push(Open {
                        option: "include".to_owned(),
                        why: Why::Import(text.get(path.range()).unwrap_or("").into()),
                        at: Some(Place::new(id, path)),
                    });
                }
                ConfStatement::Blank | ConfStatement::Malformed(_) => {}
            }
        }
    }
}
