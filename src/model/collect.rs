//! From a module's value to definitions: takes the wrappers off, looks into the sets that matter.

use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use super::definition::{Condition, DefId, Definition, Form, OptionPath, Order, Priority};
use super::machine::{Hole, SETTINGS_SETS, Swallowed};
use super::modules::Reader;
use super::scope::Conditions;
use super::sets::is_submodule;
use crate::catalog::{Catalog, OptionStatus};
use crate::eval::runtime::{Attr, AttrMap, Computed, Thunk, Val, Written};
use crate::eval::{Evaluator, Traced, Value, Why};
use crate::facts::ModuleSystem;
use crate::text::Place;

/// Sets that are looked into, with the names in them that matter; an empty list means all.
const LOOKED_INTO: [(&str, &[&str]); 42] = [
    (
        "",
        &[
            "nix",
            "determinateNix",
            "determinate-nix",
            "services",
            "users",
            "programs",
            "system",
            "nixpkgs",
            "boot",
            "home",
            "networking",
            "nixConfig",
            "systemd",
        ],
    ),
    ("nix", &[]),
    ("nix.settings", &[]),
    ("nix.gc", &[]),
    ("nix.optimise", &[]),
    ("nix.linux-builder", &[]),
    ("nix.linux-builder.config", &[]),
    ("nix.linux-builder.config.nix", &[]),
    ("nix.linux-builder.config.nix.settings", &[]),
    ("nix.linux-builder.config.virtualisation", &[]),
    (
        "nix.linux-builder.config.virtualisation.darwin-builder",
        &[],
    ),
    ("nix.channel", &[]),
    ("nix.sshServe", &[]),
    ("determinateNix", &[]),
    ("determinateNix.customSettings", &[]),
    ("determinateNix.nixosVmBasedLinuxBuilder", &[]),
    ("determinateNix.nixosVmBasedLinuxBuilder.config", &[]),
    ("determinateNix.nixosVmBasedLinuxBuilder.config.nix", &[]),
    (
        "determinateNix.nixosVmBasedLinuxBuilder.config.nix.settings",
        &[],
    ),
    (
        "determinateNix.nixosVmBasedLinuxBuilder.config.virtualisation",
        &[],
    ),
    (
        "determinateNix.nixosVmBasedLinuxBuilder.config.virtualisation.darwin-builder",
        &[],
    ),
    ("determinate-nix", &[]),
    ("determinate-nix.customSettings", &[]),
    (
        "services",
        &[
            "nix-daemon",
            "cachix-agent",
            "hercules-ci-agent",
            "lorri",
            "ofborg",
        ],
    ),
    ("services.nix-daemon", &[]),
    ("services.cachix-agent", &["enable"]),
    ("services.hercules-ci-agent", &["enable"]),
    ("services.lorri", &["enable"]),
    ("services.ofborg", &["enable"]),
    ("users", &["nix"]),
    ("users.nix", &[]),
    ("programs", &["nh"]),
    ("programs.nh", &["clean"]),
    ("programs.nh.clean", &[]),
    ("system", &["stateVersion"]),
    ("nixpkgs", &["hostPlatform", "system", "flake"]),
    ("nixpkgs.flake", &["setNixPath", "setFlakeRegistry"]),
    ("nixConfig", &[]),
    ("outputs.nixConfig", &[]),
    ("systemd", &["services"]),
    ("systemd.services", &["nix-daemon"]),
    ("systemd.services.nix-daemon", &["environment"]),
];

/// Options that hold a NixOS module, which may also be a function, and may import others.
const MODULES: [&str; 2] = [
    "nix.linux-builder.config",
    "determinateNix.nixosVmBasedLinuxBuilder.config",
];

/// Sets of which only one leaf matters.
const SINGLE_LEAVES: [(&str, &str); 6] = [
    ("boot", "readOnlyNixStore"),
    ("boot", "binfmt"),
    ("boot.binfmt", "emulatedSystems"),
    ("home", "stateVersion"),
    ("networking", "hostName"),
    ("home", "username"),
];

/// The `_type` of what `mkIf`, `mkForce`, `mkOrder` and `mkMerge` make.
const WRAPPERS: [&str; 4] = ["if", "override", "order", "merge"];

/// The attributes that these sets are made of.
const WRAPPER_PARTS: [&str; 5] = ["_type", "condition", "content", "contents", "priority"];

/// How a value is wrapped on its way to an option.
#[derive(Clone)]
pub(super) struct Wrapping {
    pub priority: Priority,
    pub order: Order,
    pub condition: Condition,
    /// Conditions that nobody looked at yet, innermost first: most stand around things that
    /// do not matter here.
    pub pending: Conditions,
    /// The set of settings that it is a part of.
    pub within: Option<usize>,
}

