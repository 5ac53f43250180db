//! Workflows: valid by the published schemas, and with settings that real Nix takes.

use std::collections::BTreeMap;

use nixtune::facts::{Host, Target};
use nixtune::generate::{Ci, Provider, Sink, Subject, Usage, ci, runner};

use super::*;
use crate::hosts::profiles;
use crate::oracle::oracles;

const PROVIDERS: [Provider; 3] = [Provider::Github, Provider::Gitlab, Provider::Forgejo];

struct Made {
    provider: Provider,
    name: String,
    has_flake: bool,
    /// The file with the jobs.
    text: String,
}

/// For each provider every host, with all that can be said about a repository by turns.
fn all() -> Vec<Made> {
    let catalog = catalog();
    let hosts = || {
        profiles()
            .into_iter()
            .filter_map(|(_, profile)| profile.host)
    };
    let mut all = Vec::new();
    for provider in PROVIDERS {
        let hosts: Vec<Host> = runner(provider, &catalog)
            .into_iter()
            .chain(hosts())
            .collect();
        for (turn, host) in hosts.iter().enumerate() {
            let subject = Subject::new(host, &Target::default(), Sink::NixConf, Usage::Ci);
            let mut subject = subject.unwrap();
            subject.has_flake = turn % 2 == 0;
            let caches = ["https://nix-community.cachix.org".to_owned()];
            let keys = [
                "nix-community.cachix.org-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyvRCYg3Fs="
                    .to_owned(),
            ];
            let some = turn % 3 == 0;
            let wanted = Ci {
                provider,
                subject: &subject,
                label: (turn > 0).then_some("self-hosted"),
                branch: if turn % 4 == 1 { "on" } else { "main" },
                has_nixtune_input: turn % 4 == 2,
                caches: if some { &caches } else { &[] },
                keys: if some { &keys } else { &[] },
                has_gitlab_ci: turn % 5 == 0,
                explain: turn % 4 < 2,
            };
            let (rows, made) = ci(&wanted, &catalog).unwrap();
            assert!(rows.iter().all(|row| !row.reason.is_empty()));
            all.push(Made {
                provider,
                name: format!("{} {} {turn}", provider.name(), host.name),
                has_flake: subject.has_flake,
                text: made.files.into_iter().next().unwrap().text,
            });
        }
    }
    all
}

/// The lines of `nix.conf` that the jobs bring.
fn settings(made: &Made) -> String {
    let value = yaml(&made.text);
    let settings = match made.provider {
        Provider::Gitlab => &value[".nix"]["variables"]["NIX_CONFIG"],
        Provider::Github | Provider::Forgejo => &value["env"]["NIX_SETTINGS"],
    };
    settings.as_str().unwrap().to_owned()
}

#[test]
fn workflows_are_valid_by_their_schemas() {
    for made in all() {
        let value = yaml(&made.text);
        let schema = match made.provider {
            Provider::Gitlab => "gitlab-ci.json",
            Provider::Github | Provider::Forgejo => "github-workflow.json",
        };
        assert_eq!(
            breaches(schema, &value),
            [""; 0],
            "{}\n{}",
            made.name,
            made.text
        );
        assert!(
            made.text
                .lines()
                .all(|line| line.len() < 140 && line == line.trim_end())
        );
        assert!(!made.text.contains("\n\n\n"));
    }
    for (schema, wrong) in [
        (
            "github-workflow.json",
            "on: nothing\njobs: { a: { steps: [] } }",
        ),
        ("gitlab-ci.json", "a: { script: { b: c } }"),
    ] {
        assert!(!breaches(schema, &yaml(wrong)).is_empty(), "{schema}");
    }
}

