//! `nixtune generate aliases`: each command in each shell calls what it should, and ends with the
//! code of what it called.

use std::fs;
use std::process::Output;

use nixtune::generate::{Aliases, FlakeFolder, RebuildTool, Shell, Sink, aliases};
use nixtune::tune::Days;

use super::{Machine, check, evaluate, is_sound, said, script, subject, text};
use crate::oracle::oracles;

const PROGRAMS: [&str; 10] = [
    "darwin-rebuild",
    "nixos-rebuild",
    "home-manager",
    "nix",
    "nix-store",
    "nix-channel",
    "nix-collect-garbage",
    "nixtune",
    "nvd",
    "sudo",
];

/// What is wanted on a machine whose flake lies in `folder`.
fn wanted(shell: Shell, tool: RebuildTool, folder: &str) -> Aliases {
    Aliases {
        shell,
        tool,
        flake: Some(FlakeFolder {
            folder: folder.to_owned(),
            name: Some("m b".to_owned()),
        }),
        home: None,
        has_nh: false,
        nom: None,
        retention: Some(Days(14)),
        path: "/x/aliases".to_owned(),
        explain: true,
    }
}

fn generated(wanted: &Aliases) -> String {
    let sink = match wanted.tool {
        RebuildTool::DarwinRebuild => Sink::NixDarwin,
        RebuildTool::NixosRebuild => Sink::Nixos,
        RebuildTool::HomeManager => Sink::HomeManager,
    };
    let subject = subject(sink, wanted.tool == RebuildTool::DarwinRebuild);
    let (rows, text) = aliases(&subject, wanted).unwrap();
    assert_eq!(rows.len(), 8);
    text
}

/// Every shell, tool and way.
fn all() -> Vec<(String, Shell, String)> {
    let mut made = Vec::new();
    for shell in Shell::ALL {
        for tool in RebuildTool::ALL {
            for (number, folder) in [None, Some("/etc/nixos"), Some("/a b/it's \\ ${x} ''")]
                .into_iter()
                .enumerate()
            {
                for (has_nh, nom) in [
                    (false, None),
                    (false, Some(true)),
                    (true, None),
                    (true, Some(false)),
                ] {
                    if has_nh && folder.is_none() {
                        continue;
                    }
                    let wanted = Aliases {
                        flake: folder.map(|folder| FlakeFolder {
                            folder: folder.to_owned(),
                            name: (number == 2).then(|| "it's".to_owned()),
                        }),
                        has_nh,
                        nom,
                        explain: number != 1,
                        ..wanted(shell, tool, "")
                    };
                    let name = format!(
                        "{} {} {number} {has_nh} {nom:?}",
                        shell.name(),
                        tool.program()
                    );
                    made.push((name, shell, generated(&wanted)));
                }
            }
        }
    }
    made
}

#[test]
fn shells_and_shellcheck_take_what_is_generated() {
    let all = all();
    let of = |wanted: &[Shell]| -> Vec<(String, String)> {
        all.iter()
            .filter(|(_, shell, _)| wanted.contains(shell))
            .map(|(name, _, text)| (name.clone(), text.clone()))
            .collect()
    };
    // The file for zsh is that for bash with another head.
    check("shellcheck", &[], &of(&[Shell::Bash]));
    check("bash", &["-n"], &of(&[Shell::Bash]));
    check("zsh", &["-f", "-n"], &of(&[Shell::Zsh]));
    check("fish", &["--no-execute"], &of(&[Shell::Fish]));
    let mut modules = of(&[Shell::HomeManager]);
    modules.retain(|(name, _)| name.contains(" 2 "));
    let oracle = &oracles()[0];
    let scripts: Vec<_> = modules
        .iter()
        .map(|(name, module)| {
            let made = evaluate(oracle, module);
            let text = made["home"]["packages"][0]["text"].as_str().unwrap();
            (name.clone(), script(text))
        })
        .collect();
    check("shellcheck", &[], &scripts);
    assert_eq!(scripts.len(), 12);
}

