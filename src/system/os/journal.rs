//! The journal of a write: what the files held before, kept in the user's state folder until the
//! write is complete. It holds whole files, secrets included, so nobody else may read it.

use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder, File};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rustix::fs::Mode;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::folder::{Folder, Lock, lock};
use super::obstacle::obstacle;
use crate::system::SystemError;

/// A journal holds the old contents of all files of a write; more is none of ours.
const JOURNAL_LIMIT_BYTES: u64 = 1 << 30;

const VERSION: u32 = 1;

/// What a write is about to do. Recorded before anything of it happens.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Journal {
    /// Names the journal and the temporary files; hexadecimal digits.
    pub id: String,
    pub entries: Vec<Entry>,
}

/// One file of a write.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Entry {
    /// Absolute, its folder free of links.
    pub path: PathBuf,
    /// `None` when the file is created.
    pub old: Option<Vec<u8>>,
    pub new: Fingerprint,
}

/// What is kept of a content to know it again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Fingerprint {
    pub bytes: u64,
    pub sha256: [u8; 32],
}

impl Fingerprint {
    pub fn of(content: &[u8]) -> Self {
        Self {
            bytes: content.len() as u64,
            sha256: Sha256::digest(content).into(),
        }
    }
}

/// Which of a file's temporaries a name is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Temporary {
    /// The new content before it takes its place.
    New,
    /// The old file, in case it has to be put back.
    Old,
}

impl Journal {
    /// A journal with a name that no other has.
    pub fn new(entries: Vec<Entry>) -> Self {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let unique = (std::process::id(), now.unwrap_or_default().as_nanos());
        // The hasher's keys are random.
        let id = format!("{:016x}", RandomState::new().hash_one(unique));
        Self { id, entries }
    }

    /// The name of the temporary file of the entry with this index; it lies in the entry's folder.
    pub fn temporary(&self, index: usize, which: Temporary) -> OsString {
        let which = match which {
            Temporary::New => "new",
            Temporary::Old => "old",
        };
        format!(".nixtune-{}-{index}-{which}.tmp", self.id).into()
    }
}

/// The form on disk.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    version: u32,
    files: Vec<FileRecord>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileRecord {
    path: PathRecord,
    /// Base64.
    old: Option<String>,
    new_bytes: u64,
    /// Base64.
    new_sha256: String,
}

/// Readable wherever a path is text.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum PathRecord {
    Text(String),
    Bytes { base64: String },
}

fn encode(journal: &Journal) -> Result<Vec<u8>, String> {
    let files = journal.entries.iter().map(|entry| FileRecord {
        path: match entry.path.to_str() {
            Some(text) => PathRecord::Text(text.to_owned()),
            None => PathRecord::Bytes {
                base64: BASE64_STANDARD.encode(entry.path.as_os_str().as_bytes()),
            },
        },
        old: entry.old.as_ref().map(|old| BASE64_STANDARD.encode(old)),
        new_bytes: entry.new.bytes,
        new_sha256: BASE64_STANDARD.encode(entry.new.sha256),
    });
    let record = Record {
        version: VERSION,
        files: files.collect(),
    };
    let text = serde_json::to_vec(&record).map_err(|error| error.to_string())?;
    if text.len() as u64 > JOURNAL_LIMIT_BYTES {
        return Err("the files are larger than a journal may be".to_owned());
    }
    Ok(text)
}

/// # Errors
/// Why it is no journal, as the end of a sentence about it.
fn decode(id: &str, bytes: &[u8]) -> Result<Journal, String> {
    let broken = |what: &str| format!("is no journal of a write: {what}");
    let record: Record =
        serde_json::from_slice(bytes).map_err(|error| broken(&error.to_string()))?;
    if record.version != VERSION {
        return Err(format!(
            "was written by another version of nixtune (format {}); use that one to undo the write",
            record.version
        ));
    }
    let bytes_of = |text: &str| {
        let bytes = BASE64_STANDARD.decode(text);
        bytes.map_err(|error| broken(&error.to_string()))
    };
    let mut entries = Vec::with_capacity(record.files.len());
    for file in record.files {
        let path = match file.path {
            PathRecord::Text(text) => PathBuf::from(text),
            PathRecord::Bytes { base64 } => OsString::from_vec(bytes_of(&base64)?).into(),
        };
        if !is_plain(&path) {
            return Err(broken("it names a path that is not absolute and plain"));
        }
        entries.push(Entry {
            path,
            old: file.old.as_deref().map(bytes_of).transpose()?,
            new: Fingerprint {
                bytes: file.new_bytes,
                sha256: bytes_of(&file.new_sha256)?
                    .try_into()
                    .map_err(|_| broken("a hash in it has not 32 bytes"))?,
            },
        });
    }
    Ok(Journal {
        id: id.to_owned(),
        entries,
    })
}

