//! pre-commit, prek and lefthook, run by git in real repositories: with the hooks that this
//! repository offers, what is generated, and what the guide shows.

use nixtune::generate::{Hook, HookStage, HookStyle, pre_commit};

use super::*;

/// The name of a setting that a newer one replaced: a safe fix, which needs no hardware.
const OLD: &str = "{ nix.settings.gc-keep-outputs = false; }\n";
const RENAMED: &str = "{ nix.settings.keep-outputs = false; }\n";

/// This repository as hook managers see it: the hooks as they are, and a crate that `cargo install`
/// builds in a moment and that runs the nixtune that is tested.
fn hook_repository(it: &Repository) -> String {
    let folder = it.folder.path().join("hooks");
    let hooks = Path::new(env!("CARGO_MANIFEST_DIR")).join(".pre-commit-hooks.yaml");
    write(
        &folder,
        ".pre-commit-hooks.yaml",
        &fs::read_to_string(hooks).unwrap(),
    );
    write(
        &folder,
        "Cargo.toml",
        "[package]\nname = \"nixtune\"\nversion = \"0.1.0\"\nedition = \"2024\"\n",
    );
    let program = env!("CARGO_BIN_EXE_nixtune");
    write(
        &folder,
        "src/main.rs",
        &format!(
            "use std::os::unix::process::CommandExt;\n\
             fn main() {{\n\
             let mut program = std::process::Command::new({program:?});\n\
             panic!(\"{{}}\", program.args(std::env::args_os().skip(1)).exec());\n}}\n"
        ),
    );
    it.git(
        "hooks",
        "-c init.defaultBranch=main -c core.hooksPath=none init --quiet",
    );
    it.git("hooks", "add .");
    it.git("hooks", "commit --quiet -m hooks");
    it.git("hooks", "tag v0.1.0");
    format!("file://{}", folder.display())
}

/// Git and the programs that hooks need. cargo and rustc themselves, not what chooses between
/// several of them by files of the user's home.
fn programs_and_cargo() -> Vec<PathBuf> {
    let cargo = Path::new(env!("CARGO")).parent().unwrap();
    let mut folders = programs_and_nixtune();
    folders.insert(0, cargo.to_path_buf());
    folders
}

/// A command of a hook manager in the repository.
fn managed(it: &Repository, manager: &str, arguments: &[&str]) -> (bool, String) {
    let mut command = it.program(&tool(manager), &it.root(), &programs_and_cargo());
    it.run(command.args(arguments))
}

fn install(it: &Repository, manager: &str) {
    let (done, printed) = managed(it, manager, &["install"]);
    assert!(done, "{printed}");
}

fn commit(it: &Repository) -> (bool, String) {
    it.tried(
        &it.root(),
        &programs_and_cargo(),
        &["commit", "--message", "next"],
    )
}

fn commits(it: &Repository) {
    let (done, printed) = commit(it);
    assert!(done, "{printed}");
}

fn refuses(it: &Repository) -> String {
    let (done, printed) = commit(it);
    assert!(!done, "{printed}");
    printed
}

fn read(it: &Repository, name: &str) -> String {
    fs::read_to_string(it.root().join(name)).unwrap()
}

/// A file as the last commit has it.
fn committed(it: &Repository, name: &str) -> String {
    let name = format!("HEAD:{name}");
    let (done, text) = it.tried(&it.root(), &programs_and_cargo(), &["show", &name]);
    assert!(done, "{text}");
    text
}

/// What the guide shows as this file.
pub fn shown(file: &str) -> String {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/guide/pre-commit.md");
    let guide = fs::read_to_string(guide).unwrap();
    let (_, block) = guide.split_once(&format!(" {file}\n")).unwrap();
    block.split("```").next().unwrap().to_owned()
}

/// A repository whose pre-commit hooks are these of the hook repository.
fn with_hooks(manager: &str, ids: &[&str]) -> Repository {
    let it = Repository::new();
    let url = hook_repository(&it);
    let hooks: String = ids.iter().map(|id| format!("      - id: {id}\n")).collect();
    it.write(
        ".pre-commit-config.yaml",
        &format!("repos:\n  - repo: {url}\n    rev: v0.1.0\n    hooks:\n{hooks}"),
    );
    it.git_here("add .pre-commit-config.yaml");
    install(&it, manager);
    it
}

const READERS: [&str; 2] = ["pre-commit", "prek"];

