//! `nix.conf` files with those that they include, in the order in which Nix reads them.
//!
//! `include FILE` and `!include FILE` mean a file beside the one that says so, and stand for its
//! lines (`src/libutil/configuration.cc`: `applyConfigInner`, `parseConfigFiles`). Nix refuses an
//! `include` of a file that is not there.

use std::path::PathBuf;

use super::definition::{Condition, DefId, Definition, Form, OptionPath, Order, Priority};
use super::library::Library;
use super::lines::oddity;
use super::machine::OddLine;
use super::modules::Reading;
use crate::eval::{Traced, Value, Why};
use crate::syntax::{ConfStatement, conf_lines, conf_value};
use crate::system::SystemError;
use crate::text::{FileId, Place, Span};

/// How many files include each other one within the other, and how many are read for one machine.
const DEEPEST: usize = 20;
const MOST_FILES: usize = 200;

/// What became of a line that includes a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Inclusion {
    /// The file's lines stand in its place.
    Read(FileId),
    /// The file is not there, and need not be. On the machine that the `nix.conf` is for it may be:
    /// what holds secrets is seldom kept beside it.
    Absent,
    /// The file has to be there and is not: Nix ends with an error.
    Missing,
    /// The file includes itself, over others perhaps: Nix does not come to an end.
    Endless,
    /// The file is there, but it is not read: it lies outside of the tree, or cannot be.
    Unread,
}

impl Inclusion {
    /// What Nix would say, and what to do; `None` where it says nothing.
    pub(super) fn error(self) -> Option<&'static str> {
        match self {
            Self::Missing => Some(
                "this file is not there, and Nix refuses the whole `nix.conf`; write `!include` \
                 for a file that may be missing",
            ),
            Self::Endless => Some(
                "this file includes itself, so that Nix does not come to an end; take the line out",
            ),
            Self::Read(_) | Self::Absent | Self::Unread => None,
        }
    }
}

/// Reads a `nix.conf`.
pub(super) fn conf(library: &Library<'_>, id: FileId) -> Reading {
    let mut reading = Reading {
        files: vec![id],
        is_module: true,
        ..Reading::default()
    };
    lines_of(library, id, &mut vec![id], &mut reading);
    reading
}

/// Adds the lines of the last of the `open` files.
fn lines_of(library: &Library<'_>, id: FileId, open: &mut Vec<FileId>, reading: &mut Reading) {
    let Some(source) = library.source(id) else {
        return;
    };
    let text = source.text();
    for line in conf_lines(text) {
        if let Some(what) = oddity(text, &line) {
            reading.odd_lines.push(OddLine {
                text: text.get(line.span.range()).unwrap_or("").into(),
                place: Some(Place::new(id, line.span)),
                certain: true,
                what,
            });
        }
        match line.statement {
            ConfStatement::Setting { key, value } => {
                reading
                    .drafts
                    .push(definition(id, text, line.span, key, value));
            }
            ConfStatement::Include { path, optional } => {
                let name = text.get(path.range()).unwrap_or("");
                let folder = source.path().parent().map(PathBuf::from);
                let target = library.absolute(&folder.unwrap_or_default().join(name));
                let found = match library.open_included(&target) {
                    Ok(file) if open.contains(&file) => Inclusion::Endless,
                    Ok(_) if open.len() >= DEEPEST || reading.inclusions.len() >= MOST_FILES => {
                        Inclusion::Unread
                    }
                    Ok(file) => Inclusion::Read(file),
                    Err(SystemError::Missing { .. }) if optional => Inclusion::Absent,
                    Err(SystemError::Missing { .. }) => Inclusion::Missing,
                    Err(_) => Inclusion::Unread,
                };
                reading.inclusions.push((Place::new(id, path), found));
                match found {
                    Inclusion::Read(file) => {
                        if !reading.files.contains(&file) {
                            reading.files.push(file);
                        }
                        open.push(file);
                        lines_of(library, file, open, reading);
                        open.pop();
                    }
                    Inclusion::Absent
                    | Inclusion::Missing
                    | Inclusion::Endless
                    | Inclusion::Unread => reading.unread.push(Why::Import(name.into())),
                }
            }
            ConfStatement::Blank | ConfStatement::Malformed(_) => {}
        }
    }
}

fn definition(id: FileId, text: &str, line: Span, key: Span, value: Span) -> Definition {
    let place = |span| Place::new(id, span);
    let name = text.get(key.range()).unwrap_or("");
    Definition {
        id: DefId::NONE,
        option: OptionPath::new([name]),
        setting: Some(name.into()),
        value: Traced {
            value: Value::Str(conf_value(text, value).into()),
            origin: Some(place(value)),
            site: Some(place(value)),
            via: Vec::new(),
        },
        priority: Priority::NORMAL,
        order: Order::NORMAL,
        set_priority: Priority::NORMAL,
        condition: Condition::Always,
        form: Form::ConfLine,
        statement: Some(place(line)),
        name: Some(place(key)),
    }
}