/// Where an attribute is written.
#[derive(Clone, Copy)]
pub(super) struct Statement {
    statement: Option<Place>,
    name: Option<Place>,
    form: Form,
}

impl Reader<'_> {
    /// Takes the wrappers off a value and collects what is below `path`.
    pub(super) fn collect(
        &mut self,
        path: &OptionPath,
        thunk: &Thunk,
        written: Option<Statement>,
        wrapping: &Wrapping,
    ) {
        let value = thunk.settle(self.evaluator);
        let set = is_set(path);
        match &value.val {
            Val::Attrs(attrs) => {
                let content = attrs
                    .map
                    .get("content")
                    .map(|content| content.value.clone());
                let kind = kind_of(attrs, self.evaluator);
                if let Some(kind) = kind.as_deref().filter(|kind| WRAPPERS.contains(kind)) {
                    self.swallowed(path, attrs, kind, &value, wrapping);
                }
                match (kind.as_deref(), content) {
                    (Some("if"), Some(content)) => {
                        let condition = attrs.map.get("condition");
                        let pending = condition
                            .map(|condition| wrapping.pending.with(condition.value.clone()));
                        let wrapping = Wrapping {
                            pending: pending.unwrap_or_default(),
                            ..wrapping.clone()
                        };
                        self.collect(path, &content, written, &wrapping);
                    }
                    (Some("override"), Some(content)) => {
                        let priority = self.number(attrs.map.get("priority"));
                        let wrapping = Wrapping {
                            priority: priority.map_or(wrapping.priority, Priority),
                            ..wrapping.clone()
                        };
                        self.collect(path, &content, written, &wrapping);
                    }
                    (Some("order"), Some(content)) => {
                        let order = self.number(attrs.map.get("priority"));
                        let wrapping = Wrapping {
                            order: order.map_or(wrapping.order, Order),
                            ..wrapping.clone()
                        };
                        self.collect(path, &content, written, &wrapping);
                    }
                    (Some("merge"), _) => {
                        let contents = attrs.map.get("contents").map(|c| c.value.clone());
                        if let Some(contents) = contents {
                            self.merge(path, &contents, written, wrapping);
                        }
                    }
                    _ if is_submodule(path) => {
                        let wrapping = self.within(path, wrapping);
                        self.members(path, attrs, &wrapping);
                    }
                    _ if set => self.members(path, attrs, wrapping),
                    _ => self.leaf(path, thunk, written, wrapping),
                }
            }
            Val::OneOf(several) if set || several.iter().any(|one| wraps(one, self.evaluator)) => {
                let why = Why::Unsupported("a choice".into());
                let wrapping = Wrapping {
                    condition: undecided(&value, why),
                    ..wrapping.clone()
                };
                for one in several.iter() {
                    self.collect(path, &Thunk::done(one.clone()), written, &wrapping);
                }
            }
            Val::Unknown(why) if set => self.hole(path, why.clone(), thunk, &value, wrapping),
            Val::Lambda(_) if is_module(path) && written.is_some() => {
                // Of what the guest gives its modules, only `lib` is known here.
                let mut given = AttrMap {
                    open: Some(Why::Argument("the guest's arguments".into())),
                    ..AttrMap::default()
                };
                let lib = Thunk::done(self.evaluator.lib().force(self.evaluator));
                given.map.insert("lib".into(), Attr::computed(lib));
                let given = Thunk::val(Val::Attrs(Rc::new(given)));
                let module = self.evaluator.apply(&value, given);
                self.collect(path, &Thunk::done(module), None, wrapping);
            }
            _ if is_module(path) => {
                let why = Why::Unsupported("a module that is no set".into());
                self.hole(path, why, thunk, &value, wrapping);
            }
            _ if set => {}
            _ => self.leaf(path, thunk, written, wrapping),
        }
    }

    /// Notes the attributes that were merged into a wrapper with `//`: the module system takes
    /// only the wrapper's content.
    fn swallowed(
        &mut self,
        path: &OptionPath,
        attrs: &AttrMap,
        kind: &str,
        value: &Computed,
        wrapping: &Wrapping,
    ) {
        let dotted = path.to_string();
        let wanted = LOOKED_INTO
            .iter()
            .find(|(set, _)| *set == dotted)
            .map_or(&[][..], |(_, names)| names);
        let is_beside = |name: &str| {
            !WRAPPER_PARTS.contains(&name) && (wanted.is_empty() || wanted.contains(&name))
        };
        let beside: Vec<Swallowed> = attrs
            .map
            .iter()
            .filter(|(name, _)| is_beside(name))
            .map(|(name, attr)| Swallowed {
                option: path.join(Arc::clone(name)),
                at: attr.statement.or(attr.name),
                wrapper: wrapper_name(kind),
                update: value.origin,
            })
            .collect();
        if !beside.is_empty() && self.decided(wrapping).is_some() {
            self.reading.swallowed.extend(beside);
        }
    }

    fn hole(
        &mut self,
        path: &OptionPath,
        why: Why,
        thunk: &Thunk,
        value: &Computed,
        wrapping: &Wrapping,
    ) {
        if self.decided(wrapping).is_none() {
            return;
        }
        let at = thunk.site().or(value.origin);
        self.reading.holes.push(Hole {
            path: path.clone(),
            why,
            at,
        });
    }

    fn merge(
        &mut self,
        path: &OptionPath,
        contents: &Thunk,
        written: Option<Statement>,
        wrapping: &Wrapping,
    ) {
        let value = contents.settle(self.evaluator);
        match &value.val {
            Val::List(list) => {
                for item in &list.items {
                    self.collect(path, item, written, wrapping);
                }
                if let Some(why) = &list.open {
                    self.hole(path, why.clone(), contents, &value, wrapping);
                }
            }
            Val::Unknown(why) => self.hole(path, why.clone(), contents, &value, wrapping),
            _ => {}
        }
    }

    fn members(&mut self, path: &OptionPath, attrs: &Rc<AttrMap>, wrapping: &Wrapping) {
        if let Some(why) = &attrs.open
            && self.decided(wrapping).is_some()
        {
            self.reading.holes.push(Hole {
                path: path.clone(),
                why: why.clone(),
                at: None,
            });
        }
        if is_module(path)
            && let Some(import) = ["imports", "config"]
                .into_iter()
                .find_map(|name| attrs.map.get(name))
            && self.decided(wrapping).is_some()
        {
            self.reading.holes.push(Hole {
                path: path.clone(),
                why: Why::Unsupported("a module with imports".into()),
                at: import.value.site(),
            });
        }
        let dotted = path.to_string();
        let wanted = LOOKED_INTO
            .iter()
            .find(|(set, _)| *set == dotted)
            .map_or(&[][..], |(_, names)| names);
        let single = |name: &str| SINGLE_LEAVES.contains(&(dotted.as_str(), name));
        let has_single = SINGLE_LEAVES.iter().any(|(set, _)| *set == dotted);
        for (name, attr) in &attrs.map {
            if is_module(path) && name.as_ref() == "imports" {
                continue;
            }
            let looked_at = match (wanted.is_empty(), has_single) {
                (true, true) => single(name),
                (true, false) => true,
                (false, _) => wanted.contains(&name.as_ref()),
            };
            if looked_at {
                let path = path.join(Arc::clone(name));
                let written = Statement {
                    statement: attr.statement,
                    name: attr.name,
                    form: form_of(attr),
                };
                self.collect(&path, &attr.value, Some(written), wrapping);
            }
        }
    }

    fn leaf(
        &mut self,
        path: &OptionPath,
        thunk: &Thunk,
        written: Option<Statement>,
        wrapping: &Wrapping,
    ) {
        let Some(condition) = self.decided(wrapping) else {
            return;
        };
        let value = match &condition {
            // Where a condition fails, so does whatever stands under it.
            Condition::Unknown {
                why: why @ (Why::Failure(_) | Why::Thrown(_)),
                ..
            } => Traced {
                site: thunk.site(),
                ..Traced::bare(Value::Unknown(why.clone()))
            },
            _ => self.in_store(self.evaluator.extract(thunk)),
        };
        let form = written.map_or(Form::Computed, |written| written.form);
        self.sets.note(self.reading.drafts.len(), wrapping.within);
        self.reading.drafts.push(Definition {
            id: DefId::NONE,
            setting: setting_of(self.catalog, path),
            option: path.clone(),
            value,
            priority: wrapping.priority,
            order: wrapping.order,
            set_priority: self.sets.priority(wrapping.within),
            condition,
            form,
            statement: written.and_then(|written| written.statement),
            name: written.and_then(|written| written.name),
        });
    }

    /// A value as Nix has it: it evaluates a flake from a copy in the store, whose name nobody
    /// knows before. What names the folder of the flake is known only where a file writes it.
    fn in_store(&self, mut value: Traced) -> Traced {
        let folder = self.flake_folder.and_then(Path::to_str);
        if let Some(folder) = folder.filter(|folder| folder.len() > 1) {
            self.hide_folder(&mut value, folder);
        }
        value
    }

    fn hide_folder(&self, traced: &mut Traced, folder: &str) {
        // `/tree` names neither `/tree-2` nor a folder in it.
        let goes_on = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '+');
        let is_within = |text: &str| {
            let mut behind = text.split(folder).skip(1);
            behind.any(|rest| !rest.starts_with(goes_on))
        };
        let names = |text: &str| is_within(text) && !self.writes(traced, folder);
        let is_hidden = match &traced.value {
            Value::Str(text) => names(text),
            Value::Path(path) => path.to_str().is_some_and(names),
            _ => false,
        };
        if is_hidden {
            traced.value = Value::Unknown(Why::flake_copy());
            return;
        }
        match &mut traced.value {
            Value::List(items) | Value::OneOf(items) => {
                for item in items {
                    self.hide_folder(item, folder);
                }
            }
            Value::Attrs(attrs) => {
                for attr in attrs.values_mut() {
                    self.hide_folder(attr, folder);
                }
            }
            _ => {}
        }
    }

    /// Whether one of the expressions that a value went through writes a text.
    fn writes(&self, traced: &Traced, text: &str) -> bool {
        let places = traced.origin.into_iter().chain(traced.site);
        let mut places = places.chain(traced.via.iter().map(|step| step.place));
        places.any(|place| {
            let source = self.library.source(place.file);
            let written = source.as_ref().and_then(|source| {
                let range = place.span.range();
                source.text().get(range)
            });
            written.is_some_and(|written| written.contains(text))
        })
    }

    /// The condition of what is wrapped so; `None` when it does not hold.
    pub(super) fn decided(&self, wrapping: &Wrapping) -> Option<Condition> {
        let mut decided = wrapping.condition.clone();
        for thunk in wrapping.pending.iter() {
            let value = thunk.settle(self.evaluator);
            let why = match &value.val {
                Val::Bool(true) => continue,
                Val::Bool(false) => return None,
                Val::Unknown(why) => why.clone(),
                _ => Why::Unsupported("an undecided condition".into()),
            };
            let at = thunk.site().or(value.origin);
            decided = Condition::Unknown { why, at };
        }
        Some(decided)
    }

    fn number(&self, attr: Option<&Attr>) -> Option<i64> {
        match attr?.value.settle(self.evaluator).val {
            Val::Int(number) => Some(number),
            _ => None,
        }
    }
}