#[test]
fn the_guides_configuration_fixes_and_lints() {
    let configuration = shown(".pre-commit-config.yaml");
    for manager in READERS {
        let it = Repository::new();
        let url = hook_repository(&it);
        it.write(
            ".pre-commit-config.yaml",
            &configuration.replace("https://github.com/nixtune/nixtune", &url),
        );
        install(&it, manager);
        // Several files at once, one with a blank in its name, and what nixtune does not read.
        it.write("old.nix", OLD);
        it.write("hosts/an old one.nix", OLD);
        it.write("nix.custom.conf", "gc-keep-outputs = false\n");
        it.write("phoenix.conf", "gc-keep-outputs = false\n");
        it.git_here("add .");
        let printed = refuses(&it);
        assert!(
            printed.contains("files were modified by this hook"),
            "{printed}"
        );
        assert!(printed.contains("made 3 fixes in 3 files"), "{printed}");
        assert_eq!(read(&it, "old.nix"), RENAMED);
        assert_eq!(read(&it, "hosts/an old one.nix"), RENAMED);
        assert_eq!(read(&it, "nix.custom.conf"), "keep-outputs = false\n");
        assert_eq!(read(&it, "phoenix.conf"), "gc-keep-outputs = false\n");
        // The fixes are not staged yet, and the hook does not pass by itself.
        refuses(&it);
        it.git_here("add .");
        commits(&it);
        assert_eq!(committed(&it, "old.nix"), RENAMED);

        it.write("bad.nix", BAD);
        it.git_here("add .");
        let printed = refuses(&it);
        assert!(printed.contains("[bad.nix:1:16]"), "{printed}");
        assert!(printed.contains("unknown-setting"), "{printed}");
    }
}

#[test]
fn each_hook_does_what_it_is_called() {
    for manager in READERS {
        for (id, says) in [
            ("nixtune", "`gc-keep-outputs`"),
            ("nixtune-system", "`gc-keep-outputs`"),
            ("nixtune-apply", "made 2 fixes in 2 files"),
            ("nixtune-apply-system", "made 2 fixes in 2 files"),
            ("nixtune-check", "would make 2 fixes in 2 files"),
            ("nixtune-check-system", "would make 2 fixes in 2 files"),
        ] {
            let it = with_hooks(manager, &[id]);
            it.write("old.nix", OLD);
            it.write("hosts/older.nix", OLD);
            it.git_here("add .");
            let printed = refuses(&it);
            assert!(printed.contains(says), "{manager} {id}: {printed}");
            let is_fixed = id.contains("apply");
            let expected = if is_fixed { RENAMED } else { OLD };
            assert_eq!(read(&it, "hosts/older.nix"), expected, "{manager} {id}");
            it.write("old.nix", RENAMED);
            it.write("hosts/older.nix", RENAMED);
            it.git_here("add .");
            commits(&it);
        }
    }
}

/// What is staged is judged, and what is not stays as it is.
fn only_what_is_staged_counts(it: &Repository) {
    it.write("file.nix", BAD);
    it.git_here("add file.nix");
    it.write("file.nix", GOOD);
    let printed = refuses(it);
    assert!(printed.contains("[file.nix:1:16]"), "{printed}");
    assert_eq!(read(it, "file.nix"), GOOD);

    it.git_here("add file.nix");
    it.write("file.nix", BAD);
    commits(it);
    assert_eq!(committed(it, "file.nix"), GOOD);
    assert_eq!(read(it, "file.nix"), BAD);
}

#[test]
fn what_is_not_staged_is_hidden_from_hooks_that_lint() {
    for manager in READERS {
        only_what_is_staged_counts(&with_hooks(manager, &["nixtune-system"]));
    }
    let it = Repository::new();
    it.generate(&it.root(), "pre-commit --style lefthook")
        .unwrap();
    it.git_here("add .");
    install(&it, "lefthook");
    only_what_is_staged_counts(&it);
}

#[test]
fn fixes_are_made_in_what_is_staged_alone() {
    for manager in READERS {
        let it = with_hooks(manager, &["nixtune-apply-system"]);
        let staged = format!("# one\n{OLD}# three\n");
        it.write("file.nix", &staged);
        it.git_here("add file.nix");
        // Unstaged, and far enough from the fix to stay.
        it.write("other.nix", OLD);
        let printed = refuses(&it);
        assert!(printed.contains("made 1 fix in 1 file"), "{printed}");
        assert_eq!(read(&it, "file.nix"), staged.replace("gc-", ""));
        assert_eq!(read(&it, "other.nix"), OLD);
    }
}

