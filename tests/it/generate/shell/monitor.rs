//! `nixtune generate monitor`: the script writes a line of JSON at each run, whatever is missing.

use std::fs;
use std::path::Path;

use nixtune::generate::{FlakeFolder, Generated, Monitor, Sink, monitor};
use serde_json::{Value as Json, json};

use super::{Machine, check, evaluate, is_sound, said, script, subject};
use crate::oracle::oracles;

const PROGRAMS: [&str; 3] = ["nix", "systemctl", "launchctl"];

fn made(sink: Sink, is_mac: bool, flake: Option<(&str, Option<&str>)>, explain: bool) -> Generated {
    let wanted = Monitor {
        flake: flake.map(|(folder, name)| FlakeFolder {
            folder: folder.to_owned(),
            name: name.map(str::to_owned),
        }),
        home: Some("/home/me".to_owned()),
        explain,
    };
    let (rows, made) = monitor(&subject(sink, is_mac), &wanted, Some("x.nix".into())).unwrap();
    assert_eq!(rows.len(), 3);
    made
}

const MODULES: [(Sink, bool); 4] = [
    (Sink::NixDarwin, true),
    (Sink::Nixos, false),
    (Sink::HomeManager, true),
    (Sink::HomeManager, false),
];

const FLAKES: [Option<(&str, Option<&str>)>; 4] = [
    None,
    Some(("/x", None)),
    Some(("/home/me/dot files", Some("m b"))),
    Some(("/it's ${x}", Some("a\"b"))),
];

/// The text of the script that a module makes.
fn script_of(sink: Sink, is_mac: bool, made: &Json) -> String {
    // The stand-in for `lib.getExe` gives the package itself.
    let place = match (sink, is_mac) {
        (Sink::NixDarwin, _) => &made["launchd"]["agents"]["nixtune-monitor"]["command"],
        (Sink::Nixos, _) => {
            &made["systemd"]["services"]["nixtune-monitor"]["serviceConfig"]["ExecStart"]
        }
        (_, true) => &made["launchd"]["agents"]["nixtune-monitor"]["config"]["ProgramArguments"][0],
        (_, false) => {
            &made["systemd"]["user"]["services"]["nixtune-monitor"]["Service"]["ExecStart"]
        }
    };
    let package = place.as_object().unwrap();
    assert_eq!(package["name"], "nixtune-monitor");
    package["text"].as_str().unwrap().to_owned()
}

#[test]
fn modules_are_sound_and_their_scripts_pass_shellcheck() {
    let mut scripts = Vec::new();
    for (sink, is_mac) in MODULES {
        for flake in FLAKES {
            for explain in [true, false] {
                let made = made(sink, is_mac, flake, explain);
                let [file] = &made.files[..] else {
                    panic!("{} files", made.files.len());
                };
                let name = format!("{} {is_mac} {flake:?} {explain}", sink.name());
                is_sound(&name, &file.text);
                // Comments apart, the scripts are the same.
                if !explain {
                    continue;
                }
                let value = evaluate(&oracles()[0], &file.text);
                scripts.push((
                    format!("{}", scripts.len()),
                    script(&script_of(sink, is_mac, &value)),
                ));
            }
        }
    }
    check("shellcheck", &[], &scripts);
}

