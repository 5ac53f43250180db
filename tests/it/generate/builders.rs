//! The loop closes for builders: linted without a word, left as it is by formatters, evaluated with
//! the modules' options, and the same machines file and ssh configuration whatever writes them.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::OnceLock;

use nixtune::engine::{self, Request};
use nixtune::facts::{Host, Implementation, Os, Target, profile};
use nixtune::generate::{
    BuildHost, Builders, GeneratedFile, GuestWishes, Sink, Subject, Usage, builders, read_fleet,
};
use nixtune::policy::TargetPolicy;
use nixtune::system::Memory;
use serde_json::Value as Json;

use super::{NIXES, assert_sound, catalog, formatters_leave};
use crate::hosts::profiles;
use crate::oracle::builders::refusal;
use crate::oracle::oracles;

const SINKS: [(Sink, &str); 4] = [
    (Sink::NixDarwin, "nix-darwin"),
    (Sink::Nixos, "nixos"),
    (Sink::Determinate, "determinate"),
    (Sink::NixConf, ""),
];

const HOST_KEY: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJBWcxb/Blaqt1auOtE+F8QUWrUotiC5qBJ+UuEWdVCb";

/// Every recorded machine as a host of a list, each said in another way.
fn hosts() -> Vec<BuildHost> {
    let mut list = "user = \"builder\"\nkey = \"/etc/nix/builder\"\n".to_owned();
    let all = profiles();
    for (number, (name, _)) in all.iter().enumerate() {
        list.push_str(&format!("[[host]]\nname = \"{name}\"\n"));
        if number % 2 == 0 {
            list.push_str(&format!("host-key = \"{HOST_KEY} root@{name}\"\n"));
        }
        list.push_str(match number % 4 {
            0 => "host-name = \"10.0.0.NUMBER\"\nport = 2222\n",
            1 => "features = [\"kvm\", \"big-parallel\", \"kvm\"]\nmandatory-features = [\"kvm\"]\n",
            2 => "use = \"balanced\"\nuser = \"root\"\n",
            _ => "features = []\n",
        }
        .replace("NUMBER", &number.to_string())
        .as_str());
        if name == "unknown-hardware" {
            list.push_str("systems = [\"aarch64-darwin\", \"x86_64-darwin\"]\n");
        }
    }
    let mut hosts = read_fleet(&list, "fleet.toml").unwrap();
    for (host, (name, profile)) in hosts.iter_mut().zip(all) {
        host.target = profile.target;
        host.hardware = profile.host.map(|it| Host { name, ..it });
    }
    hosts
}

struct Made {
    name: String,
    sink: Sink,
    kind: &'static str,
    files: Vec<GeneratedFile>,
    sender: Host,
    target: TargetPolicy,
    machines: Vec<BuildHost>,
}

impl Made {
    fn file(&self, ending: &str) -> Option<&str> {
        let mut files = self.files.iter();
        let path = |file: &GeneratedFile| file.path.clone().unwrap();
        files
            .find(|file| path(file).ends_with(ending))
            .map(|file| file.text.as_str())
    }

    /// The module, or the lines of nix.conf.
    fn main(&self) -> &str {
        &self.files.first().unwrap().text
    }

    /// The lines of the machines file that are no comments.
    fn machine_lines(&self) -> Vec<&str> {
        let text = self.file("machines").unwrap();
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        lines.filter(|line| !line.is_empty()).collect()
    }
}

/// Every recorded machine as the one that sends builds to all others, or to one of them.
fn all() -> &'static [Made] {
    static ALL: OnceLock<Vec<Made>> = OnceLock::new();
    ALL.get_or_init(|| {
        let mut made = Vec::new();
        for (number, (name, profile)) in profiles().into_iter().enumerate() {
            let sender = Host {
                name: name.clone(),
                ..profile.host.unwrap()
            };
            for (turn, (sink, kind)) in SINKS.into_iter().enumerate() {
                for (place, nix) in NIXES.into_iter().enumerate() {
                    if (number + turn + place) % 2 != 0 {
                        continue;
                    }
                    made.extend(one(&sender, sink, kind, nix, number + place));
                }
            }
        }
        made
    })
}

