//! The lines of the file, in the order in which each module system writes them.
//!
//! nix-darwin and NixOS write plain keys by name, then `extra-` keys, then `nix.extraOptions`;
//! home-manager and Determinate's module write all keys by name. Evidence: nix-darwin
//! `modules/nix/default.nix`, NixOS `nixos/modules/config/nix.nix`, home-manager
//! `modules/misc/nix/default.nix`, Determinate `modules/nix-darwin/config/config.nix`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::merge::{Candidate, Position, merge};
use super::{Line, Lost, LostWhy, Open, Part, Source, Text, text, value};
use crate::catalog::{Catalog, ModuleDefault, OptionDefault, When};
use crate::eval::{Value, Why};
use crate::facts::ModuleSystem;
use crate::model::machine::SETTINGS_SETS;
use crate::model::{
    Condition, Definition, Form, MachineView, OptionPath, Order, Priority, Setting,
};

/// What is written, before Nix reads it.
#[derive(Debug, Default)]
pub(super) struct Written<'m> {
    pub path: Option<&'static str>,
    pub disabled_by: Option<&'m Definition>,
    pub left_to: Option<&'static str>,
    pub lines: Vec<Line<'m>>,
    pub includes: Vec<(usize, String)>,
    pub open: Vec<Open>,
    /// What never gets into the file.
    pub lost: Vec<Lost<'m>>,
    /// Keys of which another definition may exist that was not read.
    pub lists: Vec<Arc<str>>,
}

/// How a module writes its keys.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Dialect {
    /// Plain keys, then `extra-` keys.
    ExtraLast,
    /// By name.
    ByName,
    /// By name, without `null` and empty lists.
    Determinate,
}

/// The option that names the platform, or describes it in a set.
const HOST_PLATFORM: &str = "nixpkgs.hostPlatform";

/// What decides where a user's own file, or a flake, is silent.
const SYSTEM: &str = "the nix.conf of the system";

/// Writes the file of a machine.
pub(super) fn write<'m>(view: &MachineView<'m>, catalog: &'m Catalog) -> Written<'m> {
    let system = view.machine().target.system();
    match system {
        Some(ModuleSystem::NixConf) => text::conf(view),
        Some(ModuleSystem::FlakeConfig) => {
            let mut writer = Writer::new(view, catalog, None);
            writer.written.left_to = Some(SYSTEM);
            writer.set(&["nixConfig"], Dialect::ByName, None);
            writer.written
        }
        Some(ModuleSystem::HomeManager) => {
            let path = "~/.config/nix/nix.conf";
            let mut writer = Writer::new(view, catalog, Some(path));
            writer.nix(Dialect::ByName, switched_off(view));
            writer.written.left_to = Some(SYSTEM);
            writer.written
        }
        Some(ModuleSystem::NixDarwin) if view.determinate_by().is_some() => {
            let path = "/etc/nix/nix.custom.conf";
            let mut writer = Writer::new(view, catalog, Some(path));
            writer.nix(Dialect::ExtraLast, view.determinate_by());
            // The file itself is written; only what stands under `nix` is not.
            writer.written.disabled_by = None;
            writer.written.path = Some(path);
            writer.written.left_to = Some("the nix.conf that Determinate Nix writes itself");
            writer.set(
                &[
                    "determinateNix.customSettings",
                    "determinate-nix.customSettings",
                ],
                Dialect::Determinate,
                Some(true),
            );
            writer.written
        }
        Some(_) => {
            let mut writer = Writer::new(view, catalog, Some("/etc/nix/nix.conf"));
            writer.nix(Dialect::ExtraLast, switched_off(view));
            writer.written
        }
        None => {
            let mut writer = Writer::new(view, catalog, None);
            writer.written.left_to = Some("a module system that is not known");
            writer.nix(Dialect::ExtraLast, switched_off(view));
            writer.written
        }
    }
}

/// The definition that keeps the module from writing.
fn switched_off<'m>(view: &MachineView<'m>) -> Option<&'m Definition> {
    if let Some(definition) = view.nix_disabled_by() {
        return Some(definition);
    }
    // NixOS writes nothing either (`mkIf cfg.enable` in `nixos/modules/config/nix.nix`).
    match view.option("nix.enable") {
        Setting::Known(effective)
            if effective.as_bool() == Some(false)
                && effective.definition.condition == Condition::Always =>
        {
            Some(effective.definition)
        }
        _ => None,
    }
}

