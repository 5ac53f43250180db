//! `nixtune generate builders`: the machines that builds are sent to, with what the daemon needs
//! to reach them, and the virtual machine that builds for Linux on a Mac.

mod error;
mod guest;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Serialize;

pub use error::BuildersError;
pub use guest::GuestWishes;

use guest::{Guest, guest};

use super::fleet::BuildHost;
use super::subject::{buildable, hardware};
use super::template::{nix_list, render};
use super::{GenerateError, Generated, GeneratedFile, Row, Sink, Subject};
use crate::facts::{How, Implementation, Os, Target, Version};
use crate::syntax::quote;
use crate::tune::{self, Recommendation};
use crate::units::Bytes;

/// What is wanted.
#[derive(Clone, Debug, Default)]
pub struct Builders {
    /// Write the reason of each value in a comment.
    pub explain: bool,
    /// Names that this machine goes by.
    pub here: Vec<String>,
    /// The virtual machine that builds for Linux on a Mac.
    pub linux_builder: Option<GuestWishes>,
}

/// A user of NixOS' `nix.sshServe`, who may only start the daemon's protocol.
const SSH_SERVE_USER: &str = "nix-ssh";

/// A machine with less is not sent what requires `big-parallel`: memory and threads of one very
/// large build.
const BIG_PARALLEL: (u64, u32) = (12 * Bytes::GIB, 4);

/// The rows that are shown and the files.
///
/// # Errors
/// Hosts that contradict each other or themselves, hardware that no build runs on.
pub fn builders(
    subject: &Subject,
    hosts: &[BuildHost],
    wanted: &Builders,
) -> Result<(Vec<Row>, Generated), GenerateError> {
    match subject.sink {
        Sink::NixDarwin | Sink::Nixos | Sink::Determinate | Sink::NixConf => {}
        Sink::HomeManager | Sink::Flake => {
            return Err(BuildersError::NoSystem(subject.sink.name()).into());
        }
    }
    if hosts.is_empty() && wanted.linux_builder.is_none() {
        return Err(BuildersError::None.into());
    }
    refuse_twins(hosts, &wanted.here)?;
    let mut rows = Vec::new();
    let guest = match wanted.linux_builder {
        None => None,
        Some(wishes) => Some(guest(subject, wishes, wanted.explain, &mut rows)?),
    };
    let known: Vec<_> = hosts
        .iter()
        .filter_map(|host| host.hardware.as_ref())
        .collect();
    let least = tune::least_builder(known);
    let mut machines = Vec::new();
    for host in hosts {
        machines.push(machine(subject, host, least, wanted.explain, &mut rows)?);
    }
    allow_plain_ones(&mut machines);
    let values = Values {
        host: &subject.host.name,
        prefix: if subject.sink == Sink::Determinate {
            "determinateNix"
        } else {
            "nix"
        },
        machines,
        guest,
        explain: wanted.explain,
    };
    let next = next_steps(subject, hosts, &values);
    let files = files(subject, &values)?;
    Ok((rows, Generated { files, next }))
}

/// What the templates know.
#[derive(Serialize)]
struct Values<'a> {
    host: &'a str,
    /// The set that holds the options.
    prefix: &'static str,
    machines: Vec<Machine>,
    guest: Option<Guest>,
    explain: bool,
}

#[derive(Serialize)]
struct Machine {
    name: String,
    /// The name as an attribute.
    attribute: String,
    hardware: String,
    is_assumed: bool,
    address: Option<String>,
    port: Option<u16>,
    protocol: &'static str,
    user: String,
    key: String,
    systems: Vec<String>,
    systems_nix: String,
    max_jobs: u32,
    max_jobs_comment: Vec<String>,
    speed_factor: u32,
    speed_comment: Vec<String>,
    features: Vec<String>,
    features_nix: String,
    features_comment: Vec<String>,
    mandatory: Vec<String>,
    mandatory_nix: String,
    host_key: Option<String>,
    /// The host key as the machines file has it.
    host_key_base64: Option<String>,
    /// Lines that say why a rule need not speak.
    allowed: Vec<String>,
    /// The line of the machines file.
    line: String,
    /// The cores of each build, for its own settings.
    cores: u32,
}