#[test]
fn the_module_is_sound() {
    for (name, shell, module) in all() {
        if shell != Shell::HomeManager {
            continue;
        }
        is_sound(&name, &module);
    }
    let module = generated(&wanted(Shell::HomeManager, RebuildTool::NixosRebuild, "/x"));
    for oracle in oracles() {
        let made = evaluate(oracle, &module);
        let home = made["home"].as_object().unwrap();
        assert_eq!(
            home.keys().collect::<Vec<_>>(),
            ["packages", "shellAliases"]
        );
        assert_eq!(
            home["shellAliases"]["rebuild-fast"],
            "nix-tasks rebuild-fast"
        );
        assert_eq!(home["shellAliases"].as_object().unwrap().len(), 8);
        assert_eq!(home["packages"][0]["name"], "nix-tasks");
        assert_eq!(home["packages"][0]["runtimeInputs"][0], "nvd");
    }
}

/// Commands of one kind in one shell.
struct Commands<'a> {
    machine: &'a Machine,
    shell: Shell,
    file: std::path::PathBuf,
}

impl<'a> Commands<'a> {
    fn new(machine: &'a Machine, wanted: &Aliases) -> Self {
        let text = generated(wanted);
        let text = match wanted.shell {
            Shell::HomeManager => {
                let made = evaluate(&oracles()[0], &text);
                script(made["home"]["packages"][0]["text"].as_str().unwrap())
            }
            _ => text,
        };
        Self {
            machine,
            shell: wanted.shell,
            file: machine.write(wanted.shell.file_name(), &text),
        }
    }

    /// Runs a command as somebody would type it, with variables in the environment.
    fn run(&self, words: &[&str], environment: &[(&str, &str)]) -> Output {
        let mut command = match self.shell {
            Shell::HomeManager => self.machine.command("bash"),
            Shell::Bash => {
                let mut command = self.machine.command("bash");
                // An alias of the name, as people have them already.
                command.args(["--norc", "-O", "expand_aliases", "-c"]);
                command.args([
                    "alias rebuild='echo alias'\nset -u\n. \"$1\"\nshift\n\"$@\"",
                    "bash",
                ]);
                command
            }
            Shell::Zsh => {
                let mut command = self.machine.command("zsh");
                command.args(["-f", "-c"]);
                command.args([
                    "alias rebuild='echo alias'\nsetopt no_unset extended_glob\n. \"$1\"\nshift\n\"$@\"",
                    "zsh",
                ]);
                command
            }
            Shell::Fish => {
                let mut command = self.machine.command("fish");
                command.args(["--no-config", "-c", "source $argv[1]; $argv[2..]"]);
                command
            }
        };
        command
            .arg(&self.file)
            .args(words)
            .envs(environment.iter().copied())
            .output()
            .unwrap()
    }

    /// Runs a command that must end with `code`, and gives what it called.
    fn calls(&self, words: &[&str], environment: &[(&str, &str)], code: i32) -> Vec<String> {
        let output = self.run(words, environment);
        let name = self.shell.name();
        let calls = self.machine.calls();
        assert_eq!(
            output.status.code(),
            Some(code),
            "{name} {words:?}: {calls:?}\n{}",
            said(&output)
        );
        assert_eq!(self.machine.left(), 0, "{name} {words:?} leaves files");
        calls
    }
}