#[test]
fn modules_start_it_daily_behind_everything_else() {
    for oracle in oracles() {
        let value = |sink, is_mac| {
            let made = made(sink, is_mac, None, true);
            evaluate(oracle, &made.files[0].text)
        };
        let darwin = value(Sink::NixDarwin, true);
        let agent = &darwin["launchd"]["agents"]["nixtune-monitor"]["serviceConfig"];
        assert_eq!(
            agent["StartCalendarInterval"],
            json!([{ "Hour": 12, "Minute": 30 }])
        );
        assert_eq!(agent["LowPriorityIO"], true);
        let nixos = value(Sink::Nixos, false);
        let service = &nixos["systemd"]["services"]["nixtune-monitor"];
        assert_eq!(service["startAt"], "05:30");
        assert_eq!(service["serviceConfig"]["IOSchedulingClass"], "idle");
        let timer = &nixos["systemd"]["timers"]["nixtune-monitor"]["timerConfig"];
        assert_eq!(timer["Persistent"], true);
        let linux = value(Sink::HomeManager, false);
        let user = &linux["systemd"]["user"];
        let timer = &user["timers"]["nixtune-monitor"];
        assert_eq!(timer["Install"]["WantedBy"], json!(["timers.target"]));
        assert_eq!(user["services"]["nixtune-monitor"]["Service"]["Nice"], 19);
        let mac = value(Sink::HomeManager, true);
        assert_eq!(mac["launchd"]["agents"]["nixtune-monitor"]["enable"], true);
    }
}

#[test]
fn without_a_module_system_there_are_files_and_steps() {
    for flake in [None, Some(("/x y", Some("packages.default")))] {
        let linux = made(Sink::NixConf, false, flake, true);
        let mac = made(Sink::NixConf, true, flake, true);
        let names = |made: &Generated| -> Vec<String> {
            let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
            made.files
                .iter()
                .map(|file| name(file.path.as_deref().unwrap()))
                .collect()
        };
        assert_eq!(
            names(&linux),
            [
                "nixtune-monitor",
                "nixtune-monitor.service",
                "nixtune-monitor.timer"
            ]
        );
        assert_eq!(
            names(&mac),
            ["nixtune-monitor", "org.nixtune.monitor.plist"]
        );
        assert_eq!(linux.files[0].text, mac.files[0].text);
        check(
            "shellcheck",
            &["--shell=sh"],
            &[("sh".to_owned(), linux.files[0].text.clone())],
        );
        let steps = mac.next.concat();
        assert!(
            steps.contains("launchctl bootstrap gui/$(id -u)"),
            "{steps}"
        );
        let steps = linux.next.concat();
        assert!(
            steps.contains("enable --now nixtune-monitor.timer"),
            "{steps}"
        );
    }
}

/// Runs the script as each kind of shell does that it meets.
fn in_each_shell(
    flake: Option<(&str, Option<&str>)>,
    sink: Sink,
    test: impl Fn(&dyn Fn(&[(&str, &str)]) -> Vec<Json>, &Machine),
) {
    let is_mac = sink == Sink::NixDarwin;
    let module = made(sink, is_mac, flake, true);
    let value = evaluate(&oracles()[0], &module.files[0].text);
    let text = script_of(sink, is_mac, &value);
    let shells: [(&str, &[&str], String); 3] = [
        ("sh", &[], text.clone()),
        // macOS has bash in this guise as its `sh`.
        ("bash", &["--posix"], text.clone()),
        ("bash", &[], script(&text)),
    ];
    for (shell, options, text) in shells {
        let machine = Machine::new(&PROGRAMS);
        let file = machine.write("monitor", &text);
        let run = |environment: &[(&str, &str)]| {
            let output = machine
                .command(shell)
                .args(options)
                .arg(&file)
                .env("NIX_STORE_DIR", machine.path("home"))
                .envs(environment.iter().copied())
                .output()
                .unwrap();
            assert!(output.status.success(), "{shell}: {}", said(&output));
            assert_eq!(machine.left(), 0, "{shell} leaves files");
            let file = match environment
                .iter()
                .find(|(name, _)| *name == "STATE_DIRECTORY")
            {
                Some((_, folder)) => Path::new(folder).join("metrics.jsonl"),
                None => machine.path("home/.local/state/nixtune/metrics.jsonl"),
            };
            let lines = fs::read_to_string(file).unwrap();
            lines
                .lines()
                .map(|line| {
                    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
                })
                .collect()
        };
        test(&run, &machine);
    }
}

