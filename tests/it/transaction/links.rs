//! Which files may be written when symbolic links lead to them.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::{SAMPLES, Tree, WRITE};

fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).unwrap().is_symlink()
}

/// A write of what is named.
fn write<'a>(named: &[&'a str]) -> Vec<&'a str> {
    [WRITE, named].concat()
}

#[test]
fn a_link_in_the_tree_to_a_file_in_the_tree_stays_a_link() {
    let tree = Tree::new();
    symlink("b.nix", tree.at("alias.nix")).unwrap();
    tree.says(WRITE, 0);
    assert!(is_link(&tree.at("alias.nix")));
    assert_eq!(tree.state(), [true; 3]);
    assert!(tree.is_clean());
}

#[test]
fn a_link_in_the_tree_to_a_file_outside_is_not_written() {
    let tree = Tree::new();
    let outside = tree.folder.path().join("outside.nix");
    fs::write(&outside, SAMPLES[1].old).unwrap();
    symlink(&outside, tree.at("alias.nix")).unwrap();
    // An import does not make it part of the tree either.
    tree.put(
        "default.nix",
        "{\n  imports = [ ./alias.nix ];\n  nix.settings.gc-keep-outputs = false;\n}\n",
    );
    fs::remove_file(tree.at("a.nix")).unwrap();
    tree.says(WRITE, 0);
    assert_eq!(fs::read_to_string(&outside).unwrap(), SAMPLES[1].old);
    assert!(
        tree.read("default.nix").contains(" keep-outputs")
            || tree.read("default.nix").contains(".keep-outputs")
    );
    assert!(tree.is_clean());
}

#[test]
fn an_import_through_links_in_the_tree_writes_the_file_behind_them() {
    for import in ["alias.nix", "linked/b.nix"] {
        let tree = Tree::new();
        fs::rename(tree.at("b.nix"), tree.at("sub/b.nix")).unwrap();
        symlink("sub", tree.at("linked")).unwrap();
        symlink("sub/b.nix", tree.at("alias.nix")).unwrap();
        tree.put("default.nix", &format!("{{ imports = [ ./{import} ]; }}\n"));
        tree.says(WRITE, 0);
        assert_eq!(tree.read("sub/b.nix"), SAMPLES[1].new, "{import}");
        assert!(is_link(&tree.at("alias.nix")) && is_link(&tree.at("linked")));
        assert!(tree.is_clean());
    }
}

#[test]
fn a_file_that_is_imported_by_two_ways_is_left_to_a_person() {
    let tree = Tree::new();
    symlink("sub", tree.at("linked")).unwrap();
    fs::rename(tree.at("b.nix"), tree.at("sub/b.nix")).unwrap();
    tree.put(
        "default.nix",
        "{ imports = [ ./linked/b.nix ./sub/b.nix ]; }\n",
    );
    tree.says(WRITE, 0);
    assert_eq!(tree.read("sub/b.nix"), SAMPLES[1].old);
    assert_eq!(tree.read("a.nix"), SAMPLES[0].new);
    assert!(tree.is_clean());
}

#[test]
fn a_named_link_is_written_through_within_its_project() {
    let tree = Tree::new();
    fs::create_dir(tree.at(".git")).unwrap();
    symlink("../b.nix", tree.at("sub/alias.nix")).unwrap();
    tree.says(&write(&["sub/alias.nix"]), 0);
    assert!(is_link(&tree.at("sub/alias.nix")));
    assert_eq!(tree.state(), [false, true, false]);
}

#[test]
fn a_named_link_to_a_file_elsewhere_is_refused_with_both_names() {
    let tree = Tree::new();
    let outside = tree.folder.path().join("outside.nix");
    fs::write(&outside, SAMPLES[1].old).unwrap();
    symlink(&outside, tree.at("alias.nix")).unwrap();
    let said = tree.says(&write(&["alias.nix", "a.nix"]), 2);
    assert!(
        said.contains("alias.nix: is a symbolic link to") && said.contains("/outside.nix, which"),
        "{said}"
    );
    assert_eq!(fs::read_to_string(&outside).unwrap(), SAMPLES[1].old);
    assert_eq!(tree.state(), [false; 3], "the other file waits, too");

    // The way out that the message names, and the folder of the target.
    let named = outside.to_str().unwrap();
    tree.says(&write(&["alias.nix", named]), 0);
    assert_eq!(fs::read_to_string(&outside).unwrap(), SAMPLES[1].new);
    assert!(is_link(&tree.at("alias.nix")));
}

#[test]
fn a_named_link_out_of_the_project_is_refused_through_a_linked_folder_too() {
    let tree = Tree::new();
    let outside = tree.folder.path().join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("b.nix"), SAMPLES[1].old).unwrap();
    symlink(&outside, tree.at("away")).unwrap();
    symlink("away/b.nix", tree.at("alias.nix")).unwrap();
    tree.says(&write(&["alias.nix"]), 2);
    // A file in a linked folder is no link; whoever names it means it.
    tree.says(&write(&["away/b.nix"]), 0);
    assert_eq!(
        fs::read_to_string(outside.join("b.nix")).unwrap(),
        SAMPLES[1].new
    );
}

#[test]
fn a_linked_folder_is_written_when_it_is_named_and_passed_by_when_it_is_not() {
    let tree = Tree::new();
    let outside = tree.folder.path().join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("b.nix"), SAMPLES[1].old).unwrap();
    symlink(&outside, tree.at("away")).unwrap();
    tree.says(WRITE, 0);
    assert_eq!(
        fs::read_to_string(outside.join("b.nix")).unwrap(),
        SAMPLES[1].old
    );
    tree.says(&write(&["away"]), 0);
    assert_eq!(
        fs::read_to_string(outside.join("b.nix")).unwrap(),
        SAMPLES[1].new
    );
    assert!(is_link(&tree.at("away")));
}

#[test]
fn a_file_that_is_named_by_two_ways_is_written_once_or_not_at_all() {
    let tree = Tree::new();
    symlink("sub", tree.at("linked")).unwrap();
    tree.says(&write(&["sub/nix.conf", "linked/nix.conf"]), 2);
    assert_eq!(tree.state(), [false; 3]);
    assert!(tree.is_clean());
}
