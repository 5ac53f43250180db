//! Source excerpts with labels, drawn by miette.
//!
//! miette is given only the lines that it shows, masked and escaped: a file of megabytes costs
//! no more than a small one, and nothing in it reaches the terminal as a command.

use std::fmt;
use std::sync::Arc;

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents,
    SourceCode, SourceSpan, SpanContents,
};

use super::{Style, escape, redact};
use crate::text::{LineIndex, Position, Span};

/// A span to underline.
pub(super) struct Mark {
    pub span: Span,
    /// `None` underlines without words.
    pub text: Option<String>,
}

/// Lines around a label.
const CONTEXT: usize = 1;
/// A span of more lines than this is underlined in its first line only.
const MOST_LINES: u32 = 6;
/// A line with more characters than this is cut around its labels.
const MOST_COLUMNS: usize = 240;
/// Characters that are kept on both sides of a label when a line is cut.
const MARGIN: usize = 60;

/// Draws the lines of `text` that `marks` lie in: first those around the first mark, then the
/// others. Empty when there is no mark.
pub(super) fn draw(
    name: &str,
    text: &str,
    marks: Vec<Mark>,
    severity: miette::Severity,
    style: Style,
) -> String {
    clusters(text, marks)
        .iter()
        .map(|marks| draw_one(name, text, marks, severity, style))
        .collect()
}

/// Marks whose lines are shown together, the first mark's first.
fn clusters(text: &str, marks: Vec<Mark>) -> Vec<Vec<Mark>> {
    let index = LineIndex::new(text);
    let lines = |mark: &Mark| {
        let span = clip(mark.span, text, &index);
        (
            index.position(text, span.start).line as usize,
            index.position(text, span.end).line as usize,
        )
    };
    let mut numbered: Vec<(usize, Mark)> = marks.into_iter().enumerate().collect();
    numbered.sort_by_key(|(number, mark)| (lines(mark), *number));
    let mut out: Vec<(usize, Vec<(usize, Mark)>)> = Vec::new();
    for (number, mark) in numbered {
        let (first, last) = lines(&mark);
        match out.last_mut() {
            Some((end, cluster)) if first <= *end + 2 * CONTEXT + 1 => {
                *end = last.max(*end);
                cluster.push((number, mark));
            }
            _ => out.push((last, vec![(number, mark)])),
        }
    }
    out.sort_by_key(|(_, cluster)| !cluster.iter().any(|(number, _)| *number == 0));
    out.into_iter()
        .map(|(_, mut cluster)| {
            // The header of an excerpt names its first mark.
            cluster.sort_by_key(|(number, _)| *number);
            cluster.into_iter().map(|(_, mark)| mark).collect()
        })
        .collect()
}

fn draw_one(
    name: &str,
    text: &str,
    marks: &[Mark],
    severity: miette::Severity,
    style: Style,
) -> String {
    let Some(excerpt) = Excerpt::new(name, text, marks, severity) else {
        return String::new();
    };
    let mut theme = if style.unicode {
        GraphicalTheme::unicode()
    } else {
        GraphicalTheme::ascii()
    };
    if !style.color {
        theme.styles = GraphicalTheme::none().styles;
    }
    let mut out = String::new();
    let drawn = GraphicalReportHandler::new_themed(theme)
        .with_context_lines(CONTEXT)
        .with_width(style.width)
        .with_links(false)
        .without_syntax_highlighting()
        .render_report(&mut out, &excerpt);
    if drawn.is_err() {
        return String::new();
    }
    // The first line is the message, which is empty here: the caller has its own headline.
    out.split_once('\n')
        .map_or(String::new(), |(_, rest)| rest.to_owned())
}

#[derive(Debug)]
struct Excerpt {
    severity: miette::Severity,
    source: Arc<Lines>,
    labels: Vec<LabeledSpan>,
}

/// A stretch of a file as it is shown.
#[derive(Debug)]
struct Lines {
    name: String,
    text: String,
    /// Number of the first line, from 0.
    first: usize,
    /// Where shown offsets that labels start at lie in the file.
    positions: Vec<(usize, Position)>,
}