pub(super) struct Writer<'v, 'm> {
    view: &'v MachineView<'m>,
    catalog: &'m Catalog,
    pub definitions: Vec<&'m Definition>,
    pub written: Written<'m>,
}

impl<'v, 'm> Writer<'v, 'm> {
    fn new(view: &'v MachineView<'m>, catalog: &'m Catalog, path: Option<&'static str>) -> Self {
        Self {
            view,
            catalog,
            definitions: view.definitions().collect(),
            written: Written {
                path,
                ..Written::default()
            },
        }
    }

    /// `nix.settings`, its former names and `nix.extraOptions`.
    fn nix(&mut self, dialect: Dialect, disabled_by: Option<&'m Definition>) {
        if let Some(by) = disabled_by {
            self.drop_all(by);
            return;
        }
        self.set(&["nix.settings"], dialect, Some(false));
        self.text_below();
    }

    fn drop_all(&mut self, by: &'m Definition) {
        self.written.disabled_by = Some(by);
        self.written.left_to = Some("a nix.conf that someone else writes");
        self.written.path = None;
        for definition in &self.definitions {
            if MachineView::is_module_setting(definition)
                && let Some(key) = &definition.setting
            {
                self.written.lost.push(Lost {
                    source: Source::Definition(definition),
                    key: Arc::clone(key),
                    text: value::text(&definition.value.value).to_string(),
                    why: LostWhy::Disabled { by },
                });
            }
        }
    }

    /// The keys of option sets. `defaults` asks for the module's own values: those of the module
    /// system (`false`) or those of Determinate's module (`true`).
    fn set(&mut self, sets: &[&str], dialect: Dialect, defaults: Option<bool>) {
        let mut keys: BTreeMap<Arc<str>, Vec<Candidate<'m>>> = BTreeMap::new();
        for (index, definition) in self.definitions.iter().enumerate() {
            let Some(key) = &definition.setting else {
                continue;
            };
            if definition.form == Form::TextLine || !belongs(definition, sets) {
                continue;
            }
            if self.is_foreign(definition) {
                self.written.lost.push(Lost {
                    source: Source::Definition(definition),
                    key: Arc::clone(key),
                    text: value::text(&definition.value.value).to_string(),
                    why: LostWhy::NoOption,
                });
            } else {
                let mut candidate = Candidate::of(definition, self.position(definition, index));
                if !SETTINGS_SETS.contains(&definition.option.parent().to_string().as_str()) {
                    // Forwarding a former name keeps the priority and loses the order.
                    candidate.order = Order::NORMAL;
                }
                keys.entry(Arc::clone(key)).or_default().push(candidate);
            }
        }
        for definition in self.view.dropped() {
            if let Some(key) = &definition.setting
                && belongs(definition, sets)
            {
                self.written.lost.push(Lost {
                    source: Source::Definition(definition),
                    key: Arc::clone(key),
                    text: value::text(&definition.value.value).to_string(),
                    why: LostWhy::WeakerSet,
                });
            }
        }
        let system = self.view.machine().target.system();
        if let (Some(determinate), Some(system)) = (defaults, system) {
            let forced = self.forced(sets);
            for default in self.catalog.module_defaults(system) {
                if default.determinate == determinate
                    && let Some(mut candidate) = self.own(default)
                {
                    // What the module defines stands in a plain set; the defaults of options do
                    // not.
                    if Priority(default.priority) < Priority::OPTION_DEFAULT {
                        match &forced {
                            Some(Condition::Always) => continue,
                            Some(Condition::Unknown { why, at }) => {
                                candidate.condition = Some((why.clone(), *at));
                            }
                            None => {}
                        }
                    }
                    keys.entry(default.key.into()).or_default().push(candidate);
                }
            }
        }
        let mut lines = Vec::new();
        for (key, candidates) in keys {
            let hole = self.hole(sets, &key);
            let merged = merge(&key, self.kind(sets, &key), candidates);
            self.written.lost.extend(merged.lost);
            let Some(mut text) = merged.text else {
                continue;
            };
            let firm = merged
                .parts
                .iter()
                .filter_map(|part| part.source.priority())
                .all(|priority| priority <= Priority::NORMAL);
            if let Some(why) = hole
                && (merged.is_list || !firm)
                && let Text::Known(known) = &text
            {
                text = Text::Unknown {
                    why,
                    known: if merged.is_list {
                        known.clone()
                    } else {
                        String::new()
                    },
                };
            }
            if merged.is_list {
                self.written.lists.push(Arc::clone(&key));
            }
            if dialect == Dialect::Determinate && merged.is_empty {
                self.leave_out(&key, &merged.parts);
                continue;
            }
            lines.push(Line {
                key,
                text,
                parts: merged.parts,
                reaches_nix: true,
            });
        }
        if dialect == Dialect::ExtraLast {
            lines.sort_by_key(|line| line.key.starts_with("extra-"));
        }
        self.written.lines.extend(lines);
        self.open(sets);
    }

