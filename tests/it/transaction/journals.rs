//! Where journals are kept, and what happens where they cannot be.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use super::{PREVIEW, Tree, WRITE, names};
use crate::cli::run;

#[test]
fn without_a_place_for_journals_a_write_is_made_and_says_so() {
    // Nothing can be made below a file.
    for home in [None, Some("home/file")] {
        let tree = Tree::new();
        let mut command = tree.command(WRITE);
        command.env_remove("HOME");
        if let Some(home) = home {
            let path = tree.folder.path().join(home);
            fs::write(&path, "").unwrap();
            command.env("HOME", path);
        }
        let output = run(command, b"");
        let said = super::said(&output);
        assert_eq!(output.status.code(), Some(0), "{said}");
        assert!(
            said.contains("note: no journal of this write was kept"),
            "{said}"
        );
        assert_eq!(tree.state(), [true; 3]);
        assert!(tree.is_clean());
    }
}

#[test]
fn a_place_that_others_may_write_to_is_not_used() {
    let tree = Tree::new();
    fs::create_dir_all(tree.writes()).unwrap();
    fs::set_permissions(tree.writes(), Permissions::from_mode(0o777)).unwrap();
    let said = tree.says(WRITE, 0);
    assert!(said.contains("others may write to it"), "{said}");
    assert_eq!(tree.state(), [true; 3]);
}

#[test]
fn the_state_home_is_where_it_is_said_to_be_and_private() {
    let tree = Tree::new();
    let state = tree.folder.path().join("state");
    let mut command = tree.command(WRITE);
    command.env("XDG_STATE_HOME", &state);
    assert_eq!(run(command, b"").status.code(), Some(0));
    let writes = state.join("nixtune/writes");
    assert_eq!(
        fs::metadata(&writes).unwrap().permissions().mode() & 0o777,
        0o700
    );
    assert_eq!(names(&writes), Vec::<std::path::PathBuf>::new());
    assert_eq!(names(&tree.home()), Vec::<std::path::PathBuf>::new());
}

#[test]
fn what_is_no_journal_is_named_and_left() {
    let tree = Tree::new();
    let put = |name: &str, content: &str| {
        fs::create_dir_all(tree.writes()).unwrap();
        fs::write(tree.writes().join(name), content).unwrap();
    };
    put("0123456789abcdef.json", "{\"version\":1}");
    put("fedcba9876543210.json", "{\"version\":7,\"files\":[]}");
    put("notes.txt", "mine");
    let said = tree.says(PREVIEW, 0);
    assert!(
        said.contains("0123456789abcdef.json: is no journal"),
        "{said}"
    );
    assert!(said.contains("another version of nixtune"), "{said}");
    assert!(!said.contains("notes.txt"), "{said}");
    // They are in nobody's way.
    tree.says(WRITE, 0);
    assert_eq!(tree.state(), [true; 3]);
    assert_eq!(tree.journals().len(), 3);
}

#[test]
fn a_journal_that_was_cut_off_is_removed() {
    let tree = Tree::new();
    fs::create_dir_all(tree.writes()).unwrap();
    fs::write(tree.writes().join("0123456789abcdef.json.tmp"), "{\"ver").unwrap();
    assert!(!tree.says(PREVIEW, 0).contains("journal"));
    assert!(tree.is_clean());
}
