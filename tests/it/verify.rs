//! `nixtune apply --verify=nix`: real Nix agrees with what is planned, or the plan loses what Nix
//! does not agree with.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::cli::{nixtune, run};
use crate::oracle::{Oracle, library, oracles};

/// The modules of a module system that every machine of these tests has.
const OPTIONS: &str = "{ lib, ... }: {
  options.nix.settings = lib.mkOption {
    default = { };
    type = lib.types.submodule { freeformType = lib.types.attrsOf lib.types.anything; };
  };
  options.nix.gc.options = lib.mkOption { type = lib.types.str; default = \"\"; };
  options.nix.registry = lib.mkOption { type = lib.types.raw; default = { }; };
  options.assertions = lib.mkOption { type = lib.types.listOf lib.types.raw; default = [ ]; };
  options.system.stateVersion = lib.mkOption { type = lib.types.raw; default = null; };
  options.home-manager.users = lib.mkOption {
    default = { };
    type = lib.types.attrsOf (lib.types.submoduleWith { modules = [ {
      options.home.stateVersion = lib.mkOption { type = lib.types.raw; default = null; };
      options.nix.keepOld = lib.mkOption { type = lib.types.bool; default = true; };
      options.nix.settings = lib.mkOption {
        default = { };
        type = lib.types.submodule { freeformType = lib.types.attrsOf lib.types.anything; };
      };
    } ]; });
  };
}
";

/// A tree with a stand-in for nixpkgs beside it, and the Nix that evaluates it.
struct Tree {
    folder: tempfile::TempDir,
    oracle: &'static Oracle,
}

impl Tree {
    fn new(oracle: &'static Oracle, files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let tree = Self { folder, oracle };
        for name in ["lib.nix", "modules.nix"] {
            let text = fs::read_to_string(library().with_file_name(name)).unwrap();
            tree.put(&format!("nixpkgs/lib/{name}"), &text);
        }
        tree.put(
            "nixpkgs/lib/default.nix",
            "(import ./modules.nix (import ./lib.nix).lib).lib",
        );
        tree.put("nixpkgs/options.nix", OPTIONS);
        tree.put(
            "nixpkgs/flake.nix",
            "{ outputs = { self }: let lib = import ./lib; in { lib = lib // {
              hidden = value: value;
              never = { nix.settings = throw \"not today\"; };
              strong = { lib, ... }: { nix.settings.cores = lib.mkForce 16; };
              nixosSystem = { modules, specialArgs ? { } }: lib.evalModules {
                inherit specialArgs;
                modules = modules ++ [ ./options.nix ];
              };
            }; }; }",
        );
        fs::create_dir(tree.path("temporary")).unwrap();
        for (name, text) in files {
            let text = text.replace("[NIXPKGS]", tree.path("nixpkgs").to_str().unwrap());
            tree.put(&format!("work/{name}"), &text);
        }
        tree
    }

    /// A flake whose machines `outputs` gives, with its lock file.
    fn flake(oracle: &'static Oracle, outputs: &str, files: &[(&str, &str)]) -> Self {
        let flake = format!(
            "{{\n  inputs.nixpkgs.url = \"path:[NIXPKGS]\";\n  outputs = {{ self, nixpkgs }}: \
             {outputs};\n}}\n"
        );
        let mut all = vec![("flake.nix", flake.as_str())];
        all.extend(files);
        let tree = Self::new(oracle, &all);
        let work = format!("path:{}", tree.path("work").display());
        oracle.lock(&work);
        assert!(tree.path("work/flake.lock").exists());
        tree
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn put(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path("work").join(name)).unwrap()
    }

    fn apply(&self, arguments: &[&str]) -> Said {
        self.apply_with(arguments, &[])
    }

    fn apply_with(&self, arguments: &[&str], environment: &[(&str, &Path)]) -> Said {
        self.apply_to(arguments, b"", environment)
    }

    fn apply_to(&self, arguments: &[&str], input: &[u8], environment: &[(&str, &Path)]) -> Said {
        let mut command = nixtune(&self.path("work"));
        command
            .args(["apply", "--unsafe", "--verify=nix"])
            // Others depend on this machine's hardware.
            .args(["--rule", "deprecated-setting-alias"])
            .args(arguments)
            .env(
                "PATH",
                format!("{}:/usr/bin:/bin", self.oracle.bin().display()),
            )
            .env("TMPDIR", self.path("temporary"))
            .envs(self.oracle.environment())
            .envs(environment.iter().copied());
        let Output {
            status,
            stdout,
            stderr,
        } = run(command, input);
        let left: Vec<_> = fs::read_dir(self.path("temporary")).unwrap().collect();
        assert!(left.is_empty(), "{left:?} is left over");
        let text = |bytes: Vec<u8>| {
            let text = String::from_utf8(bytes).unwrap();
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        Said {
            code: status.code().unwrap(),
            stdout: text(stdout),
            stderr: text(stderr),
        }
    }
}