fn one(sender: &Host, sink: Sink, kind: &'static str, nix: &str, turn: usize) -> Option<Made> {
    let target: TargetPolicy = nix.parse().unwrap();
    let is_determinate = target.implementation == Some(Implementation::Determinate);
    if (sink == Sink::Determinate) != is_determinate && !nix.is_empty() && sink != Sink::NixConf {
        return None;
    }
    let nix_of = target.as_target("--target");
    let subject = Subject::new(sender, &nix_of, sink, Usage::Balanced).ok()?;
    let mut machines = hosts();
    machines.retain(|host| host.name != sender.name);
    if turn % 3 == 1 {
        let only = turn % machines.len();
        machines = vec![machines.swap_remove(only)];
    }
    let is_mac = matches!(sink, Sink::NixDarwin | Sink::Determinate)
        && sender
            .platform
            .as_ref()
            .is_some_and(|it| it.value.os == Os::Darwin);
    let wanted = Builders {
        explain: turn % 4 != 3,
        here: vec![sender.name.clone()],
        linux_builder: (is_mac && turn.is_multiple_of(2)).then_some(GuestWishes {
            is_ephemeral: turn.is_multiple_of(4),
            emulates: turn % 4 == 2,
        }),
    };
    let (rows, generated) = builders(&subject, &machines, &wanted).unwrap();
    assert!(rows.iter().all(|row| !row.reason.is_empty()), "{rows:?}");
    Some(Made {
        name: format!("{} {} {nix} ({turn})", sender.name, sink.name()),
        sink,
        kind,
        files: generated.files,
        sender: subject.host.clone(),
        target: TargetPolicy {
            module_system: Some(sink.module_system()),
            ..target
        },
        machines,
    })
}

/// A tree with the text and a profile of every machine in it.
fn asked(made: &Made, path: &str, text: &str) -> (Memory, Request) {
    let mut policy = String::new();
    let mut system = Memory::new().on("plan9", "x86_64");
    for host in &made.machines {
        let file = format!("/w/hosts/{}.toml", host.name);
        policy.push_str(&format!(
            "[machine.{}]\nhost = \"hosts/{0}.toml\"\n",
            host.name
        ));
        let hardware = host.hardware.as_ref().unwrap();
        system = system.file(file, profile::render(hardware, &Target::default()));
    }
    let sender = profile::render(&made.sender, &Target::default());
    let system = system
        .file("/w/nixtune.toml", policy)
        .file("/h/sender.toml", sender)
        .file(path, text);
    let request = Request {
        roots: vec![path.into()],
        host: Some("/h/sender.toml".into()),
        target: made.target.clone(),
        ..Request::default()
    };
    (system, request)
}

fn lint(made: &Made, path: &str, text: &str) {
    let (system, request) = asked(made, path, text);
    assert_sound(&made.name, text, &system, &request);
}

#[test]
fn builders_are_linted_without_a_word_and_left_as_they_are() {
    let mut seen = BTreeSet::new();
    for made in all() {
        seen.insert(made.sink.name());
        if made.sink == Sink::NixConf {
            lint(made, "/w/nix.conf", made.main());
            // What Nix reads from the machines file stands in a setting as well.
            let lines = made.machine_lines();
            let is_allowed = |line: &&&str| !line.contains("//root@") && !line.contains(" - - ");
            let lines: Vec<_> = lines.iter().filter(is_allowed).copied().collect();
            if !lines.is_empty() {
                let setting = format!("{}builders = {}\n", made.main(), lines.join(" ; "));
                lint(made, "/w/nix.conf", &setting);
            }
        } else {
            lint(made, "/w/nix-builders.nix", made.main());
        }
    }
    assert_eq!(seen.len(), SINKS.len());
}

