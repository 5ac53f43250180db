//! Looking at the running machine for `--live`: its caches, its disks, its store and its builders.
//! Nothing is changed and nothing is built.

#[cfg(feature = "analyze")]
mod analyzed;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::is_on_path;
use super::known::Found;
use crate::catalog::Catalog;
use crate::facts::{Fact, Host, Observations};
use crate::model::{Builder, Machine, Workspace};
use crate::probe;
use crate::rules::{self, KnownHosts, RuleCx, RuleOptions};
use crate::system::{Program, System};
use crate::units::Threads;

/// How long a cache or a builder may take to be there.
const PATIENCE: Duration = Duration::from_secs(5);
/// Builders that are asked; a list that is longer is no list of builders.
const MOST_BUILDERS: usize = 32;

/// What was seen.
#[derive(Debug)]
pub(super) struct Seen {
    pub observations: Observations,
    /// Hardware of builders that answered, by the host's name.
    pub builders: KnownHosts,
}

/// Looks at this machine, for those of the configured machines that are this one.
pub(super) fn observe(
    system: &dyn System,
    catalog: &Catalog,
    workspace: &Workspace,
    found: &[Found],
) -> Seen {
    let here: Vec<&Machine> = workspace
        .machines()
        .iter()
        .zip(found)
        .filter(|(_, found)| found.is_here)
        .map(|(machine, _)| machine)
        .collect();
    let options = RuleOptions::new();
    let mut folders = BTreeSet::new();
    let mut hosts: BTreeMap<String, Login> = BTreeMap::new();
    for machine in &here {
        let cx = RuleCx::new(workspace, machine, catalog, None, &options);
        folders.extend(rules::work_folders(&cx).into_iter().map(|one| one.folder));
        for builder in rules::usable_builders(&cx) {
            if let Some(login) = Login::of(&builder) {
                hosts.entry(login.host.clone()).or_insert(login);
            }
        }
    }
    let store = probe::store_folder(system);
    let work_folders = folders.into_iter().filter_map(|folder| {
        let seen = probe::file_system(system, Path::new(&folder))?;
        Some((folder, seen))
    });
    #[cfg(feature = "analyze")]
    let analyzed = analyzed::look(system, catalog, workspace, &here);
    #[cfg(not(feature = "analyze"))]
    let analyzed = Observations::default();
    let observations = Observations {
        nix: probe::installed_nix(system),
        store: probe::file_system(system, &store),
        work_folders: work_folders.collect(),
        has_kvm: probe::has_kvm(system),
        determinate_daemon: Some(probe::determinate_daemon(system)),
        ..analyzed
    };
    Seen {
        observations,
        builders: builders(system, hosts),
    }
}

/// How to reach a builder.
struct Login {
    host: String,
    user: Option<String>,
    key: Option<String>,
}

impl Login {
    /// `None` for what is no host that `ssh` could be given: files are not to choose its arguments.
    fn of(builder: &Builder<'_>) -> Option<Self> {
        let is_ssh = builder.scheme.is_unset()
            || builder
                .scheme
                .known()
                .is_some_and(|scheme| matches!(&**scheme, "ssh" | "ssh-ng"));
        let host = builder.host.known()?.to_string();
        let user = builder.user.known().map(ToString::to_string);
        let key = builder.ssh_key.known().map(ToString::to_string);
        let plain = |text: &String, more: &str| {
            text.starts_with(|first: char| first.is_ascii_alphanumeric())
                && text
                    .chars()
                    .all(|one| one.is_ascii_alphanumeric() || more.contains(one))
        };
        let fits = is_ssh
            && plain(&host, ".-_:")
            && user.as_ref().is_none_or(|user| plain(user, ".-_"))
            && key
                .as_ref()
                .is_none_or(|key| key.starts_with('/') && !key.contains(['%', '\n']));
        fits.then_some(Self { host, user, key })
    }

    /// Asks it how many threads it has. `None` when it does not answer, does not let this user in, or
    /// its key is not known: it might still let in the daemon.
    fn threads(&self, system: &dyn System) -> Option<Threads> {
        let patience = format!("ConnectTimeout={}", PATIENCE.as_secs());
        let mut arguments = vec!["-T", "-o", "BatchMode=yes", "-o", &patience];
        arguments.extend(["-o", "StrictHostKeyChecking=yes", "-o", "ForwardAgent=no"]);
        arguments.extend(["-o", "ClearAllForwardings=yes"]);
        if let Some(user) = &self.user {
            arguments.extend(["-l", user]);
        }
        if let Some(key) = &self.key {
            arguments.extend(["-i", key]);
        }
        arguments.extend(["--", &self.host, "getconf _NPROCESSORS_ONLN"]);
        let ran = system.run_program(&Program::new("ssh", &arguments)).ok()?;
        let said = ran.succeeded().then(|| ran.text())?;
        let threads = said.trim().parse().ok().filter(|threads| *threads > 0)?;
        Some(Threads(threads))
    }
}

fn builders(system: &dyn System, hosts: BTreeMap<String, Login>) -> KnownHosts {
    if hosts.is_empty() || !is_on_path(system, "ssh") {
        return KnownHosts::new();
    }
    let logins: Vec<Login> = hosts.into_values().take(MOST_BUILDERS).collect();
    std::thread::scope(|scope| {
        let asked: Vec<_> = logins
            .iter()
            .map(|login| scope.spawn(|| (login.host.clone(), login.threads(system))))
            .collect();
        asked
            .into_iter()
            .filter_map(|one| one.join().ok())
            .filter_map(|(host, threads)| {
                let seen = Host {
                    threads: Some(Fact::probed(threads?, format!("ssh {host} getconf"))),
                    ..Host::unknown(host.clone())
                };
                Some((host, Arc::new(seen)))
            })
            .collect()
    })
}