    /// The type that the module declares for a key, in the catalog's words.
    fn kind(&self, sets: &[&str], key: &str) -> Option<&'static str> {
        let system = self.view.machine().target.system()?;
        let path = format!("{}.{key}", sets.first()?);
        self.catalog.option(system, &path)?.kind
    }

    /// True for the former name of an option that only another module system had.
    fn is_foreign(&self, definition: &Definition) -> bool {
        let Some(system) = self.view.machine().target.system() else {
            return false;
        };
        let own = SETTINGS_SETS.contains(&definition.option.parent().to_string().as_str());
        let path = definition.option.to_string();
        !own && self.catalog.option(system, &path).is_none()
    }

    fn leave_out(&mut self, key: &Arc<str>, parts: &[Part<'m>]) {
        for part in parts {
            self.written.lost.push(Lost {
                source: part.source,
                key: Arc::clone(key),
                text: part.text.clone(),
                why: LostWhy::LeftOut,
            });
        }
    }

    /// Why another definition of the key may exist in a set whose content is not known.
    fn hole(&self, sets: &[&str], key: &str) -> Option<String> {
        let holes = &self.view.machine().holes;
        sets.iter().find_map(|set| {
            let path = OptionPath::dotted(set).join(key);
            holes
                .iter()
                .find(|hole| path.starts_with(&hole.path))
                .map(|hole| hole.why.to_string())
        })
    }

    fn open(&mut self, sets: &[&str]) {
        for hole in &self.view.machine().holes {
            let inside = sets
                .iter()
                .any(|set| OptionPath::dotted(set).starts_with(&hole.path));
            if inside || (sets == ["nix.settings"] && hole.path.is("nix.extraOptions")) {
                self.written.open.push(Open {
                    option: hole.path.to_string(),
                    why: hole.why.clone(),
                    at: hole.at,
                });
            }
        }
    }

    /// Where a definition's elements stand among those of the same order: `nix.settings`, a
    /// submodule, turns its definitions round (nixpkgs `lib/modules.nix`, `reverseList`).
    fn position(&self, definition: &Definition, index: usize) -> Position {
        let parent = definition.option.parent().to_string();
        if !SETTINGS_SETS.contains(&parent.as_str()) {
            return self.forwarded_position(definition, index);
        }
        // Definitions of one statement, such as those of a `mkMerge` in it, keep their order.
        let before = self.definitions.iter().take(index).enumerate().rev();
        let first = before
            .filter(|(_, other)| other.option == definition.option)
            .take_while(|(_, other)| {
                other.statement.is_some() && other.statement == definition.statement
            })
            .last()
            .map_or(index, |(first, _)| first);
        (self.rank(definition), 0, usize::MAX - first, index)
    }

    /// Whether a definition stands before what the module system adds between modules, or behind.
    fn rank(&self, definition: &Definition) -> usize {
        match self.view.machine().target.system() {
            Some(ModuleSystem::NixDarwin) if self.file(definition) == 0 => 0,
            _ => 2,
        }
    }

    /// What comes under a former name is forwarded by a module that the module system's own
    /// modules import: on NixOS behind the user's first module, on nix-darwin behind all.
    fn forwarded_position(&self, definition: &Definition, index: usize) -> Position {
        let rank = match self.view.machine().target.system() {
            Some(ModuleSystem::Nixos) => 1,
            _ => usize::MAX,
        };
        let files = self.view.machine().files.len();
        let file = files.saturating_sub(self.file(definition));
        (rank, definition.order.0, file, index)
    }

    /// As [`Writer::position`], for an option that is no part of a submodule: the other way round.
    pub fn text_position(index: usize) -> Position {
        (0, 0, 0, index)
    }

    /// The file of a definition, by its place in the machine.
    fn file(&self, definition: &Definition) -> usize {
        let files = &self.view.machine().files;
        definition
            .place()
            .and_then(|place| files.iter().position(|file| *file == place.file))
            .unwrap_or(0)
    }

    /// The module system's own modules come before the user's on NixOS, and behind the user's
    /// first module on nix-darwin, which lists the user's before its own (nixpkgs
    /// `nixos/lib/eval-config.nix`, nix-darwin `eval-config.nix`).
    fn own_position(&self) -> Position {
        match self.view.machine().target.system() {
            Some(ModuleSystem::NixDarwin) => (1, 0, 0, 0),
            _ => (0, 0, 0, 0),
        }
    }

    /// Whether a set of settings is defined more strongly than plainly, and under which condition.
    fn forced(&self, sets: &[&str]) -> Option<Condition> {
        let forced = self.definitions.iter().filter(|definition| {
            definition.set_priority < Priority::NORMAL && belongs(definition, sets)
        });
        let conditions = forced.map(|definition| definition.condition.clone());
        conditions.min_by_key(|condition| *condition != Condition::Always)
    }

    /// The module's own value, where its conditions hold or are not known. What depends on the
    /// architecture is not known for processors of one kind.
    fn own(&self, default: &'m ModuleDefault) -> Option<Candidate<'m>> {
        let mut condition = None;
        let mut of_processor = false;
        for when in &default.when {
            if matches!(when, When::Arch { .. }) && self.is_tuned() {
                of_processor = true;
                continue;
            }
            match self.holds(when) {
                Ok(true) => {}
                Ok(false) => return None,
                Err(why) => condition = Some((why, None)),
            }
        }
        let value = match &default.value {
            OptionDefault::Json(_) if of_processor => {
                Value::Unknown(Why::Option(HOST_PLATFORM.into()))
            }
            OptionDefault::Json(json) => Value::from_json(json),
            OptionDefault::Computed(words) => Value::Unknown(Why::Unsupported(Arc::from(*words))),
        };
        Some(Candidate {
            source: Source::Module(default),
            value,
            priority: Priority(default.priority),
            order: Order(default.order),
            position: self.own_position(),
            condition,
        })
    }

    fn holds(&self, when: &When) -> Result<bool, Why> {
        match when {
            When::Defined { option, defined } => {
                let path = OptionPath::dotted(option);
                let found = self
                    .definitions
                    .iter()
                    .any(|definition| definition.option.starts_with(&path));
                Ok(found == *defined)
            }
            When::Is { option, is } => self.flag(option).map(|flag| flag == *is),
            When::Arch { arch } => {
                // A platform that is not known is taken for the usual one.
                let platform = self.view.machine().target.platform.as_ref();
                Ok(platform.and_then(|platform| platform.value.arch) == Some(*arch))
            }
        }
    }

    /// Whether the platform is for processors of one kind.
    fn is_tuned(&self) -> bool {
        let path = OptionPath::dotted(HOST_PLATFORM);
        self.definitions.iter().any(|definition| {
            let attributes = definition.value.value.as_attrs();
            definition.option == path && attributes.is_some_and(|set| set.get("gcc").is_some())
        })
    }

    /// Whether an option is on; its own default where nothing sets it.
    fn flag(&self, option: &str) -> Result<bool, Why> {
        let undecided = || Why::Option(option.into());
        match self.view.option(option) {
            Setting::Known(effective) => effective.as_bool().ok_or_else(undecided),
            Setting::OneOf(_) => Err(undecided()),
            Setting::Unknown { why, .. } => Err(why),
            Setting::Unset { .. } => {
                if let Some(value) = self.inside(option) {
                    return value.as_bool().ok_or_else(undecided);
                }
                let system = self.view.machine().target.system().ok_or_else(undecided)?;
                let info = self.catalog.option(system, option);
                match info.and_then(|info| info.default.as_ref()) {
                    Some(OptionDefault::Json(json)) => json.as_bool().ok_or_else(undecided),
                    _ => Ok(false),
                }
            }
        }
    }

    /// The value of an option that is written as part of a set.
    fn inside(&self, option: &str) -> Option<&'m Value> {
        let path = OptionPath::dotted(option);
        self.definitions.iter().find_map(|definition| {
            if !path.starts_with(&definition.option) {
                return None;
            }
            let below = path.names().get(definition.option.names().len()..)?;
            let mut value = &definition.value.value;
            for name in below {
                value = &value.as_attrs()?.get(name)?.value;
            }
            Some(value)
        })
    }
}

/// True for a definition in one of the sets, or under a former name of an option in them.
fn belongs(definition: &Definition, sets: &[&str]) -> bool {
    let parent = definition.option.parent().to_string();
    if SETTINGS_SETS.contains(&parent.as_str()) {
        return sets.contains(&parent.as_str());
    }
    sets.contains(&"nix.settings")
}
