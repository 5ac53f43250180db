//! Diffs that `git apply` and `patch -p1` accept, and files that they may be written to.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use super::*;

/// A tree and where `nixtune` is started in it.
struct Tree {
    files: Vec<(String, String)>,
    /// The working directory below the tree.
    here: &'static str,
    /// What is asked about, from there; `TREE` stands for the tree's absolute path.
    path: &'static str,
}

impl Tree {
    fn make(&self, is_repository: bool) -> tempfile::TempDir {
        let folder = folder();
        for (name, text) in &self.files {
            write(folder.path(), name, text);
        }
        fs::create_dir_all(folder.path().join(self.here)).unwrap();
        if is_repository {
            git(folder.path(), &["init", "--quiet"]);
        }
        folder
    }

    fn contents(&self, folder: &Path) -> BTreeMap<String, String> {
        self.files
            .iter()
            .map(|(name, _)| (name.clone(), read(folder, name)))
            .collect()
    }

    fn apply(&self, folder: &Path, argument: &str) -> Said {
        let path = self.path.replace("TREE", folder.to_str().unwrap());
        said(apply(&folder.join(self.here), &[&path, argument]))
    }

    /// Where the diff says that it counts from.
    fn base(&self, folder: &Path, said: &Said) -> PathBuf {
        let here = folder.join(self.here);
        let Some((_, rest)) = said.stderr.split_once("the diff counts from ") else {
            return here;
        };
        PathBuf::from(rest.split_once(": apply it").unwrap().0.replace('\n', " "))
    }

    /// `--write` and both programs must make the same of it.
    fn check(&self) {
        for is_repository in [true, false] {
            let written = self.make(is_repository);
            let said_of_write = self.apply(written.path(), "--write");
            assert_eq!(said_of_write.code, 0, "{}", said_of_write.stderr);
            let expected = self.contents(written.path());
            let before: BTreeMap<String, String> = self.files.iter().cloned().collect();
            assert_ne!(expected, before, "nothing changes");
            for tool_name in ["git", "patch"] {
                for through_file in [true, false] {
                    let folder = self.make(is_repository);
                    let root = folder.path().canonicalize().unwrap();
                    let place = tempfile::tempdir().unwrap();
                    let file = place.path().join("x.patch");
                    let said = if through_file {
                        self.apply(&root, &format!("--diff={}", file.display()))
                    } else {
                        let said = self.apply(&root, "--diff");
                        fs::write(&file, &said.stdout).unwrap();
                        said
                    };
                    assert_eq!(said.code, 0, "{}", said.stderr);
                    let base = self.base(&root, &said);
                    let mut command = tool(tool_name, &base);
                    match tool_name {
                        "git" => command.args(["apply", file.to_str().unwrap()]),
                        _ => command.args(["--batch", "-p1", "-i", file.to_str().unwrap()]),
                    };
                    let output = command
                        .output()
                        .expect("a tool is missing; run tests/set-up");
                    let diff = fs::read_to_string(&file).unwrap();
                    assert!(
                        output.status.success(),
                        "{tool_name} in {}: {output:?}\n{diff}",
                        base.display()
                    );
                    assert_eq!(self.contents(&root), expected, "{tool_name}\n{diff}");
                }
            }
        }
    }
}

fn file(name: &str, text: &str) -> (String, String) {
    (name.to_owned(), text.to_owned())
}

fn at_top(files: Vec<(String, String)>) -> Tree {
    Tree {
        files,
        here: ".",
        path: ".",
    }
}

#[test]
fn texts_of_every_kind_can_be_applied() {
    at_top(vec![file("m.nix", MODULE)]).check();
    at_top(vec![file("m.nix", MODULE.trim_end())]).check();
    at_top(vec![file("m.nix", &MODULE.replace('\n', "\r\n"))]).check();
    at_top(vec![file("m.nix", &format!("\u{feff}{MODULE}"))]).check();
    at_top(vec![file(
        "m.nix",
        "\u{feff}{ nix.settings.cores = \"auto\"; }",
    )])
    .check();
    at_top(vec![file(
        "nix.conf",
        "cores = auto\ngc-keep-outputs = false",
    )])
    .check();
}

#[test]
fn names_of_every_kind_can_be_applied() {
    for name in [
        "a b.nix",
        "it's.nix",
        "say \"hi\".nix",
        "back\\slash.nix",
        "tab\there.nix",
        "größe-雪.nix",
        "größe \"雪\".nix",
        " blanks .nix",
        "a/b/c.nix",
        "b/m.nix",
        "-.nix",
        "--- a.nix",
    ] {
        at_top(vec![
            file(name, MODULE),
            file("z.nix", "{ nix.settings.gc-keep-derivations = true; }\n"),
        ])
        .check();
    }
}

