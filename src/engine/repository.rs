//! The git repository and the flake around the working directory, for what is generated into them.
//! git is not run: its files are read.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::git_config::{self, Said};
use super::{Request, git_index, protect};
use crate::catalog::{Catalog, normalize_url};
use crate::facts::ModuleSystem;
use crate::generate::HookStage;
use crate::system::System;

/// References and locks are far below this.
const LIMIT: u64 = 16 << 20;

/// The repository around the working directory, or that directory where there is none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Repository {
    /// Its work tree, as a path from the working directory: empty, `..`, `../..`.
    pub root: PathBuf,
    /// What is git's of it alone: `.git`, or a folder elsewhere for a work tree; `None` without git.
    git: Option<PathBuf>,
    /// What all of its work trees share.
    shared: Option<PathBuf>,
}

/// Why a hook has no place.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum HookError {
    /// There is no repository.
    #[error(
        "no git repository here or above; `git init` makes one, and `--output FILE` needs none"
    )]
    NoRepository,
    /// One folder of hooks is for all repositories.
    #[error(
        "{config} names {hooks} as the hooks of every repository (core.hooksPath), so that a hook of \
         this one would not run; `git config core.hooksPath .git/hooks` lets it have its own, or \
         `--output FILE` says where it goes", config = .config.display(), hooks = .hooks.display()
    )]
    HooksOfEveryRepository {
        /// The file that says so.
        config: PathBuf,
        /// The folder.
        hooks: PathBuf,
    },
}

/// What a flake says about itself, as far as generated files need it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FlakeFacts {
    /// Its inputs by name, as `flake.lock` has them.
    pub inputs: Vec<String>,
    /// Caches that its `nixConfig` names, cache.nixos.org left out.
    pub caches: Vec<String>,
    /// Keys that it names.
    pub keys: Vec<String>,
}

impl Repository {
    /// Looks around.
    pub fn around(system: &dyn System) -> Self {
        let here = system.current_dir().unwrap_or_default();
        let Some(root) = protect::repository(system, &here) else {
            return Self {
                root: PathBuf::new(),
                git: None,
                shared: None,
            };
        };
        let up = here
            .strip_prefix(&root)
            .map_or(0, |below| below.components().count());
        let up: PathBuf = std::iter::repeat_n("..", up).collect();
        let git = git_index::git_folder(system, &up).map(|git| {
            // From a file in a work tree the way may lead up and down again.
            up_and_down(&up, &git)
        });
        let shared = git.as_ref().map(|git| {
            let named = text(system, &git.join("commondir"));
            named.map_or_else(|| git.clone(), |named| git.join(named.trim()))
        });
        Self {
            root: up,
            git,
            shared,
        }
    }

    /// True when something of this name is in the work tree.
    pub fn has(&self, system: &dyn System, name: &str) -> bool {
        system.metadata(&self.root.join(name)).is_ok()
    }

    /// Where git looks for the hook of a stage.
    ///
    /// # Errors
    /// No repository, or hooks that are not its own.
    pub fn hook(&self, system: &dyn System, stage: HookStage) -> Result<PathBuf, HookError> {
        let (Some(git), Some(shared)) = (&self.git, &self.shared) else {
            return Err(HookError::NoRepository);
        };
        let hooks = |file: &Path| git_config::value(system, file, "core", "hooksPath");
        let config = shared.join("config");
        let worktree = git_config::value(system, &config, "extensions", "worktreeConfig")
            .filter(|said| said.value.eq_ignore_ascii_case("true"))
            .and_then(|_| hooks(&git.join("config.worktree")));
        let folder = match worktree.or_else(|| hooks(&config)) {
            Some(said) => self.root.join(git_config::home_path(system, &said.value)),
            None => match of_every_repository(system, &hooks) {
                Some(said) => {
                    return Err(HookError::HooksOfEveryRepository {
                        hooks: git_config::home_path(system, &said.value),
                        config: said.file,
                    });
                }
                None => shared.join("hooks"),
            },
        };
        Ok(folder.join(stage.name()))
    }

    /// The branch that others are merged into: the remote's, as far as git knows it, else `main`
    /// or `master`, else the one that is checked out.
    pub fn main_branch(&self, system: &dyn System) -> Option<String> {
        let (git, shared) = (self.git.as_ref()?, self.shared.as_ref()?);
        let of_remote = text(system, &shared.join("refs/remotes/origin/HEAD"));
        let of_remote = of_remote.as_deref().and_then(|reference| {
            let name = reference.strip_prefix("ref: refs/remotes/origin/")?;
            Some(name.trim().to_owned())
        });
        let packed = text(system, &shared.join("packed-refs")).unwrap_or_default();
        let exists = |branch: &&str| {
            let reference = format!("refs/heads/{branch}");
            system.metadata(&shared.join(&reference)).is_ok()
                || packed
                    .lines()
                    .any(|line| line.ends_with(&format!(" {reference}")))
        };
        let checked_out = || {
            let head = text(system, &git.join("HEAD"))?;
            Some(head.strip_prefix("ref: refs/heads/")?.trim().to_owned())
        };
        of_remote
            .or_else(|| {
                ["main", "master"]
                    .into_iter()
                    .find(exists)
                    .map(str::to_owned)
            })
            .or_else(checked_out)
            .filter(|branch| !branch.is_empty())
    }

