//! Places that somebody names to have only what is reported there mended: `FILE`, `FILE:LINE`,
//! `FILE:LINE:COLUMN`.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use super::protect::{named, real};
use super::{Note, Outcome};
use crate::diagnostic::{Applicability, Diagnostic};
use crate::fix::TextPlace;
use crate::system::{FileKind, System, SystemError, WalkOptions, collect_files};
use crate::text::{FileId, SourceFile, Span};

/// A place as it was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AskedPlace {
    written: String,
    file: PathBuf,
    /// From 1; `None` for the whole file.
    line: Option<u32>,
    /// From 1, in characters; `None` for the whole line.
    column: Option<u32>,
}

impl FromStr for AskedPlace {
    type Err = Infallible;

    /// Everything is a place: what does not end in numbers is a file's name. A colon at the end, as
    /// tools print it, counts for nothing.
    fn from_str(written: &str) -> Result<Self, Infallible> {
        let text = written.strip_suffix(':').unwrap_or(written);
        let number = |text: &str| {
            let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            is_plain.then(|| text.parse::<u32>().unwrap_or(u32::MAX))
        };
        let cut = |text| -> Option<(&str, u32)> {
            let (before, last) = str::rsplit_once(text, ':')?;
            Some((before, number(last)?)).filter(|_| !before.is_empty())
        };
        let (file, line, column) = match cut(text) {
            None => (text, None, None),
            Some((before, last)) => match cut(before) {
                None => (before, Some(last), None),
                Some((file, line)) => (file, Some(line), Some(last)),
            },
        };
        Ok(Self {
            written: text.to_owned(),
            file: PathBuf::from(file),
            line,
            column,
        })
    }
}

/// Why a place cannot be looked at.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PlaceError {
    /// The file is not there, or cannot be looked at.
    #[error("--at {place}: {cause}")]
    Obstacle {
        /// The place as it was written.
        place: String,
        /// What is in the way.
        cause: SystemError,
    },
    /// A folder has no lines.
    #[error("--at {place}: is a folder; give folders as paths: `nixtune apply {place}`")]
    Folder {
        /// The place as it was written.
        place: String,
    },
    /// The file does not belong to what was asked about.
    #[error("--at {place}: {} was not read; name it, or a folder that it lies in, among the paths (hidden and ignored files must be named themselves)", .file.display())]
    NotRead {
        /// The place as it was written.
        place: String,
        /// The file.
        file: PathBuf,
    },
    /// The file is too short.
    #[error("--at {place}: {} has {lines} lines", .file.display())]
    NoSuchLine {
        /// The place as it was written.
        place: String,
        /// The file.
        file: PathBuf,
        /// How many it has.
        lines: u32,
    },
}

/// Finds the text that `places` name. Where nothing is reported that could be mended, the outcome
/// gets a note.
///
/// # Errors
/// A file that was not read, or that has no such line.
pub(super) fn resolve(
    system: &dyn System,
    outcome: &mut Outcome,
    roots: &[PathBuf],
    places: &[AskedPlace],
    is_chosen: &dyn Fn(&Diagnostic) -> bool,
) -> Result<Vec<TextPlace>, PlaceError> {
    let mut found = Vec::new();
    let mut notes = Vec::new();
    for place in places {
        let place = &place.checked(system);
        let note = match find(system, outcome, roots, place)? {
            None => Some(format!("nothing is reported {}", place.shown())),
            Some(file) => {
                let span = place.span(file)?;
                found.extend(texts(outcome, file, place, span));
                place.note(outcome, file.id(), span, is_chosen)
            }
        };
        notes.extend(note.map(|message| Note {
            machines: Vec::new(),
            rules: Vec::new(),
            message,
        }));
    }
    outcome.notes.extend(notes);
    Ok(found)
}

impl AskedPlace {
    /// The place, unless a file has all of it as its name.
    fn checked(&self, system: &dyn System) -> Self {
        let whole = Path::new(&self.written);
        if self.line.is_none() || system.metadata(whole).is_err() {
            return self.clone();
        }
        Self {
            file: whole.to_path_buf(),
            line: None,
            column: None,
            ..self.clone()
        }
    }

    /// The bytes that are named: the file, the line, or one character.
    fn span(&self, file: &SourceFile) -> Result<Span, PlaceError> {
        let text = file.text();
        let Some(number) = self.line else {
            let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
            return Ok(Span::new(0, length));
        };
        let Some(line) = file.lines().line(text, number) else {
            let ends_with_newline = text.ends_with('\n');
            return Err(PlaceError::NoSuchLine {
                place: self.written.clone(),
                file: self.file.clone(),
                lines: file.lines().count() - u32::from(ends_with_newline),
            });
        };
        let Some(column) = self.column else {
            return Ok(line);
        };
        let rest = file.slice(line);
        let before = column.saturating_sub(1) as usize;
        let at = |bytes: usize| line.start + u32::try_from(bytes).unwrap_or(0);
        Ok(rest
            .char_indices()
            .nth(before)
            .map_or(Span::empty(line.end), |(offset, character)| {
                Span::new(at(offset), at(offset + character.len_utf8()))
            }))
    }