/// True for absolute paths of a name in a folder, written without detours.
fn is_plain(path: &Path) -> bool {
    let mut parts = path.components();
    let rebuilt: PathBuf = path.components().collect();
    parts.next() == Some(Component::RootDir)
        && path.file_name().is_some()
        && parts.all(|part| matches!(part, Component::Normal(_)))
        && rebuilt.as_os_str() == path.as_os_str()
}

/// What is found in the folder of the journals.
#[derive(Debug)]
pub(super) enum Kept {
    /// A write that was interrupted. The file is locked: one run alone deals with it.
    Journal(Journal, File),
    /// It may not be obeyed; why, as the end of a sentence about it.
    Refused(String),
}

/// The folder of the journals.
#[derive(Debug)]
pub(super) struct Journals {
    folder: Folder,
}

impl Journals {
    fn path(state_home: &Path) -> PathBuf {
        state_home.join("nixtune").join("writes")
    }

    /// The folder, made where it is missing.
    ///
    /// # Errors
    /// Why there is none, in words.
    pub fn make(state_home: Option<&Path>) -> Result<Self, String> {
        let state_home = state_home
            .ok_or("no state folder is known: neither HOME nor XDG_STATE_HOME is set".to_owned())?;
        let path = Self::path(state_home);
        let in_words = |error: SystemError| error.to_string();
        if !path.is_dir() {
            // As root in somebody else's home, folders would be made that are in their way.
            let over = path.ancestors().find_map(|over| fs::metadata(over).ok());
            if over.is_some_and(|over| !is_ours(&over)) {
                return Err(format!("{} belongs to another user", state_home.display()));
            }
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(&path)
                .map_err(|error| obstacle(&path, &error).to_string())?;
        }
        let real = fs::canonicalize(&path).map_err(|error| obstacle(&path, &error).to_string())?;
        let folder = Folder::open(&real).map_err(in_words)?;
        let metadata = folder.metadata().map_err(in_words)?;
        if !is_ours(&metadata) || metadata.mode() & 0o022 != 0 {
            return Err(format!(
                "{} belongs to another user, or others may write to it",
                path.display()
            ));
        }
        Ok(Self { folder })
    }

    /// The folder, if it is there, and the names in it that may be journals, sorted. `None` on
    /// nearly every run.
    pub fn find(state_home: Option<&Path>) -> Option<(Self, Vec<OsString>)> {
        let path = Self::path(state_home?);
        let mut names = Vec::new();
        // A folder that cannot be read belongs to somebody else; its journals are theirs.
        for entry in fs::read_dir(&path).ok()?.flatten() {
            names.push(entry.file_name());
        }
        if names.is_empty() {
            return None;
        }
        names.sort();
        let real = fs::canonicalize(&path).ok()?;
        let folder = Folder::open(&real).ok()?;
        Some((Self { folder }, names))
    }

    /// The path of a journal.
    pub fn at(&self, name: &OsStr) -> PathBuf {
        self.folder.at(name)
    }

    /// Keeps other runs from recording, undoing and looking at writes. Nobody holds this for
    /// longer than that takes, and nobody waits for another lock while holding it.
    pub fn lock(&self) -> Result<Lock, SystemError> {
        self.folder.lock(false)
    }

    /// Writes a journal, on the disk when this returns. What is returned stands for the write:
    /// as long as it is open, nobody takes the write for interrupted.
    ///
    /// # Errors
    /// A write of one of the files was interrupted before, or the journal cannot be written.
    pub fn record(&self, journal: &Journal) -> Result<File, SystemError> {
        self.lock()?;
        let result = self
            .refuse_interrupted(journal)
            .and_then(|()| self.write(journal));
        self.folder.unlock();
        result
    }

    fn refuse_interrupted(&self, journal: &Journal) -> Result<(), SystemError> {
        let path = self.folder.path();
        let names = fs::read_dir(path).map_err(|error| obstacle(path, &error))?;
        for name in names.flatten().map(|entry| entry.file_name()) {
            let Some(Kept::Journal(other, _)) = self.read(&name) else {
                continue;
            };
            let is_in = |path: &Path| other.entries.iter().any(|entry| entry.path == path);
            if let Some(entry) = journal.entries.iter().find(|entry| is_in(&entry.path)) {
                return Err(SystemError::Interrupted {
                    path: entry.path.clone(),
                    journal: self.at(&name),
                });
            }
        }
        Ok(())
    }

    fn write(&self, journal: &Journal) -> Result<File, SystemError> {
        let name = name_of(&journal.id);
        let unfinished = unfinished_name_of(&journal.id);
        let text = encode(journal).map_err(|message| SystemError::Other {
            path: self.at(&name),
            message,
        })?;
        // A journal that was cut off must not look like one: it gets its name when it is whole.
        let mut file = self
            .folder
            .create(&unfinished, Mode::from_raw_mode(0o600))?;
        let result = lock(&file, true)
            .map_err(io::Error::from)
            .and_then(|_| file.write_all(&text))
            .and_then(|()| file.sync_all())
            .and_then(|()| self.folder.rename(&unfinished, &name, false))
            .map_err(|error| obstacle(&self.at(&name), &error))
            .and_then(|()| self.folder.sync());
        if let Err(error) = result {
            // The first obstacle is the one to be told.
            let _ = self.folder.remove(&unfinished);
            let _ = self.folder.remove(&name);
            return Err(error);
        }
        Ok(file)
    }

