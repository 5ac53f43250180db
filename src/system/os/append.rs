//! Lines at the end of a file that several processes write.

use std::fs::OpenOptions;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::{FlockOperation, flock};

/// Adds a line while nobody else does. A last line that has no end gets one first, so that what
/// was torn off stays a line of its own.
pub(super) fn append_line(path: &Path, line: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.append(true).read(true).create(true).mode(0o600);
    let mut file = options.open(path)?;
    // Ends with the file.
    flock(&file, FlockOperation::LockExclusive)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_line_stays_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lines");
        append_line(&path, "one").unwrap();
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"to").unwrap();
        append_line(&path, "three").unwrap();
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
                        append_line(path, &format!("{writer} {line} {long}")).unwrap();
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
}