#[test]
fn a_run_adds_a_line() {
    in_each_shell(None, Sink::HomeManager, |run, machine| {
        let profiles = machine.path("home/.local/state/nix/profiles");
        let roots = machine.path("state/gcroots/auto");
        for (folder, link) in [
            (&machine.path("state/profiles"), "system-1-link"),
            (&machine.path("state/profiles"), "system-2-link"),
            (
                &machine.path("state/profiles/per-user/me"),
                "channels-1-link",
            ),
            (&profiles, "profile-1-link"),
            (&roots, "abc"),
        ] {
            fs::create_dir_all(folder).unwrap();
            std::os::unix::fs::symlink("/nix/store/x", folder.join(link)).unwrap();
        }
        let lines = run(&[]);
        let [line] = &lines[..] else {
            panic!("{lines:?}");
        };
        let expected = [
            ("version", json!(1)),
            ("nix", json!("nix (Nix) 2.34.8")),
            ("store_bytes", json!(1_048_576 + 3_145_728 + 512)),
            ("store_paths", json!(3)),
            ("system_generations", json!(2)),
            ("user_generations", json!(2)),
            ("gc_roots", json!(1)),
            ("gc_result", Json::Null),
            ("gc_age_secs", Json::Null),
            ("eval_secs", Json::Null),
            ("eval_cpu_secs", Json::Null),
        ];
        for (key, value) in expected {
            assert_eq!(line[key], value, "{key} in {line}");
        }
        let time = line["time"].as_str().unwrap();
        assert!(time.len() == 20 && time.ends_with('Z'), "{time}");
        let number = |key: &str| line[key].as_f64().unwrap();
        assert!(number("disk_bytes") >= number("free_bytes"), "{line}");
        assert!(number("run_secs") >= 0.0);
        // The head of the script names every key.
        let script = fs::read_to_string(machine.path("monitor")).unwrap();
        for key in line.as_object().unwrap().keys() {
            assert!(script.contains(&format!("#   {key}  ")), "{key}");
        }
        assert_eq!(run(&[]).len(), 2);
    });
}

#[test]
fn what_fails_or_is_missing_is_null() {
    in_each_shell(Some(("/x", None)), Sink::HomeManager, |run, machine| {
        let lines = run(&[("FAIL", "nix|--extra")]);
        assert_eq!(lines[0]["store_bytes"], Json::Null);
        assert_eq!(lines[0]["store_paths"], Json::Null);
        assert_eq!(lines[0]["eval_secs"], Json::Null);
        assert_eq!(lines[0]["nix"], "nix (Nix) 2.34.8");
        let lines = run(&[
            ("NIX_VERSION", "2.9\"\\x"),
            ("NIX_STORE_DIR", "/is/not/there"),
        ]);
        assert_eq!(lines[1]["nix"], "nix (Nix) 2.9x");
        assert_eq!(lines[1]["disk_bytes"], Json::Null);
        fs::remove_file(machine.path("bin/nix")).unwrap();
        fs::remove_file(machine.path("bin/systemctl")).unwrap();
        let lines = run(&[]);
        assert_eq!(
            lines[2]["free_bytes"].as_f64().map(|it| it > 0.0),
            Some(true)
        );
    });
}

#[test]
fn the_last_collection_is_known_where_its_service_is() {
    in_each_shell(None, Sink::HomeManager, |run, _| {
        let line = |environment: &[(&str, &str)]| run(environment).pop().unwrap();
        let ended = line(&[("GC_RESULT", "success"), ("GC_TIME", "1000000000")]);
        assert_eq!(ended["gc_result"], "success");
        assert!(
            ended["gc_age_secs"].as_u64().unwrap() > 700_000_000,
            "{ended}"
        );
        let ended = line(&[("GC_RESULT", "exit-code"), ("GC_TIME", "1000000000")]);
        assert_eq!(ended["gc_result"], "failed");
        for (code, result) in [
            ("0", json!("success")),
            ("78", json!("failed")),
            ("(never exited)", Json::Null),
        ] {
            assert_eq!(line(&[("GC_CODE", code)])["gc_result"], result, "{code}");
        }
    });
}

