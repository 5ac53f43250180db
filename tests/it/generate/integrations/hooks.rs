//! Hooks, run by git in real repositories.

use std::os::unix::fs::PermissionsExt;

use nixtune::generate::{HOOK_FILES, Hook, HookStage, HookStyle, pre_commit};

use super::*;
use crate::formatters::FORMATTERS;
use crate::oracle::oracles;

fn text(hook: &Hook) -> String {
    pre_commit(hook).unwrap().files.remove(0).text
}

fn all(style: HookStyle) -> Vec<Hook> {
    let mut all = Vec::new();
    for stage in [HookStage::PreCommit, HookStage::PrePush] {
        for (has_flake_parts, explain) in [(false, false), (true, true), (false, true)] {
            all.push(Hook {
                style,
                stage,
                has_flake_parts,
                explain,
            });
        }
    }
    all
}

#[test]
fn scripts_pass_shellcheck() {
    for hook in all(HookStyle::GitHook) {
        shellcheck(&text(&hook));
    }
}

#[test]
fn only_what_is_staged_is_judged() {
    let it = Repository::new();
    it.generate(&it.root(), "pre-commit").unwrap();
    let hook = it.root().join(".git/hooks/pre-commit");
    assert_eq!(
        fs::metadata(hook).unwrap().permissions().mode() & 0o100,
        0o100
    );

    it.write("dar win/new file.nix", GOOD);
    it.git_here("add .");
    it.commits();

    it.write("dar win/new file.nix", BAD);
    it.git_here("add .");
    let printed = it.refuses();
    assert!(printed.contains("warning[unknown-setting]"), "{printed}");
    assert!(printed.contains("[dar win/new file.nix:1:16]"), "{printed}");
    assert!(printed.contains("git commit --no-verify"), "{printed}");

    // Staged bad, good in the work tree: still bad.
    it.write("dar win/new file.nix", GOOD);
    it.refuses();
    // Staged good, bad in the work tree.
    it.git_here("add .");
    it.write("dar win/new file.nix", BAD);
    it.write("good.nix", "{ nix.settings.sandbox = true; } # staged\n");
    it.git_here("add good.nix");
    it.write("good.nix", BAD);
    it.commits();
    let kept = fs::read_to_string(it.root().join("good.nix")).unwrap();
    assert_eq!(kept, BAD, "the work tree is not touched");

    // A mistake that was there before is none of this commit's.
    it.git_here("add .");
    it.git_here("commit --quiet --no-verify -m bad");
    it.write("other.nix", GOOD);
    it.git_here("add .");
    it.commits();
    // A file that goes says nothing.
    it.git_here("rm --quiet good.nix");
    it.commits();
}

#[test]
fn modules_are_seen_in_the_flake_as_it_is_staged() {
    let it = Repository::new();
    let flake = |system: &str| {
        format!(
            "{{\n  outputs = {{ self, nixpkgs, nix-darwin }}: {{\n    {system} {{ modules = [ ./m.nix ]; }};\n  }};\n}}\n"
        )
    };
    it.write(
        "flake.nix",
        &flake("darwinConfigurations.a = nix-darwin.lib.darwinSystem"),
    );
    it.write("m.nix", "{ }\n");
    it.git_here("add .");
    it.git_here("commit --quiet -m flake");
    it.generate(&it.root(), "pre-commit").unwrap();
    // Only on NixOS; what the flake says is read although it is not part of the commit.
    it.write("m.nix", "{ nix.gc.dates = \"weekly\"; }\n");
    it.git_here("add m.nix");
    let printed = it.refuses();
    assert!(printed.contains("option-wrong-platform"), "{printed}");
    it.write(
        "flake.nix",
        &flake("nixosConfigurations.a = nixpkgs.lib.nixosSystem"),
    );
    it.refuses();
    it.git_here("add flake.nix");
    let (_, printed) = it.commits();
    assert!(!printed.contains("option-wrong-platform"), "{printed}");
}

#[test]
fn files_that_git_does_not_have_are_not_seen() {
    let it = Repository::new();
    it.generate(&it.root(), "pre-commit").unwrap();
    it.write("m.nix", "{ nix.gc.dates = \"weekly\"; }\n");
    it.git_here("add m.nix");
    let darwin = "{ outputs = { nix-darwin, ... }: { darwinConfigurations.a = \
                  nix-darwin.lib.darwinSystem { modules = [ ./m.nix ]; }; }; }\n";
    it.write("flake.nix", darwin);
    it.commits();
    it.write("m.nix", "{ nix.gc.dates = \"daily\"; }\n");
    it.git_here("add .");
    it.refuses();
}

