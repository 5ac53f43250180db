//! What a changed text is checked for without asking Nix or nixtune.

use super::super::comments;
use super::{COMMENT, Cell, Files, refusals};
use crate::formatters::disturbed;
use nixtune::syntax;

pub fn text(before: &Files, after: &Files, cell: &Cell) -> Result<(), String> {
    let mut expected = notes(before);
    if cell.kind.name == "insert beside" {
        expected.push(COMMENT.to_owned());
        expected.sort();
    }
    let got = notes(after);
    if got != expected {
        return Err(format!(
            "the comments are {got:?}, not {expected:?}\n{}",
            after.shown()
        ));
    }
    for ((file, old), (_, new)) in before.0.iter().zip(&after.0) {
        one(file, old, new, cell).map_err(|error| format!("{error}\n{}", after.shown()))?;
    }
    if before == after {
        return Err(format!("nothing changes\n{}", after.shown()));
    }
    Ok(())
}

fn one(file: &str, old: &str, new: &str, cell: &Cell) -> Result<(), String> {
    let breaks = |text: &str| (text.matches("\r\n").count(), text.matches('\n').count());
    let (windows, all) = breaks(new);
    match breaks(old) {
        (0, _) if windows > 0 => return Err("line ends of Windows are new".to_owned()),
        (old, total) if old > 0 && old == total && windows != all => {
            return Err("line ends of Unix are new".to_owned());
        }
        _ => {}
    }
    let blank = |text: &str| text.lines().any(|line| line.starts_with("  "));
    if old.contains("\n\t") && !blank(old) && blank(new) {
        return Err("blanks among tabs".to_owned());
    }
    let trailing = |text: &str| {
        text.lines()
            .filter(|line| line.ends_with([' ', '\t']))
            .count()
    };
    if trailing(new) > trailing(old) {
        return Err("blanks at the end of a line".to_owned());
    }
    if !file.ends_with(".nix") || old == new {
        return Ok(());
    }
    let parsed = rnix::Root::parse(new);
    if let Some(error) = parsed.errors().first() {
        return Err(error.to_string());
    }
    if !syntax::duplicates(&parsed.syntax(), 0).is_empty() {
        return Err("a name is defined twice".to_owned());
    }
    // What stands on a single line is nobody's form, even where a formatter leaves it alone.
    if cell.variant.name == "single-line" {
        return Ok(());
    }
    match disturbed(old, new) {
        Some(_) if refusals::is_left_to_formatters(cell) => Ok(()),
        Some(difference) => Err(difference),
        None => Ok(()),
    }
}

/// Every comment, those of lines in strings included.
fn notes(files: &Files) -> Vec<String> {
    let mut found = Vec::new();
    for (file, text) in &files.0 {
        if file.ends_with(".nix") {
            found.extend(comments(text));
            let root = rnix::Root::parse(text).syntax();
            let strings = root
                .descendants()
                .filter(|node| node.kind() == rnix::SyntaxKind::NODE_STRING);
            for string in strings {
                let text = string.text().to_string();
                match text.strip_prefix("''") {
                    Some(text) => found.extend(in_lines(text)),
                    None => {
                        let lines = text.trim_matches('"').split("\\n");
                        let comments = lines.filter(|line| line.starts_with('#'));
                        found.extend(comments.flat_map(in_lines));
                    }
                }
            }
        } else {
            found.extend(in_lines(text));
        }
    }
    found.sort();
    found
}

fn in_lines(text: &str) -> impl Iterator<Item = String> {
    text.lines()
        .filter_map(|line| line.split_once('#'))
        .map(|(_, comment)| comment.trim().trim_end_matches("''").trim().to_owned())
}
