//! `nixtune generate ci`: lints and checks a configuration where it is pushed.

use serde::Serialize;

use super::row::Entry;
use super::settings::{self, Settings};
use super::template::render;
use super::{GenerateError, Generated, GeneratedFile, NIXTUNE_FLAKE, Row, Subject};
use crate::catalog::{Catalog, RunnerInfo};
use crate::facts::{Arch, Fact, Host, Implementation, Os, Platform, StoreDisk};

/// Who runs the jobs.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Provider {
    /// GitHub Actions.
    Github,
    /// GitLab CI.
    Gitlab,
    /// Forgejo Actions.
    Forgejo,
}

impl Provider {
    /// How it calls itself.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Github => "GitHub",
            Self::Gitlab => "GitLab",
            Self::Forgejo => "Forgejo",
        }
    }

    /// The word that `--provider` takes.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Github => "github",
            Self::Gitlab => "gitlab",
            Self::Forgejo => "forgejo",
        }
    }
}

/// What the jobs are for.
#[derive(Clone, Debug)]
pub struct Ci<'a> {
    /// Who runs them.
    pub provider: Provider,
    /// The runner, with the settings that fit it.
    pub subject: &'a Subject,
    /// What the jobs ask for to get the runner; `None` asks for one that the service lends.
    pub label: Option<&'a str>,
    /// The branch whose pushes are looked at.
    pub branch: &'a str,
    /// True when the flake has nixtune as an input.
    pub has_nixtune_input: bool,
    /// Caches that the flake's `nixConfig` names, beside cache.nixos.org.
    pub caches: &'a [String],
    /// The keys that it names for them.
    pub keys: &'a [String],
    /// True when there is a `.gitlab-ci.yml`, which then has to include the file.
    pub has_gitlab_ci: bool,
    /// Write reasons.
    pub explain: bool,
}

#[derive(Serialize)]
struct Values<'a> {
    as_of: String,
    explain: bool,
    host: &'a str,
    hardware: String,
    has_flake: bool,
    branch: &'a str,
    nixtune: &'static str,
    nixtune_comment: Vec<&'static str>,
    run: &'static str,
    settings: Vec<Entry>,
    label: &'a str,
    nix_version: String,
    checkout: &'static str,
    install_nix: &'static str,
    cache: &'static str,
}

/// The machine that a service lends for a job, as its documentation describes it: nobody measured
/// it. `None` where the runner is the user's own.
pub fn runner(provider: Provider, catalog: &Catalog) -> Option<Host> {
    let info = runner_of(provider, None, catalog)?;
    let source = format!("{}, {}", info.source, catalog.ci_as_of());
    Some(Host {
        name: info.label.to_owned(),
        platform: Some(Fact::assumed(info.platform, source.clone())),
        threads: Some(Fact::assumed(info.threads, source.clone())),
        core_levels: Vec::new(),
        memory: Some(Fact::assumed(info.memory(), source.clone())),
        swap: None,
        store: Some(StoreDisk {
            size: Some(Fact::assumed(info.disk(), source)),
            free: None,
            kind: None,
        }),
    })
}

/// The service's runner for a platform; for none, its first one.
fn runner_of(
    provider: Provider,
    platform: Option<Platform>,
    catalog: &Catalog,
) -> Option<&RunnerInfo> {
    let mut runners = catalog.runners().iter();
    runners.find(|runner| {
        let fits = |platform: Platform| {
            let arch = platform.arch.unwrap_or(Arch::X86_64);
            runner.platform.os == platform.os && runner.platform.arch == Some(arch)
        };
        runner.service == provider.name() && platform.is_none_or(fits)
    })
}