    /// Forgets a write: it is complete, or undone.
    pub fn forget(&self, id: &str) -> Result<(), SystemError> {
        self.folder.remove(&name_of(id))?;
        // Should it come back after a power cut, it is seen to be complete.
        let _ = self.folder.sync();
        Ok(())
    }

    /// Removes a journal that was cut off while it was written. Nothing had happened then. The
    /// folder must be locked.
    pub fn clear_unfinished(&self, name: &OsStr) {
        let is_ours = || {
            let metadata = self.folder.open_file(name, false).ok()?.metadata().ok()?;
            Some(is_ours(&metadata))
        };
        if name.to_str().and_then(id_of_unfinished).is_some() && is_ours() == Some(true) {
            // The next run comes by here again.
            let _ = self.folder.remove(name);
        }
    }

    /// Reads what `name` holds. `None` when it is no name of a journal, gone by now, or the
    /// journal of a write that goes on. The folder must be locked.
    pub fn read(&self, name: &OsStr) -> Option<Kept> {
        let id = name.to_str().and_then(id_of)?;
        let refused = |why: &str| Some(Kept::Refused(why.to_owned()));
        let file = match self.folder.open_file(name, false) {
            Ok(file) => file,
            Err(SystemError::Missing { .. }) => return None,
            Err(SystemError::Denied { .. }) => return refused("cannot be read by this user"),
            Err(_) => return refused("is no regular file"),
        };
        let Ok(metadata) = file.metadata() else {
            return refused("cannot be read");
        };
        if !is_ours(&metadata) {
            return refused("belongs to another user, who has to undo the write");
        }
        if metadata.mode() & 0o022 != 0 {
            return refused("may have been written by other users");
        }
        if lock(&file, true) == Ok(Lock::Busy) || !self.holds(name) {
            return None;
        }
        match self.folder.content(name, &file, JOURNAL_LIMIT_BYTES) {
            Ok(Some(bytes)) => Some(match decode(id, &bytes) {
                Ok(journal) => Kept::Journal(journal, file),
                Err(why) => Kept::Refused(why),
            }),
            Ok(None) => refused("is too large for a journal"),
            Err(error) => refused(&format!("cannot be read: {error}")),
        }
    }

    fn holds(&self, name: &OsStr) -> bool {
        matches!(self.folder.standing(name), Ok(Some(_)))
    }
}

fn is_ours(metadata: &fs::Metadata) -> bool {
    metadata.uid() == rustix::process::geteuid().as_raw()
}

fn name_of(id: &str) -> OsString {
    format!("{id}.json").into()
}

fn unfinished_name_of(id: &str) -> OsString {
    format!("{id}.json.tmp").into()
}

fn id_of(name: &str) -> Option<&str> {
    let id = name.strip_suffix(".json")?;
    let is_hex = |c: u8| c.is_ascii_digit() || (b'a'..=b'f').contains(&c);
    (id.len() == 16 && id.bytes().all(is_hex)).then_some(id)
}

fn id_of_unfinished(name: &str) -> Option<&str> {
    name.strip_suffix(".tmp").and_then(id_of)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn journal(path: &OsStr) -> Journal {
        Journal::new(vec![Entry {
            path: path.into(),
            old: Some(b"old \xff".to_vec()),
            new: Fingerprint::of(b"new"),
        }])
    }

    #[test]
    fn a_journal_says_what_was_recorded_whatever_the_bytes() {
        for path in [OsStr::new("/a/b.nix"), OsStr::from_bytes(b"/a/\xff.nix")] {
            let journal = journal(path);
            let bytes = encode(&journal).unwrap();
            assert_eq!(decode(&journal.id, &bytes).unwrap(), journal);
            for cut in 0..bytes.len() {
                assert!(decode(&journal.id, &bytes[..cut]).is_err(), "cut at {cut}");
            }
        }
    }

    #[test]
    fn only_plain_absolute_paths_are_believed() {
        for path in ["a", "./a", "/a/../b", "/a/./b", "/a//b", "/", "/a/", ""] {
            let bytes = encode(&journal(OsStr::new(path))).unwrap();
            assert!(decode("0", &bytes).is_err(), "{path}");
        }
        let other = br#"{"version":2,"files":[]}"#;
        assert!(decode("0", other).unwrap_err().contains("another version"));
    }

    #[test]
    fn names_are_what_journals_are_called() {
        let journal = journal(OsStr::new("/a"));
        assert_eq!(
            name_of(&journal.id).to_str().and_then(id_of),
            Some(&*journal.id)
        );
        for name in [
            "x.json",
            "0123456789abcdef",
            "0123456789ABCDEF.json",
            ".json",
        ] {
            assert_eq!(id_of(name), None, "{name}");
        }
    }
}