fn refuse_twins(hosts: &[BuildHost], here: &[String]) -> Result<(), BuildersError> {
    const LOOPBACK: [&str; 4] = ["localhost", "127.0.0.1", "::1", "ip6-localhost"];
    for (at, host) in hosts.iter().enumerate() {
        let (name, origin) = (host.name.clone(), host.origin.clone());
        let goes_by = |other: &str| {
            let label = other.split('.').next().unwrap_or(other);
            LOOPBACK.contains(&other)
                || here.iter().any(|own| {
                    own.eq_ignore_ascii_case(other)
                        || (other.parse::<std::net::IpAddr>().is_err()
                            && own.eq_ignore_ascii_case(label))
                })
        };
        if goes_by(&host.name) || (goes_by(host.address()) && host.port.is_none()) {
            return Err(BuildersError::Itself { name, origin });
        }
        for first in hosts.iter().take(at) {
            if first.name.eq_ignore_ascii_case(&host.name) {
                return Err(BuildersError::SameName {
                    name,
                    first: first.origin.clone(),
                    second: origin,
                });
            }
            let place =
                |host: &BuildHost| (host.address().to_ascii_lowercase(), host.port.unwrap_or(22));
            if place(first) == place(host) {
                return Err(BuildersError::SameAddress {
                    name,
                    address: host.address().to_owned(),
                    first: first.origin.clone(),
                    second: origin,
                });
            }
        }
    }
    Ok(())
}

fn machine(
    subject: &Subject,
    host: &BuildHost,
    least: Option<&crate::facts::Host>,
    explain: bool,
    rows: &mut Vec<Row>,
) -> Result<Machine, GenerateError> {
    let bare = crate::facts::Host::unknown(&host.name);
    let facts = host.hardware.as_ref().unwrap_or(&bare);
    let systems = systems(host, facts)?;
    let is_linux = systems.iter().any(|system| system.ends_with("-linux"));
    let user = match &host.user {
        Some(user) => user.clone(),
        None if is_linux => SSH_SERVE_USER.to_owned(),
        None => {
            return Err(BuildersError::NoUser {
                name: host.name.clone(),
                origin: host.origin.clone(),
            }
            .into());
        }
    };
    let key = host.key.clone().unwrap_or_else(|| {
        let home = match subject.os() {
            Some(Os::Darwin) => "/var/root",
            _ => "/root",
        };
        format!("{home}/.ssh/nix-builder")
    });
    let built = buildable(facts)?;
    let mut add = |what: &str, value: String, reason: String, source, assumed| {
        let row = Row {
            name: format!("{} {what}", host.name),
            value,
            reason,
            source,
            assumed,
        };
        let comment = row.comment_within(explain, COLUMNS);
        rows.push(row);
        comment
    };
    // Threads and memory are there: nothing is missing for the formula.
    let slots = tune::build_slots(&built, host.usage.build_profile(&built)).ok_or_else(|| {
        GenerateError::Nothing(format!("how many builds fit `{}` is not known", host.name))
    })?;
    let max_jobs_comment = add(
        "maxJobs",
        slots.value.max_jobs.to_string(),
        slots.formula.clone(),
        slots.source,
        slots.weakest == How::Assumed,
    );
    let speed = least.and_then(|least| tune::speed_factor(facts, least));
    let (speed_factor, reason, source, assumed) = match speed {
        Some(Recommendation {
            value,
            formula,
            source,
            weakest,
            ..
        }) => (value, formula, source, weakest == How::Assumed),
        None => {
            let reason = "its threads are not known, so that no machine is taken for slower";
            (1, reason.to_owned(), "", true)
        }
    };
    let speed_comment = add(
        "speedFactor",
        speed_factor.to_string(),
        reason,
        source,
        assumed,
    );
    let (features, reason, assumed) = features(host, &built, is_linux);
    let mut features_comment = add(
        "supportedFeatures",
        if features.is_empty() {
            "none".to_owned()
        } else {
            features.join(" ")
        },
        reason,
        "",
        assumed,
    );
    if host.features.is_some() {
        features_comment.clear();
    }
    // The module adds what is mandatory.
    let supported: Vec<String> = features
        .iter()
        .filter(|feature| !host.mandatory_features.contains(feature))
        .cloned()
        .collect();
    let mut allowed = Vec::new();
    if user == "root" {
        allowed.push("builder-ssh-root".to_owned());
    }
    let host_key_base64 = host
        .host_key
        .as_ref()
        .map(|key| BASE64_STANDARD.encode(key));
    let mut machine = Machine {
        attribute: attribute(&host.name),
        name: host.name.clone(),
        hardware: hardware(&built),
        is_assumed: slots.weakest == How::Assumed,
        address: host
            .host_name
            .clone()
            .filter(|address| *address != host.name),
        port: host.port.filter(|port| *port != 22),
        protocol: protocol(subject, host),
        user,
        key,
        systems_nix: nix_list("systems", &systems, LIST_INDENT),
        systems,
        max_jobs: slots.value.max_jobs,
        max_jobs_comment,
        speed_factor,
        speed_comment,
        features_nix: nix_list("supportedFeatures", &supported, LIST_INDENT),
        features: supported,
        features_comment,
        mandatory_nix: nix_list("mandatoryFeatures", &host.mandatory_features, LIST_INDENT),
        mandatory: host.mandatory_features.clone(),
        host_key: host.host_key.clone(),
        host_key_base64,
        allowed,
        line: String::new(),
        cores: slots.value.cores,
    };
    machine.line = line(&machine);
    Ok(machine)
}