    /// The address of the remote that is called origin.
    pub fn remote(&self, system: &dyn System) -> Option<String> {
        let config = self.shared.as_ref()?.join("config");
        git_config::value(system, &config, "remote \"origin\"", "url").map(|said| said.value)
    }

    /// What its flake says; `None` when there is none.
    pub fn flake(&self, system: &dyn System, catalog: &Catalog) -> Option<FlakeFacts> {
        let file = self.root.join("flake.nix");
        system.metadata(&file).ok()?;
        let mut facts = FlakeFacts {
            inputs: inputs(system, &self.root.join("flake.lock")),
            ..FlakeFacts::default()
        };
        let request = Request {
            roots: vec![file],
            ..Request::default()
        };
        // A flake that cannot be read names no caches.
        if let Ok(outcome) = super::look(system, catalog, &request) {
            let is_config = |machine: &&crate::model::Machine| {
                machine.target.system() == Some(ModuleSystem::FlakeConfig)
            };
            let workspace = &outcome.workspace;
            for machine in workspace.machines().iter().filter(is_config) {
                let view = workspace.view(machine);
                let words = |name: &str| -> Vec<String> {
                    let items = view.items(catalog, name).items;
                    let mut words: Vec<String> =
                        items.iter().map(|item| item.text.to_string()).collect();
                    words.retain(|word| is_plain(word) && !is_official(word));
                    words.dedup();
                    words
                };
                facts.caches.extend(words("substituters"));
                facts.keys.extend(words("trusted-public-keys"));
            }
        }
        Some(facts)
    }
}

/// A path below `up`, without going up through a folder and down into it again.
fn up_and_down(up: &Path, path: &Path) -> PathBuf {
    if path.is_absolute() {
        crate::system::lexical(path)
    } else {
        match path.strip_prefix(up) {
            Ok(below) => up.join(crate::system::lexical(below)),
            Err(_) => path.to_path_buf(),
        }
    }
}

/// `core.hooksPath` of the user or the system.
fn of_every_repository(system: &dyn System, hooks: &dyn Fn(&Path) -> Option<Said>) -> Option<Said> {
    let users = match system.env("GIT_CONFIG_GLOBAL") {
        Some(file) => vec![PathBuf::from(file)],
        None => {
            let folder = system.config_home().map(|home| home.join("git/config"));
            let home = system.home().map(|home| home.join(".gitconfig"));
            // The later one wins.
            home.into_iter().chain(folder).collect()
        }
    };
    let of_system = match system.env("GIT_CONFIG_NOSYSTEM") {
        Some(_) => None,
        None => Some(
            system
                .env("GIT_CONFIG_SYSTEM")
                .unwrap_or("/etc/gitconfig".into()),
        ),
    };
    let mut files = users.into_iter().chain(of_system.map(PathBuf::from));
    files.find_map(|file| hooks(&file))
}

fn text(system: &dyn System, file: &Path) -> Option<String> {
    String::from_utf8(system.read(file, LIMIT).ok()?).ok()
}

/// The names of a flake's own inputs.
fn inputs(system: &dyn System, lock: &Path) -> Vec<String> {
    let Some(lock) = text(system, lock).and_then(|text| serde_json::from_str::<Value>(&text).ok())
    else {
        return Vec::new();
    };
    let root = lock.get("root").and_then(Value::as_str).unwrap_or("root");
    let inputs = lock
        .get("nodes")
        .and_then(|nodes| nodes.get(root))
        .and_then(|node| node.get("inputs"))
        .and_then(Value::as_object);
    inputs.map_or_else(Vec::new, |inputs| inputs.keys().cloned().collect())
}

/// True for a word that stands in a line of `nix.conf` inside of YAML as it is, and that no workflow
/// takes for an expression.
fn is_plain(word: &str) -> bool {
    !word.is_empty()
        && !word.contains("${")
        && !word.starts_with('#')
        && !word.chars().any(|c| c.is_whitespace() || c.is_control())
}

/// True for cache.nixos.org and its key, which Nix has without being told.
fn is_official(word: &str) -> bool {
    let official = "https://cache.nixos.org";
    normalize_url(word) == normalize_url(official) || word.starts_with("cache.nixos.org-1:")
}
