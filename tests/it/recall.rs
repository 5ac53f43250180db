//! Reports that are said again without looking: only as long as looking would give the same.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use nixtune::system::{Memory, Os, System, Traced, WalkOptions, walk_map};
use tempfile::TempDir;

use crate::cli::{nixtune, run};

/// What a run says about itself when it says what an earlier one said.
const RECALLED: &str = "nothing that was looked at has changed";

/// A tree in a repository in a home folder, each with what decides which files are read.
struct Home {
    folder: TempDir,
}

impl Home {
    fn new() -> Self {
        let home = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        home.write("work/.git/HEAD", "ref: refs/heads/main\n");
        home.write("work/.git/info/exclude", "excluded.nix\n");
        home.write("work/.gitignore", "out/\n");
        home.write(
            "work/cfg/default.nix",
            "{ imports = [ ./more.nix ]; nix.settings.max-jobz = 1; }\n",
        );
        home.write("work/cfg/more.nix", "{ nix.settings.keep-going = true; }\n");
        home.write("work/cfg/other/nix.conf", "corez = 2\n");
        home.write("work/cfg/out/built.nix", "{ nix.settings.corez = 3; }\n");
        home.write("work/cfg/excluded.nix", "{ nix.settings.corez = 4; }\n");
        home.write("work/cfg/note.md", "substituters\n");
        home.write("shared.nix", "{ nix.settings.keep-goin = true; }\n");
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, content: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn lint(&self) -> Command {
        let mut command = nixtune(&self.path("work/cfg"));
        command
            .args(["lint", "-v", "--target", "nixos", "."])
            .env("HOME", self.folder.path())
            .env("XDG_CACHE_HOME", self.path("cache"))
            .env_remove("NIXTUNE_NO_CACHE");
        command
    }

    /// What looking finds.
    fn looked(&self) -> String {
        let mut command = self.lint();
        command.arg("--no-cache");
        said(&run(command, b"")).0
    }

    /// Runs until an earlier run is recalled: what was just written may change once more in the
    /// same tick of the file system's clock, and is looked at until that is over.
    fn recalled(&self) -> String {
        for _ in 0..1000 {
            let (said, is_recalled) = said(&run(self.lint(), b""));
            if is_recalled {
                return said;
            }
        }
        panic!("nothing was recalled");
    }
}

/// What a run said and how it ended, without what it said of itself, and whether that came from an
/// earlier run.
fn said(output: &Output) -> (String, bool) {
    let errors = String::from_utf8_lossy(&output.stderr);
    let is_recalled = errors.contains(RECALLED);
    let errors: Vec<&str> = errors
        .lines()
        .take_while(|line| !line.contains(RECALLED))
        .filter(|line| !line.contains(" ms finding, reading and evaluating"))
        .collect();
    let text = format!(
        "{}\n{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        errors.join("\n"),
        output.status
    );
    (text, is_recalled)
}

#[test]
fn every_change_that_counts_is_seen() {
    type Change = (&'static str, fn(&Home));
    let changes: [Change; 24] = [
        ("a value of the same length", |home| {
            home.write("work/cfg/more.nix", "{ nix.settings.keep-goinG = true; }\n");
        }),
        ("an import", |home| {
            home.write("work/cfg/more.nix", "{ imports = [ ./excluded.nix ]; }\n");
        }),
        ("a file more", |home| {
            home.write("work/cfg/x.nix", "{ nix.settings.corez = 5; }\n")
        }),
        ("a file in a new folder", |home| {
            home.write("work/cfg/new/x.nix", "{ nix.settings.corez = 5; }\n");
        }),
        ("a file less", |home| {
            fs::remove_file(home.path("work/cfg/other/nix.conf")).unwrap();
        }),
        ("another name", |home| {
            let to = home.path("work/cfg/other/nix.conf.old");
            fs::rename(home.path("work/cfg/other/nix.conf"), to).unwrap();
        }),
        ("a file that takes another one's place", |home| {
            home.write("work/cfg/tmp", "{ nix.settings.cores = 9; }\n");
            let to = home.path("work/cfg/more.nix");
            fs::rename(home.path("work/cfg/tmp"), to).unwrap();
        }),
        ("a file of which the time is set back", |home| {
            let path = home.path("work/cfg/more.nix");
            let before = fs::metadata(&path).unwrap().modified().unwrap();
            fs::write(&path, "{ nix.settings.keep-goinG = true; }\n").unwrap();
            let file = fs::File::options().write(true).open(&path).unwrap();
            file.set_modified(before).unwrap();
        }),
        ("a list of ignored files", |home| {
            home.write("work/cfg/.gitignore", "other/\n")
        }),
        ("another list of ignored files", |home| {
            home.write("work/cfg/.ignore", "more.nix\n")
        }),
        ("the list of the repository", |home| {
            home.write("work/.gitignore", "")
        }),
        ("the repository's own list", |home| {
            home.write("work/.git/info/exclude", "\n")
        }),
        ("no repository", |home| {
            fs::rename(home.path("work/.git"), home.path("work/git")).unwrap();
        }),
        ("a repository further down", |home| {
            home.write("work/cfg/.git/HEAD", "")
        }),
        ("the user's list", |home| {
            home.write(".config/git/ignore", "more.nix\n")
        }),
        ("a list that git's configuration names", |home| {
            home.write("patterns", "nix.conf\n");
            home.write(".gitconfig", "[core]\n  excludesFile = ~/patterns\n");
        }),
        ("a policy", |home| {
            home.write("work/nixtune.toml", "[lint]\nignore = [\"all\"]\n")
        }),
        ("the user's policy", |home| {
            home.write(
                ".config/nixtune/nixtune.toml",
                "[lint]\nignore = [\"all\"]\n",
            );
        }),
        ("a file that nobody may read", |home| {
            let path = home.path("work/cfg/more.nix");
            fs::set_permissions(path, fs::Permissions::from_mode(0o000)).unwrap();
        }),
        ("a file that nobody may write", |home| {
            let path = home.path("work/cfg/default.nix");
            fs::set_permissions(path, fs::Permissions::from_mode(0o444)).unwrap();
        }),
        ("a link instead of a file", |home| {
            fs::remove_file(home.path("work/cfg/more.nix")).unwrap();
            symlink(home.path("shared.nix"), home.path("work/cfg/more.nix")).unwrap();
        }),
        ("a file that is no text", |home| {
            fs::write(home.path("work/cfg/more.nix"), b"{ nix = \"\xff\"; }\n").unwrap();
        }),
        ("a file that does not parse", |home| {
            home.write("work/cfg/more.nix", "{ nix = ;\n")
        }),
        ("a flake over the files", |home| {
            home.write(
                "work/flake.nix",
                "{ outputs = _: { nixosModules.a = ./cfg; }; }\n",
            );
        }),
    ];
    for (what, change) in changes {
        let home = Home::new();
        let before = home.recalled();
        assert_eq!(before, home.looked(), "{what}");
        change(&home);
        let (after, _) = said(&run(home.lint(), b""));
        assert_eq!(after, home.looked(), "{what}");
    }
}

#[test]
fn what_does_not_count_is_not_seen() {
    let home = Home::new();
    home.recalled();
    home.write("work/cfg/out/built.nix", "{ nix.settings.corez = 30; }\n");
    home.write("work/cfg/note.md", "trusted-public-keys\n");
    home.write("elsewhere.nix", "{ nix.settings.corez = 1; }\n");
    home.write("work/.git/index", "as git does at every step");
    assert!(said(&run(home.lint(), b"")).1);
}

#[test]
fn each_way_to_ask_has_its_own_answer() {
    let home = Home::new();
    home.recalled();
    let asked: [&[&str]; 5] = [
        &["--format", "json"],
        &["--statistics"],
        &["--color", "always"],
        &["--fail-on", "never"],
        &["--target", "nix@2.3"],
    ];
    for arguments in asked {
        let run_with = |more: &[&str]| {
            let mut command = home.lint();
            command.args(arguments).args(more);
            said(&run(command, b""))
        };
        let (first, is_recalled) = run_with(&[]);
        assert!(!is_recalled, "{arguments:?}");
        assert_eq!(first, run_with(&["--no-cache"]).0, "{arguments:?}");
        let (second, _) = run_with(&[]);
        assert_eq!(first, second, "{arguments:?}");
    }
    let mut elsewhere = home.lint();
    elsewhere.current_dir(home.path("work"));
    assert!(!said(&run(elsewhere, b"")).1);
    let mut at_another_time = home.lint();
    at_another_time.env("SOURCE_DATE_EPOCH", "1893456000");
    assert!(!said(&run(at_another_time, b"")).1);
}

#[test]
fn what_writes_or_looks_at_a_machine_is_never_recalled() {
    let home = Home::new();
    home.recalled();
    let report = home.path("report.json");
    let asked: [&[&str]; 3] = [
        &["--output", report.to_str().unwrap()],
        &["--write-baseline", "--baseline", "../../base.json"],
        &["--live"],
    ];
    for arguments in asked {
        for _ in 0..2 {
            let mut command = home.lint();
            command.args(arguments);
            assert!(!said(&run(command, b"")).1, "{arguments:?}");
        }
    }
    assert!(report.is_file());
    assert!(home.path("base.json").is_file());
    let mut never = home.lint();
    never.env("NIXTUNE_NO_CACHE", "true");
    assert!(!said(&run(never, b"")).1);
}

#[test]
fn what_is_kept_may_be_damaged_or_missing() {
    let home = Home::new();
    let before = home.recalled();
    let kept = home.path("cache/nixtune/lint");
    let mode = fs::metadata(&kept).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    let file = || fs::read_dir(&kept).unwrap().next().unwrap().unwrap().path();
    let whole = fs::read(file()).unwrap();
    let mode = fs::metadata(file()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let mut turned = whole.clone();
    let last = turned.len() - 1;
    turned[last] ^= 1;
    for damaged in [
        &whole[..whole.len() / 2],
        &turned,
        &[0; 4096][..],
        b"",
        b"12345678",
    ] {
        fs::write(file(), damaged).unwrap();
        let (after, is_recalled) = said(&run(home.lint(), b""));
        assert!(!is_recalled);
        assert_eq!(before, after);
    }
    home.recalled();
    // Where nothing can be kept, everything is as it would be without.
    fs::remove_dir_all(home.path("cache")).unwrap();
    fs::write(home.path("cache"), "a file").unwrap();
    assert_eq!(said(&run(home.lint(), b"")), (before, false));
}

#[test]
fn a_machine_that_is_looked_at_does_not_change_while_it_works() {
    let home = Home::new();
    home.write(
        ".config/nix/nix.conf",
        "max-jobs = auto\ncores = 0\nmin-free = 1\n",
    );
    let lint = |more: &[&str]| {
        let mut command = nixtune(&home.path(".config/nix"));
        command
            .args(["lint", "-v", "nix.conf"])
            .args(more)
            .env("HOME", home.folder.path())
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env_remove("NIXTUNE_NO_CACHE");
        said(&run(command, b""))
    };
    let looked = lint(&["--no-cache"]).0;
    assert!(looked.contains("it can only be the machine"), "{looked}");
    let recalled = (0..1000).map(|_| lint(&[])).find(|(_, recalled)| *recalled);
    assert_eq!(recalled.unwrap().0, looked);
}

#[test]
fn what_went_wrong_is_said_in_full_again() {
    let home = Home::new();
    home.write("work/nixtune.toml", "[lint\n");
    let lint = || {
        let mut command = home.lint();
        command.args(["--format", "json"]);
        said(&run(command, b""))
    };
    let first = lint();
    assert!(first.0.contains("\"error\""), "{}", first.0);
    for _ in 0..20 {
        assert_eq!(lint(), first);
    }
}

#[test]
fn a_home_that_is_missing_is_not_made() {
    let home = Home::new();
    let missing = home.path("homeless-shelter");
    let mut command = home.lint();
    command.env("HOME", &missing).env_remove("XDG_CACHE_HOME");
    assert!(!said(&run(command, b"")).1);
    assert!(!missing.exists());
}

#[test]
fn only_so_many_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a", "b", "c", "d", "e"] {
        let path = folder.path().join("kept").join(name);
        Os.keep(&path, name.as_bytes(), 3).unwrap();
    }
    let kept = Os.read_dir(&folder.path().join("kept")).unwrap();
    assert_eq!(kept.len(), 3);
    assert!(folder.path().join("kept/e").is_file());
}

/// What is asked of a machine, and what changes there.
fn machine() -> Memory {
    Memory::new()
        .file("/cfg/a.nix", "{ }")
        .file("/proc/meminfo", "MemTotal: 1")
        .env("HOME", "/home")
        .env("LANG", "C")
        .with_disk("/nix", 100, 50)
        .program("nix --version", "nix (Nix) 2.8.0")
}

#[test]
fn a_trace_holds_as_long_as_the_answers_are_the_same() {
    let asked = |system: &Memory| {
        let traced = Traced::new(system);
        traced.read(Path::new("/cfg/a.nix"), 100).unwrap();
        traced.read(Path::new("/proc/meminfo"), 100).unwrap();
        traced.read(Path::new("/cfg/none.nix"), 100).unwrap_err();
        traced.metadata(Path::new("/cfg/no")).unwrap_err();
        traced.env("LANG");
        traced.run("nix", &["--version"]).unwrap();
        traced.platform();
        traced.memory();
        traced.disk(Path::new("/nix"));
        traced.trace().unwrap()
    };
    let trace = asked(&machine());
    assert!(trace.holds(&machine()));
    assert!(trace.holds(&machine().file("/cfg/other.nix", "{ }").env("TERM", "dumb")));
    // What is free changes all the time.
    assert!(trace.holds(&machine().with_disk("/nix", 100, 40)));
    let others = [
        machine().file("/cfg/a.nix", "{  }"),
        machine().file("/cfg/a.nix", "[ ]"),
        machine().file("/proc/meminfo", "MemTotal: 2"),
        machine().file("/cfg/none.nix", ""),
        machine().folder("/cfg/no"),
        machine().env("LANG", "de"),
        machine().program("nix --version", "nix (Nix) 2.34.8"),
        machine().on("macos", "aarch64"),
        machine().with_memory(1 << 30, 0),
        machine().with_disk("/nix", 200, 50),
    ];
    for (index, other) in others.iter().enumerate() {
        assert!(!trace.holds(other), "{index}");
    }
}

#[test]
fn a_walk_is_traced_with_what_it_leaves_out() {
    let machine = || {
        Memory::new()
            .file("/cfg/.gitignore", "out\n")
            .file("/cfg/a.nix", "{ }")
            .file("/cfg/out/b.nix", "{ }")
    };
    let system = machine();
    let traced = Traced::new(&system);
    let roots = [PathBuf::from("/cfg")];
    walk_map(&traced, &roots, &WalkOptions::default(), |_, _| {
        Ok(Some(()))
    });
    let trace = traced.trace().unwrap();
    assert!(trace.holds(&machine()));
    // Nobody read it.
    assert!(trace.holds(&machine().file("/cfg/a.nix", "{ a = 1; }")));
    assert!(!trace.holds(&machine().file("/cfg/c.nix", "{ }")));
    assert!(!trace.holds(&machine().file("/cfg/.gitignore", "")));
}

#[test]
fn what_cannot_be_asked_again_leaves_no_trace() {
    type Act = fn(&dyn System);
    let acts: [Act; 9] = [
        |system| {
            system.clock_secs();
        },
        |system| system.save(Path::new("/cfg/a.nix"), b"").unwrap(),
        |system| {
            let _ = system.temporary_folder();
        },
        |system| {
            system.own_program();
        },
        // What a file may not choose.
        |system| {
            let _ = system.run("git", &["--version"]);
        },
        |system| {
            let _ = system.run("/usr/sbin/sysctl", &["-w", "kern.maxproc=1"]);
        },
        |system| {
            system.recover();
        },
        // A name that is no text.
        |system| {
            use std::os::unix::ffi::OsStrExt;
            let name = std::ffi::OsStr::from_bytes(b"/cfg/\xff.nix");
            let _ = system.read(Path::new(name), 100);
        },
        // One that changes while it is looked at.
        |system| {
            let _ = system.metadata(Path::new("/cfg/a.nix"));
        },
    ];
    for (index, act) in acts.iter().enumerate() {
        let base = machine();
        let traced = Traced::new(&base);
        traced.metadata(Path::new("/cfg/a.nix")).unwrap();
        base.save(Path::new("/cfg/a.nix"), b"{ changed = 1; }")
            .unwrap();
        act(&traced);
        assert!(traced.trace().is_none(), "{index}");
    }
}