    fn shown(&self) -> String {
        let word = if self.line.is_some() { "at" } else { "in" };
        format!("{word} {}", self.written)
    }

    /// What to say when nothing can be mended here.
    fn note(
        &self,
        outcome: &Outcome,
        file: FileId,
        span: Span,
        is_chosen: &dyn Fn(&Diagnostic) -> bool,
    ) -> Option<String> {
        let here: Vec<&Diagnostic> = outcome
            .diagnostics
            .iter()
            .filter(|diagnostic| stands_at(diagnostic, file, span))
            .collect();
        let chosen: Vec<&&Diagnostic> = here.iter().filter(|one| is_chosen(one)).collect();
        let can_be_mended = |diagnostic: &&&Diagnostic| {
            let fix = diagnostic.fix.as_ref();
            fix.is_some_and(|fix| fix.applicability > Applicability::Manual)
        };
        if chosen.iter().any(can_be_mended) {
            return None;
        }
        let shown = self.shown();
        let rules = |found: &mut dyn Iterator<Item = &'static str>| {
            let rules: BTreeSet<&str> = found.collect();
            rules.into_iter().collect::<Vec<_>>().join(", ")
        };
        if !chosen.is_empty() {
            let rules = rules(&mut chosen.iter().map(|one| one.rule));
            return Some(format!(
                "what is reported {shown} has no fix that could be made: {rules}"
            ));
        }
        if !here.is_empty() {
            let rules = rules(&mut here.iter().map(|one| one.rule));
            return Some(format!(
                "nothing of the chosen rules is reported {shown}, only {rules}"
            ));
        }
        let silenced = rules(
            &mut outcome
                .suppressed
                .iter()
                .filter(|one| stands_at(&one.diagnostic, file, span))
                .map(|one| one.diagnostic.rule),
        );
        Some(if silenced.is_empty() {
            format!("nothing is reported {shown}")
        } else {
            format!("nothing is reported {shown}: a comment silences {silenced}")
        })
    }
}

/// The parts of the text that are meant. A column means what is reported there, so that nothing
/// else of the line is mended.
fn texts(outcome: &Outcome, file: &SourceFile, place: &AskedPlace, span: Span) -> Vec<TextPlace> {
    let at = |span: Span| TextPlace {
        path: file.path().to_path_buf(),
        span,
    };
    if place.column.is_none() {
        return vec![at(span)];
    }
    outcome
        .diagnostics
        .iter()
        .filter(|diagnostic| stands_at(diagnostic, file.id(), span))
        .map(|diagnostic| at(diagnostic.place.span))
        .collect()
}

fn stands_at(diagnostic: &Diagnostic, file: FileId, span: Span) -> bool {
    diagnostic.place.file == file && diagnostic.place.span.touches(span)
}

/// The file as it was read; `None` when it was seen but says nothing about Nix.
fn find<'o>(
    system: &dyn System,
    outcome: &'o Outcome,
    roots: &[PathBuf],
    place: &AskedPlace,
) -> Result<Option<&'o Arc<SourceFile>>, PlaceError> {
    let files = outcome.workspace.files();
    let name = named(system, &place.file);
    if let Some(file) = files.iter().find(|file| named(system, file.path()) == name) {
        return Ok(Some(file));
    }
    let written = || place.written.clone();
    let path = system
        .canonicalize(&place.file)
        .map_err(|cause| PlaceError::Obstacle {
            place: written(),
            cause,
        })?;
    if let Some(file) = files.iter().find(|file| real(system, file.path()) == path) {
        return Ok(Some(file));
    }
    match system.metadata(&path).map(|found| found.kind) {
        Ok(FileKind::Folder) => return Err(PlaceError::Folder { place: written() }),
        Ok(_) => {}
        Err(cause) => {
            return Err(PlaceError::Obstacle {
                place: written(),
                cause,
            });
        }
    }
    let walked = collect_files(system, roots, &WalkOptions::default());
    if walked
        .kept
        .iter()
        .any(|(seen, ())| real(system, seen) == path)
    {
        return Ok(None);
    }
    Err(PlaceError::NotRead {
        place: written(),
        file: place.file.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_as_tools_print_them() {
        let parts = |text: &str| {
            let place: AskedPlace = text.parse().unwrap();
            (place.file.display().to_string(), place.line, place.column)
        };
        let file = |name: &str, line, column| (name.to_owned(), line, column);
        assert_eq!(parts("a.nix"), file("a.nix", None, None));
        assert_eq!(parts("a.nix:7"), file("a.nix", Some(7), None));
        assert_eq!(
            parts("d/a b.nix:7:12"),
            file("d/a b.nix", Some(7), Some(12))
        );
        assert_eq!(parts("a.nix:7:12:"), file("a.nix", Some(7), Some(12)));
        assert_eq!(parts("a:b.nix:7"), file("a:b.nix", Some(7), None));
        assert_eq!(parts("1:2:3:4"), file("1:2", Some(3), Some(4)));
        assert_eq!(parts(":7"), file(":7", None, None));
        assert_eq!(parts("a.nix:x"), file("a.nix:x", None, None));
        let large = "a.nix:99999999999";
        assert_eq!(parts(large), file("a.nix", Some(u32::MAX), None));
    }
}
