//! Everything of one machine as a table, and below it what does not get through.

use comfy_table::{ContentArrangement, Table};
use owo_colors::Style as Paint;

use super::options::{self, OptionRow};
use super::{One, Show, Style, escape, is_known, words};
use crate::diagnostic::Confidence;
use crate::model::{Lost, Outcome as Read, Source};
use crate::report::wrap;

/// The narrowest column of values.
const LEAST: usize = 16;
/// Between columns.
const GAP: usize = 2;

/// Rows of four cells, a line of text each.
type Row = [String; 4];

/// The machine's name, its table, and what has no effect.
pub(super) fn machine(show: &Show<'_>, one: &One<'_>, style: Style) -> String {
    let mut out = heading(one, style);
    for note in notes(show, one) {
        out.push_str(&format!("{}\n", filled(&note, "  ", "  ", style)));
    }
    let mut rows: Vec<Row> = Vec::new();
    for read in &one.rendered.settings {
        rows.extend(setting(show, read));
    }
    let settings = rows.len();
    for row in options::all(show, one) {
        rows.extend(option(show, &row));
    }
    if rows.is_empty() {
        out.push_str("  nothing is set\n");
    } else {
        out.push('\n');
        out.push_str(&table(rows, settings, style));
    }
    let lost: Vec<&Lost<'_>> = one
        .rendered
        .settings
        .iter()
        .flat_map(|read| &read.lost)
        .filter(|lost| matches!(lost.source, Source::Definition(_)))
        .collect();
    if !lost.is_empty() {
        out.push_str(&format!(
            "\n{}\n",
            style.paint("without effect", Paint::new().bold())
        ));
        for one in lost {
            let text = format!(
                "{} = {} ({}): {}",
                escape::line(&one.key),
                words::safe(&one.key, &one.text),
                words::source(show.outcome, &one.source),
                words::lost(show.outcome, &one.why)
            );
            out.push_str(&format!("{}\n", filled(&text, "  ", "      ", style)));
        }
    }
    let limited: Vec<(&str, &str)> = one
        .rendered
        .settings
        .iter()
        .filter(|read| read.text.is_some())
        .filter_map(|read| Some((read.name.as_ref(), words::reach(read)?)))
        .collect();
    if !limited.is_empty() {
        out.push_str(&format!(
            "\n{}\n",
            style.paint("not for everyone", Paint::new().bold())
        ));
        for (name, words) in limited {
            let text = format!("{}: {words}", escape::line(name));
            out.push_str(&format!("{}\n", filled(&text, "  ", "      ", style)));
        }
    }
    out
}

/// `darwin (nix-darwin): /etc/nix/nix.conf`.
pub(super) fn heading(one: &One<'_>, style: Style) -> String {
    let name = style.paint(&escape::line(&one.machine.name), Paint::new().bold());
    let kind = match one.machine.target.system() {
        Some(_) => words::system(one.machine),
        None => "module system not known".to_owned(),
    };
    let path = one
        .rendered
        .path
        .map_or_else(String::new, |path| format!(": {path}"));
    format!("{name} ({kind}){path}\n")
}

/// What counts for the whole machine.
pub(super) fn notes(show: &Show<'_>, one: &One<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(by) = one.rendered.disabled_by {
        notes.push(format!(
            "{} writes no nix.conf: {} ({})",
            words::system(one.machine),
            words::switch(by),
            words::definition(show.outcome, by)
        ));
    }
    if one.machine.target.system().is_none() {
        notes.push("the defaults of the module system are left out: it is not known".to_owned());
    }
    for open in &one.rendered.open {
        let at = open
            .at
            .map(|at| format!(" ({})", words::place(show.outcome, at)))
            .unwrap_or_default();
        notes.push(format!(
            "more may be set in `{}`, which {}{at}",
            escape::line(&open.option),
            escape::line(&open.why.to_string())
        ));
    }
    notes
}