#[test]
fn workflows_ask_for_no_more_than_they_need() {
    let release =
        regress::Regex::new(r"^(https://github\.com/)?[\w-]+/[\w-]+@v\d+\.\d+\.\d+$").unwrap();
    for made in all() {
        if made.provider == Provider::Gitlab {
            continue;
        }
        let value = yaml(&made.text);
        assert_eq!(
            value["permissions"],
            serde_json::json!({ "contents": "read" })
        );
        assert!(value["concurrency"]["group"].is_string());
        assert_eq!(
            value["on"]["pull_request"]["paths"],
            value["on"]["push"]["paths"]
        );
        let branch = &value["on"]["push"]["branches"][0];
        assert!(branch == "main" || branch == "on", "{branch}");
        let jobs = value["jobs"].as_object().unwrap();
        assert_eq!(jobs.len(), 1 + usize::from(made.has_flake));
        for job in jobs.values() {
            assert!(job["timeout-minutes"].is_u64());
            let steps = job["steps"].as_array().unwrap();
            let uses: Vec<_> = steps
                .iter()
                .filter_map(|step| step["uses"].as_str())
                .collect();
            assert!(uses.len() >= 2);
            for uses in uses {
                assert!(release.find(uses).is_some(), "{uses}");
            }
            assert_eq!(steps[0]["with"]["persist-credentials"], false);
            for script in steps.iter().filter_map(|step| step["run"].as_str()) {
                assert!(!script.contains("${{"), "{script}");
                shellcheck(&format!(
                    "#!/bin/bash\nset -e\nNIXTUNE=x\nexport NIXTUNE\n{script}\n"
                ));
            }
        }
    }
}

#[test]
fn real_nix_takes_the_settings_without_a_warning() {
    let confs: BTreeMap<String, String> = all()
        .into_iter()
        .map(|made| (settings(&made), made.name))
        .collect();
    assert!(confs.len() > 10, "{}", confs.len());
    for oracle in oracles() {
        for (conf, name) in &confs {
            let read = oracle
                .read_conf(conf)
                .unwrap_or_else(|error| panic!("{name}: {error}\n{conf}"));
            assert_eq!(read.warnings, [""; 0], "{name}:\n{conf}");
            assert!(conf.contains("max-jobs = "));
        }
    }
}

#[test]
fn a_service_that_lends_no_such_machine_says_so() {
    let catalog = catalog();
    let (_, mac) = profiles()
        .into_iter()
        .find(|(name, _)| name == "m1-8g")
        .unwrap();
    let subject = Subject::new(
        &mac.host.unwrap(),
        &Target::default(),
        Sink::NixConf,
        Usage::Ci,
    )
    .unwrap();
    let wanted = Ci {
        provider: Provider::Gitlab,
        subject: &subject,
        label: None,
        branch: "main",
        has_nixtune_input: false,
        caches: &[],
        keys: &[],
        has_gitlab_ci: false,
        explain: true,
    };
    let said = ci(&wanted, &catalog).unwrap_err().to_string();
    assert!(said.contains("lends no runner of aarch64-darwin"), "{said}");
    let (_, made) = ci(
        &Ci {
            provider: Provider::Github,
            ..wanted
        },
        &catalog,
    )
    .unwrap();
    assert!(made.files[0].text.contains("runs-on: macos-15\n"));
}

#[test]
fn what_the_flake_says_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(
        root,
        "flake.nix",
        "{\n  nixConfig.extra-substituters = [ \"https://a.example.org\" \"https://cache.nixos.org/\" \"\\${{x}}\" ];\n  \
         nixConfig.extra-trusted-public-keys = [ \"a.example.org-1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\" ];\n  \
         outputs = _: { };\n}\n",
    );
    write(
        root,
        "flake.lock",
        "{ \"root\": \"root\", \"version\": 7, \"nodes\": { \"root\": { \"inputs\": { \"nixtune\": \"x\" } } } }",
    );
    write(root, ".git/HEAD", "ref: refs/heads/mine\n");
    write(
        root,
        ".git/refs/remotes/origin/HEAD",
        "ref: refs/remotes/origin/trunk\n",
    );
    write(
        root,
        ".git/config",
        "[remote \"origin\"]\n\turl = git@github.com:a/b.git\n",
    );
    fs::create_dir(root.join("sub")).unwrap();
    generate(&root.join("sub"), "ci").unwrap();
    let text = fs::read_to_string(root.join(".github/workflows/nixtune.yml")).unwrap();
    let value = yaml(&text);
    assert_eq!(value["env"]["NIXTUNE"], "nixtune");
    assert!(
        text.contains("run: nix run --inputs-from . \"$NIXTUNE\" -- lint"),
        "{text}"
    );
    assert!(
        text.contains("    extra-substituters = https://a.example.org\n"),
        "{text}"
    );
    assert!(
        text.contains("    extra-trusted-public-keys = a.example.org-1:AA"),
        "{text}"
    );
    assert_eq!(value["on"]["push"]["branches"][0], "trunk");
    let said = generate(root, "ci").unwrap_err();
    assert!(said.contains("nixtune.yml is there already"), "{said}");
}