impl Excerpt {
    fn new(name: &str, text: &str, marks: &[Mark], severity: miette::Severity) -> Option<Self> {
        let index = LineIndex::new(text);
        let marks: Vec<(Span, &Mark)> = marks
            .iter()
            .map(|mark| (clip(mark.span, text, &index), mark))
            .collect();
        // Lines count from 1 in positions, from 0 here.
        let line = |offset: u32| index.position(text, offset).line as usize - 1;
        let shown: Vec<(usize, usize)> = marks
            .iter()
            .map(|(span, _)| {
                let last = if span.is_empty() {
                    span.start
                } else {
                    span.end - 1
                };
                (
                    line(span.start).saturating_sub(CONTEXT),
                    line(last.max(span.start)) + CONTEXT,
                )
            })
            .collect();
        let first = shown.iter().map(|range| range.0).min()?;
        let last = shown.iter().map(|range| range.1).max()?;

        let mut out = String::new();
        let mut places: Vec<[usize; 2]> = vec![[0, 0]; marks.len()];
        let mut start = 0;
        for (number, full) in text.split_inclusive('\n').enumerate() {
            let raw_start = start;
            start += full.len();
            if number < first {
                continue;
            }
            if number > last {
                break;
            }
            if shown
                .iter()
                .any(|(from, to)| (*from..=*to).contains(&number))
            {
                let body = full.strip_suffix('\n').unwrap_or(full);
                let body = body.strip_suffix('\r').unwrap_or(body);
                let ends: Vec<[Option<usize>; 2]> = marks
                    .iter()
                    .map(|(span, _)| {
                        [span.start, span.end].map(|offset| {
                            (offset as usize)
                                .checked_sub(raw_start)
                                .filter(|at| *at <= body.len())
                        })
                    })
                    .collect();
                show_line(body, &ends, &mut out, &mut places);
            }
            out.push('\n');
        }
        // An offset at the very end of a text that ends with a newline has no line of its own.
        let end = out.len();
        let labels = places
            .iter()
            .zip(&marks)
            .map(|([from, to], (span, mark))| {
                let (from, to) = if span.start as usize >= text.len() && text.ends_with('\n') {
                    (end.saturating_sub(1), end.saturating_sub(1))
                } else {
                    (*from, (*to).max(*from))
                };
                (from, to, mark)
            })
            .enumerate()
            .map(|(number, (from, to, mark))| {
                let label = mark.text.clone();
                let span = SourceSpan::new(from.into(), to - from);
                if number == 0 {
                    LabeledSpan::new_primary_with_span(label, span)
                } else {
                    LabeledSpan::new_with_span(label, span)
                }
            })
            .collect::<Vec<_>>();
        let positions = labels
            .iter()
            .zip(&marks)
            .map(|(label, (span, _))| (label.offset(), index.position(text, span.start)))
            .collect();
        Some(Self {
            severity,
            source: Arc::new(Lines {
                name: escape::line(name).into_owned(),
                text: out,
                first,
                positions,
            }),
            labels,
        })
    }
}

/// The part of `span` that is underlined: inside the text, and in few lines.
fn clip(span: Span, text: &str, index: &LineIndex) -> Span {
    let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
    let mut start = span.start.min(length) as usize;
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let mut end = (span.end.min(length) as usize).max(start);
    while !text.is_char_boundary(end) {
        end += 1;
    }
    let narrow = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
    let span = Span::new(narrow(start), narrow(end));
    let first = index.position(text, span.start).line;
    let last = index.position(text, span.end).line;
    if last - first < MOST_LINES {
        return span;
    }
    let line = index.line_span(text, span.start);
    Span::new(span.start, line.end.max(span.start))
}

/// Appends `body` as it is shown. `ends` are the offsets in it that marks start and end at;
/// `places` receives where they are shown.
fn show_line(body: &str, ends: &[[Option<usize>; 2]], out: &mut String, places: &mut [[usize; 2]]) {
    let masked = redact::mask(body);
    let kept = kept_columns(&masked, ends);
    let mut note = |offset: usize, shown: usize| {
        for (end, place) in ends.iter().zip(places.iter_mut()) {
            for (wanted, slot) in end.iter().zip(place.iter_mut()) {
                if *wanted == Some(offset) {
                    *slot = shown;
                }
            }
        }
    };
    if kept.start > 0 {
        out.push('…');
    }
    for (offset, c) in masked.char_indices() {
        if !kept.contains(&offset) {
            continue;
        }
        note(offset, out.len());
        if c == '\t' || !escape::is_unsafe(c) {
            out.push(c);
        } else {
            out.extend(escape::shown(c));
        }
    }
    note(masked.len().min(kept.end), out.len());
    note(masked.len(), out.len());
    if kept.end < masked.len() {
        out.push('…');
    }
}

/// Which bytes of a long line are shown: those around its marks.
fn kept_columns(line: &str, ends: &[[Option<usize>; 2]]) -> std::ops::Range<usize> {
    if line.len() <= MOST_COLUMNS {
        return 0..line.len();
    }
    let first = ends.iter().filter_map(|end| end[0]).min().unwrap_or(0);
    let mut from = first.saturating_sub(MARGIN);
    let mut to = (from + MOST_COLUMNS).min(line.len());
    while !line.is_char_boundary(from) {
        from -= 1;
    }
    while !line.is_char_boundary(to) {
        to += 1;
    }
    from..to
}