/// What came out, with all blanks alike.
#[derive(Debug)]
struct Said {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Said {
    fn error(&self, part: &str) {
        assert_eq!(self.code, 2, "{self:?}");
        assert_eq!(self.stdout, "");
        assert!(self.stderr.contains("nothing is changed"), "{self:?}");
        assert!(self.stderr.contains(part), "{part}: {self:?}");
    }

    fn left(&self, title: &str, part: &str) {
        assert_eq!(self.code, 0, "{self:?}");
        let said = format!("{}{}", self.stdout, self.stderr);
        let wanted = format!(
            "{title} (deprecated-setting-alias): the fix was dropped because it failed the nix \
             check: {part}"
        );
        assert!(said.contains(&wanted), "{wanted}: {self:?}");
    }
}

const ONE: &str =
    "{ nixosConfigurations.web = nixpkgs.lib.nixosSystem { modules = [ ./web.nix ]; }; }";

/// Two fixes that have nothing to do with each other.
const WEB: &str = "{ lib, ... }:
{
  system.stateVersion = \"25.05\";
  nix.settings = {
    build-cores = 4;
    build-max-jobs = 2;
  };
}
";

#[test]
fn nix_agrees_with_honest_fixes_of_a_fleet() {
    for oracle in oracles() {
        let tree = Tree::flake(
            oracle,
            "{
              nixosConfigurations.web = nixpkgs.lib.nixosSystem { modules = [ ./web.nix ./own.nix ]; };
              nixosConfigurations.db = nixpkgs.lib.nixosSystem { modules = [ ./web.nix ]; };
              darwinConfigurations.mac = throw \"is not reached\";
            }",
            &[
                ("web.nix", WEB),
                // What follows from the tree itself differs between its two states.
                (
                    "own.nix",
                    "{ lib, ... }: {
                      nix.registry.self = { path = toString ./.; cyclic = let x = { inherit x; }; in x; f = x: x; };
                      home-manager.users.mira = {
                        home.stateVersion = \"25.05\";
                        nix.settings.build-poll-interval = 7;
                      };
                    }",
                ),
            ],
        );
        let before = tree.text("web.nix");
        let shown = tree.apply(&[]);
        assert_eq!(shown.code, 0, "{shown:?}");
        assert!(shown.stdout.contains("+ cores = 4;"), "{shown:?}");
        assert!(
            shown.stderr.contains("would make 2 fixes in 1 file"),
            "{shown:?}"
        );
        assert_eq!(tree.text("web.nix"), before);
        assert_eq!(tree.apply(&["--check"]).code, 1);
        let written = tree.apply(&["--write"]);
        assert_eq!(written.code, 0, "{written:?}");
        let after = before
            .replace("build-cores", "cores")
            .replace("build-max-jobs", "max-jobs");
        assert_eq!(tree.text("web.nix"), after);
    }
}

#[test]
fn what_nix_does_not_agree_with_is_dropped_alone() {
    let cases = [
        // An assertion that nixtune does not look at.
        (
            "{ config, ... }: { assertions = [ {
              assertion = config.nix.settings ? build-cores;
              message = \"keep the old name\";
            } ]; }",
            "in web, an assertion of the configuration does not hold any more: keep the old name",
        ),
        // A value behind a function that nixtune does not see into.
        (
            "{ config, hidden, ... }: {
              nix.gc.options = if hidden (config.nix.settings ? build-cores) then \"old\" else \"new\";
            }",
            "in web, `nix.gc.options` changes from \"old\" to \"new\"",
        ),
        // One that refuses the new state, and says so.
        (
            "{ config, hidden, ... }: {
              nix.gc.options =
                if hidden (config.nix.settings ? build-cores) then \"old\" else throw \"too new\";
            }",
            "in web, `nix.gc.options` has no value any more: too new",
        ),
        // An error that no `tryEval` catches.
        (
            "{ config, hidden, ... }: {
              nix.gc.options = \"${toString (hidden config.nix.settings).build-cores}\";
            }",
            "web does not evaluate any more: attribute 'build-cores' missing",
        ),
        // A stronger definition in a module of an input, which nixtune does not read.
        (
            "{ strong, ... }: { imports = [ strong ]; }",
            "in web, Nix says 16 for `nix.settings.cores`, not 4",
        ),
    ];
    for oracle in oracles() {
        for (module, message) in &cases {
            let tree = Tree::flake(
                oracle,
                "{ nixosConfigurations.web = nixpkgs.lib.nixosSystem {
                  specialArgs = { inherit (nixpkgs.lib) hidden strong; };
                  modules = [ ./web.nix ./guard.nix ];
                }; }",
                &[("web.nix", WEB), ("guard.nix", module)],
            );
            let said = tree.apply(&["--write"]);
            said.left("rename it to `cores`", message);
            assert!(said.stdout.contains("made 1 fix in 1 file"), "{said:?}");
            let after = WEB.replace("build-max-jobs", "max-jobs");
            assert_eq!(tree.text("web.nix"), after, "{said:?}");
        }
    }
}