#[test]
fn this_machine_and_twins_are_refused() {
    let (name, profile) = profiles().remove(0);
    let sender = Host {
        name: name.clone(),
        ..profile.host.unwrap()
    };
    let target = Target::default();
    let subject = Subject::new(&sender, &target, Sink::NixConf, Usage::Balanced).unwrap();
    let said = |list: &str| {
        let hosts = read_fleet(list, "f.toml").unwrap();
        let wanted = Builders {
            here: vec!["Mbp".to_owned()],
            ..Builders::default()
        };
        builders(&subject, &hosts, &wanted).map_err(|error| error.to_string())
    };
    let host = |name: &str, more: &str| {
        format!("[[host]]\nname = \"{name}\"\nsystems = [\"x86_64-linux\"]\n{more}\n")
    };
    for itself in ["mbp", "mbp.local", "localhost"] {
        let error = said(&host(itself, "")).unwrap_err();
        assert!(error.contains("is this machine itself"), "{error}");
    }
    let error = said(&host("a", "host-name = \"127.0.0.1\"")).unwrap_err();
    assert!(error.contains("is this machine itself"), "{error}");
    // Behind a port of this machine is another one.
    assert!(said(&host("a", "host-name = \"localhost\"\nport = 31022")).is_ok());
    assert!(said(&host("a", "host-name = \"10.0.0.1\"")).is_ok());
    let twice = host("a", "") + &host("A", "");
    assert!(
        said(&twice)
            .unwrap_err()
            .contains("listed twice, first at f.toml:1:1")
    );
    let same = host("a", "host-name = \"x.org\"") + &host("b", "host-name = \"X.org\"");
    assert!(said(&same).unwrap_err().contains("the machine at X.org"));
    let ports = host("a", "host-name = \"x\"") + &host("b", "host-name = \"x\"\nport = 23");
    assert!(said(&ports).is_ok());
}

#[test]
fn what_is_assumed_of_builders_says_so() {
    let (name, profile) = profiles().remove(0);
    let sender = Host {
        name,
        ..profile.host.unwrap()
    };
    let target = Target::default();
    let subject = Subject::new(&sender, &target, Sink::Nixos, Usage::Balanced).unwrap();
    let list = "[[host]]\nname = \"a\"\nsystems = [\"x86_64-linux\"]\n";
    let wanted = Builders {
        explain: true,
        ..Builders::default()
    };
    let (rows, made) = builders(&subject, &read_fleet(list, "f.toml").unwrap(), &wanted).unwrap();
    assert!(rows.iter().all(|row| row.assumed), "{rows:?}");
    let text = &made.files.first().unwrap().text;
    assert!(
        text.contains("# a: 4 threads, 8 GiB of memory, assumed."),
        "{text}"
    );
    assert!(
        text.contains("# assumed: 4 threads / 2 allow 2 builds"),
        "{text}"
    );
}

#[test]
fn rules_would_speak_of_worse_builders() {
    let made = all().iter().find(|made| made.sink == Sink::Nixos).unwrap();
    let worse = made
        .main()
        .replace(
            "builders-use-substitutes = true",
            "builders-use-substitutes = false",
        )
        .replace("maxJobs = ", "maxJobs = 9999");
    let (system, request) = asked(made, "/w/nix-builders.nix", &worse);
    let outcome = engine::lint(&system, catalog(), &request).unwrap();
    let rules: BTreeSet<_> = outcome.diagnostics.iter().map(|it| it.rule).collect();
    assert!(rules.contains("builders-use-substitutes-off"), "{rules:?}");
    assert!(rules.contains("builder-max-jobs-exceeds"), "{rules:?}");
}

#[test]
fn formatters_leave_builders_as_they_are() {
    for made in all().iter().filter(|made| made.sink != Sink::NixConf) {
        formatters_leave(&made.name, made.main());
    }
}

/// What the options of the module system make of a module.
pub fn said(oracle: &crate::oracle::Oracle, kind: &str, text: &str) -> Json {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("module.nix");
    std::fs::write(&file, text).unwrap();
    let services = crate::oracle::library().with_file_name("services.nix");
    oracle
        .eval(&format!(
            "(import {}).said {{ file = {}; kind = {kind:?}; }}",
            services.display(),
            file.display()
        ))
        .unwrap_or_else(|error| panic!("{error}\n{text}"))
}