/// Commands of one kind in each shell.
fn in_each_shell(
    programs: &[&str],
    change: impl Fn(Aliases) -> Aliases,
    test: impl Fn(&Commands<'_>),
) {
    for shell in Shell::ALL {
        let machine = Machine::new(programs);
        let folder = machine.path("home/dot files").display().to_string();
        let wanted = Aliases {
            home: Some(machine.path("home").display().to_string()),
            ..wanted(shell, RebuildTool::DarwinRebuild, &folder)
        };
        test(&Commands::new(&machine, &change(wanted)));
    }
}

const FLAKE: &str = "~/dot files#m b";
const FEATURE: &str = "nix|--extra-experimental-features|nix-command";
const FEATURES: &str = "nix|--extra-experimental-features|nix-command flakes";

#[test]
fn nix_darwin_is_rebuilt_as_root_where_that_is_needed() {
    in_each_shell(
        &PROGRAMS,
        |it| it,
        |commands| {
            let switch = format!("darwin-rebuild|switch|--flake|{FLAKE}");
            assert_eq!(
                commands.calls(&["rebuild", "--show-trace", "a b"], &[], 0),
                [
                    format!("sudo|-H|{switch}|--show-trace|a b"),
                    format!("{switch}|--show-trace|a b")
                ]
            );
            let fast = format!("{switch}|--option|substitute|false|--option|timeout|120");
            assert_eq!(
                commands.calls(&["rebuild-fast"], &[("FAIL", "darwin-rebuild")], 3),
                [format!("sudo|-H|{fast}"), fast]
            );
            // What darwin-rebuild was before 25.05.
            commands
                .machine
                .mark("darwin-rebuild", "sudo \"$systemConfig/activate\"");
            assert_eq!(commands.calls(&["rebuild"], &[], 0), [switch.as_str()]);
            let failed = [("FAIL", "darwin-rebuild|switch")];
            assert_eq!(commands.calls(&["rebuild"], &failed, 3), [switch.as_str()]);
        },
    );
}

#[test]
fn nixos_and_homes_are_rebuilt_by_their_tools() {
    for has_flake in [true, false] {
        let change = |tool| {
            move |it: Aliases| Aliases {
                tool,
                flake: it.flake.filter(|_| has_flake),
                ..it
            }
        };
        let flake = if has_flake {
            format!("|--flake|{FLAKE}")
        } else {
            String::new()
        };
        in_each_shell(&PROGRAMS, change(RebuildTool::NixosRebuild), |commands| {
            let switch = format!("nixos-rebuild|switch{flake}");
            assert_eq!(
                commands.calls(&["rebuild", "-L"], &[("FAIL", "nixos-rebuild")], 3),
                [format!("sudo|-H|{switch}|-L"), format!("{switch}|-L")]
            );
            let fast = match has_flake {
                true => format!("{switch}|--fast|--offline|--option|timeout|120"),
                false => format!("{switch}|--fast"),
            };
            assert_eq!(
                commands.calls(&["rebuild-fast"], &[], 0),
                [format!("sudo|-H|{fast}"), fast]
            );
            assert_eq!(
                commands.calls(&["rebuild-check", "-L"], &[], 0),
                [
                    format!("nixos-rebuild|build{flake}|-L"),
                    "nvd|diff|/run/current-system|result".to_owned()
                ]
            );
        });
        in_each_shell(&PROGRAMS, change(RebuildTool::HomeManager), |commands| {
            let switch = format!("home-manager|switch{flake}");
            assert_eq!(commands.calls(&["rebuild"], &[], 0), [switch.as_str()]);
            assert_eq!(
                commands.calls(&["rebuild-fast"], &[], 0),
                [format!(
                    "{switch}|--option|substitute|false|--option|timeout|120"
                )]
            );
            // There is no generation yet.
            let build = format!("home-manager|build{flake}");
            assert_eq!(commands.calls(&["rebuild-check"], &[], 0), [build.as_str()]);
            let profiles = commands.machine.path("home/.local/state/nix/profiles");
            fs::create_dir_all(profiles.join("home-manager")).unwrap();
            assert_eq!(
                commands.calls(&["rebuild-check"], &[], 0),
                [
                    build.as_str(),
                    "nvd|diff|~/.local/state/nix/profiles/home-manager|result"
                ]
            );
        });
    }
}

#[test]
fn nh_gets_the_flake_and_options_of_nix_behind_dashes() {
    let kinds = [
        (RebuildTool::DarwinRebuild, "darwin", "--hostname"),
        (RebuildTool::NixosRebuild, "os", "--hostname"),
        (RebuildTool::HomeManager, "home", "--configuration"),
    ];
    for (tool, kind, option) in kinds {
        let change = |it: Aliases| Aliases {
            tool,
            has_nh: true,
            nom: Some(false),
            ..it
        };
        let mut programs = PROGRAMS.to_vec();
        programs.push("nh");
        in_each_shell(&programs, change, |commands| {
            let rest = format!("~/dot files|{option}|m b|--no-nom");
            assert_eq!(
                commands.calls(&["rebuild", "--ask"], &[("FAIL", "nh")], 3),
                [format!("nh|{kind}|switch|{rest}|--ask")]
            );
            assert_eq!(
                commands.calls(&["rebuild-check"], &[], 0),
                [format!("nh|{kind}|build|{rest}")]
            );
            assert_eq!(
                commands.calls(&["rebuild-fast"], &[("FAIL", "nh")], 3),
                [format!("nh|{kind}|switch|{rest}|--|--offline")]
            );
            assert_eq!(
                commands.calls(&["rebuild-fast", "--ask", "--", "-L"], &[], 0),
                [format!("nh|{kind}|switch|{rest}|--ask|--|-L|--offline")]
            );
            assert_eq!(
                commands.calls(&["update"], &[], 0),
                [
                    format!("{FEATURES}|flake|update"),
                    format!("nh|{kind}|switch|{rest}")
                ]
            );
        });
    }
}

#[test]
fn nom_draws_and_the_code_is_that_of_the_rebuild() {
    let mut programs = PROGRAMS.to_vec();
    programs.push("nom");
    let change = |tool| {
        move |it: Aliases| Aliases {
            tool,
            nom: Some(true),
            ..it
        }
    };
    let sorted = |mut calls: Vec<String>| {
        // Both sides of a pipe start at once.
        calls.sort();
        calls
    };
    in_each_shell(&programs, change(RebuildTool::NixosRebuild), |commands| {
        let switch =
            format!("nixos-rebuild|switch|--flake|{FLAKE}|-L|--log-format|internal-json|-v");
        assert_eq!(
            sorted(commands.calls(&["rebuild", "-L"], &[("FAIL", "nixos-rebuild")], 3)),
            [
                switch.as_str(),
                "nom|--json",
                &format!("sudo|-H|{switch}"),
                "sudo|-H|true"
            ]
        );
        commands.calls(&["rebuild"], &[], 0);
    });
    for tool in [RebuildTool::DarwinRebuild, RebuildTool::HomeManager] {
        let program = tool.program();
        in_each_shell(&programs, change(tool), |commands| {
            let failed = [("FAIL", program)];
            // This one does not know the option.
            let calls = commands.calls(&["rebuild"], &failed, 3);
            assert!(!calls.iter().any(|call| call.contains("nom")), "{calls:?}");
            commands.machine.mark(program, "knows --log-format");
            let calls = commands.calls(&["rebuild"], &failed, 3);
            assert!(calls.iter().any(|call| call == "nom|--json"), "{calls:?}");
            let last = format!("{program}|switch|--flake|{FLAKE}|--log-format|internal-json");
            assert!(
                calls.iter().any(|call| call.starts_with(&last)),
                "{calls:?}"
            );
        });
    }
}

#[test]
fn a_check_shows_the_difference_and_activates_nothing() {
    in_each_shell(
        &PROGRAMS,
        |it| it,
        |commands| {
            let build = format!("darwin-rebuild|build|--flake|{FLAKE}");
            assert_eq!(
                commands.calls(&["rebuild-check"], &[], 0),
                [build.as_str(), "nvd|diff|/run/current-system|result"]
            );
            assert_eq!(
                commands.calls(&["rebuild-check"], &[("FAIL", "darwin-rebuild")], 3),
                [build.as_str()]
            );
            commands.calls(&["rebuild-check"], &[("FAIL", "nvd")], 3);
            assert_eq!(
                commands.calls(
                    &["rebuild-check", "--dry-run"],
                    &[("NIX_SHOW_STATS_PATH", "/dev/null")],
                    0
                ),
                [format!("{build}|--dry-run")]
            );
            fs::remove_file(commands.machine.path("bin/nvd")).unwrap();
            assert_eq!(
                commands.calls(&["rebuild-check"], &[], 0),
                [
                    build,
                    format!("{FEATURE}|store|diff-closures|/run/current-system|result")
                ]
            );
        },
    );
}

#[test]
fn an_update_that_brings_no_generation_puts_the_lock_file_back() {
    in_each_shell(
        &PROGRAMS,
        |it| it,
        |commands| {
            let lock = || fs::read_to_string(commands.machine.lock()).unwrap();
            let again = || fs::write(commands.machine.lock(), "old\n").unwrap();
            let switch = format!("darwin-rebuild|switch|--flake|{FLAKE}");
            let sudo = format!("sudo|-H|{switch}");
            assert_eq!(
                commands.calls(&["update"], &[], 0),
                [
                    format!("{FEATURES}|flake|update"),
                    sudo.clone(),
                    switch.clone()
                ]
            );
            assert_eq!(lock(), "new\n");
            again();
            commands.calls(&["update"], &[("FAIL", "darwin-rebuild")], 3);
            assert_eq!(lock(), "old\n", "{}", commands.shell.name());
            commands.calls(&["update"], &[("FAIL", FEATURES)], 3);
            assert_eq!(lock(), "old\n");
            // It was built, and something failed while it was activated.
            let environment = [("FAIL", "darwin-rebuild"), ("NEW_GENERATION", "1")];
            commands.calls(&["update"], &environment, 3);
            assert_eq!(lock(), "new\n", "{}", commands.shell.name());

            let named = commands.calls(&["update", "a", "b"], &[], 0);
            let rest: Vec<_> = named.iter().filter(|it| *it != "nix|--version").collect();
            assert_eq!(
                rest,
                [&format!("{FEATURES}|flake|update|a|b"), &sudo, &switch]
            );
            let old = [("NIX_VERSION", "2.8.0")];
            let named = commands.calls(&["update", "a", "b"], &old, 0);
            let rest: Vec<_> = named.iter().filter(|it| *it != "nix|--version").collect();
            assert_eq!(
                rest,
                [
                    &format!("{FEATURES}|flake|lock|--update-input|a"),
                    &format!("{FEATURES}|flake|lock|--update-input|b"),
                    &sudo,
                    &switch
                ]
            );
            again();
            for moment in [FEATURES, "darwin-rebuild"] {
                commands.calls(&["update"], &[("INTERRUPT", moment)], 130);
                assert_eq!(lock(), "old\n", "{} {moment}", commands.shell.name());
            }
        },
    );
}

#[test]
fn an_update_of_channels_is_rolled_back_when_the_rebuild_fails() {
    let change = |tool| {
        move |it: Aliases| Aliases {
            tool,
            flake: None,
            ..it
        }
    };
    in_each_shell(&PROGRAMS, change(RebuildTool::NixosRebuild), |commands| {
        let updated = [
            "sudo|-H|nix-channel|--update|nixos",
            "nix-channel|--update|nixos",
            "sudo|-H|nixos-rebuild|switch",
            "nixos-rebuild|switch",
        ];
        assert_eq!(commands.calls(&["update", "nixos"], &[], 0), updated);
        let back = ["sudo|-H|nix-channel|--rollback", "nix-channel|--rollback"];
        assert_eq!(
            commands.calls(&["update", "nixos"], &[("FAIL", "nixos-rebuild")], 3),
            [&updated[..], &back[..]].concat()
        );
        let environment = [("FAIL", "nixos-rebuild"), ("NEW_GENERATION", "1")];
        assert_eq!(
            commands.calls(&["update", "nixos"], &environment, 3),
            updated
        );
    });
    in_each_shell(&PROGRAMS, change(RebuildTool::HomeManager), |commands| {
        assert_eq!(
            commands.calls(&["update"], &[("FAIL", "home-manager")], 3),
            [
                "nix-channel|--update",
                "home-manager|switch",
                "nix-channel|--rollback"
            ]
        );
    });
}

#[test]
fn cleaning_up_keeps_young_generations() {
    let collect = "nix-collect-garbage|--delete-older-than|14d";
    in_each_shell(
        &PROGRAMS,
        |it| it,
        |commands| {
            assert_eq!(
                commands.calls(&["cleanup", "--dry-run"], &[], 0),
                [
                    format!("{collect}|--dry-run"),
                    format!("sudo|-H|{collect}|--dry-run"),
                    format!("{collect}|--dry-run")
                ]
            );
            assert_eq!(
                commands.calls(&["cleanup"], &[("FAIL", "nix-collect-garbage")], 3),
                [collect]
            );
        },
    );
    let nixos = |it: Aliases| Aliases {
        tool: RebuildTool::NixosRebuild,
        ..it
    };
    in_each_shell(&PROGRAMS, nixos, |commands| {
        let boot = "sudo|-H|/nix/var/nix/profiles/system/bin/switch-to-configuration|boot";
        let both = [
            collect.to_owned(),
            format!("sudo|-H|{collect}"),
            collect.to_owned(),
        ];
        let calls = commands.calls(&["cleanup"], &[], 0);
        assert_eq!(calls, [&both[..], &[boot.to_owned()]].concat());
        let calls = commands.calls(&["cleanup", "--dry-run"], &[], 0);
        assert_eq!(calls.len(), 3, "{calls:?}");
    });
    let home = |it: Aliases| Aliases {
        tool: RebuildTool::HomeManager,
        ..it
    };
    in_each_shell(&PROGRAMS, home, |commands| {
        assert_eq!(commands.calls(&["cleanup"], &[], 0), [collect]);
    });
}

#[test]
fn looking_works_in_old_and_new_nix() {
    in_each_shell(
        &PROGRAMS,
        |it| it,
        |commands| {
            let output = commands.run(&["perf-analyze", "--select", "all"], &[]);
            assert_eq!(output.status.code(), Some(1), "{}", said(&output));
            let shown = text(&output.stdout);
            assert!(shown.contains("      3.0 MiB  /nix/store/b\n"), "{shown}");
            assert!(shown.contains("      4.0 MiB  in 3 paths\n"), "{shown}");
            assert_eq!(
                commands.machine.calls(),
                [
                    "nixtune|lint|--select|all".to_owned(),
                    "nixtune|host".to_owned(),
                    format!("{FEATURE}|store|info"),
                    format!("{FEATURE}|path-info|--all|--size"),
                ]
            );
            let calls = commands.calls(&["perf-analyze"], &[("NIX_VERSION", "2.8.0")], 1);
            assert!(
                calls.contains(&format!("{FEATURE}|store|ping")),
                "{calls:?}"
            );

            assert_eq!(
                commands.calls(&["perf-optimize"], &[], 0),
                ["nixtune|apply", "nix-store|--optimise"]
            );
            assert_eq!(
                commands.calls(&["perf-optimize", "--write"], &[("FAIL", "nixtune")], 3),
                ["nixtune|apply|--write"]
            );
            fs::remove_file(commands.machine.path("bin/nixtune")).unwrap();
            let calls = commands.calls(&["perf-analyze"], &[], 0);
            assert!(
                !calls.iter().any(|call| call.contains("nixtune")),
                "{calls:?}"
            );
            assert_eq!(
                commands.calls(&["perf-optimize"], &[("FAIL", "nix-store")], 3),
                ["nix-store|--optimise"]
            );
        },
    );
}

#[test]
fn a_profile_times_the_evaluation_apart() {
    let evaluations = [
        (
            RebuildTool::DarwinRebuild,
            true,
            "darwin-rebuild|build|--dry-run",
        ),
        (
            RebuildTool::DarwinRebuild,
            false,
            "darwin-rebuild|build|--dry-run",
        ),
        (RebuildTool::NixosRebuild, true, "nixos-rebuild|dry-build"),
        (
            RebuildTool::HomeManager,
            true,
            "home-manager|build|--dry-run",
        ),
        (RebuildTool::HomeManager, false, "home-manager|instantiate"),
    ];
    for (tool, has_flake, evaluation) in evaluations {
        let change = |it: Aliases| Aliases {
            tool,
            flake: it.flake.filter(|_| has_flake),
            ..it
        };
        let flake = if has_flake {
            format!("|--flake|{FLAKE}")
        } else {
            String::new()
        };
        let program = tool.program();
        in_each_shell(&PROGRAMS, change, |commands| {
            let output = commands.run(&["perf-profile", "-L"], &[]);
            let shown = text(&output.stdout);
            assert_eq!(output.status.code(), Some(0), "{}", said(&output));
            assert!(
                shown.contains(" s, 2.5 s of the processor\nbuild  "),
                "{shown}"
            );
            assert_eq!(
                commands.machine.calls(),
                [
                    format!("{evaluation}{flake}|--option|eval-cache|false|-L"),
                    format!("{program}|build{flake}|-L")
                ]
            );
            assert_eq!(commands.machine.left(), 0);
            let calls = commands.calls(&["perf-profile"], &[("FAIL", evaluation)], 3);
            assert_eq!(calls.len(), 1, "{calls:?}");
        });
    }
}

#[test]
fn the_script_says_what_it_takes() {
    let machine = Machine::new(&PROGRAMS);
    let commands = Commands::new(
        &machine,
        &wanted(Shell::HomeManager, RebuildTool::HomeManager, "/x"),
    );
    let output = commands.run(&["rm"], &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("usage: nix-tasks rebuild|rebuild-fast|"));
}

#[test]
fn real_nix_knows_every_command() {
    for oracle in oracles() {
        let machine = Machine::new(&["darwin-rebuild", "nixtune", "sudo"]);
        let folder = machine.path("home/dot files");
        let dependency = machine.path("dependency");
        fs::create_dir(&dependency).unwrap();
        let outputs = |number: u32| {
            let text = format!("{{ outputs = _: {{ number = {number}; }}; }}");
            fs::write(dependency.join("flake.nix"), text).unwrap();
        };
        outputs(1);
        let flake = format!(
            "{{ inputs.dependency.url = \"path:{}\"; outputs = _: {{ }}; }}",
            dependency.display()
        );
        fs::write(folder.join("flake.nix"), flake).unwrap();
        fs::remove_file(machine.lock()).unwrap();
        let wanted = wanted(
            Shell::Bash,
            RebuildTool::DarwinRebuild,
            &folder.display().to_string(),
        );
        let commands = Commands::new(&machine, &wanted);
        let environment = machine.real_nix(oracle);
        let environment: Vec<(&str, &str)> = environment
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let lock = || fs::read_to_string(machine.lock()).unwrap();

        commands.calls(&["update"], &environment, 0);
        let first = lock();
        outputs(2);
        commands.calls(&["update", "dependency"], &environment, 0);
        assert_ne!(lock(), first, "{}", oracle.version);
        let second = lock();
        outputs(3);
        let failing = [&environment[..], &[("FAIL", "darwin-rebuild")]].concat();
        commands.calls(&["update"], &failing, 3);
        assert_eq!(lock(), second, "{}", oracle.version);

        let output = commands.run(&["perf-analyze"], &environment);
        let shown = text(&output.stdout);
        assert_eq!(output.status.code(), Some(1), "{}", said(&output));
        assert!(shown.contains("\nStore URL: local\n"), "{shown}");
        assert!(
            shown.contains("-source\n") && shown.contains(" MiB  in "),
            "{shown}"
        );
        commands.calls(&["perf-optimize"], &environment, 0);
        commands.calls(&["cleanup", "--dry-run"], &environment, 0);
        commands.calls(&["cleanup"], &environment, 0);
        let output = commands.run(&["perf-analyze"], &environment);
        let shown = text(&output.stdout);
        assert!(shown.contains("      0.0 MiB  in 0 paths"), "{shown}");
    }
}
