//! What became of writes: warnings of one, and interrupted ones that were found.

use std::path::PathBuf;

use super::Style;
use super::summary::{error_line, note_line};
use crate::system::{InterruptedWrite, Interruption, Written};

/// What a complete write had to do without, a line each.
pub fn write_warnings(written: &Written, style: Style) -> String {
    written
        .warnings
        .iter()
        .map(|warning| note_line(&warning.to_string(), style))
        .collect()
}

/// What became of interrupted writes, a line each.
pub fn interrupted_writes(found: &[InterruptedWrite], style: Style) -> String {
    found.iter().map(|write| line(write, style)).collect()
}

fn line(write: &InterruptedWrite, style: Style) -> String {
    let files = names(&write.files);
    let message = match &write.state {
        Interruption::Open => {
            format!("a write of {files} was interrupted; `nixtune apply` undoes it")
        }
        Interruption::Completed => format!(
            "a write of {files} was interrupted when every file was written; what it left over is \
             removed"
        ),
        Interruption::Undone { restored, changed } => undone(&files, restored, changed),
        Interruption::Refused { why } => format!(
            "{}: {why}; it is not obeyed and stays where it is",
            write.journal.display()
        ),
        Interruption::Failed { cause } => {
            let what = if files.is_empty() {
                "interrupted writes could not be looked for".to_owned()
            } else {
                format!("an interrupted write of {files} could not be undone, run again")
            };
            return error_line(&format!("{cause}; {what}"), style);
        }
    };
    note_line(&message, style)
}

fn undone(files: &str, restored: &[PathBuf], changed: &[PathBuf]) -> String {
    let mut out = if restored.is_empty() {
        format!(
            "a write of {files} was interrupted before anything changed; what it left over is removed"
        )
    } else {
        let holds = if restored.len() == 1 { "holds" } else { "hold" };
        format!(
            "a write of {files} was interrupted and is undone: {} {holds} the old content again",
            names(restored)
        )
    };
    if !changed.is_empty() {
        let was = if changed.len() == 1 { "was" } else { "were" };
        out.push_str(&format!(
            "; {} {was} changed or removed since and stays so",
            names(changed)
        ));
    }
    out
}

/// A few names in full, many as a number.
fn names(paths: &[PathBuf]) -> String {
    const SHOWN: usize = 3;
    let mut names: Vec<String> = paths
        .iter()
        .take(SHOWN)
        .map(|path| path.display().to_string())
        .collect();
    if let Some(more) = paths.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        names.push(format!("{more} more"));
    }
    match names.split_last() {
        Some((last, first)) if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        _ => names.concat(),
    }
}