/// A machine that shall have no features is no mistake. Where another one of its system has some,
/// nothing needs to be said.
fn allow_plain_ones(machines: &mut [Machine]) {
    let is_plain = |machine: &Machine| machine.features.is_empty() && machine.mandatory.is_empty();
    let systems: Vec<String> = machines
        .iter()
        .filter(|machine| !is_plain(machine))
        .flat_map(|machine| machine.systems.clone())
        .collect();
    for machine in machines {
        if is_plain(machine) && !machine.systems.iter().any(|it| systems.contains(it)) {
            machine.allowed.push("builder-no-features".to_owned());
        }
    }
}

/// Columns of a comment inside of a machine's set.
const COLUMNS: usize = 82;
/// Blanks before an option of a machine.
const LIST_INDENT: usize = 6;

/// A name as an attribute.
pub(super) fn attribute(name: &str) -> String {
    if crate::syntax::is_plain_name(name) {
        name.to_owned()
    } else {
        quote(name)
    }
}

fn systems(host: &BuildHost, facts: &crate::facts::Host) -> Result<Vec<String>, BuildersError> {
    let platform = facts.platform.as_ref().map(|platform| platform.value);
    if host.systems.is_empty() {
        return platform
            .filter(|platform| platform.arch.is_some())
            .map(|platform| vec![platform.to_string()])
            .ok_or_else(|| BuildersError::NoSystems {
                name: host.name.clone(),
                origin: host.origin.clone(),
            });
    }
    let mut systems: Vec<String> = Vec::new();
    for system in &host.systems {
        let (ending, runs) = match platform.map(|platform| platform.os) {
            Some(Os::Linux) => ("-linux", "Linux"),
            Some(Os::Darwin) => ("-darwin", "macOS"),
            None => ("", ""),
        };
        if !system.ends_with(ending) {
            return Err(BuildersError::ForeignSystem {
                name: host.name.clone(),
                origin: host.origin.clone(),
                runs,
                system: system.clone(),
            });
        }
        if !systems.contains(system) {
            systems.push(system.clone());
        }
    }
    Ok(systems)
}

/// Features in order, with the reason, and whether they rest on what was assumed.
fn features(
    host: &BuildHost,
    built: &crate::facts::Host,
    is_linux: bool,
) -> (Vec<String>, String, bool) {
    if let Some(features) = &host.features {
        let mut features = features.clone();
        features.sort();
        features.dedup();
        return (features, "as the list says".to_owned(), false);
    }
    let (memory, threads) = BIG_PARALLEL;
    let memory_fact = built.memory.as_ref();
    let threads_fact = built.threads.as_ref();
    let is_large = memory_fact.is_some_and(|fact| fact.value.0 >= memory)
        && threads_fact.is_some_and(|fact| fact.value.0 >= threads);
    let assumed = memory_fact.is_none_or(|fact| fact.how == How::Assumed)
        || threads_fact.is_none_or(|fact| fact.how == How::Assumed);
    let mut features = vec!["benchmark".to_owned()];
    let mut reason = if is_large {
        features.push("big-parallel".to_owned());
        "with 4 threads and 12 GiB a very large build fits".to_owned()
    } else {
        "a very large build (`big-parallel`) takes 4 threads and 12 GiB".to_owned()
    };
    if is_linux {
        reason.push_str("; `kvm` and `nixos-test` need KVM: list them where it is");
    }
    (features, reason, assumed)
}

/// `ssh-ng` speaks the daemon's protocol: one connection, and the builder checks who asks. A Nix
/// before 2.4 cannot build through it.
fn protocol(subject: &Subject, host: &BuildHost) -> &'static str {
    let is_old = |target: &Target| {
        let made = target.implementation.as_ref().map(|fact| fact.value);
        let version = target.version.as_ref().map(|fact| fact.value);
        made == Some(Implementation::Cppnix)
            && version.is_some_and(|version| version < Version::new(2, 4, 0))
    };
    if is_old(&subject.target) || is_old(&host.target) {
        "ssh"
    } else {
        "ssh-ng"
    }
}