#[test]
fn a_policy_counts_whether_git_has_it_or_not() {
    let it = Repository::new();
    it.generate(&it.root(), "pre-commit").unwrap();
    it.write("bad.nix", BAD);
    it.git_here("add bad.nix");
    it.refuses();
    it.write("nixtune.toml", "[lint]\nignore = [\"unknown-setting\"]\n");
    it.commits();
    it.write("bad.nix", "{ nix.settings.sandbx = false; }\n");
    it.write("nixtune.toml", "[lint]\nfail-on = \"warning\"\n");
    it.git_here("add .");
    it.write("nixtune.toml", "[lint]\nignore = [\"unknown-setting\"]\n");
    it.refuses();
}

#[test]
fn the_first_commit_a_subfolder_and_a_part_of_the_index_are_judged_alike() {
    let it = Repository::new();
    it.git(".", "init --quiet fresh");
    let fresh = it.folder.path().join("fresh");
    write(&fresh, "sub/bad.nix", BAD);
    it.generate(&fresh.join("sub"), "pre-commit").unwrap();
    it.git("fresh", "add .");
    let with = programs_and_nixtune();
    let (done, printed) = it.tried(&fresh.join("sub"), &with, &["commit", "-m", "x"]);
    assert!(!done && printed.contains("[sub/bad.nix:1:16]"), "{printed}");
    // `git commit FILE` has an index of its own.
    write(&fresh, "sub/good.nix", GOOD);
    it.git("fresh", "add .");
    let arguments = ["commit", "-m", "x", "good.nix"];
    let (done, printed) = it.tried(&fresh.join("sub"), &with, &arguments);
    assert!(done, "{printed}");
    let arguments = ["commit", "-a", "-m", "x"];
    let (done, _) = it.tried(&fresh.join("sub"), &with, &arguments);
    assert!(!done);
}

#[test]
fn a_work_tree_has_the_hook_of_its_repository() {
    let it = Repository::new();
    it.git_here("worktree add --quiet ../other -b other");
    let other = it.folder.path().join("other");
    fs::create_dir(other.join("sub")).unwrap();
    it.generate(&other.join("sub"), "pre-commit").unwrap();
    assert!(it.root().join(".git/hooks/pre-commit").is_file());
    write(&other, "bad.nix", BAD);
    it.git("other", "add .");
    let with = programs_and_nixtune();
    let (done, printed) = it.tried(&other, &with, &["commit", "-m", "x"]);
    assert!(!done && printed.contains("bad.nix:1:16"), "{printed}");
}

#[test]
fn a_hook_goes_where_git_looks_for_it() {
    let it = Repository::new();
    it.git_here("config core.hooksPath hooks/ours");
    fs::create_dir(it.root().join("sub")).unwrap();
    it.generate(&it.root().join("sub"), "pre-commit").unwrap();
    assert!(it.root().join("hooks/ours/pre-commit").is_file());
    it.write("bad.nix", BAD);
    it.git_here("add bad.nix");
    it.refuses();
    // One work tree may have its own.
    it.git_here("config extensions.worktreeConfig true");
    it.git_here("config --worktree core.hooksPath ../theirs");
    it.generate(&it.root(), "pre-commit").unwrap();
    assert!(it.folder.path().join("theirs/pre-commit").is_file());
}

#[test]
fn hooks_of_every_repository_are_not_one_repositorys_to_write() {
    let it = Repository::new();
    it.git_here("config --global core.hooksPath ~/hooks");
    let said = it.generate(&it.root(), "pre-commit").unwrap_err();
    assert!(said.contains(".gitconfig names "), "{said}");
    assert!(said.contains("core.hooksPath"), "{said}");
    assert!(!it.folder.path().join("hooks").exists());
    it.git_here("config core.hooksPath .git/hooks");
    it.generate(&it.root(), "pre-commit").unwrap();
    it.write("bad.nix", BAD);
    it.git_here("add bad.nix");
    it.refuses();
}

#[test]
fn a_hook_that_is_there_stays() {
    let it = Repository::new();
    it.write(".git/hooks/pre-commit", "#!/bin/sh\ntrue\n");
    let said = it.generate(&it.root(), "pre-commit").unwrap_err();
    assert!(said.contains("is there already"), "{said}");
    let path = it.root().join(".git/hooks/pre-commit");
    assert_eq!(fs::read_to_string(&path).unwrap(), "#!/bin/sh\ntrue\n");
    it.generate(&it.root(), "pre-commit --force").unwrap();
    it.write("bad.nix", BAD);
    it.git_here("add bad.nix");
    it.refuses();
}

