//! Undoing writes that were interrupted, by their journals.
//!
//! A journal is only obeyed when nobody but this user can have written it and when everything it
//! names is still what it was: folders without links, regular files. All of it can be done again:
//! undoing may itself be killed.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use super::folder::{Folder, Lock};
use super::journal::{Entry, Fingerprint, Journal, Journals, Kept, Temporary};
use super::write::{Beside, open_folders};
use crate::system::{FileKind, InterruptedWrite, Interruption, SystemError};

/// The writes that were interrupted; nothing is done about them.
pub(super) fn look(state_home: Option<&Path>) -> Vec<InterruptedWrite> {
    deal_with(state_home, |journals, name| {
        let (files, state) = match journals.read(name)? {
            Kept::Journal(journal, _) => (paths_of(&journal), Interruption::Open),
            Kept::Refused(why) => (Vec::new(), Interruption::Refused { why }),
        };
        Some(InterruptedWrite {
            journal: journals.at(name),
            files,
            state,
        })
    })
}

/// Undoes the writes that were interrupted.
pub(super) fn recover(state_home: Option<&Path>) -> Vec<InterruptedWrite> {
    deal_with(state_home, |journals, name| {
        journals.clear_unfinished(name);
        let (files, state) = match journals.read(name)? {
            Kept::Refused(why) => (Vec::new(), Interruption::Refused { why }),
            Kept::Journal(journal, _locked) => (paths_of(&journal), undo(journals, &journal)?),
        };
        Some(InterruptedWrite {
            journal: journals.at(name),
            files,
            state,
        })
    })
}

fn deal_with(
    state_home: Option<&Path>,
    mut deal: impl FnMut(&Journals, &OsStr) -> Option<InterruptedWrite>,
) -> Vec<InterruptedWrite> {
    let Some((journals, names)) = Journals::find(state_home) else {
        return Vec::new();
    };
    if let Err(cause) = journals.lock() {
        return vec![InterruptedWrite {
            journal: cause.path().to_path_buf(),
            files: Vec::new(),
            state: Interruption::Failed { cause },
        }];
    }
    names
        .iter()
        .filter_map(|name| deal(&journals, name))
        .collect()
}

fn paths_of(journal: &Journal) -> Vec<PathBuf> {
    let paths = journal.entries.iter();
    paths.map(|entry| entry.path.clone()).collect()
}

/// What an interrupted write did to a file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    Old,
    New,
    /// Somebody changed or removed it since.
    Other,
}

/// A file of an interrupted write.
struct Member<'j> {
    index: usize,
    entry: &'j Entry,
    folder: &'j Folder,
    name: &'j OsStr,
    holds: Holds,
    /// True when its new content is not waiting beside it.
    is_taken: bool,
}

/// `None` when another run is at work in one of the folders.
fn undo(journals: &Journals, journal: &Journal) -> Option<Interruption> {
    let folder_paths: Vec<PathBuf> = journal
        .entries
        .iter()
        .filter_map(|entry| Some(entry.path.parent()?.to_path_buf()))
        .collect();
    for path in &folder_paths {
        let why = match fs::canonicalize(path) {
            Ok(real) if real == *path => continue,
            Ok(_) => format!(
                "names {}, which is reached by a link now; put the folder back, or remove the \
                 journal",
                path.display()
            ),
            Err(_) => format!(
                "names {}, which is not there now; put the folder back, or remove the journal",
                path.display()
            ),
        };
        return Some(Interruption::Refused { why });
    }
    let folders = match open_folders(folder_paths.iter().cloned()) {
        Ok(folders) => folders,
        Err(cause) => return Some(Interruption::Failed { cause }),
    };
    for (_, folder) in &folders {
        match folder.lock(true) {
            Ok(Lock::Busy) => return None,
            Ok(Lock::Taken | Lock::Unsupported) => {}
            Err(cause) => return Some(Interruption::Failed { cause }),
        }
    }
    let mut members = Vec::with_capacity(journal.entries.len());
    for (index, entry) in journal.entries.iter().enumerate() {
        let (Some(path), Some(name)) = (entry.path.parent(), entry.path.file_name()) else {
            continue;
        };
        let id = Folder::open(path).and_then(|folder| folder.id());
        let found = match id.map(|id| folders.binary_search_by_key(&id, |(id, _)| *id)) {
            Ok(Ok(found)) => folders.get(found),
            _ => None,
        };
        let Some((_, folder)) = found else {
            // The folder was replaced at this very moment; the next run sees what it is.
            return None;
        };
        let temporary = journal.temporary(index, Temporary::New);
        let state = holds(folder, name, entry)
            .and_then(|holds| Ok((holds, folder.standing(&temporary)?.is_none())));
        match state {
            Ok((Some(holds), is_taken)) => members.push(Member {
                index,
                entry,
                folder,
                name,
                holds,
                is_taken,
            }),
            Ok((None, _)) => {
                let why = format!(
                    "names {}, which is a link now; put the file back, or remove the journal",
                    entry.path.display()
                );
                return Some(Interruption::Refused { why });
            }
            Err(cause) => return Some(Interruption::Failed { cause }),
        }
    }
    let undone = settle(journal, &members).and_then(|state| {
        folders
            .iter()
            .try_for_each(|(_, folder)| folder.sync())
            .and_then(|()| journals.forget(&journal.id))
            .map(|()| state)
    });
    Some(undone.unwrap_or_else(|cause| Interruption::Failed { cause }))
}