/// A line of the machines file, with all eight columns.
fn line(machine: &Machine) -> String {
    let joined = |parts: &[String]| match parts {
        [] => "-".to_owned(),
        parts => parts.join(","),
    };
    let supported: Vec<String> = machine
        .features
        .iter()
        .chain(&machine.mandatory)
        .cloned()
        .collect();
    [
        format!("{}://{}@{}", machine.protocol, machine.user, machine.name),
        joined(&machine.systems),
        machine.key.clone(),
        machine.max_jobs.to_string(),
        machine.speed_factor.to_string(),
        joined(&supported),
        joined(&machine.mandatory),
        machine
            .host_key_base64
            .clone()
            .unwrap_or_else(|| "-".to_owned()),
    ]
    .join(" ")
}

fn files(subject: &Subject, values: &Values<'_>) -> Result<Vec<GeneratedFile>, GenerateError> {
    let mut files = Vec::new();
    let mut add = |path: &str, template| -> Result<(), GenerateError> {
        files.push(GeneratedFile {
            path: Some(path.into()),
            text: render(template, values)?,
        });
        Ok(())
    };
    if subject.sink == Sink::NixConf {
        add("nix-builders/builders.conf", "builders/builders.conf.j2")?;
        add("nix-builders/machines", "builders/machines.j2")?;
        add("nix-builders/nix-builders-ssh.conf", "builders/ssh.conf.j2")?;
        if values
            .machines
            .iter()
            .any(|machine| machine.host_key.is_some())
        {
            add("nix-builders/ssh_known_hosts", "builders/known_hosts.j2")?;
        }
    } else {
        add("nix-builders.nix", "builders/builders.nix.j2")?;
    }
    Ok(files)
}

fn next_steps(subject: &Subject, hosts: &[BuildHost], values: &Values<'_>) -> Vec<String> {
    let mut next = Vec::new();
    if subject.sink == Sink::NixConf {
        next.push(
            "Copy machines to /etc/nix/, nix-builders-ssh.conf to /etc/ssh/ssh_config.d/, append \
             builders.conf to /etc/nix/nix.conf (nix.custom.conf, where Determinate manages Nix) and \
             ssh_known_hosts, if there is one, to /etc/ssh/ssh_known_hosts; then restart the daemon."
                .to_owned(),
        );
    }
    let mut keys: Vec<&str> = Vec::new();
    for machine in &values.machines {
        if !keys.contains(&&*machine.key) {
            keys.push(&machine.key);
        }
    }
    for key in keys {
        next.push(format!(
            "Unless it is there: sudo ssh-keygen -t ed25519 -N '' -C nix-builder -f {key}"
        ));
    }
    if values.machines.iter().any(|it| it.user == SSH_SERVE_USER) {
        next.push(format!(
            "On builders with NixOS, {SSH_SERVE_USER} is the user of nix.sshServe = {{ enable = true; \
             protocol = \"{}\"; write = true; trusted = true; keys = [ \"the public key\" ]; }}; (add \
             it to nix.settings.trusted-users where `trusted` is not known).",
            values.machines.first().map_or("ssh-ng", |it| it.protocol)
        ));
    }
    let others: Vec<&str> = values
        .machines
        .iter()
        .filter(|it| it.user != SSH_SERVE_USER && it.user != "root")
        .map(|it| &*it.name)
        .collect();
    if !others.is_empty() {
        next.push(format!(
            "On {}: the user's authorized_keys holds the public key, and trusted-users of the Nix \
             there the user, or what is sent there is refused.",
            others.join(", ")
        ));
    }
    let unmet: Vec<&str> = hosts
        .iter()
        .filter(|host| host.host_key.is_none())
        .map(BuildHost::address)
        .collect();
    if !unmet.is_empty() {
        next.push(format!(
            "Nobody said which host keys these have: {}. Read /etc/ssh/ssh_host_ed25519_key.pub \
             there, or compare with it what `ssh-keyscan -t ed25519 ADDRESS` prints, and list it as \
             `host-key`; until then root has to meet them once.",
            unmet.join(", ")
        ));
    }
    if !values.machines.is_empty() {
        let own: Vec<String> = values
            .machines
            .iter()
            .map(|it| format!("{} {} × {}", it.name, it.max_jobs, it.cores))
            .collect();
        next.push(format!(
            "Their own settings decide how many threads a build gets there: max-jobs × cores fit as \
             {}.",
            own.join(", ")
        ));
    }
    if values.guest.is_some() {
        next.push(
            "First rebuild with the Linux builder enabled and its `config` left out: only that one is \
             in the cache, and it builds the one that is wanted. An image that is there keeps its \
             size: stop it and remove nixos.qcow2 in its working directory."
                .to_owned(),
        );
    }
    if let Some(machine) = values.machines.first() {
        next.push(format!(
            "Try each one: sudo nix --extra-experimental-features nix-command store ping --store \
             '{}://{}@{}?ssh-key={}'",
            machine.protocol, machine.user, machine.name, machine.key
        ));
    }
    next
}