impl fmt::Display for Excerpt {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl std::error::Error for Excerpt {}

impl miette::Diagnostic for Excerpt {
    fn severity(&self) -> Option<miette::Severity> {
        Some(self.severity)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self.source.as_ref())
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}

impl SourceCode for Lines {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let inner = self.text.read_span(span, before, after)?;
        // The column in the header is the one in the file, not the one on the screen.
        let column = self
            .positions
            .iter()
            .find(|(offset, _)| *offset == span.offset())
            .map_or(inner.column(), |(_, position)| position.column as usize - 1);
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            inner.data(),
            *inner.span(),
            self.first + inner.line(),
            column,
            inner.line_count(),
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str, marks: &[(u32, u32, &str)]) -> String {
        let marks: Vec<_> = marks
            .iter()
            .map(|(start, end, words)| Mark {
                span: Span::new(*start, *end),
                text: (!words.is_empty()).then(|| (*words).to_owned()),
            })
            .collect();
        draw(
            "x.nix",
            text,
            marks,
            miette::Severity::Warning,
            Style::PLAIN,
        )
    }

    #[test]
    fn lines_keep_their_numbers() {
        let text = "{\n  a = 1;\n  b = 2;\n  c = 3;\n  d = 4;\n}\n";
        let at = u32::try_from(text.find("c =").unwrap()).unwrap();
        let shown = plain(text, &[(at, at + 5, "here")]);
        assert_eq!(
            shown,
            "   ╭─[x.nix:4:3]\n 3 │   b = 2;\n 4 │   c = 3;\n   ·   ──┬──\n   ·     ╰── here\n 5 │   d = 4;\n   ╰────\n"
        );
    }

    #[test]
    fn the_first_mark_comes_first_and_far_lines_are_left_out() {
        let text = "a\nb\nc\nd\ne\nf\ng\nh\ni\n";
        let shown = plain(text, &[(16, 17, "here"), (0, 1, "and here")]);
        let starts: Vec<_> = shown
            .lines()
            .filter(|line| line.contains("x.nix"))
            .collect();
        assert_eq!(starts, ["   ╭─[x.nix:9:1]", "   ╭─[x.nix:1:1]"]);
        assert!(!shown.contains(" 5 │"), "{shown}");
    }

    #[test]
    fn control_characters_and_secrets_are_not_shown() {
        let text = "a = \"\u{1b}[2J\"; b = \"github_pat_0123456789012345678901\";";
        let at = u32::try_from(text.find("b =").unwrap()).unwrap();
        let shown = plain(text, &[(at, at + 1, "")]);
        assert!(shown.contains("\\u{1b}[2J"), "{shown}");
        assert!(!shown.contains('\u{1b}'));
        assert!(shown.contains("github_pat_****"), "{shown}");
        assert!(shown.contains("x.nix:1:13"), "{shown}");
        // The underline stands below the label's text although the escape is wider on screen.
        let lines: Vec<_> = shown.lines().collect();
        let shown_at = lines[1]
            .find("b =")
            .map(|at| lines[1][..at].chars().count());
        assert_eq!(lines[2].chars().position(|c| c == '─'), shown_at, "{shown}");
    }

    #[test]
    fn long_lines_are_cut_around_the_label() {
        let text = format!(
            "x = \"{}\"; needle = 1;{}",
            "a".repeat(9000),
            " ".repeat(9000)
        );
        let at = u32::try_from(text.find("needle").unwrap()).unwrap();
        let shown = plain(&text, &[(at, at + 6, "here")]);
        assert!(shown.contains("needle = 1;"));
        assert!(shown.contains(&format!("x.nix:1:{}", at + 1)));
        assert!(shown.len() < 2000);
    }

    #[test]
    fn every_span_of_odd_texts_can_be_drawn() {
        for text in [
            "",
            "\n",
            "a",
            "a\r\nb\rc\n",
            "ä\u{feff}\t\n\n\nö",
            "{\n\n\n\n\n\n\n\n}",
        ] {
            let length = u32::try_from(text.len()).unwrap();
            for start in 0..=length + 1 {
                for end in start..=length + 2 {
                    let shown = plain(text, &[(start, end, "first"), (end, end, "")]);
                    assert!(shown.contains("x.nix"), "{text:?} {start}..{end}\n{shown}");
                }
            }
        }
    }
}