#[test]
fn machines_that_nixtune_cannot_read_are_found_by_nix() {
    for oracle in oracles() {
        let flake = "{
          outputs = { self }:
            let
              lib = import ./lib;
              machines = map (name: {
                inherit name;
                value = lib.evalModules { specialArgs.hidden = value: value; modules = [ ./options.nix (./. + \"/${name}.nix\") ]; };
              }) [ \"web\" ];
            in
            { nixosConfigurations = builtins.listToAttrs machines; };
        }";
        let library = |name: &str| fs::read_to_string(library().with_file_name(name)).unwrap();
        let (base, modules) = (library("lib.nix"), library("modules.nix"));
        let with = |web: &str| {
            Tree::new(
                oracle,
                &[
                    ("flake.nix", flake),
                    ("options.nix", OPTIONS),
                    ("web.nix", web),
                    ("lib/lib.nix", &base),
                    ("lib/modules.nix", &modules),
                    (
                        "lib/default.nix",
                        "(import ./modules.nix (import ./lib.nix).lib).lib",
                    ),
                ],
            )
        };
        let said = with(WEB).apply(&[]);
        assert_eq!(said.code, 0, "{said:?}");
        assert!(said.stderr.contains("would make 2 fixes"), "{said:?}");
        let guarded = WEB.replace("{ lib, ... }", "{ config, hidden, ... }").replace(
            "  system.",
            "  nix.gc.options = toString (builtins.attrNames (hidden config.nix.settings));\n  system.",
        );
        with(&guarded).apply(&[]).left(
            "rename it to `cores`",
            "in web, `nix.gc.options` changes from \"build-cores build-max-jobs\" to \"build-max-jobs cores\"",
        );
    }
}

#[test]
fn without_an_evaluation_nothing_is_changed() {
    for oracle in oracles() {
        let broken = WEB.replace("  system.", "  imports = [ ./missing.nix ];\n  system.");
        let tree = Tree::flake(oracle, ONE, &[("web.nix", &broken)]);
        let said = tree.apply(&["--write"]);
        said.error("Nix cannot evaluate web as it is: ");
        said.error("missing.nix");
        assert_eq!(tree.text("web.nix"), broken);

        // An option that has no value to compare with.
        let tree = Tree::flake(
            oracle,
            "{ nixosConfigurations.web = nixpkgs.lib.nixosSystem {
              specialArgs = { inherit (nixpkgs.lib) never; };
              modules = [ ./web.nix ./guard.nix ];
            }; }",
            &[
                ("web.nix", WEB),
                ("guard.nix", "{ never, ... }: { imports = [ never ]; }"),
            ],
        );
        let said = tree.apply(&["--write"]);
        said.error("in web, Nix has no value for `nix.settings.cores` as it is: not today");
        assert_eq!(tree.text("web.nix"), WEB);

        // Inputs that are not there.
        let tree = Tree::new(
            oracle,
            &[
                (
                    "flake.nix",
                    "{ inputs.nixpkgs.url = \"path:/nowhere/nixpkgs\"; outputs = { self, nixpkgs }: {
                      nixosConfigurations.web = nixpkgs.lib.nixosSystem { modules = [ ./web.nix ]; };
                    }; }",
                ),
                ("web.nix", WEB),
            ],
        );
        tree.apply(&["--write"])
            .error("Nix cannot evaluate web as it is: ");
        assert_eq!(tree.text("web.nix"), WEB);
        assert!(!tree.path("work/flake.lock").exists());

        // No Nix at all.
        let nowhere = tree.path("temporary");
        let said = tree.apply_with(&["--write"], &[("PATH", &nowhere)]);
        said.error("`nix` is not on the PATH");
        assert_eq!(tree.text("web.nix"), WEB);
    }
}

