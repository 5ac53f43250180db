//! Lines of `nix.conf`, in a file of their own or in a string.

use super::Refusal;
use super::draft::Draft;
use super::render;
use super::tree::{is_blank, length, offset};
use crate::diagnostic::NewValue;
use crate::model::parse_amount;
use crate::syntax::{ConfStatement, conf_lines, quote};
use crate::text::{EditSet, Span, TextEdit};

/// How the text around a line is escaped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Escape {
    /// A file of its own.
    None,
    /// A string in double quotes.
    Quoted,
    /// An indented string.
    Indented,
}

impl Escape {
    /// `text` as it is written there.
    pub fn write(self, text: &str) -> String {
        match self {
            Self::None => text.to_owned(),
            Self::Quoted => {
                let quoted = quote(text);
                quoted
                    .get(1..quoted.len().saturating_sub(1))
                    .unwrap_or("")
                    .to_owned()
            }
            Self::Indented => text.replace("''", "'''").replace("${", "''${"),
        }
    }
}

/// One line and the text that it stands in.
pub(super) struct Line<'t> {
    pub text: &'t str,
    /// The part of the text that has the grammar of `nix.conf`.
    pub area: Span,
    /// The `\n` before and behind the area, where it is part of a string in which lines end so.
    pub breaks: [Option<Span>; 2],
    pub escape: Escape,
    pub newline: &'static str,
    /// From the first to the last word.
    pub words: Span,
    pub key: Span,
    pub value: Span,
    pub comment: Option<Span>,
    /// Where a new line goes: behind the line and what was written there before.
    pub behind: u32,
}

impl<'t> Line<'t> {
    /// Reads the line whose words are at `words`.
    pub fn read(
        text: &'t str,
        area: Span,
        escape: Escape,
        newline: &'static str,
        words: Span,
    ) -> Result<Self, Refusal> {
        if !area.contains(words) {
            return Err(Refusal::NotFound);
        }
        let (area, breaks) = match escape {
            Escape::Quoted => between_breaks(text, area, words),
            _ => (area, [None, None]),
        };
        let rest = text
            .get(words.start as usize..area.end as usize)
            .and_then(|rest| rest.split_inclusive('\n').next())
            .ok_or(Refusal::NotFound)?;
        let line = conf_lines(rest).into_iter().next();
        let shift = |span: Span| Span::new(span.start + words.start, span.end + words.start);
        match line.as_ref().map(|line| &line.statement) {
            Some(ConfStatement::Setting { key, value }) => Ok(Self {
                text,
                area,
                breaks,
                escape,
                newline,
                words,
                key: shift(*key),
                value: shift(*value),
                behind: words.end,
                comment: line.and_then(|line| line.comment).map(shift),
            }),
            _ => Err(Refusal::NotFound),
        }
    }

    /// The line in a draft: new lines stand in the order in which they were added.
    pub fn in_draft(mut self, draft: &Draft) -> Self {
        // A comment belongs to its line; blanks before the end of a string belong to the string.
        let end = self.comment.map_or(self.words.end, |comment| comment.end);
        self.behind = draft.end_of_new(end);
        self
    }