#[test]
fn a_hook_without_nixtune_says_what_to_do_and_leaves_other_commits_alone() {
    let it = Repository::new();
    it.generate(&it.root(), "pre-commit").unwrap();
    it.write("notes.txt", "one");
    it.git_here("add .");
    let arguments = ["commit", "-m", "x"];
    let (done, printed) = it.tried(&it.root(), &programs(), &arguments);
    assert!(done, "{printed}");
    it.write("good.nix", "{ }\n");
    it.git_here("add .");
    let (done, printed) = it.tried(&it.root(), &programs(), &arguments);
    assert!(!done);
    assert!(printed.contains("nixtune is not installed"), "{printed}");
    assert!(printed.contains("--no-verify"), "{printed}");
}

#[test]
fn a_push_is_judged_by_what_it_brings() {
    let it = Repository::new();
    it.git(".", "init --quiet --bare far.git");
    it.git_here("remote add origin ../far.git");
    it.generate(&it.root(), "pre-commit --stage pre-push")
        .unwrap();
    let push = |arguments: &[&str]| {
        let arguments = [&["push", "--quiet", "origin"], arguments].concat();
        it.tried(&it.root(), &programs_and_nixtune(), &arguments)
    };
    let (done, printed) = push(&["main"]);
    assert!(done, "{printed}");
    it.write("bad.nix", BAD);
    it.git_here("add .");
    it.git_here("commit --quiet -m bad");
    let (done, printed) = push(&["main"]);
    assert!(!done && printed.contains("[bad.nix:1:16]"), "{printed}");
    let (done, _) = push(&["main:new"]);
    assert!(!done);
    // Good in the work tree, and committed bad.
    it.write("bad.nix", GOOD);
    let (done, _) = push(&["main"]);
    assert!(!done);
    it.git_here("add .");
    it.git_here("commit --quiet -m good");
    let (done, printed) = push(&["main", "main:new"]);
    assert!(done, "{printed}");
    let (done, printed) = push(&["--delete", "new"]);
    assert!(done, "{printed}");
}

#[test]
fn pre_commit_takes_its_configuration() {
    for hook in all(HookStyle::PreCommit) {
        let value = yaml(&text(&hook));
        assert_eq!(breaches("pre-commit-config.json", &value), [""; 0]);
        let hook = &value["repos"][0]["hooks"][0];
        assert_eq!(hook["entry"], "nixtune lint --");
        assert_eq!(hook["files"], HOOK_FILES);
    }
    assert!(
        !breaches(
            "pre-commit-config.json",
            &yaml("repos: [{ repo: local, hooks: [{ id: a, pass_filenames: 3 }] }]")
        )
        .is_empty()
    );
}

#[test]
fn the_files_are_those_that_nixtune_reads() {
    let files = regress::Regex::new(HOOK_FILES).unwrap();
    for name in [
        "flake.nix",
        "a/b c.nix",
        "nix.conf",
        "etc/nix/nix.conf",
        "x/nix.custom.conf",
    ] {
        assert!(files.find(name).is_some(), "{name}");
    }
    for name in [
        "a.nix.bak",
        "unix.conf",
        "nginx.conf",
        "nixxconf",
        "default",
    ] {
        assert!(files.find(name).is_none(), "{name}");
    }
    // The hook of git has the same as patterns of git.
    let it = Repository::new();
    it.generate(&it.root(), "pre-commit").unwrap();
    for name in ["nix.conf", "etc/nix.conf", "etc/nix.custom.conf"] {
        it.write(name, "sandbx = true\n");
        it.git_here("add .");
        it.refuses();
        it.git_here("reset --quiet");
        fs::remove_file(it.root().join(name)).unwrap();
    }
}

#[test]
fn the_flakes_part_is_well_written_nix() {
    for hook in all(HookStyle::GitHooksNix) {
        let part = text(&hook);
        let indented = |by: &str| -> String {
            let line = |line: &str| format!("{by}{line}\n");
            part.lines().map(line).collect()
        };
        let module = format!("{{ inputs, system, ... }}:\n{{\n{}}}\n", indented("  "));
        let [nixfmt, alejandra, _] = &FORMATTERS;
        assert_eq!((nixfmt.format)(&module).as_ref(), Some(&module));
        assert!((alejandra.format)(&module).is_some(), "{module}");
        let inputs =
            "{ nixtune.packages.s.default = \"/nix/store/n\"; git-hooks.lib.s.run = x: x; }";
        let at = if hook.has_flake_parts {
            "pre-commit.settings.hooks.nixtune"
        } else {
            "pre-commit.hooks.nixtune"
        };
        for oracle in oracles() {
            let expression = format!("(({module}) {{ inputs = {inputs}; system = \"s\"; }}).{at}");
            let hook = oracle.eval(&expression).unwrap();
            assert_eq!(hook["entry"], "/nix/store/n/bin/nixtune lint --");
            assert_eq!(hook["files"], HOOK_FILES);
            assert_eq!(hook["enable"], true);
        }
    }
}