#[test]
fn users_of_a_machine_are_evaluated_within_it() {
    let user = "{ config, hidden, ... }: {
  home.stateVersion = \"25.05\";
  nix.settings.build-cores = 4;
  nix.settings.build-max-jobs = 2;
  nix.keepOld = hidden (config.nix.settings ? build-cores);
}
";
    for oracle in oracles() {
        let tree = Tree::flake(
            oracle,
            "{ nixosConfigurations.web = nixpkgs.lib.nixosSystem {
              modules = [ ./web.nix { home-manager.users.mira = {
                imports = [ ./mira.nix ];
                _module.args.hidden = nixpkgs.lib.hidden;
              }; } ];
            }; }",
            &[
                ("web.nix", "{ system.stateVersion = \"25.05\"; }"),
                ("mira.nix", user),
            ],
        );
        let said = tree.apply(&["--write"]);
        said.left(
            "rename it to `cores`",
            "in mira@web, `nix.keepOld` changes from true to false",
        );
        let after = user.replace("build-max-jobs", "max-jobs");
        assert_eq!(tree.text("mira.nix"), after);
    }
}

#[test]
fn a_flake_may_lie_in_a_folder_of_a_repository() {
    for oracle in oracles() {
        let tree = Tree::flake(oracle, ONE, &[("web.nix", WEB)]);
        fs::create_dir(tree.path("work/nix")).unwrap();
        for name in ["flake.nix", "flake.lock", "web.nix"] {
            fs::rename(
                tree.path("work").join(name),
                tree.path("work/nix").join(name),
            )
            .unwrap();
        }
        tree.put("work/.git/HEAD", "ref: refs/heads/main\n");
        // A file that git ignores is not there for Nix.
        tree.put("work/.gitignore", "secret.nix\n");
        tree.put("work/nix/secret.nix", "throw \"read\"");
        let guarded = WEB.replace(
            "build-cores = 4;",
            "build-cores = if builtins.pathExists ./secret.nix then import ./secret.nix else 4;",
        );
        tree.put("work/nix/web.nix", &guarded);
        let said = tree.apply(&["--write"]);
        assert_eq!(said.code, 0, "{said:?}");
        assert!(
            tree.text("nix/web.nix").contains("    max-jobs = 2;"),
            "{said:?}"
        );
    }
}

#[test]
fn loose_modules_are_evaluated_with_the_search_path() {
    const MODULE: &str = "{ lib, ... }: {
  nix.settings.build-cores = lib.mkDefault 4;
  nix.settings.substituters = lib.mkBefore [ \"https://a.example.org\" ];
  services.x.y = [ 1 ];
}
";
    let search = |tree: &Tree| PathBuf::from(format!("nixpkgs={}", tree.path("nixpkgs").display()));
    for oracle in oracles() {
        let tree = Tree::new(oracle, &[("module.nix", MODULE)]);
        tree.apply(&[]).error("no nixpkgs on the search path");
        let said = tree.apply_with(&["--write"], &[("NIX_PATH", &search(&tree))]);
        assert_eq!(said.code, 0, "{said:?}");
        let after = MODULE.replace("build-cores", "cores");
        assert_eq!(tree.text("module.nix"), after);

        // An argument that nobody gives, in the way of what is asked for.
        let needy = MODULE
            .replace("{ lib, ... }", "{ lib, pkgs, ... }")
            .replace("\"https://a.example.org\"", "pkgs.cache");
        let tree = Tree::new(oracle, &[("module.nix", &needy)]);
        let said = tree.apply_with(&["--write"], &[("NIX_PATH", &search(&tree))]);
        said.error("Nix cannot evaluate module.nix as it is: ");
        assert_eq!(tree.text("module.nix"), needy);

        // A module for NixOS is evaluated as NixOS does it.
        let tree = Tree::new(
            oracle,
            &[(
                "module.nix",
                &MODULE.replace("{ lib, ... }", "{ lib, fromNixos, ... }"),
            )],
        );
        tree.put(
            "nixpkgs/nixos/default.nix",
            "{ configuration, system ? null }: (import ../lib).evalModules {
              specialArgs.fromNixos = true;
              modules = [ configuration ../options.nix ({ lib, ... }: {
                options.services = lib.mkOption { type = lib.types.raw; };
              }) ];
            }",
        );
        let target = ["--target", "nixos", "--write"];
        let said = tree.apply_with(&target, &[("NIX_PATH", &search(&tree))]);
        assert_eq!(said.code, 0, "{said:?}");
        assert!(
            tree.text("module.nix").contains("nix.settings.cores"),
            "{said:?}"
        );
    }
}