    fn slice(&self, from: u32, to: u32) -> &'t str {
        self.text.get(Span::new(from, to).range()).unwrap_or("")
    }

    /// Where the physical line starts, inside of the area.
    fn start(&self) -> u32 {
        let before = self.slice(self.area.start, self.words.start);
        let last = before.rsplit('\n').next().unwrap_or("");
        self.words.start - length(last)
    }

    /// Where the physical line ends, before its line ending.
    fn end(&self) -> u32 {
        let after = self.slice(self.words.end, self.area.end);
        let rest = after.split('\n').next().unwrap_or("");
        let rest = match after.get(rest.len()..) {
            Some("") | None => rest,
            Some(_) => rest.strip_suffix('\r').unwrap_or(rest),
        };
        self.words.end + length(rest)
    }

    /// Where the next physical line starts; `None` when this is the last one of the area.
    fn next(&self) -> Option<u32> {
        let after = self.slice(self.words.end, self.area.end);
        let at = after.find('\n')?;
        Some(self.words.end + length(after.get(..=at)?))
    }

    fn edit(span: Span, text: String) -> Result<EditSet, Refusal> {
        let mut edits = EditSet::new();
        edits.insert(TextEdit { span, text })?;
        Ok(edits)
    }

    /// A value as the lines around write it: with a unit letter where another one has it.
    fn rendered(&self, value: &NewValue) -> Result<String, Refusal> {
        if let NewValue::Size(bytes) = value
            && self.writes_letters()
            && let Some(text) = render::with_letter(*bytes)
        {
            return Ok(text);
        }
        render::conf(value).ok_or(Refusal::NotInConf)
    }

    fn writes_letters(&self) -> bool {
        let area = self.slice(self.area.start, self.area.end);
        conf_lines(area).iter().any(|line| {
            let ConfStatement::Setting { value, .. } = line.statement else {
                return false;
            };
            let text = area.get(value.range()).unwrap_or("");
            text.ends_with(['K', 'M', 'G', 'T']) && parse_amount(text).is_some()
        })
    }

    /// Another value.
    pub fn set(&self, value: &NewValue) -> Result<EditSet, Refusal> {
        let text = self.rendered(value)?;
        let gap = if self.value.is_empty() && !text.is_empty() {
            " "
        } else {
            ""
        };
        Self::edit(self.value, format!("{gap}{}", self.escape.write(&text)))
    }

    /// Another key.
    pub fn rename(&self, key: &str) -> Result<EditSet, Refusal> {
        Self::edit(self.key, self.escape.write(key))
    }

    /// Without the line; a comment stays.
    pub fn remove(&self) -> Result<EditSet, Refusal> {
        if let Some(comment) = self.comment {
            return Self::edit(Span::new(self.words.start, comment.start), String::new());
        }
        let start = self.start();
        let alone = is_blank(self.slice(start, self.words.start))
            && is_blank(self.slice(self.words.end, self.end()));
        match self.next() {
            Some(next) if alone && (start > self.area.start || self.escape == Escape::None) => {
                Self::edit(Span::new(start, next), String::new())
            }
            // The last line of a file without final newline takes the newline before it along.
            None if alone && self.escape == Escape::None && start > 0 => {
                let before = self.slice(0, start).trim_end_matches(['\n', '\r']);
                let from = length(before).max(start.saturating_sub(length(self.newline)));
                Self::edit(Span::new(from, self.end()), String::new())
            }
            None if alone && start == self.area.start => {
                let whole = match self.breaks {
                    [_, Some(next)] => self.area.cover(next),
                    [Some(before), None] => self.area.cover(before),
                    [None, None] => self.words,
                };
                Self::edit(whole, String::new())
            }
            _ => Self::edit(self.words, String::new()),
        }
    }

    /// Words behind those that the value has.
    pub fn add(&self, items: &[String]) -> Result<EditSet, Refusal> {
        let words: Vec<NewValue> = items.iter().cloned().map(NewValue::Str).collect();
        let text = render::conf(&NewValue::List(words)).ok_or(Refusal::NotInConf)?;
        Self::edit(
            Span::empty(self.value.end),
            format!(" {}", self.escape.write(&text)),
        )
    }

    /// A line behind this one.
    pub fn insert(
        &self,
        key: &str,
        value: &NewValue,
        comment: Option<&str>,
    ) -> Result<EditSet, Refusal> {
        let value = self.rendered(value)?;
        let line = format!("{key} = {value}");
        let indent = self.slice(self.start(), self.words.start);
        let indent = if is_blank(indent) { indent } else { "" };
        let newline = match self.escape {
            // A string on one line stays on one line.
            Escape::Quoted if self.next().is_none() => "\\n",
            _ => self.newline,
        };
        let mut text = String::new();
        for line in comment.into_iter().flat_map(str::lines) {
            let line = format!("# {}", line.trim());
            text.push_str(&format!("{newline}{indent}{}", self.escape.write(&line)));
        }
        text.push_str(&format!(
            "{newline}{indent}{}",
            self.escape.write(line.trim_end())
        ));
        Self::edit(Span::empty(self.behind), text)
    }
}

/// The part of a string in double quotes that holds `words` and no `\n`, and the ones around it.
fn between_breaks(text: &str, area: Span, words: Span) -> (Span, [Option<Span>; 2]) {
    let (mut area, mut breaks) = (area, [None, None]);
    let mut at = area.start;
    let mut chars = text.get(area.range()).unwrap_or("").chars();
    while let Some(next) = chars.next() {
        let start = at;
        at += offset(next.len_utf8());
        if next != '\\' {
            continue;
        }
        let escaped = chars.next();
        at += escaped.map_or(0, |it| offset(it.len_utf8()));
        if escaped != Some('n') {
            continue;
        }
        let found = Some(Span::new(start, at));
        if at <= words.start {
            area = Span::new(at, area.end);
            breaks = [found, None];
        } else if start >= words.end {
            return (Span::new(area.start, start), [breaks[0], found]);
        }
    }
    (area, breaks)
}

/// The bytes that go with a word of a text: its line when it has one for itself, otherwise the
/// blanks on one side.
pub(super) fn word(text: &str, area: Span, span: Span) -> Span {
    let before = text
        .get(area.start as usize..span.start as usize)
        .unwrap_or("");
    let after = text.get(span.end as usize..area.end as usize).unwrap_or("");
    let blank = |c: char| matches!(c, ' ' | '\t');
    let gap_before = length(before) - length(before.trim_end_matches(blank));
    let gap_after = length(after) - length(after.trim_start_matches(blank));
    let opens = before.trim_end_matches(blank).ends_with('\n');
    let rest = after.trim_start_matches(blank);
    let closes = rest.starts_with('\n') || rest.starts_with("\r\n");
    if opens && closes {
        let line_end = after.find('\n').map_or(0, |at| at + 1);
        return Span::new(span.start - gap_before, span.end + offset(line_end));
    }
    if opens || before.trim_end_matches(blank).is_empty() {
        return Span::new(span.start, span.end + gap_after);
    }
    Span::new(span.start - gap_before, span.end)
}