#[test]
fn modules_write_the_machines_file_that_is_generated_for_nix_conf() {
    for oracle in oracles() {
        let mut compared = 0;
        for made in all()
            .iter()
            .filter(|made| made.sink != Sink::NixConf)
            .step_by(5)
        {
            let said = said(oracle, made.kind, made.main());
            assert_eq!(said["distributed"], true, "{}", made.name);
            assert_eq!(said["settings"]["builders-use-substitutes"], true);
            let target = made.target.as_target("--target");
            let bare = Subject::new(&made.sender, &target, Sink::NixConf, Usage::Balanced);
            let (_, files) =
                builders(&bare.unwrap(), &made.machines, &Builders::default()).unwrap();
            let file = |name: &str| {
                let mut files = files.files.iter();
                files.find(|file| file.path.as_ref().unwrap().ends_with(name))
            };
            let lines = file("machines").unwrap().text.lines();
            let lines = lines.filter(|line| !line.starts_with('#') && !line.is_empty());
            let theirs: Vec<_> = said["machines"].as_str().unwrap().lines().collect();
            assert_eq!(theirs, lines.collect::<Vec<_>>(), "{}", made.name);
            let ssh = &file("nix-builders-ssh.conf").unwrap().text;
            assert_eq!(said["ssh"].as_str(), Some(ssh.as_str()), "{}", made.name);
            let sorted = |text: &str| text.lines().map(str::to_owned).collect::<BTreeSet<_>>();
            let known = file("ssh_known_hosts").map_or("", |file| &file.text);
            assert_eq!(sorted(said["knownHosts"].as_str().unwrap()), sorted(known));
            if let Some(guest) = said["guest"].as_object() {
                let virtual_machine = &guest["config"]["virtualisation"];
                assert!(virtual_machine["cores"].as_u64() >= guest["maxJobs"].as_u64());
                assert!(virtual_machine["darwin-builder"]["diskSize"].as_u64() >= Some(40 * 1024));
            }
            compared += 1;
        }
        assert!(compared > 10, "{compared}");
    }
}

#[test]
fn real_nix_reads_the_machines_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("machines");
    for oracle in oracles() {
        let read = |text: &str| {
            std::fs::write(&file, text).unwrap();
            refusal(oracle, &format!("@{}", file.display()))
        };
        assert!(read("build01 - - two\n").is_some());
        for made in all().iter().filter(|made| made.sink == Sink::NixConf) {
            let text = made.file("machines").unwrap();
            assert_eq!(read(text), None, "{}:\n{text}", made.name);
            // A comment with a semicolon would begin another machine.
            let comments = text.lines().filter(|line| line.starts_with('#'));
            assert!(
                comments.into_iter().all(|line| !line.contains(';')),
                "{text}"
            );
        }
        let conf = all()
            .iter()
            .find(|made| made.sink == Sink::NixConf)
            .unwrap();
        assert_eq!(oracle.read_conf(conf.main()).unwrap().warnings, [""; 0]);
    }
}

#[test]
fn ssh_reads_what_is_written_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ssh.conf");
    let user = Command::new("id").arg("-un").output().unwrap().stdout;
    let user = String::from_utf8(user).unwrap();
    let asked = |text: &str, host: &str| {
        // Whoever runs the tests stands for root.
        let text = text.replace("localuser root", &format!("localuser {}", user.trim()));
        std::fs::write(&file, text).unwrap();
        let output = Command::new("ssh")
            .args(["-T", "-G", "-F"])
            .arg(&file)
            .arg(host)
            .output()
            .unwrap_or_else(|error| panic!("ssh: {error}; run tests/set-up, which installs it"));
        let problem = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{problem}");
        assert_eq!(problem, "");
        String::from_utf8(output.stdout).unwrap()
    };
    let mut looked = 0;
    for made in all()
        .iter()
        .filter(|made| made.sink == Sink::NixConf)
        .step_by(4)
    {
        let text = made.file("nix-builders-ssh.conf").unwrap();
        for host in &made.machines {
            let answer = asked(text, &host.name);
            let is = |key: &str, value: &str| {
                let line = format!("{key} {value}");
                assert!(
                    answer.lines().any(|other| other == line),
                    "{line} in\n{answer}"
                );
            };
            is("hostname", host.address());
            is("port", &host.port.unwrap_or(22).to_string());
            is("user", host.user.as_deref().unwrap());
            is("identityfile", "/etc/nix/builder");
            is("hostkeyalias", &host.name);
            is("controlmaster", "false");
            is("connecttimeout", "10");
            looked += 1;
        }
        // Others are reached as ever, and so are these by people.
        assert!(!asked(text, "elsewhere").contains("/etc/nix/builder"));
        let by_others = text.replace("localuser root", "localuser somebody-else");
        let answer = asked(&by_others, &made.machines.first().unwrap().name);
        assert!(!answer.contains("/etc/nix/builder"), "{answer}");
    }
    assert!(looked > 20, "{looked}");
}
