//! Questions to Nix: which machines, which options, and the expression that asks for them.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value as Json;

use super::nix::{self, NoAnswer};
use crate::facts::ModuleSystem;
use crate::model::{Form, Machine, OptionPath, Origin, Workspace};
use crate::syntax::quote;
use crate::system::System;

/// The functions that answer.
const ASK: &str = include_str!("ask.nix");

/// Sets that are asked for as a whole: everything about Nix that module systems have. Of other
/// sets only what files define is asked for.
const WHOLE: [&str; 4] = ["nix", "determinateNix", "determinate-nix", "nixConfig"];

/// Sets that are asked for as a whole where the wider ones cannot be evaluated.
const NARROW: [&str; 6] = [
    "nix.settings",
    "nix.gc",
    "nix.optimise",
    "determinateNix.customSettings",
    "determinate-nix.customSettings",
    "nixConfig",
];

/// What `ask.nix` leaves out of the set around it: a virtual machine that takes longer to evaluate
/// than everything else. What files define in it is asked for by name.
const APART: &str = "nix.linux-builder";

/// A longer argument is refused by the system.
const LONGEST_EXPRESSION_BYTES: usize = 120 << 10;

/// What is evaluated by one call of Nix.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Subject {
    /// Machines of the flake in this file; none stand for all that it has.
    Flake {
        flake: PathBuf,
        machines: Vec<FlakeMachine>,
    },
    /// Modules that are one machine.
    Modules {
        modules: Vec<PathBuf>,
        kind: Option<ModuleSystem>,
        platform: Option<String>,
    },
    /// The `nixConfig` in this file.
    FlakeConfig(PathBuf),
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct FlakeMachine {
    pub set: Arc<str>,
    pub name: Arc<str>,
    pub user: Option<Arc<str>>,
}

/// A subject with the options that are asked for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Question {
    pub subject: Subject,
    /// Every option that files define for one of the machines.
    defined: BTreeSet<OptionPath>,
    /// What is asked for: options, and sets as a whole.
    pub paths: Vec<OptionPath>,
}

/// What Nix answers for one machine.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Answer {
    /// The machine, when it is one of a flake.
    pub machine: Option<(String, String)>,
    /// For each asked option what it is.
    pub values: Vec<Json>,
    /// The messages of assertions that do not hold.
    pub broken: BTreeSet<String>,
}

impl Subject {
    /// What a machine is asked as; `None` for a `nix.conf`, which is not evaluated.
    pub fn of(machine: &Machine) -> Option<Self> {
        match &machine.origin {
            Origin::Flake {
                flake,
                set,
                name,
                user,
            } => Some(Self::Flake {
                flake: flake.clone(),
                machines: vec![FlakeMachine {
                    set: (*set).into(),
                    name: Arc::clone(name),
                    user: user.clone(),
                }],
            }),
            Origin::Modules(modules) => Some(Self::Modules {
                modules: modules.clone(),
                kind: machine.target.system(),
                platform: machine.target.platform.as_ref().and_then(|fact| {
                    // An operating system alone is no system double.
                    fact.value.arch.map(|_| fact.value.to_string())
                }),
            }),
            Origin::FlakeConfig(flake) => Some(Self::FlakeConfig(flake.clone())),
            Origin::Conf(_) => None,
        }
    }

    /// Replaces the paths by others of the same files.
    pub fn resolve(&mut self, real: &dyn Fn(&Path) -> PathBuf) {
        match self {
            Self::Flake { flake, .. } | Self::FlakeConfig(flake) => *flake = real(flake),
            Self::Modules { modules, .. } => {
                modules.iter_mut().for_each(|module| *module = real(module));
            }
        }
    }

    /// The file that tells where the tree is.
    pub fn file(&self) -> &Path {
        match self {
            Self::Flake { flake, .. } | Self::FlakeConfig(flake) => flake,
            Self::Modules { modules, .. } => {
                modules.first().map_or(Path::new("."), PathBuf::as_path)
            }
        }
    }
}

/// Options by the sets that hold them, as far as `of` knows one; without what lies below another.
fn by_sets(
    defined: &BTreeSet<OptionPath>,
    of: &dyn Fn(&OptionPath) -> Option<OptionPath>,
) -> Vec<OptionPath> {
    let apart = OptionPath::dotted(APART);
    let paths: BTreeSet<OptionPath> = defined
        .iter()
        .map(|path| of(path).unwrap_or_else(|| path.clone()))
        .collect();
    let mut out: Vec<OptionPath> = Vec::new();
    // A path comes before what lies below it.
    for path in paths {
        let is_part = |outer: &OptionPath| {
            path.starts_with(outer) && (outer.starts_with(&apart) || !path.starts_with(&apart))
        };
        if !out.iter().any(is_part) {
            out.push(path);
        }
    }
    out
}

fn widely(path: &OptionPath) -> Option<OptionPath> {
    let first = path.names().first()?;
    let is_apart = path.starts_with(&OptionPath::dotted(APART));
    (WHOLE.contains(&&**first) && !is_apart).then(|| OptionPath::new([Arc::clone(first)]))
}

