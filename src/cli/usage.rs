//! Arguments that are wrong, and `--help`: what clap says, for programs as JSON, too.

use std::ffi::OsString;

use clap::Error;

use super::FAILED;
use super::args::ColorChoice;
use super::output::{Document, Output};
use crate::system::System;

/// Prints what clap says instead of running a command, and gives the exit code.
pub(super) fn answer(error: &Error, arguments: &[OsString], system: &dyn System) -> u8 {
    // Nothing is left to tell it to when the reader went away.
    let _ = error.print();
    if !error.use_stderr() {
        return 0;
    }
    let output = Output::new(system, ColorChoice::Auto).document(asked_for(arguments));
    output.complain_as(&message(error), "");
    output.finish(FAILED)
}

/// What the mistake is, and what was meant, without how to go on.
fn message(error: &Error) -> String {
    let text = error.render().to_string();
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    let parts = text.split("\n\n").take_while(|part| {
        !part.starts_with("Usage:") && !part.starts_with("For more information")
    });
    let lines: Vec<&str> = parts
        .flat_map(str::lines)
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    lines.join("\n")
}

/// The document that the arguments ask for, although they could not be read as a whole.
fn asked_for(arguments: &[OsString]) -> Option<Document> {
    let mut words = arguments.iter().filter_map(|word| word.to_str());
    while let Some(word) = words.next() {
        let format = match word {
            "--" => return None,
            "--format" => words.next(),
            word => word.strip_prefix("--format="),
        };
        match format {
            Some("json") => return Some(Document::Json),
            Some("jsonl") => return Some(Document::JsonLines),
            _ => {}
        }
    }
    None
}
