//! Lines at the end of a file that several processes write.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

/// Adds a line while nobody else does. A last line that has no end gets one first, so that what
/// was torn off stays a line of its own. A file that has reached `most_bytes` steps aside first.
pub(super) fn append_line(path: &Path, line: &str, most_bytes: u64) -> io::Result<()> {
    let mut file = loop {
        let file = locked(path)?;
        // Whoever waited for the lock may hold a file that stepped aside meanwhile.
        let (held, named) = (file.metadata()?, fs::metadata(path));
        let is_named =
            named.is_ok_and(|named| (named.dev(), named.ino()) == (held.dev(), held.ino()));
        if !is_named {
            continue;
        }
        if held.len() < most_bytes.max(1) {
            break file;
        }
        fs::rename(path, stepped_aside(path))?;
    };
    let mut whole = String::with_capacity(line.len() + 2);
    let mut last = [b'\n'];
    if file.seek(SeekFrom::End(0))? > 0 {
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
    }
    if last != [b'\n'] {
        whole.push('\n');
    }
    whole.push_str(line);
    whole.push('\n');
    file.write_all(whole.as_bytes())?;
    file.sync_data()
}

/// The file, made if it is not there. The lock ends with it.
fn locked(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).read(true).create(true).mode(0o600);
    let file = options.open(path)?;
    flock(&file, FlockOperation::LockExclusive)?;
    Ok(file)
}

/// Where a full file goes: `.1` behind its name.
fn stepped_aside(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".1");
    PathBuf::from(name)
}

/// At most the last `most_bytes` of a file.
pub(super) fn end_of(path: &Path, most_bytes: u64) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(length.saturating_sub(most_bytes)))?;
    let mut end = Vec::new();
    file.take(most_bytes).read_to_end(&mut end)?;
    Ok(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_line_stays_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lines");
        append_line(&path, "one", u64::MAX).unwrap();
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"to").unwrap();
        append_line(&path, "three", u64::MAX).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one\nto\nthree\n");
    }

    #[test]
    fn writers_at_once_lose_nothing() {
        const LINES: usize = 200;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lines");
        let long = "x".repeat(9000);
        std::thread::scope(|scope| {
            for writer in 0..4 {
                let (path, long) = (&path, &long);
                scope.spawn(move || {
                    for line in 0..LINES {
                        append_line(path, &format!("{writer} {line} {long}"), u64::MAX).unwrap();
                    }
                });
            }
        });
        let text = std::fs::read_to_string(&path).unwrap();
        let mut lines: Vec<&str> = text.lines().collect();
        assert!(lines.iter().all(|line| line.ends_with(&long)));
        lines.sort_unstable();
        lines.dedup();
        assert_eq!(lines.len(), 4 * LINES);
    }

    #[test]
    fn a_full_file_steps_aside_and_writers_at_once_lose_nothing() {
        const LINES: usize = 100;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lines");
        // Becomes full once: 400 lines of 11 bytes.
        std::thread::scope(|scope| {
            for writer in 0..4 {
                let path = &path;
                scope.spawn(move || {
                    for line in 0..LINES {
                        append_line(path, &format!("line {writer} {line:03}"), 3000).unwrap();
                    }
                });
            }
        });
        let older = std::fs::read_to_string(stepped_aside(&path)).unwrap();
        assert!((3000..3012).contains(&older.len()), "{}", older.len());
        let newer = std::fs::read_to_string(&path).unwrap();
        let mut lines: Vec<&str> = older.lines().chain(newer.lines()).collect();
        lines.sort_unstable();
        lines.dedup();
        assert_eq!(lines.len(), 4 * LINES);
    }

    #[test]
    fn the_end_of_a_file_is_read_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lines");
        std::fs::write(&path, "one\ntwo\n").unwrap();
        assert_eq!(end_of(&path, 5).unwrap(), b"\ntwo\n");
        assert_eq!(end_of(&path, 50).unwrap(), b"one\ntwo\n");
    }
}