#[test]
fn a_diff_counts_from_a_folder_that_works() {
    let tree = |here, path| Tree {
        files: vec![
            file("top.nix", MODULE),
            file("d/m.nix", MODULE),
            file("d/d/m.nix", MODULE),
            file("a/b/m.nix", MODULE),
            file("a/b/b/m.nix", MODULE),
        ],
        here,
        path,
    };
    for (here, path) in [
        (".", "d"),
        ("d", "."),
        ("d", "m.nix"),
        ("d", ".."),
        ("d", "../a"),
        ("d", "TREE/d/m.nix"),
        ("d", "TREE"),
        ("a/b", "."),
        ("a", "b"),
        (".", "TREE"),
        ("other", "TREE/d"),
    ] {
        tree(here, path).check();
    }
}

const SECRET: &str =
    "cores = auto\naccess-tokens = github.com=ghp_0123456789abcdefghijklmnopqrstuvwxyz\n";

#[test]
fn secrets_are_masked_on_the_screen_and_whole_in_a_file_for_the_user_alone() {
    let folder = folder();
    let root = folder.path();
    write(root, "nix.conf", SECRET);
    let shown = said(apply(root, &[]));
    assert!(!shown.stdout.contains("ghp_0123"), "{}", shown.stdout);
    assert!(shown.stderr.contains("`--diff=FILE`"), "{}", shown.stderr);
    // A file that was there for everybody becomes the user's alone.
    write(root, "x.patch", "");
    fs::set_permissions(root.join("x.patch"), fs::Permissions::from_mode(0o644)).unwrap();
    for name in ["x.patch", "new.patch"] {
        write(root, "nix.conf", SECRET);
        let saved = said(apply(root, &[&format!("--diff={name}")]));
        assert_eq!(saved.code, 0, "{}", saved.stderr);
        assert_eq!(saved.stdout, "");
        assert!(
            saved.stderr.contains("only you may read it"),
            "{}",
            saved.stderr
        );
        let mode = fs::metadata(root.join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let output = tool("patch", root)
            .args(["-p1", "-i", name])
            .output()
            .expect("patch is missing; run tests/set-up");
        assert!(output.status.success(), "{output:?}");
        assert_eq!(read(root, "nix.conf"), SECRET.replace("auto", "0"));
    }
}

#[test]
fn a_diff_in_a_file_has_no_colors() {
    let folder = folder();
    write(folder.path(), "m.nix", MODULE);
    let saved = said(apply(
        folder.path(),
        &["--color", "always", "--diff=x.patch"],
    ));
    assert_eq!(saved.code, 0);
    assert!(!read(folder.path(), "x.patch").contains('\u{1b}'));
}

#[test]
fn nothing_but_diffs_is_replaced() {
    let folder = folder();
    let root = folder.path();
    write(root, "m.nix", MODULE);
    write(root, "d/m.nix", MODULE);
    for (argument, message) in [
        ("--diff=m.nix", "m.nix: is there already and is no diff"),
        ("--diff=d", "--diff=d: is a folder"),
        ("--diff=d/", "`nixtune apply --diff d/`"),
        ("--diff=none/x.patch", "no such file or folder"),
    ] {
        let refused = said(apply(root, &[argument]));
        assert_eq!(refused.code, 2, "{argument}");
        assert!(
            refused.stderr.contains(message),
            "{argument}: {}",
            refused.stderr
        );
        assert_eq!(read(root, "m.nix"), MODULE);
    }
    // A slip of the pen: what follows a blank is read.
    let bare = said(apply(root, &["--diff", "m.nix"]));
    assert_eq!(bare.code, 0);
    assert!(bare.stdout.starts_with("--- a/m.nix\n"), "{}", bare.stdout);
    assert_eq!(read(root, "m.nix"), MODULE);
    let missing = said(apply(root, &["--diff", "x.patch"]));
    assert_eq!(missing.code, 2);
    assert!(
        missing.stderr.contains("`--diff=x.patch` writes the diff"),
        "{}",
        missing.stderr
    );
    // The diff of another run is replaced, also by an empty one.
    for content in [MODULE, MENDED] {
        write(root, "m.nix", content);
        let saved = said(apply(root, &["m.nix", "--diff=x.patch", "--check"]));
        assert_eq!(saved.code, i32::from(content == MODULE), "{}", saved.stderr);
        assert_eq!(read(root, "x.patch").is_empty(), content == MENDED);
    }
}
