//! `nixtune lint --live`: what it says of this machine is so.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value as Json;

use super::Lab;
use super::server::Server;
use crate::oracle::oracles;

/// A flake with the machines `box` and `other`, whose module is `text`.
fn flake(lab: &Lab, text: &str) {
    let tree = lab.path("tree");
    fs::create_dir_all(&tree).unwrap();
    let flake = "{\n  inputs.nixpkgs.url = \"github:NixOS/nixpkgs\";\n  outputs = { nixpkgs, ... }: {\n    \
                 nixosConfigurations.box = nixpkgs.lib.nixosSystem { system = \"x86_64-linux\"; modules = [ ./box.nix ]; };\n    \
                 nixosConfigurations.other = nixpkgs.lib.nixosSystem { system = \"x86_64-linux\"; modules = [ ./other.nix ]; };\n  \
                 };\n}\n";
    fs::write(tree.join("flake.nix"), flake).unwrap();
    fs::write(tree.join("box.nix"), text).unwrap();
    fs::write(
        tree.join("other.nix"),
        "{ nix.settings.substituters = [ \"http://127.0.0.1:1\" ]; }\n",
    )
    .unwrap();
}

/// What the rules that are asked for report: rule and message.
fn reported(lab: &Lab, live: &str, rules: &str, path: Option<&str>) -> Vec<(String, String)> {
    let mut command = lab.nixtune();
    if let Some(path) = path {
        command.env("PATH", path);
    }
    let output = command
        .args(["lint", live, "--select", rules, "--format", "json", "tree"])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let json: Json = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    let word = |one: &Json, field: &str| one[field].as_str().unwrap().to_owned();
    json["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (word(one, "rule"), word(one, "message")))
        .collect()
}

#[test]
fn caches_are_asked_and_signatures_verified() {
    for oracle in oracles() {
        let lab = Lab::new(oracle, "");
        let (key, secret) = lab.key("lab-1");
        let (_, foreign) = lab.key("foreign-1");
        let app = lab.build("app");
        let good = Server::of_folder(Duration::ZERO, lab.copy_to("good", Some(&secret), &[&app]));
        let refused = Server::of_folder(
            Duration::ZERO,
            lab.copy_to("refused", Some(&foreign), &[&app]),
        );
        let gone = Server::of_folder(Duration::ZERO, lab.path("nothing"));
        flake(
            &lab,
            &format!(
                "{{\n  nix.settings.substituters = [ \"{}\" \"{}\" \"{}\" ];\n  \
                 nix.settings.trusted-public-keys = [ \"{key}\" ];\n}}\n",
                good.url(),
                refused.url(),
                gone.url()
            ),
        );
        let found = reported(&lab, "--live=box", "substituter-unusable", None);
        let of = |server: &Server| {
            let port = server.url().rsplit(':').next().unwrap().to_owned();
            (port, server.requests())
        };
        let messages: Vec<&str> = found.iter().map(|(_, message)| &**message).collect();
        assert_eq!(found.len(), 2, "{messages:#?}");
        assert!(
            messages[0].ends_with("of which Nix takes nothing"),
            "{messages:#?}"
        );
        assert!(
            messages[1].contains("answers 404 for nix-cache-info"),
            "{messages:#?}"
        );
        for server in [&good, &refused, &gone] {
            let (port, requests) = of(server);
            assert!(requests > 0, "{port} was not asked");
        }
        // Nobody is asked without the flag.
        let before = good.requests();
        assert!(reported(&lab, "--preview", "substituter-unusable", None).is_empty());
        assert_eq!(good.requests(), before);
        // That machine has the other cache, which nobody is.
        let found = reported(&lab, "--live=other", "substituter-unusable", None);
        assert_eq!(found.len(), 1, "{found:#?}");
        assert!(found[0].1.contains("127.0.0.1"), "{found:#?}");
    }
}

#[test]
fn old_links_are_counted_by_what_only_they_keep() {
    for oracle in oracles() {
        let lab = Lab::new(oracle, "");
        lab.nix("nix-build", &["packages.nix", "-A", "app", "-o", "old"]);
        lab.nix("nix-build", &["packages.nix", "-A", "other", "-o", "new"]);
        flake(&lab, "{ nix.gc.automatic = true; }\n");
        fs::write(
            lab.path("tree/nixtune.toml"),
            "[rule.stale-gc-roots]\nleast-gib = 0\n",
        )
        .unwrap();
        let ask = || reported(&lab, "--live=box", "stale-gc-roots", None);
        assert!(ask().is_empty(), "young links are not old");
        let aged = Command::new("touch")
            .args(["--no-dereference", "--date", "200 days ago"])
            .arg(lab.path("old"))
            .status()
            .unwrap();
        assert!(aged.success());
        let found = ask();
        assert_eq!(found.len(), 1, "{found:#?}");
        // What Nix would collect without the link.
        let dead = || -> u64 {
            let paths = lab.nix("nix-store", &["--gc", "--print-dead"]);
            let paths: Vec<&str> = paths.lines().collect();
            if paths.is_empty() {
                return 0;
            }
            let mut arguments = vec!["--query", "--size"];
            arguments.extend(paths);
            let sizes = lab.nix("nix-store", &arguments);
            sizes.lines().map(|size| size.parse::<u64>().unwrap()).sum()
        };
        let before = dead();
        fs::remove_file(lab.path("old")).unwrap();
        let only = dead() - before;
        let bytes = nixtune::units::Bytes(only).to_string();
        assert!(
            found[0].1.contains(&format!("keep {bytes} that")),
            "{found:#?} but Nix frees {bytes}"
        );
    }
}

#[test]
fn a_recorded_run_tells_that_evaluation_waited() {
    const WAITING: &str = "
      let
        make = name: text: derivation {
          inherit name text;
          system = builtins.currentSystem;
          builder = \"/bin/sh\";
          args = [ \"-c\" \"echo $text > $out\" ];
        };
      in
      make \"wanted\" (toString (import (make \"first\" \"1\")))
    ";
    for oracle in oracles() {
        let lab = Lab::new(oracle, "");
        flake(&lab, "{ nix.settings.max-jobs = 2; }\n");
        fs::write(lab.path("waiting.nix"), WAITING).unwrap();
        fs::write(
            lab.path("tree/nixtune.toml"),
            "[rule.ifd-allowed-in-shared-flake]\nleast-secs = 0\n",
        )
        .unwrap();
        let ask = || reported(&lab, "--live=box", "ifd-allowed-in-shared-flake", None);
        assert!(ask().is_empty(), "nothing was recorded");
        let run = lab
            .nixtune()
            .args(["analyze", "profile", "--"])
            .args(["nix", "build", "-f", "waiting.nix", "--no-link"])
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert!(run.status.success(), "{run:?}");
        let found = ask();
        assert_eq!(found.len(), 1, "{found:#?}");
        assert!(found[0].1.starts_with("evaluation waited 0."), "{found:#?}");
    }
}

#[test]
fn a_builder_is_asked_for_its_threads() {
    let lab = Lab::modern("");
    flake(
        &lab,
        "{\n  nix.distributedBuilds = true;\n  nix.buildMachines = [\n    { hostName = \"builder.example\"; \
         sshUser = \"nix\"; sshKey = \"/keys/id\"; systems = [ \"x86_64-linux\" ]; maxJobs = 64; }\n    \
         { hostName = \"-oProxyCommand=touch hacked\"; systems = [ \"x86_64-linux\" ]; maxJobs = 64; }\n  ];\n}\n",
    );
    // A stand-in that writes down how it is called: no builder is in reach of a test.
    let bin = lab.path("bin");
    fs::create_dir(&bin).unwrap();
    let ssh = bin.join("ssh");
    fs::write(
        &ssh,
        format!(
            "#!/bin/sh\nfor a; do echo \"$a\"; done > {}/called\necho 8\n",
            lab.path("").display()
        ),
    )
    .unwrap();
    fs::set_permissions(&ssh, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", bin.display());
    let found = reported(&lab, "--live=box", "builder-max-jobs-exceeds", Some(&path));
    let expected = "`builder.example` gets 64 builds at once, but has 8 threads";
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].1, expected);
    let called = fs::read_to_string(lab.path("called")).unwrap();
    let called: Vec<&str> = called.lines().collect();
    assert!(called.contains(&"BatchMode=yes"));
    assert_eq!(
        called[called.len() - 3..],
        ["--", "builder.example", "getconf _NPROCESSORS_ONLN"]
    );
    assert!(!lab.path("hacked").exists() && !lab.path("tree/hacked").exists());
}

#[test]
fn a_machine_that_is_not_there_is_a_mistake() {
    let lab = Lab::modern("");
    flake(&lab, "{ nix.settings.max-jobs = 2; }\n");
    let output = lab
        .nixtune()
        .args(["lint", "--live=bxo", "tree"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("--live=bxo"), "{said}");
    assert!(said.contains("there are box, other"), "{said}");
    // Of two machines none has the name of this one.
    let output = lab
        .nixtune()
        .args(["lint", "--live", "tree"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("--live=MACHINE"), "{said}");
}
