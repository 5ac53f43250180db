//! Writes in which a rename fails, or somebody else writes at the worst moment.

use super::*;
use crate::system::os::recover::recover;

struct Place {
    folder: tempfile::TempDir,
    writes: Vec<FileWrite>,
}

impl Place {
    /// Three files that hold their names, and a write of each.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("tree")).unwrap();
        let writes = ["a", "b", "c"].map(|name| {
            let path = folder.path().join("tree").join(name);
            fs::write(&path, name).unwrap();
            FileWrite {
                path,
                expected: Some(name.into()),
                new: b"new".to_vec(),
                executable: false,
            }
        });
        Self {
            folder,
            writes: writes.to_vec(),
        }
    }

    fn state_home(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// Writes; renames fail from the number `failing.start` on, until `failing.end`.
    fn write(&self, failing: std::ops::Range<usize>) -> Result<Written, SystemError> {
        let mut count = 0;
        write_with(
            &self.writes,
            Some(&self.state_home()),
            &mut |folder, from, to, replaces| {
                count += 1;
                if failing.contains(&(count - 1)) {
                    return Err(io::Error::other("disk on fire"));
                }
                folder.rename(from, to, replaces)
            },
        )
    }

    /// Names and contents in the tree.
    fn contents(&self) -> Vec<String> {
        let mut out: Vec<_> = fs::read_dir(self.folder.path().join("tree"))
            .unwrap()
            .map(|entry| {
                let path = entry.unwrap().path();
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                format!("{name}={}", fs::read_to_string(&path).unwrap())
            })
            .filter(|line| !line.starts_with(".nixtune-"))
            .collect();
        out.sort();
        out
    }

    fn is_clean(&self) -> bool {
        let count = |path: PathBuf| fs::read_dir(path).unwrap().count();
        count(self.folder.path().join("tree")) == self.contents().len()
            && count(self.state_home().join("nixtune/writes")) == 0
    }
}

#[test]
fn a_failed_rename_puts_back_what_was_renamed_before() {
    for failing in 0..3 {
        let place = Place::new();
        let error = place.write(failing..failing + 1).unwrap_err();
        assert!(error.to_string().ends_with("disk on fire"), "{error}");
        assert_eq!(place.contents(), ["a=a", "b=b", "c=c"]);
        assert!(place.is_clean());
    }
}

#[test]
fn files_that_cannot_be_put_back_are_named_and_remembered() {
    let place = Place::new();
    let error = place.write(1..9).unwrap_err();
    let SystemError::NotRestored { changed, .. } = error else {
        panic!("{error}");
    };
    let a = place.folder.path().join("tree/a");
    assert_eq!(changed, [a]);
    assert_eq!(place.contents(), ["a=new", "b=b", "c=c"]);
    let again = place.write(9..9).unwrap_err();
    assert!(matches!(again, SystemError::Changed { .. }), "{again}");
    let found = recover(Some(&place.state_home()));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(place.contents(), ["a=a", "b=b", "c=c"]);
    assert!(place.is_clean());
}

#[test]
fn a_created_file_is_removed_again() {
    let mut place = Place::new();
    let created = FileWrite {
        path: place.folder.path().join("tree/n"),
        expected: None,
        new: b"n".to_vec(),
        executable: false,
    };
    place.writes.insert(0, created);
    place.write(1..2).unwrap_err();
    assert_eq!(place.contents(), ["a=a", "b=b", "c=c"]);
    assert!(place.is_clean());
    // What a panic leaves is what a kill leaves.
    let mut count = 0;
    let killed = std::panic::AssertUnwindSafe(|| {
        write_with(
            &place.writes,
            Some(&place.state_home()),
            &mut |folder, from, to, replaces| {
                count += 1;
                assert!(count < 3, "killed on purpose");
                folder.rename(from, to, replaces)
            },
        )
    });
    std::panic::catch_unwind(killed).unwrap_err();
    assert_eq!(place.contents(), ["a=new", "b=b", "c=c", "n=n"]);
    recover(Some(&place.state_home()));
    assert_eq!(place.contents(), ["a=a", "b=b", "c=c"]);
    assert!(place.is_clean());
    place.write(9..9).unwrap();
    assert_eq!(place.contents(), ["a=new", "b=new", "c=new", "n=n"]);
}

#[test]
fn a_file_whose_write_was_interrupted_waits_for_that_to_be_undone() {
    let mut place = Place::new();
    place.write(2..9).unwrap_err();
    assert_eq!(place.contents(), ["a=new", "b=new", "c=c"]);
    place.writes.drain(..2);
    let error = place.write(9..9).unwrap_err();
    let SystemError::Interrupted { path, .. } = &error else {
        panic!("{error}");
    };
    assert!(path.ends_with("tree/c"), "{error}");
    // Other files have nothing to do with it.
    place.writes[0].path = place.folder.path().join("tree/d");
    place.writes[0].expected = None;
    place.write(9..9).unwrap();
    recover(Some(&place.state_home()));
    assert_eq!(place.contents(), ["a=a", "b=b", "c=c", "d=new"]);
    assert!(place.is_clean());
}

#[test]
fn what_is_written_into_the_old_file_at_the_last_moment_counts() {
    let place = Place::new();
    let mut count = 0;
    let error = write_with(
        &place.writes,
        Some(&place.state_home()),
        &mut |folder, from, to, replaces| {
            count += 1;
            if count == 2 {
                fs::write(&place.writes[1].path, "mine").unwrap();
            }
            folder.rename(from, to, replaces)
        },
    );
    assert!(
        matches!(error, Err(SystemError::Changed { .. })),
        "{error:?}"
    );
    assert_eq!(place.contents(), ["a=a", "b=mine", "c=c"]);
    assert!(place.is_clean());
}

#[test]
fn what_changes_before_its_turn_puts_everything_back() {
    let place = Place::new();
    let mut count = 0;
    let error = write_with(
        &place.writes,
        Some(&place.state_home()),
        &mut |folder, from, to, replaces| {
            count += 1;
            if count == 1 {
                let other = place.folder.path().join("other");
                fs::write(&other, "mine").unwrap();
                fs::rename(other, &place.writes[1].path).unwrap();
            }
            folder.rename(from, to, replaces)
        },
    );
    assert!(
        matches!(error, Err(SystemError::Changed { .. })),
        "{error:?}"
    );
    assert_eq!(place.contents(), ["a=a", "b=mine", "c=c"]);
    assert!(place.is_clean());
}
