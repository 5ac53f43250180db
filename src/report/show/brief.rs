//! One setting or option on the machines that read a file, for the small window of an editor.

use super::names::Asked;
use super::{One, Show, options, words};
use crate::catalog::Catalog;
use crate::engine::Outcome;
use crate::model::{Source, Text};
use crate::text::FileId;

/// Lines that a small window holds.
const MOST_GROUPS: usize = 8;

/// What a setting or option is on each machine that reads `file`, as Markdown; machines that have
/// it from the same places are named together. `None` when no machine reads the file, or the name
/// is not known.
pub fn values_markdown(
    outcome: &Outcome,
    catalog: &Catalog,
    name: &str,
    file: FileId,
) -> Option<String> {
    let show = Show::new(outcome, catalog, &[name.to_owned()], None).ok()?;
    let asked = show.asked.first()?;
    let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
    for one in &show.machines {
        if !one.machine.files.contains(&file) {
            continue;
        }
        let text = match asked {
            Asked::Setting { name, .. } => setting(&show, one, name),
            Asked::Options(paths) => options::there(&show, one, paths)
                .iter()
                .map(|path| option(&show, one, path))
                .collect::<Vec<_>>()
                .join("\n"),
        };
        match groups.iter_mut().find(|(other, _)| *other == text) {
            Some((_, machines)) => machines.push(&one.machine.name),
            None => groups.push((text, vec![&one.machine.name])),
        }
    }
    let blocks = groups.iter().take(MOST_GROUPS).map(|(text, machines)| {
        let machines: Vec<String> = machines
            .iter()
            .map(|name| super::escape::line(name).into_owned())
            .collect();
        format!("**{}**\n\n{text}", machines.join(", "))
    });
    let mut blocks: Vec<String> = blocks.collect();
    if groups.len() > MOST_GROUPS {
        blocks.push(format!("… and {} more", groups.len() - MOST_GROUPS));
    }
    (!blocks.is_empty()).then(|| blocks.join("\n\n"))
}

/// Text between backticks, whatever backticks it holds.
fn code(text: &str) -> String {
    let text = if text.is_empty() { "(empty)" } else { text };
    let fence = "`".repeat(
        text.split(|character| character != '`')
            .map(str::len)
            .max()
            .unwrap_or(0)
            + 1,
    );
    let blank = if text.starts_with('`') || text.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{fence}{blank}{text}{blank}{fence}")
}

fn setting(show: &Show<'_>, one: &One<'_>, name: &str) -> String {
    let read = one.rendered.setting(name);
    let known = read.and_then(|read| Some((read, read.text.as_ref()?)));
    let mut lines = Vec::new();
    match known {
        Some((read, text)) => {
            let value = words::safe(name, &text.to_string());
            let confidence = words::confidence(text, read.certain);
            lines.push(format!(
                "{}, {confidence}",
                code(&format!("{name} = {value}"))
            ));
            let mut seen: Vec<Source<'_>> = Vec::new();
            for part in &read.parts {
                if !seen.contains(&part.source) {
                    seen.push(part.source);
                    lines.push(format!("- from {}", from(show, &part.source)));
                }
            }
            if let Some(reach) = words::reach(read) {
                lines.push(format!("- {reach}"));
            }
        }
        None => {
            let unset = words::unset(show, one, name);
            let value = words::safe(name, &unset.text.to_string());
            let origin = match (&unset.text, unset.is_default) {
                (Text::Known(_), true) => ", Nix's default",
                _ => "",
            };
            lines.push(format!("{}{origin}", code(&format!("{name} = {value}"))));
        }
    }
    for lost in read.map_or(&[][..], |read| &read.lost) {
        lines.push(format!(
            "- not {} from {}: {}",
            code(&words::safe(&lost.key, &lost.text)),
            from(show, &lost.source),
            words::lost(show.outcome, &lost.why)
        ));
    }
    lines.join("\n")
}

fn from(show: &Show<'_>, source: &Source<'_>) -> String {
    let place = words::source(show.outcome, source);
    match source.priority() {
        Some(priority) => format!("{place}, {}", words::priority(priority)),
        None => place,
    }
}

fn option(show: &Show<'_>, one: &One<'_>, path: &str) -> String {
    let row = options::row(show, one, path);
    let value = words::safe(path, &row.value);
    let mut lines = vec![code(&format!("{path} = {value}"))];
    for winner in &row.winners {
        lines.push(format!(
            "- from {}, {}",
            words::definition(show.outcome, winner),
            words::priority(winner.priority)
        ));
    }
    if row.is_default {
        lines.push("- the module's default".to_owned());
    }
    for loser in &row.losers {
        let value = words::safe(path, &words::nix(&loser.value.value));
        lines.push(format!(
            "- not {} from {}, {}",
            code(&value),
            words::definition(show.outcome, loser),
            words::priority(loser.priority)
        ));
    }
    lines.join("\n")
}