#[test]
fn an_evaluation_is_timed() {
    let cases = [
        (
            Sink::HomeManager,
            "homeConfigurations.\"m b\".activationPackage.drvPath",
            "~/dot files",
        ),
        (
            Sink::NixDarwin,
            "darwinConfigurations.\"m b\".system.drvPath",
            "~/dot files",
        ),
        (
            Sink::Nixos,
            "nixosConfigurations.\"m b\".config.system.build.toplevel.drvPath",
            // The home of a service is another.
            "/home/me/dot files",
        ),
    ];
    for (sink, attribute, folder) in cases {
        let flake = Some(("/home/me/dot files", Some("m b")));
        in_each_shell(flake, sink, |run, machine| {
            let line = run(&[]).pop().unwrap();
            assert!(line["eval_secs"].is_number(), "{line}");
            assert_eq!(line["eval_cpu_secs"], 1.2);
            let wanted = format!(
                "nix|--extra-experimental-features|nix-command flakes|eval|--raw|--option|eval-cache|false|{folder}#{attribute}"
            );
            let calls = machine.calls();
            assert!(calls.contains(&wanted), "{calls:?}");
        });
    }
    in_each_shell(Some(("/x", None)), Sink::HomeManager, |run, machine| {
        run(&[]);
        let calls = machine.calls();
        let last = "|/x#homeConfigurations.\"me\".activationPackage.drvPath";
        assert!(calls.iter().any(|call| call.ends_with(last)), "{calls:?}");
    });
}

#[test]
fn the_file_stays_small_and_whole() {
    in_each_shell(None, Sink::Nixos, |run, machine| {
        let folder = machine.path("service");
        fs::create_dir(&folder).unwrap();
        let file = folder.join("metrics.jsonl");
        let state = [("STATE_DIRECTORY", folder.to_str().unwrap())];
        fs::write(&file, "{\"n\":1}\n".repeat(1099)).unwrap();
        assert_eq!(run(&state).len(), 1100);
        let lines = run(&state);
        assert_eq!(lines.len(), 1000);
        assert_eq!(lines.last().unwrap()["version"], 1);
        // The disk was full.
        fs::write(&file, "{\"n\":1}\n7").unwrap();
        assert_eq!(run(&state).len(), 3);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
    });
}

#[test]
fn real_nix_answers() {
    for oracle in oracles() {
        let machine = Machine::new(&[]);
        let flake = machine.path("flake");
        fs::create_dir(&flake).unwrap();
        let text = r#"{
            outputs = _: {
                x = derivation { name = "x"; system = "s"; builder = "/bin/sh"; src = ./flake.nix; };
            };
        }"#;
        fs::write(flake.join("flake.nix"), text).unwrap();
        let flake = flake.display().to_string();
        let made = made(Sink::NixConf, false, Some((&flake, Some("x"))), true);
        let file = machine.write("monitor", &made.files[0].text);
        let run = || -> Json {
            let output = machine
                .command("sh")
                .arg(&file)
                .envs(machine.real_nix(oracle))
                .output()
                .unwrap();
            assert!(output.status.success(), "{}", said(&output));
            let lines = machine.path("home/.local/state/nixtune/metrics.jsonl");
            let lines = fs::read_to_string(lines).unwrap();
            serde_json::from_str(lines.lines().last().unwrap()).unwrap()
        };
        let first = run();
        let version = oracle.version.to_string();
        let nix = first["nix"].as_str().unwrap();
        assert!(nix.contains(&version), "{nix}");
        assert!(first["eval_secs"].is_number(), "{first}");
        assert!(first["eval_cpu_secs"].is_number(), "{first}");
        assert_eq!(first["store_paths"], 0, "{first}");
        // The evaluation copied the flake into the store.
        let second = run();
        assert!(second["store_paths"].as_u64().unwrap() > 0, "{second}");
        assert!(second["store_bytes"].as_u64().unwrap() > 100, "{second}");
    }
}
