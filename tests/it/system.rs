//! The door to the real machine: walks, reads and writes in temporary folders.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use nixtune::system::{
    FileKind, FileWrite, Os, Overlay, Program, System, SystemError, WalkOptions, collect_files,
    walk_map,
};
use tempfile::TempDir;

fn tree(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    folder
}

fn walk(folder: &TempDir, roots: &[&str]) -> Vec<String> {
    let roots: Vec<PathBuf> = roots.iter().map(|root| folder.path().join(root)).collect();
    let walked = collect_files(&Os, &roots, &WalkOptions::default());
    assert!(walked.problems.is_empty(), "{:?}", walked.problems);
    walked
        .kept
        .iter()
        .map(|(path, ())| {
            let path = path.strip_prefix(folder.path()).unwrap();
            path.to_string_lossy().into_owned()
        })
        .collect()
}

fn write(path: PathBuf, expected: &str) -> FileWrite {
    FileWrite {
        path,
        expected: Some(expected.as_bytes().to_vec()),
        new: b"new".to_vec(),
        executable: false,
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_walk_takes_what_ripgrep_takes() {
    let folder = tree(&[
        (".ignore", "out\n*.gen.nix\n"),
        ("a.nix", ""),
        ("b.gen.nix", ""),
        ("out/c.nix", ""),
        (".hidden/d.nix", ""),
        ("deep/er/e.nix", ""),
    ]);
    symlink(folder.path(), folder.path().join("circle")).unwrap();
    symlink("/etc", folder.path().join("away")).unwrap();
    symlink("nowhere", folder.path().join("broken.nix")).unwrap();
    symlink("a.nix", folder.path().join("alias.nix")).unwrap();
    assert_eq!(walk(&folder, &[""]), ["a.nix", "deep/er/e.nix"]);
    assert_eq!(
        walk(
            &folder,
            &["b.gen.nix", ".hidden", "alias.nix", "deep", "deep/er/e.nix"]
        ),
        [".hidden/d.nix", "alias.nix", "b.gen.nix", "deep/er/e.nix"],
        "what is named is taken, once"
    );
}

#[test]
fn a_git_repository_ignores_what_git_ignores() {
    let folder = tree(&[
        (".git/HEAD", ""),
        (".gitignore", "result/\n"),
        ("a.nix", ""),
        ("result/b.nix", ""),
    ]);
    assert_eq!(walk(&folder, &[""]), ["a.nix"]);
}

#[test]
fn a_walk_gives_the_same_answer_on_any_number_of_threads() {
    let files: Vec<_> = (0..300)
        .map(|n| (format!("d{}/f{n}.nix", n % 7), n.to_string()))
        .collect();
    let files: Vec<_> = files
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    let folder = tree(&files);
    let roots = [folder.path().to_path_buf()];
    let contents = |threads| {
        let options = WalkOptions {
            threads,
            ..WalkOptions::default()
        };
        walk_map(&Os, &roots, &options, |found, buffer| {
            Os.read_into(found.path, 10, buffer)?;
            Ok(Some(buffer.clone()))
        })
        .kept
    };
    let one = contents(1);
    assert_eq!(one.len(), 300);
    assert_eq!(one, contents(4));
}

#[test]
fn roots_that_cannot_be_walked_are_named() {
    let folder = tree(&[("a.nix", "")]);
    let pipe = folder.path().join("pipe");
    assert!(
        std::process::Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success(),
        "mkfifo"
    );
    symlink("me", folder.path().join("me")).unwrap();
    let roots = ["missing", "pipe", "me"].map(|name| folder.path().join(name));
    let walked = collect_files(&Os, &roots, &WalkOptions::default());
    assert_eq!(walked.kept, []);
    let problems: Vec<_> = walked
        .problems
        .iter()
        .map(|problem| {
            problem
                .to_string()
                .replace(&format!("{}/", folder.path().display()), "")
        })
        .collect();
    assert_eq!(
        problems,
        [
            "me: its symbolic links lead in a circle",
            "missing: no such file or folder",
            "pipe: is neither a file nor a folder; devices, pipes and sockets are not read",
        ]
    );
    assert!(matches!(
        Os.read(&pipe, 10),
        Err(SystemError::NotRegular { .. })
    ));
}

#[test]
fn reading_says_what_is_wrong() {
    let folder = tree(&[("a", "12345")]);
    let path = folder.path().join("a");
    assert_eq!(Os.read(&path, 5).unwrap(), b"12345");
    assert!(matches!(
        Os.read(&path, 4),
        Err(SystemError::TooLarge { limit: 4, .. })
    ));
    assert!(matches!(
        Os.read(folder.path(), 9),
        Err(SystemError::IsFolder { .. })
    ));
    assert!(matches!(
        Os.read(&path.join("x"), 9),
        Err(SystemError::NotFolder { .. })
    ));
    assert!(matches!(
        Os.read(&folder.path().join("b"), 9),
        Err(SystemError::Missing { .. })
    ));
    assert!(
        !Os.read(Path::new("/proc/self/status"), 1 << 20)
            .unwrap_or(vec![1])
            .is_empty()
    );
}

#[test]
fn folders_list_their_names_sorted() {
    let folder = tree(&[("b", ""), ("a/x", "")]);
    symlink("b", folder.path().join("c")).unwrap();
    let entries = Os.read_dir(folder.path()).unwrap();
    let kinds: Vec<_> = entries.iter().map(|entry| entry.kind).collect();
    assert_eq!(kinds, [FileKind::Folder, FileKind::File, FileKind::Link]);
}

#[test]
fn a_write_keeps_the_mode_and_leaves_nothing_behind() {
    let folder = tree(&[("a.nix", "old"), ("b.nix", "old")]);
    let (a, b) = (folder.path().join("a.nix"), folder.path().join("b.nix"));
    set_mode(&a, 0o640);
    set_mode(&b, 0o2755);
    let other = folder.path().join("other-name");
    fs::hard_link(&a, &other).unwrap();
    Os.write_all(&[write(a.clone(), "old"), write(b.clone(), "old")])
        .unwrap();
    assert_eq!(fs::read(&a).unwrap(), b"new");
    assert_eq!((mode(&a), mode(&b)), (0o640, 0o2755));
    assert_eq!(fs::read(&other).unwrap(), b"old", "as documented");
    assert_eq!(fs::metadata(&other).unwrap().nlink(), 1);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
}

#[test]
fn root_keeps_owner_and_group_others_what_they_may() {
    let folder = tree(&[("a.nix", "old")]);
    let path = folder.path().join("a.nix");
    let is_root = fs::metadata(&path).unwrap().uid() == 0;
    if is_root {
        std::os::unix::fs::chown(&path, Some(1234), Some(4321)).unwrap();
        set_mode(&path, 0o4750);
    }
    let before = fs::metadata(&path).unwrap();
    Os.write_all(&[write(path.clone(), "old")]).unwrap();
    let after = fs::metadata(&path).unwrap();
    assert_eq!(
        (after.uid(), after.gid(), after.mode()),
        (before.uid(), before.gid(), before.mode())
    );
    assert_ne!(after.ino(), before.ino());
}

#[test]
fn one_obstacle_leaves_every_file_as_it_was() {
    let folder = tree(&[
        ("a", "old"),
        ("changed", "other"),
        ("longer", "old and more"),
        ("ro", "old"),
    ]);
    let at = |name: &str| folder.path().join(name);
    set_mode(&at("ro"), 0o444);
    symlink("a", at("link")).unwrap();
    let before = fs::metadata(at("a")).unwrap().ino();
    let refused = |second: FileWrite| {
        let error = Os.write_all(&[write(at("a"), "old"), second]).unwrap_err();
        assert_eq!(fs::read(at("a")).unwrap(), b"old");
        assert_eq!(
            fs::metadata(at("a")).unwrap().ino(),
            before,
            "not even rewritten"
        );
        error
    };
    assert!(matches!(
        refused(write(at("changed"), "old")),
        SystemError::Changed { .. }
    ));
    assert!(matches!(
        refused(write(at("longer"), "old")),
        SystemError::Changed { .. }
    ));
    assert!(matches!(
        refused(write(at("missing"), "old")),
        SystemError::Missing { .. }
    ));
    assert!(matches!(
        refused(write(at("ro"), "old")),
        SystemError::ReadOnlyFile { .. }
    ));
    assert!(matches!(
        refused(write(at("link"), "old")),
        SystemError::IsLink { .. }
    ));
    assert!(matches!(
        refused(write(at("./a"), "old")),
        SystemError::WrittenTwice { .. }
    ));
    assert!(matches!(
        refused(write(folder.path().into(), "")),
        SystemError::IsFolder { .. }
    ));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 5);
}

#[test]
fn a_read_only_folder_is_refused_for_root_too() {
    let folder = tree(&[("sub/a", "old")]);
    let sub = folder.path().join("sub");
    set_mode(&sub, 0o555);
    let error = Os.write_all(&[write(sub.join("a"), "old")]).unwrap_err();
    let created = Os
        .write_all(&[FileWrite {
            path: sub.join("b"),
            expected: None,
            new: Vec::new(),
            executable: false,
        }])
        .unwrap_err();
    set_mode(&sub, 0o755);
    assert!(
        matches!(error, SystemError::ReadOnlyFolder { .. }),
        "{error}"
    );
    assert!(
        matches!(created, SystemError::ReadOnlyFolder { .. }),
        "{created}"
    );
    assert_eq!(fs::read(sub.join("a")).unwrap(), b"old");
    assert_eq!(fs::read_dir(&sub).unwrap().count(), 1);
}

#[test]
fn a_program_may_be_run_by_those_who_may_read_it() {
    let folder = tree(&[("private", "old"), ("plain", "old")]);
    let path = |name: &str| folder.path().join(name);
    set_mode(&path("private"), 0o640);
    set_mode(&path("plain"), 0o754);
    let program = |name: &str, expected: Option<&str>| FileWrite {
        path: path(name),
        expected: expected.map(Into::into),
        new: b"#!/bin/sh\n".to_vec(),
        executable: true,
    };
    let plain = FileWrite {
        executable: false,
        ..program("text", None)
    };
    Os.write_all(&[
        program("new", None),
        program("private", Some("old")),
        write(path("plain"), "old"),
        plain,
    ])
    .unwrap();
    // What the umask leaves of everything.
    let reading = mode(&path("text"));
    assert_eq!(reading & 0o111, 0);
    assert_eq!(mode(&path("new")), reading | (reading & 0o444) >> 2);
    assert_eq!(mode(&path("private")), 0o750);
    assert_eq!(mode(&path("plain")), 0o754);
}

#[test]
fn creating_never_replaces_and_saving_does() {
    let folder = tree(&[]);
    let path = folder.path().join("host.toml");
    let create = FileWrite {
        path: path.clone(),
        expected: None,
        new: b"one".to_vec(),
        executable: false,
    };
    Os.write_all(std::slice::from_ref(&create)).unwrap();
    assert!(matches!(
        Os.write_all(&[create]),
        Err(SystemError::Exists { .. })
    ));
    let link = folder.path().join("link");
    symlink("host.toml", &link).unwrap();
    Os.save(&link, b"two").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"two");
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(matches!(
        Os.save(&folder.path().join("none/x"), b""),
        Err(SystemError::Missing { .. })
    ));
}