pub(super) fn plain() -> Wrapping {
    Wrapping {
        priority: Priority::NORMAL,
        order: Order::NORMAL,
        condition: Condition::Always,
        pending: Conditions::default(),
        within: None,
    }
}

pub(super) fn undecided(value: &Computed, why: Why) -> Condition {
    Condition::Unknown {
        why,
        at: value.origin,
    }
}

fn form_of(attr: &Attr) -> Form {
    match attr.written {
        Written::Binding => Form::Binding,
        Written::Inherit => Form::Inherit,
        Written::Computed => Form::Computed,
    }
}

/// The function that makes sets of a `_type`, by its best known name.
fn wrapper_name(kind: &str) -> &'static str {
    match kind {
        "if" => "mkIf",
        "merge" => "mkMerge",
        "order" => "mkOrder",
        _ => "mkOverride",
    }
}

/// The `_type` of a set made by `mkIf` and relatives.
pub(super) fn kind_of(attrs: &AttrMap, evaluator: &Evaluator<'_>) -> Option<Arc<str>> {
    match attrs.map.get("_type")?.value.settle(evaluator).val {
        Val::Str(kind) => Some(kind),
        _ => None,
    }
}

fn wraps(value: &Computed, evaluator: &Evaluator<'_>) -> bool {
    match &value.val {
        Val::Attrs(attrs) => kind_of(attrs, evaluator).is_some(),
        _ => false,
    }
}

fn is_set(path: &OptionPath) -> bool {
    let dotted = path.to_string();
    LOOKED_INTO.iter().any(|(set, _)| *set == dotted)
        || SINGLE_LEAVES.iter().any(|(set, _)| *set == dotted)
}

fn is_module(path: &OptionPath) -> bool {
    MODULES.iter().any(|module| path.is(module))
}

/// The `nix.conf` key that an option sets: by its place in a settings set, or because it is the
/// former name of such an option.
fn setting_of(catalog: &Catalog, path: &OptionPath) -> Option<Arc<str>> {
    let parent = path.parent().to_string();
    if SETTINGS_SETS.contains(&parent.as_str()) {
        return Some(path.leaf().into());
    }
    if path.names().len() != 2
        || path
            .names()
            .first()
            .is_none_or(|name| name.as_ref() != "nix")
    {
        return None;
    }
    let dotted = path.to_string();
    [ModuleSystem::NixDarwin, ModuleSystem::Nixos]
        .into_iter()
        .filter_map(|system| catalog.option(system, &dotted))
        .find_map(|option| match option.status {
            OptionStatus::Renamed { to } => to.strip_prefix("nix.settings."),
            _ => None,
        })
        .map(Into::into)
}