/// What stands at the place of a file; `None` for a link.
fn holds(folder: &Folder, name: &OsStr, entry: &Entry) -> Result<Option<Holds>, SystemError> {
    match folder.standing(name)?.map(|standing| standing.kind) {
        None if entry.old.is_none() => return Ok(Some(Holds::Old)),
        None | Some(FileKind::Folder | FileKind::Other) => return Ok(Some(Holds::Other)),
        Some(FileKind::Link) => return Ok(None),
        Some(FileKind::File) => {}
    }
    let old_bytes = entry.old.as_ref().map_or(0, |old| old.len() as u64);
    let file = folder.open_file(name, false)?;
    let content = folder.content(name, &file, old_bytes.max(entry.new.bytes))?;
    Ok(Some(match content {
        Some(content) if entry.old.as_ref() == Some(&content) => Holds::Old,
        Some(content) if Fingerprint::of(&content) == entry.new => Holds::New,
        _ => Holds::Other,
    }))
}

/// Makes it all or nothing, and removes the temporary files.
fn settle(journal: &Journal, members: &[Member<'_>]) -> Result<Interruption, SystemError> {
    // The first rename comes after all temporary files were there. So where one file is new, a
    // file whose new content waits no more had taken it, whatever was made of it since.
    let is_complete = members.iter().any(|member| member.holds == Holds::New)
        && members
            .iter()
            .all(|member| member.holds != Holds::Old && member.is_taken);
    let mut restored = Vec::new();
    if !is_complete {
        for member in members.iter().filter(|member| member.holds == Holds::New) {
            put_back(journal, member)?;
            restored.push(member.entry.path.clone());
        }
    }
    for member in members {
        for which in [Temporary::New, Temporary::Old] {
            member
                .folder
                .remove(&journal.temporary(member.index, which))?;
        }
    }
    if is_complete {
        return Ok(Interruption::Completed);
    }
    let changed = members.iter().filter(|member| member.holds == Holds::Other);
    Ok(Interruption::Undone {
        restored,
        changed: changed.map(|member| member.entry.path.clone()).collect(),
    })
}

/// Gives a file that holds the new content its old one.
fn put_back(journal: &Journal, member: &Member<'_>) -> Result<(), SystemError> {
    let Member {
        entry,
        folder,
        name,
        ..
    } = member;
    let Some(content) = &entry.old else {
        return folder.remove(name);
    };
    let old = journal.temporary(member.index, Temporary::Old);
    if holds(folder, &old, entry)? != Some(Holds::Old) {
        folder.remove(&old)?;
        let path = &entry.path;
        let like = folder.open_file(name, false)?.metadata();
        let like = like.map_err(|error| super::obstacle::obstacle(path, &error))?;
        Beside { folder, path }.write(&old, content, Some(&like), false)?;
    }
    folder
        .rename(&old, name, true)
        .map_err(|error| super::obstacle::obstacle(&entry.path, &error))
}