fn narrowly(path: &OptionPath) -> Option<OptionPath> {
    let mut sets = NARROW.iter().map(|set| OptionPath::dotted(set));
    sets.find(|set| path.starts_with(set))
}

impl Question {
    /// A question about one machine with everything that one of the workspaces defines for it.
    pub fn new(subject: Subject, machines: &[(&Workspace, &Machine)]) -> Self {
        let mut defined: BTreeSet<OptionPath> = BTreeSet::new();
        for (workspace, machine) in machines {
            let definitions = machine.definitions.iter();
            let options = definitions
                .filter_map(|id| workspace.definition(*id))
                .filter(|definition| !matches!(definition.form, Form::ConfLine | Form::TextLine))
                .map(|definition| definition.option.clone());
            defined.extend(options);
        }
        Self {
            subject,
            paths: by_sets(&defined, &widely),
            defined,
        }
    }

    /// The same for less: only what files define, and the sets of settings around it. Other
    /// options of these modules may be such that nobody can evaluate them, and nobody does.
    pub fn narrowed(&self) -> Self {
        Self {
            paths: by_sets(&self.defined, &narrowly),
            ..self.clone()
        }
    }

    /// The same about all machines of a flake.
    pub fn of_flake(&self, flake: PathBuf) -> Self {
        Self {
            subject: Subject::Flake {
                flake,
                machines: Vec::new(),
            },
            ..self.clone()
        }
    }

    /// Takes another question about the same flake in; false when it is about something else.
    pub fn join(&mut self, other: &Self) -> bool {
        let (
            Subject::Flake { flake, machines },
            Subject::Flake {
                flake: its_flake,
                machines: its_machines,
            },
        ) = (&mut self.subject, &other.subject)
        else {
            return false;
        };
        if flake != its_flake {
            return false;
        }
        machines.extend(its_machines.iter().cloned());
        self.defined.extend(other.defined.iter().cloned());
        self.paths = by_sets(&self.defined, &widely);
        true
    }

    /// True for a question about all machines of a flake, whatever they are.
    pub fn is_about_all(&self) -> bool {
        matches!(&self.subject, Subject::Flake { machines, .. } if machines.is_empty())
    }

    /// The same question about each machine alone.
    pub fn alone(&self) -> Vec<Self> {
        match &self.subject {
            Subject::Flake { flake, machines } => machines
                .iter()
                .map(|machine| Self {
                    subject: Subject::Flake {
                        flake: flake.clone(),
                        machines: vec![machine.clone()],
                    },
                    ..self.clone()
                })
                .collect(),
            _ => vec![self.clone()],
        }
    }

    /// Asks Nix about the tree that was copied from `root` to `copy`: an answer for each machine.
    pub fn ask(
        &self,
        system: &dyn System,
        root: &Path,
        copy: &Path,
    ) -> Result<Vec<Answer>, NoAnswer> {
        let answer = self.evaluate(system, root, copy, false)?;
        Ok(answers(&answer, copy))
    }

    /// Nix' own words about an option of one machine that has no value; `None` when it has one.
    pub fn why(
        &self,
        system: &dyn System,
        root: &Path,
        copy: &Path,
        machine: Option<FlakeMachine>,
        path: &OptionPath,
    ) -> Option<String> {
        let mut question = self.clone();
        question.paths = vec![path.clone()];
        if let (Subject::Flake { machines, .. }, Some(machine)) = (&mut question.subject, machine) {
            *machines = vec![machine];
        }
        match question.evaluate(system, root, copy, true) {
            Err(NoAnswer::Refused(text)) => Some(text),
            _ => None,
        }
    }

    fn evaluate(
        &self,
        system: &dyn System,
        root: &Path,
        copy: &Path,
        strict: bool,
    ) -> Result<Json, NoAnswer> {
        let mut paths = String::from("[ ");
        for path in &self.paths {
            paths.push_str("[ ");
            for name in path.names() {
                let _ = write!(paths, "{} ", quote(name));
            }
            paths.push_str("] ");
        }
        paths.push(']');
        let ask = |by_folder| {
            let (call, search_path) = self.call(system, root, copy, &paths, by_folder)?;
            let expression = format!("(({ASK}) {{ strict = {strict}; }}).{call}");
            if expression.len() > LONGEST_EXPRESSION_BYTES {
                return Err(NoAnswer::Unasked(
                    "so many options are defined that Nix cannot be asked for them at once"
                        .to_owned(),
                ));
            }
            nix::evaluate(system, &expression, search_path)
        };
        match ask(false) {
            // Old releases know flakes in a folder of a path only by that folder.
            Err(NoAnswer::Refused(text)) if text.contains("unsupported parameter 'dir'") => {
                ask(true)
            }
            other => other,
        }
        .map_err(|error| error.about(copy, root))
    }

