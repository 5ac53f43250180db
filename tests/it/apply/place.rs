//! `--at`: only what is reported at a place is mended.

use super::*;

/// Beside the folder that is asked about lies a file that is not.
struct Tree(tempfile::TempDir);

impl Tree {
    fn path(&self) -> std::path::PathBuf {
        self.0.path().join("tree")
    }
}

fn at(places: &[&str]) -> (Tree, Said) {
    let folder = Tree(folder());
    write(&folder.path(), "m.nix", MODULE);
    write(&folder.path(), "plain.nix", "{ a = 1; }\n");
    write(folder.0.path(), "outside.nix", MODULE);
    let mut arguments = vec!["--write"];
    for place in places {
        arguments.extend(["--at", place]);
    }
    let said = said(apply(&folder.path(), &arguments));
    (folder, said)
}

/// The lines (from 1) of the module that were mended.
fn mended(places: &[&str]) -> Vec<usize> {
    let (folder, said) = at(places);
    assert_eq!(said.code, 0, "{}", said.stderr);
    let now = read(&folder.path(), "m.nix");
    let all: Vec<&str> = MENDED.lines().collect();
    let mut lines = Vec::new();
    for (index, (old, new)) in MODULE.lines().zip(now.lines()).enumerate() {
        if old != new {
            assert_eq!(new, all[index]);
            lines.push(index + 1);
        }
    }
    lines
}

#[test]
fn only_what_touches_a_place_is_mended() {
    assert_eq!(mended(&["m.nix:3"]), [3]);
    assert_eq!(mended(&["m.nix:4:5"]), [4]);
    assert_eq!(mended(&["./m.nix:4:5:"]), [4]);
    assert_eq!(mended(&["m.nix:3", "m.nix:6"]), [3, 6]);
    assert_eq!(mended(&["m.nix"]), [3, 4, 6]);
    assert_eq!(mended(&[]), [3, 4, 6]);
}

#[test]
fn nothing_reported_at_a_place_is_no_error_and_said() {
    for (place, message) in [
        ("m.nix:1", "note: nothing is reported at m.nix:1\n"),
        ("m.nix:3:2", "note: nothing is reported at m.nix:3:2\n"),
        ("m.nix:3:99", "note: nothing is reported at m.nix:3:99\n"),
        ("plain.nix:1", "note: nothing is reported at plain.nix:1\n"),
        ("plain.nix", "note: nothing is reported in plain.nix\n"),
    ] {
        let (folder, said) = at(&[place]);
        assert_eq!(said.code, 0, "{place}: {}", said.stderr);
        assert!(said.stderr.contains(message), "{place}: {}", said.stderr);
        assert_eq!(read(&folder.path(), "m.nix"), MODULE);
    }
}

#[test]
fn a_place_that_was_not_read_is_an_error() {
    for (place, message) in [
        ("m.nix:10", "error: --at m.nix:10: m.nix has 8 lines"),
        ("m.nix:0", "error: --at m.nix:0: m.nix has 8 lines"),
        ("none.nix:1", "none.nix: no such file or folder"),
        (".", "error: --at .: is a folder"),
        ("../outside.nix:1", "../outside.nix was not read"),
    ] {
        let (folder, said) = at(&["m.nix:3", place]);
        assert_eq!(said.code, 2, "{place}: {}", said.stderr);
        assert!(said.stderr.contains(message), "{place}: {}", said.stderr);
        assert_eq!(read(&folder.path(), "m.nix"), MODULE, "{place}");
    }
}

#[test]
fn a_name_that_ends_like_a_place_is_a_file() {
    let folder = folder();
    write(folder.path(), "m.nix:3", "not Nix");
    write(folder.path(), "m.nix", MODULE);
    let said = said(apply(folder.path(), &["--at", "m.nix:3"]));
    assert_eq!(said.code, 0);
    assert!(
        said.stderr.contains("nothing is reported in m.nix:3\n"),
        "{}",
        said.stderr
    );
}