/// The values with their reasons, and the files.
///
/// # Errors
/// A runner that the service does not lend, or a template that does not render.
pub fn ci(ci: &Ci<'_>, catalog: &Catalog) -> Result<(Vec<Row>, Generated), GenerateError> {
    let subject = ci.subject;
    let platform = subject.host.platform.as_ref().map(|fact| fact.value);
    let label = match (ci.label, ci.provider) {
        (Some(label), _) => label,
        (None, Provider::Forgejo) => match subject.os() {
            Some(Os::Darwin) => "macos",
            Some(Os::Linux) | None => "docker",
        },
        (None, Provider::Github | Provider::Gitlab) => {
            let runner = runner_of(ci.provider, platform, catalog).ok_or_else(|| {
                let platform = platform.map(|it| it.to_string()).unwrap_or_default();
                GenerateError::Nothing(format!(
                    "{} lends no runner of {platform}, which {} is; `--runner LABEL` says what jobs \
                     ask for to get one of your own",
                    ci.provider.title(),
                    subject.host.name
                ))
            })?;
            // GitLab gives its smallest runner, and a GitLab of one's own any, when nothing is
            // asked for.
            match ci.provider {
                Provider::Gitlab => "",
                Provider::Github | Provider::Forgejo => runner.label,
            }
        }
    };
    let (rows, settings) = settings_of(ci, catalog);
    let action = |name| catalog.action(name).map_or("", |action| action.uses);
    let values = Values {
        as_of: catalog.ci_as_of().to_string(),
        explain: ci.explain,
        host: &subject.host.name,
        hardware: subject.hardware(),
        has_flake: subject.has_flake,
        branch: ci.branch,
        nixtune: if ci.has_nixtune_input {
            "nixtune"
        } else {
            NIXTUNE_FLAKE
        },
        nixtune_comment: match (ci.explain, ci.has_nixtune_input) {
            (false, _) => Vec::new(),
            (true, true) => vec!["The flake's input of this name, as flake.lock has it."],
            (true, false) => vec![
                "Where nixtune comes from. As an input of the flake it is pinned by flake.lock: then",
                "this is its name, and `--inputs-from .` belongs behind `nix run`.",
            ],
        },
        run: if ci.has_nixtune_input {
            "nix run --inputs-from . \"$NIXTUNE\" --"
        } else {
            "nix run \"$NIXTUNE\" --"
        },
        settings,
        label,
        nix_version: catalog
            .newest(Implementation::Cppnix)
            .map(|version| version.to_string())
            .unwrap_or_default(),
        checkout: match ci.provider {
            Provider::Forgejo => action("checkout-node20"),
            Provider::Github | Provider::Gitlab => action("checkout"),
        },
        install_nix: action("install-nix"),
        cache: action("cache"),
    };
    let made = match ci.provider {
        Provider::Github => Generated::file(
            Some(".github/workflows/nixtune.yml".into()),
            render("ci/github.yml.j2", &values)?,
        ),
        Provider::Gitlab => {
            let text = render("ci/gitlab.yml.j2", &values)?;
            if ci.has_gitlab_ci {
                let include =
                    "in .gitlab-ci.yml, `include: [{ local: .gitlab/nixtune.yml }]` takes it in";
                Generated {
                    files: vec![GeneratedFile {
                        path: Some(".gitlab/nixtune.yml".into()),
                        text,
                    }],
                    next: vec![include.to_owned()],
                }
            } else {
                Generated::file(Some(".gitlab-ci.yml".into()), text)
            }
        }
        Provider::Forgejo => Generated::file(
            Some(".forgejo/workflows/nixtune.yml".into()),
            render("ci/forgejo.yml.j2", &values)?,
        ),
    };
    Ok((rows, made))
}

/// The settings that fit the runner, as lines of `nix.conf`.
fn settings_of(ci: &Ci<'_>, catalog: &Catalog) -> (Vec<Row>, Vec<Entry>) {
    let wanted = Settings {
        explain: ci.explain,
        explicit: false,
        retention: None,
        caches: Vec::new(),
        spare_memory: false,
    };
    let (mut rows, mut settings) = settings::conf(ci.subject, &wanted, catalog);
    let is_wanted = |name: &str| match name {
        // A job's store goes with the job: collecting garbage in it costs time and gains nothing.
        "min-free" | "max-free" => false,
        // The action that installs Nix turns these on.
        "experimental-features" => ci.provider == Provider::Gitlab,
        _ => true,
    };
    rows.retain(|row| is_wanted(&row.name));
    settings.retain(|setting| is_wanted(setting.name));
    if !ci.caches.is_empty() && !ci.keys.is_empty() {
        let lists = [
            (
                "extra-substituters",
                ci.caches,
                "the caches of the flake's nixConfig, which counts only where somebody trusted accepts it",
            ),
            (
                "extra-trusted-public-keys",
                ci.keys,
                "the keys that it names for them",
            ),
        ];
        for (name, words, reason) in lists {
            let row = Row::plain(name, &words.join(" "), reason.to_owned());
            settings.push(Entry::conf(name, words.join(" "), &row, wanted.explain));
            rows.push(row);
        }
    }
    (rows, settings)
}