fn setting(show: &Show<'_>, read: &Read<'_>) -> Vec<Row> {
    let Some(text) = &read.text else {
        return Vec::new();
    };
    let confidence = words::confidence(text, read.certain).to_string();
    let name = escape::line(&read.name).into_owned();
    let as_parts = read.parts.len() > 1 && is_known(text)
        || matches!(text, crate::model::Text::Unknown { .. }) && !read.parts.is_empty();
    if as_parts {
        let mut rows = Vec::new();
        for (index, part) in read.parts.iter().enumerate() {
            let first = index == 0;
            rows.push([
                if first { name.clone() } else { String::new() },
                words::safe(&read.name, &part.text),
                words::source(show.outcome, &part.source),
                if first {
                    confidence.clone()
                } else {
                    String::new()
                },
            ]);
        }
        return rows;
    }
    let sources: Vec<String> = read
        .parts
        .iter()
        .map(|part| words::source(show.outcome, &part.source))
        .fold(Vec::new(), |mut all, one| {
            if !all.contains(&one) {
                all.push(one);
            }
            all
        });
    let shown = words::safe(&read.name, &text.to_string());
    vec![[
        name,
        if shown.is_empty() {
            "(empty)".to_owned()
        } else {
            shown
        },
        sources.join(", "),
        confidence,
    ]]
}

fn option(show: &Show<'_>, row: &OptionRow<'_>) -> Vec<Row> {
    let from: Vec<String> = row
        .winners
        .iter()
        .map(|winner| words::definition(show.outcome, winner))
        .collect();
    vec![[
        escape::line(&row.path).into_owned(),
        words::safe(&row.path, &row.value),
        if row.is_default {
            "module default".to_owned()
        } else {
            from.join(", ")
        },
        row.confidence
            .as_ref()
            .map(Confidence::to_string)
            .unwrap_or_default(),
    ]]
}

/// Columns as wide as they have to be; values give way where the screen is too narrow.
fn table(mut rows: Vec<Row>, settings: usize, style: Style) -> String {
    let widest = |rows: &[Row], column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| textwrap::core::display_width(cell))
            .max()
            .unwrap_or(0)
    };
    let others: usize = [0, 2, 3]
        .into_iter()
        .map(|column| widest(&rows, column) + GAP)
        .sum();
    let room = style.width.saturating_sub(others).max(LEAST);
    for [_, value, _, _] in &mut rows {
        *value = cut(value, room);
    }
    let mut out = String::new();
    let (settings, options) = rows.split_at(settings.min(rows.len()));
    let widths: Vec<usize> = (0..4).map(|column| widest(&rows, column)).collect();
    for (title, rows) in [("setting", settings), ("option", options)] {
        if rows.is_empty() {
            continue;
        }
        if !out.is_empty() {
            out.push('\n');
        }
        let mut table = Table::new();
        table
            .load_style(comfy_table::presets::NOTHING)
            .set_content_arrangement(ContentArrangement::Disabled)
            .set_header([title, "value", "from", "confidence"].map(str::to_owned))
            .add_rows(rows.iter().cloned());
        for (column, width) in table.column_iter_mut().zip(&widths) {
            column.set_padding((0, u16::try_from(GAP).unwrap_or(0)));
            let width = u16::try_from(width + GAP).unwrap_or(u16::MAX);
            column.set_constraint(comfy_table::ColumnConstraint::LowerBoundary(
                comfy_table::Width::Fixed(width),
            ));
        }
        for (index, line) in table.lines().enumerate() {
            let line = line.trim_end();
            let line = if index == 0 {
                style.paint(line, Paint::new().dimmed())
            } else {
                line.to_owned()
            };
            out.push_str(&line);
            out.push('\n');
        }
    }
    out
}

/// At most `room` columns of `text`.
fn cut(text: &str, room: usize) -> String {
    if textwrap::core::display_width(text) <= room {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 1;
    for c in text.chars() {
        used += textwrap::core::display_width(c.encode_utf8(&mut [0; 4]));
        if used > room {
            break;
        }
        out.push(c);
    }
    out.push('…');
    out
}

/// Text broken into lines behind an indent.
pub(super) fn filled(text: &str, first: &str, rest: &str, style: Style) -> String {
    let options = wrap::options(style.width)
        .initial_indent(first)
        .subsequent_indent(rest);
    textwrap::fill(text, options)
}
