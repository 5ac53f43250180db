//! Definitions in lines of strings such as `nix.extraOptions`.

use super::definition::{Condition, DefId, Definition, Form, Priority};
use super::machine::{Hole, OddLine, Oddity};
use super::modules::Reader;
use crate::eval::{Traced, Value, Why};
use crate::syntax::{
    CODE, ConfLine, ConfStatement, ESCAPE, conf_lines, conf_value, is_string_literal,
    text_of_literals, unescaped, words,
};
use crate::text::{Place, Span};

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
                Value::OneOf(branches) => {
                    for branch in branches {
                        let condition = Condition::Unknown {
                            why: Why::Unsupported("a choice".into()),
                            at: draft.value.site,
                        };
                        self.lines_of(&draft, branch, &condition);
                    }
                }
                _ => self.lines_of(&draft, &draft.value, &draft.condition),
            }
        }
    }

    fn lines_of(&mut self, draft: &Definition, value: &Traced, condition: &Condition) {
        let text = Text {
            draft,
            value,
            condition,
            literal: self.literal(draft, value),
        };
        match &value.value {
            Value::Str(known) => {
                self.reading.drafts.extend(text.known_lines(known));
                self.reading.odd_lines.extend(text.odd_lines(known));
            }
            Value::Unknown(why) => {
                let Some(lines) = text.partly_known_lines(why) else {
                    self.reading.holes.push(Hole {
                        path: draft.option.clone(),
                        why: why.clone(),
                        at: draft.value.site,
                    });
                    return;
                };
                self.reading.drafts.extend(lines);
            }
            _ => {}
        }
    }

    /// Where a text is written, and what stands there: the value itself, or, in the same file,
    /// what a name in its place stands for.
    fn literal(&self, draft: &Definition, value: &Traced) -> Option<(Place, String)> {
        let file = draft.statement.map(|place| place.file);
        let origin = value.origin.filter(|origin| Some(origin.file) == file);
        let place = match value.is_literal_in_place() {
            true => value.site?,
            false => origin?,
        };
        let source = self.library.source(place.file)?;
        Some((place, source.slice(place.span).to_owned()))
    }
}

/// A text with lines that are definitions.
struct Text<'t> {
    draft: &'t Definition,
    value: &'t Traced,
    condition: &'t Condition,
    /// Where it is written, with what stands there.
    literal: Option<(Place, String)>,
}

impl Text<'_> {
    /// Where it is written, with the text as it is compared with lines.
    fn written(&self) -> Option<(Place, String)> {
        let (place, source) = self.literal.as_ref()?;
        Some((*place, text_of_literals(source)))
    }

    /// Lines that are not read as they look.
    fn odd_lines(&self, known: &str) -> Vec<OddLine> {
        let odd: Vec<_> = conf_lines(known)
            .iter()
            .filter_map(|line| Some((oddity(known, line)?, line.span)))
            .collect();
        if odd.is_empty() {
            return Vec::new();
        }
        let written = self.written();
        odd.into_iter()
            .map(|(what, span)| {
                let text = known.get(span.range()).unwrap_or("");
                let located = written.as_ref().and_then(|(place, written)| {
                    let start = place.span.start + locate_line(written, text)?;
                    Some(Place::new(place.file, Span::new(start, start + span.len())))
                });
                OddLine {
                    text: text.into(),
                    place: located.or(self.value.site).or(self.value.origin),
                    certain: *self.condition == Condition::Always,
                    what,
                }
            })
            .collect()
    }

    fn known_lines(&self, known: &str) -> Vec<Definition> {
        let written = self.written();
        let mut lines = Vec::new();
        for line in conf_lines(known) {
            let ConfStatement::Setting { key, value: span } = line.statement else {
                continue;
            };
            let located = written.as_ref().and_then(|(place, written)| {
                let at = locate_line(written, known.get(line.span.range())?)?;
                let start = place.span.start + at;
                let shift = |span: Span| {
                    let from = start + (span.start - line.span.start);
                    Place::new(place.file, Span::new(from, from + span.len()))
                };
                Some((shift(line.span), shift(key), shift(span)))
            });
            let name = known.get(key.range()).unwrap_or("");
            let value = Value::Str(conf_value(known, span).into());
            lines.push(self.line(name, value, located));
        }
        lines
    }

    /// The lines of a literal in which code stands whose value is not known. A value with such code
    /// in it is not known either. `None` where the text is no literal, cannot be had at all, or
    /// where such code may make lines of its own.
    fn partly_known_lines(&self, why: &Why) -> Option<Vec<Definition>> {
        let (place, source) = self.literal.as_ref()?;
        if why.is_final() || !is_string_literal(source) {
            return None;
        }
        let text = text_of_literals(source);
        let at = |span: Span| {
            let start = place.span.start + span.start;
            Place::new(place.file, Span::new(start, start + span.len()))
        };
        let mut lines = Vec::new();
        for line in conf_lines(&text) {
            let holds =
                |span: Span, c: &[char]| text.get(span.range()).is_some_and(|it| it.contains(c));
            match line.statement {
                ConfStatement::Setting { key, value } if !holds(key, &[CODE, ESCAPE]) => {
                    let name = text.get(key.range()).unwrap_or("");
                    if !holds(value, &[CODE]) {
                        let located = Some((at(line.span), at(key), at(value)));
                        let written = source.get(value.range()).unwrap_or("");
                        let known = unescaped(written, source.starts_with("''"));
                        let parts: Vec<&str> =
                            words(&known).filter_map(|it| known.get(it)).collect();
                        let value = Value::Str(parts.join(" ").into());
                        lines.push(self.line(name, value, located));
                    } else {
                        let mut unknown = self.line(name, Value::Unknown(why.clone()), None);
                        unknown.value.site = Some(at(line.span));
                        lines.push(unknown);
                    }
                }
                // Which file is included matters no more than what it says, which is not read.
                ConfStatement::Include { .. } => {}
                _ if !holds(line.span, &[CODE]) => {}
                _ => return None,
            }
        }
        Some(lines)
    }

    /// The definition of a line. `located` says where the line, its key and its value stand.
    fn line(&self, name: &str, value: Value, located: Option<(Place, Place, Place)>) -> Definition {
        let site = located.map(|(_, _, value)| value);
        Definition {
            id: DefId::NONE,
            option: self.draft.option.clone(),
            setting: Some(name.into()),
            value: Traced {
                value,
                origin: site.or(self.value.origin),
                site: site.or(self.value.site),
                via: Vec::new(),
            },
            priority: self.draft.priority,
            order: self.draft.order,
            set_priority: Priority::NORMAL,
            condition: self.condition.clone(),
            form: Form::TextLine,
            statement: located.map(|(line, _, _)| line),
            name: located.map(|(_, key, _)| key),
        }
    }
}

/// What is odd about a line; `None` for most.
pub(super) fn oddity(text: &str, line: &ConfLine) -> Option<Oddity> {
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

/// Where a line stands in a text: exactly once, as a line of its own.
fn locate_line(text: &str, line: &str) -> Option<u32> {
    let mut found = text.match_indices(line).filter(|(at, _)| {
        let before = text.get(..*at).unwrap_or("");
        let after = text.get(at + line.len()..).unwrap_or("");
        let opens = before.trim_end_matches([' ', '\t']);
        let closes = after.trim_start_matches([' ', '\t']);
        opens.ends_with('\n') && closes.starts_with(['\n', '\r', '#'])
    });
    let (at, _) = found.next()?;
    if found.next().is_some() {
        return None;
    }
    u32::try_from(at).ok()
}