    /// The call of a function of `ask.nix`, and whether it needs the search path. With
    /// `by_folder` a flake is named by its own folder, without what lies around it.
    fn call(
        &self,
        system: &dyn System,
        root: &Path,
        copy: &Path,
        paths: &str,
        by_folder: bool,
    ) -> Result<(String, bool), NoAnswer> {
        let there = |path: &Path| copy.join(path.strip_prefix(root).unwrap_or(path));
        let written = |path: &Path| quote(&there(path).to_string_lossy());
        match &self.subject {
            Subject::Flake { flake, machines } => {
                let mut list = String::from("[ ");
                for machine in machines {
                    let user = machine
                        .user
                        .as_ref()
                        .map_or_else(|| "null".to_owned(), |user| quote(user));
                    let _ = write!(
                        list,
                        "{{ set = {}; name = {}; user = {user}; }} ",
                        quote(&machine.set),
                        quote(&machine.name)
                    );
                }
                list.push(']');
                if machines.is_empty() {
                    list = "null".to_owned();
                }
                let folder = there(flake);
                let folder = folder.parent().unwrap_or(copy);
                let named = if by_folder { folder } else { copy };
                let hash = nix::hash(system, named)?;
                let mut reference = format!(
                    "path:{}?narHash={}",
                    in_url(&named.to_string_lossy()),
                    in_url(&hash)
                );
                let below = folder.strip_prefix(named).unwrap_or(folder);
                if !below.as_os_str().is_empty() {
                    let _ = write!(reference, "&dir={}", in_url(&below.to_string_lossy()));
                }
                let call = format!("ofFlake {} {paths} {list}", quote(&reference));
                Ok((call, false))
            }
            Subject::FlakeConfig(flake) => {
                Ok((format!("ofFlakeConfig {} {paths}", written(flake)), true))
            }
            Subject::Modules {
                modules,
                kind,
                platform,
            } => {
                let modules: Vec<String> = modules.iter().map(|path| written(path)).collect();
                let or_null = |text: Option<String>| {
                    text.map_or_else(|| "null".to_owned(), |text| quote(&text))
                };
                let call = format!(
                    "ofModules {{ kind = {}; system = {}; }} [ {} ] {paths}",
                    or_null(kind.map(|kind| kind.to_string())),
                    or_null(platform.clone()),
                    modules.join(" ")
                );
                Ok((call, true))
            }
        }
    }
}

/// What must not stand in a URL as it is, by its bytes.
fn in_url(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// The answers without what tells two states of one tree apart: where it lies, its hash, its age.
fn answers(answer: &Json, copy: &Path) -> Vec<Answer> {
    let list = |json: &Json, key: &str| -> Vec<Json> {
        json.get(key)
            .and_then(Json::as_array)
            .cloned()
            .unwrap_or_default()
    };
    let mut source = list(answer, "source");
    source.push(Json::from(copy.to_string_lossy().into_owned()));
    source.retain(|part| !part.is_null());
    list(answer, "machines")
        .into_iter()
        .map(|machine| {
            let mut values = list(&machine, "values");
            values.iter_mut().for_each(|value| forget(value, &source));
            let mut broken = list(&machine, "broken");
            broken.iter_mut().for_each(|value| forget(value, &source));
            let word = |key: &str| machine.get(key)?.as_str().map(str::to_owned);
            Answer {
                machine: word("set").zip(word("name")),
                values,
                broken: broken
                    .iter()
                    .filter_map(Json::as_str)
                    .map(str::to_owned)
                    .collect(),
            }
        })
        .collect()
}

fn forget(value: &mut Json, source: &[Json]) {
    match value {
        Json::String(text) => {
            for part in source.iter().filter_map(Json::as_str) {
                if !part.is_empty() && text.contains(part) {
                    *text = text.replace(part, "<source>");
                }
            }
        }
        Json::Number(_) => {
            if source.contains(value) {
                *value = Json::from("<source>");
            }
        }
        Json::Array(items) => items.iter_mut().for_each(|item| forget(item, source)),
        Json::Object(map) => map.values_mut().for_each(|item| forget(item, source)),
        Json::Null | Json::Bool(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_from_the_tree_itself_is_forgotten() {
        let answer = serde_json::json!({
            "source": ["/nix/store/x-source", "sha256-abc=", 1_700_000_000, null],
            "machines": [{
                "values": [{ "set": {
                    "a": "path:/nix/store/x-source/y?narHash=sha256-abc=",
                    "b": [1_700_000_000, 4],
                } }],
                "broken": ["/tmp/c/copy/a.nix is wrong"],
            }],
        });
        let answers = answers(&answer, Path::new("/tmp/c/copy"));
        assert_eq!(
            answers[0].values[0],
            serde_json::json!({ "set": { "a": "path:<source>/y?narHash=<source>", "b": ["<source>", 4] } })
        );
        assert!(answers[0].broken.contains("<source>/a.nix is wrong"));
    }

    #[test]
    fn urls_hold_hashes() {
        assert_eq!(in_url("/a b/sha256-x+/y="), "/a%20b/sha256-x%2B/y%3D");
    }
}