#[test]
fn programs_run_without_a_shell_or_input() {
    let ran = Os.run("cat", &[]).unwrap();
    assert!(ran.succeeded() && ran.stdout.is_empty());
    assert_eq!(Os.run("echo", &["$HOME;"]).unwrap().text(), "$HOME;\n");
    assert_eq!(Os.run("false", &[]).unwrap().code, Some(1));
    assert!(matches!(
        Os.run("no-such-program-here", &[]),
        Err(SystemError::NoProgram { .. })
    ));
}

#[test]
fn a_copy_holds_what_git_would_not_ignore_and_goes_away() {
    let folder = tree(&[
        (".git/HEAD", "ref: refs/heads/main\n"),
        (".gitignore", "*.log\n/out/\n"),
        (".hidden/a.nix", "a"),
        ("deep/b.nix", "b"),
        ("deep/c.log", "c"),
        ("out/d.nix", "d"),
    ]);
    let root = folder.path();
    symlink("deep/b.nix", root.join("link")).unwrap();
    symlink("/nowhere", root.join("dangling")).unwrap();
    fs::create_dir(root.join("empty")).unwrap();
    set_mode(&root.join("deep/b.nix"), 0o555);
    let overlaid = {
        let mut overlay = Overlay::new(&Os);
        overlay.replace(&root.join(".hidden/a.nix"), *b"unsaved");
        overlay.replace(&root.with_file_name("elsewhere.nix"), *b"unsaved");
        overlay.copy_folder(root).unwrap()
    };
    let copy = Os.copy_folder(root).unwrap();
    let all = WalkOptions {
        everything: true,
        ..WalkOptions::default()
    };
    let found: Vec<String> = collect_files(&Os, &[copy.path().to_path_buf()], &all)
        .kept
        .iter()
        .map(|(path, ())| {
            path.strip_prefix(copy.path())
                .unwrap()
                .display()
                .to_string()
        })
        .collect();
    assert_eq!(found, [".gitignore", ".hidden/a.nix", "deep/b.nix"]);
    assert!(copy.path().join("empty").is_dir());
    let target = |name: &str| fs::read_link(copy.path().join(name)).unwrap();
    assert_eq!(target("link"), Path::new("deep/b.nix"));
    assert_eq!(target("dangling"), Path::new("/nowhere"));
    // It can be written, and can still be run.
    let copied = copy.path().join("deep/b.nix");
    assert_eq!(mode(&copied), 0o755);
    assert_eq!(mode(copy.path().parent().unwrap()), 0o700);
    let content = |copy: &Path| fs::read_to_string(copy.join(".hidden/a.nix")).unwrap();
    assert_eq!(content(copy.path()), "a");
    assert_eq!(content(overlaid.path()), "unsaved");

    let places = [copy.path().to_path_buf(), overlaid.path().to_path_buf()];
    drop((copy, overlaid));
    for place in places {
        assert!(!place.exists() && !place.parent().unwrap().exists());
    }
    assert!(Os.copy_folder(&root.join("missing")).is_err());
}

#[test]
fn a_program_gets_what_its_caller_gives() {
    let script = "printf %s \"$GREETING\"; printf 0123456789 >&2";
    let ran = Os
        .run_program(&Program {
            environment: &[("GREETING", "hello there")],
            output_limit_bytes: 5,
            ..Program::new("sh", &["-c", script])
        })
        .unwrap();
    assert_eq!(
        (ran.text().as_str(), ran.error_text().as_str()),
        ("hello", "01234")
    );
}