#[test]
fn a_nix_conf_is_read_back() {
    const CONF: &str = "# jobs\nbuild-cores = 4\nbuild-max-jobs = 2\n";
    for oracle in oracles() {
        let tree = Tree::new(oracle, &[("nix.conf", CONF)]);
        let said = tree.apply(&["nix.conf", "--write"]);
        assert_eq!(said.code, 0, "{said:?}");
        assert_eq!(tree.text("nix.conf"), "# jobs\ncores = 4\nmax-jobs = 2\n");

        // Nixtune does not read what lies outside of the tree; Nix does.
        let including = format!("{CONF}include [NIXPKGS]/late.conf\n");
        let files = [
            ("nix.conf", including.as_str()),
            ("../nixpkgs/late.conf", "cores = 7\n"),
        ];
        let tree = Tree::new(oracle, &files);
        let including = tree.text("nix.conf");
        let said = tree.apply(&["nix.conf", "--write"]);
        said.left(
            "rename it to `cores`",
            "in nix.conf, Nix reads 7 for `cores`, not `4`",
        );
        let after = including.replace("build-max-jobs", "max-jobs");
        assert_eq!(tree.text("nix.conf"), after);

        let missing = format!("{CONF}include nowhere.conf\n");
        let tree = Tree::new(oracle, &[("nix.conf", &missing)]);
        tree.apply(&["nix.conf", "--write"])
            .error("Nix cannot read nix.conf as it is: ");
        assert_eq!(tree.text("nix.conf"), missing);
    }
}

#[test]
fn a_file_under_another_name_and_standard_input_are_read_back_too() {
    for oracle in oracles() {
        let tree = Tree::new(oracle, &[("own/nix.custom.conf", "build-cores = 4\n")]);
        let said = tree.apply(&["own/nix.custom.conf", "--write"]);
        assert_eq!(said.code, 0, "{said:?}");
        assert_eq!(tree.text("own/nix.custom.conf"), "cores = 4\n");

        let arguments = ["-", "--stdin-filename", "nix.conf", "--write"];
        let said = tree.apply_to(&arguments, b"build-cores = 4\n", &[]);
        assert_eq!(
            (said.code, said.stdout.as_str()),
            (0, "cores = 4"),
            "{said:?}"
        );
        let said = tree.apply_to(&arguments, b"build-cores = 4\ninclude nowhere.conf\n", &[]);
        said.error("Nix cannot read nix.conf as it is: ");
        assert!(!tree.path("work/nix.conf").exists());
    }
}

#[test]
fn a_signal_that_ends_nixtune_takes_the_copies_of_trees_along() {
    use std::os::unix::process::ExitStatusExt;

    for (name, number) in [("INT", 2), ("TERM", 15), ("HUP", 1)] {
        let tree = Tree::new(
            oracles().first().unwrap(),
            &[("nix.conf", "build-cores = 4\n")],
        );
        let fifo = |name: &str| {
            let path = tree.path(name);
            let made = Command::new("mkfifo").arg(&path).status().unwrap();
            assert!(made.success());
            path
        };
        let (started, released) = (fifo("started"), fifo("released"));
        tree.put(
            "bin/nix",
            "#!/bin/sh\ncase \"$*\" in\n*show*) echo > \"$STARTED\"; exec cat \"$RELEASED\" ;;\n\
             *) echo 'nix (Nix) 2.31.0' ;;\nesac\n",
        );
        let program = fs::Permissions::from_mode(0o755);
        fs::set_permissions(tree.path("bin/nix"), program).unwrap();
        let mut nixtune = nixtune(&tree.path("work"))
            .args(["apply", "--unsafe", "--verify=nix", "nix.conf"])
            .args(["--rule", "deprecated-setting-alias"])
            .env(
                "PATH",
                format!("{}:/usr/bin:/bin", tree.path("bin").display()),
            )
            .env("TMPDIR", tree.path("temporary"))
            .env("STARTED", &started)
            .env("RELEASED", &released)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Until Nix is asked.
        fs::read(&started).unwrap();
        let copies = || fs::read_dir(tree.path("temporary")).unwrap().count();
        assert_eq!(copies(), 1);
        let sent = Command::new("kill")
            .args(["-s", name, &nixtune.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
        let status = nixtune.wait().unwrap();
        fs::write(&released, "").unwrap();
        assert_eq!(status.signal(), Some(number), "{status:?}");
        assert_eq!(copies(), 0);
    }
}