#[test]
fn lefthook_stages_the_fixes_that_the_guide_asks_for() {
    let it = Repository::new();
    it.write("lefthook.yml", &shown("lefthook.yml"));
    install(&it, "lefthook");
    it.write("old.nix", OLD);
    it.write("hosts/an old one.nix", OLD);
    it.write("etc/nix.conf", "gc-keep-outputs = false\n");
    it.write("phoenix.conf", "gc-keep-outputs = false\n");
    it.git_here("add .");
    commits(&it);
    assert_eq!(committed(&it, "old.nix"), RENAMED);
    assert_eq!(committed(&it, "hosts/an old one.nix"), RENAMED);
    assert_eq!(committed(&it, "etc/nix.conf"), "keep-outputs = false\n");
    assert_eq!(committed(&it, "phoenix.conf"), "gc-keep-outputs = false\n");
    let (_, state) = it.tried(&it.root(), &programs(), &["status", "--porcelain"]);
    assert_eq!(state, "");

    it.write("bad.nix", BAD);
    it.git_here("add .");
    let printed = refuses(&it);
    assert!(printed.contains("[bad.nix:1:16]"), "{printed}");
}

#[test]
fn managers_run_what_is_generated_for_them() {
    for (style, manager) in [
        ("pre-commit", "pre-commit"),
        ("pre-commit", "prek"),
        ("lefthook", "lefthook"),
    ] {
        let it = Repository::new();
        it.generate(&it.root(), &format!("pre-commit --style {style}"))
            .unwrap();
        it.git_here("add .");
        install(&it, manager);
        for name in ["bad.nix", "hosts/a bad one.nix"] {
            it.write(name, BAD);
        }
        it.write("nix.conf", "sandbx = true\n");
        it.write("phoenix.conf", "sandbx = true\n");
        it.git_here("add .");
        let printed = refuses(&it);
        for place in [
            "[bad.nix:1:16]",
            "[hosts/a bad one.nix:1:16]",
            "[nix.conf:1:1]",
        ] {
            assert!(printed.contains(place), "{manager}: {printed}");
        }
        assert!(!printed.contains("phoenix"), "{manager}: {printed}");
        it.git_here("reset --quiet bad.nix hosts nix.conf");
        commits(&it);
    }
}

#[test]
fn pushes_are_linted_by_what_is_generated() {
    for (style, manager) in [
        ("pre-commit", "pre-commit"),
        ("pre-commit", "prek"),
        ("lefthook", "lefthook"),
    ] {
        let it = Repository::new();
        it.git("", "init --quiet --bare --initial-branch=main remote");
        it.git_here("remote add origin ../remote");
        it.git_here("push --quiet origin main");
        it.git_here("branch --quiet --set-upstream-to=origin/main");
        let stage = "--stage pre-push";
        it.generate(&it.root(), &format!("pre-commit --style {style} {stage}"))
            .unwrap();
        match manager {
            "lefthook" => install(&it, manager),
            _ => {
                let (done, printed) =
                    managed(&it, manager, &["install", "--hook-type", "pre-push"]);
                assert!(done, "{printed}");
            }
        }
        it.write("bad.nix", BAD);
        it.git_here("add .");
        commits(&it);
        let push = ["push", "origin", "main"];
        let (done, printed) = it.tried(&it.root(), &programs_and_cargo(), &push);
        assert!(
            !done && printed.contains("[bad.nix:1:16]"),
            "{manager}: {printed}"
        );
        it.write("bad.nix", GOOD);
        it.git_here("add .");
        commits(&it);
        let (done, printed) = it.tried(&it.root(), &programs_and_cargo(), &push);
        assert!(done, "{manager}: {printed}");
    }
}

#[test]
fn lefthook_takes_its_configuration() {
    for stage in [HookStage::PreCommit, HookStage::PrePush] {
        for explain in [false, true] {
            let hook = Hook {
                style: HookStyle::Lefthook,
                stage,
                has_flake_parts: false,
                explain,
            };
            let it = Repository::new();
            let text = pre_commit(&hook).unwrap().files.remove(0).text;
            assert_eq!(text.contains('#'), explain);
            it.write("lefthook.yml", &text);
            let (done, printed) = managed(&it, "lefthook", &["validate"]);
            assert!(done, "{printed}\n{text}");
        }
    }
    let it = Repository::new();
    it.write("lefthook.yml", "pre-commit:\n  jobs:\n    - walk: away\n");
    assert!(!managed(&it, "lefthook", &["validate"]).0);
}
