//! Machines, the workspace that holds them, and the merge of definitions into values.

use std::path::PathBuf;
use std::sync::Arc;

use super::includes::Inclusion;
use super::setting::{Effective, Item, Items, Setting};
use super::{Condition, DefId, Definition, Form, OptionPath, Order, Priority};
use crate::catalog::{Catalog, Spelling};
use crate::eval::{Traced, Value, Why};
use crate::facts::{ModuleSystem, Target};
use crate::syntax::words;
use crate::text::{FileId, Place, SourceFile};

/// A set of options whose content is not known: `nix.settings = import <x>;`.
#[derive(Clone, PartialEq, Debug)]
pub struct Hole {
    /// Everything below this path may be set there.
    pub path: OptionPath,
    /// Why it is not known.
    pub why: Why,
    /// The expression.
    pub at: Option<Place>,
}

/// An attribute that was merged into what `mkIf`, `mkForce` or a relative made: `{ a = 1; } //
/// mkIf c { b = 2; }`. The module system takes only what the wrapper holds, so `a` is set nowhere.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Swallowed {
    /// The option that it would have set, or the set of options.
    pub option: OptionPath,
    /// Its statement, where a text stands for it.
    pub at: Option<Place>,
    /// The function that made the wrapper: `mkIf`, `mkMerge`, `mkOrder`, or `mkOverride` for
    /// `mkForce`, `mkDefault` and itself.
    pub wrapper: &'static str,
    /// The expression that merges both.
    pub update: Option<Place>,
}

/// A line of a `nix.conf`, or of a text such as `nix.extraOptions`, that is not read as it looks.
#[derive(Clone, PartialEq, Debug)]
pub struct OddLine {
    /// The line as written, without blanks around it and without its comment.
    pub text: Arc<str>,
    /// The line, or else the text that it stands in; `None` for text that no file wrote.
    pub place: Option<Place>,
    /// True when the line is there whatever happens.
    pub certain: bool,
    /// What is odd about it.
    pub what: Oddity,
}

/// What is odd about a line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Oddity {
    /// Nix refuses it; why, in a sentence without full stop.
    Malformed(&'static str),
    /// A `#` within a word ends it: what stands behind is lost.
    Cut {
        /// The key.
        key: Arc<str>,
        /// What is lost, the `#` included.
        lost: Arc<str>,
    },
}

/// What a machine is made of: what Nix would be asked for to evaluate it. Paths are absolute.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Origin {
    /// An output of a flake.
    Flake {
        /// The `flake.nix`.
        flake: PathBuf,
        /// The set of machines: `darwinConfigurations` and the like.
        set: &'static str,
        /// The machine's name in that set.
        name: Arc<str>,
        /// The home-manager user of that machine whose configuration this is; `None` for the
        /// machine itself.
        user: Option<Arc<str>>,
    },
    /// Modules that nothing imports, taken together.
    Modules(Vec<PathBuf>),
    /// The `nixConfig` of this `flake.nix`.
    FlakeConfig(PathBuf),
    /// This `nix.conf`.
    Conf(PathBuf),
}

/// One evaluated configuration.
#[derive(Clone, PartialEq, Debug)]
pub struct Machine {
    /// How reports call it.
    pub name: Arc<str>,
    /// What it is made of.
    pub origin: Origin,
    /// What its files are for.
    pub target: Target,
    /// The files that it reads, its root first.
    pub files: Vec<FileId>,
    /// Its definitions, in reading order.
    pub definitions: Vec<DefId>,
    /// Definitions in sets of settings that a stronger set replaces as a whole: they define
    /// nothing.
    pub dropped: Vec<DefId>,
    /// Lines of text that are not read as they look.
    pub odd_lines: Vec<OddLine>,
    /// Sets whose content is not known.
    pub holes: Vec<Hole>,
    /// The files that lines of a `nix.conf` include, by the place that names them.
    pub inclusions: Vec<(Place, Inclusion)>,
    /// Attributes that a wrapper swallows: they define nothing.
    pub swallowed: Vec<Swallowed>,
    /// True when every file that can define something for it was read. A lone module is never
    /// complete: whatever imports it may define more.
    pub complete: bool,
}

/// A file that could not be used, or not wholly.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// The file as reports call it.
    pub file: Arc<str>,
    /// What happened and what to do, in one sentence without full stop.
    pub message: String,
}

/// Everything that was read in a run.
#[derive(Debug, Default)]
pub struct Workspace {
    pub(super) files: Vec<Arc<SourceFile>>,
    pub(super) definitions: Vec<Definition>,
    pub(super) machines: Vec<Machine>,
}

impl Workspace {
    /// The files, by [`FileId`].
    pub fn files(&self) -> &[Arc<SourceFile>] {
        &self.files
    }

    /// The file with this number.
    pub fn file(&self, id: FileId) -> Option<&Arc<SourceFile>> {
        self.files.get(id.0 as usize)
    }

    /// The text of a place; empty for a place that does not exist.
    pub fn text(&self, place: Place) -> &str {
        self.file(place.file)
            .map_or("", |file| file.slice(place.span))
    }

    /// The machines, in the order of their files.
    pub fn machines(&self) -> &[Machine] {
        &self.machines
    }

    /// Says what a machine is for, once more is known than its files tell.
    pub fn set_target(&mut self, machine: usize, target: Target) {
        if let Some(machine) = self.machines.get_mut(machine) {
            machine.target = target;
        }
    }

    /// The definition with this number.
    pub fn definition(&self, id: DefId) -> Option<&Definition> {
        self.definitions.get(id.0 as usize)
    }

    /// All definitions of all machines.
    pub fn definitions(&self) -> &[Definition] {
        &self.definitions
    }

    /// The machines that read a definition.
    pub fn machines_of(&self, id: DefId) -> impl Iterator<Item = &Machine> {
        self.machines
            .iter()
            .filter(move |machine| machine.definitions.contains(&id))
    }

    /// `machine` with what its numbers stand for.
    pub fn view<'a>(&'a self, machine: &'a Machine) -> MachineView<'a> {
        MachineView {
            workspace: self,
            machine,
            reaching_nix: false,
        }
    }
}

/// A machine together with its workspace: where questions about values are answered.
#[derive(Clone, Copy)]
pub struct MachineView<'a> {
    workspace: &'a Workspace,
    machine: &'a Machine,
    /// Leaves out settings that no `nix.conf` will hold.
    reaching_nix: bool,
}

impl<'a> MachineView<'a> {
    /// The machine.
    pub fn machine(&self) -> &'a Machine {
        self.machine
    }

    /// The workspace.
    pub fn workspace(&self) -> &'a Workspace {
        self.workspace
    }

    /// The definition that keeps the module from writing a `nix.conf`, if one surely does:
    /// `nix.enable = false`, or Determinate's nix-darwin module, which forces that.
    ///
    /// nix-darwin and home-manager accept `nix.settings` and its relatives then and drop them
    /// without a word (nix-darwin `modules/nix/default.nix`; Determinate
    /// `modules/nix-darwin/config/config.nix`).
    pub fn nix_disabled_by(&self) -> Option<&'a Definition> {
        let system = self.machine.target.system()?;
        if !matches!(system, ModuleSystem::NixDarwin | ModuleSystem::HomeManager) {
            return None;
        }
        if let Setting::Known(effective) = self.option("nix.enable")
            && effective.as_bool() == Some(false)
            && effective.definition.condition == Condition::Always
        {
            return Some(effective.definition);
        }
        self.determinate_by()
    }

    /// The definition that proves that Determinate's nix-darwin module is in use, which writes a
    /// file of its own and keeps nix-darwin from writing one.
    pub(super) fn determinate_by(&self) -> Option<&'a Definition> {
        if self.machine.target.system() != Some(ModuleSystem::NixDarwin) {
            return None;
        }
        DETERMINATE_SETS.into_iter().find_map(|set| {
            let enabled = match self.option(&format!("{set}.enable")) {
                Setting::Unset { .. } => true,
                Setting::Known(effective) => effective.as_bool() == Some(true),
                _ => false,
            };
            // Using an option of the module proves that it is imported.
            let path = OptionPath::dotted(set);
            let used = |definition: &&Definition| {
                definition.condition == Condition::Always && definition.option.starts_with(&path)
            };
            self.definitions().find(used).filter(|_| enabled)
        })
    }

    /// True for a setting that the module would write to `nix.conf`, in any of its spellings.
    pub fn is_module_setting(definition: &Definition) -> bool {
        let under_nix = definition
            .option
            .names()
            .first()
            .is_some_and(|first| first.as_ref() == "nix");
        under_nix && definition.setting.is_some()
    }

    /// The same machine without the settings that no `nix.conf` will hold.
    #[must_use]
    pub fn reaching_nix(self) -> Self {
        let reaching_nix = self.nix_disabled_by().is_some();
        Self {
            reaching_nix,
            ..self
        }
    }

    /// True when what a module system does not write is left out.
    pub(super) fn is_reaching_nix(&self) -> bool {
        self.reaching_nix
    }

    /// The machine's definitions, in reading order.
    pub fn definitions(&self) -> impl Iterator<Item = &'a Definition> + use<'a> {
        let workspace = self.workspace;
        self.machine
            .definitions
            .iter()
            .filter_map(move |id| workspace.definition(*id))
    }

    /// Definitions that a stronger set of settings replaces, in reading order.
    pub fn dropped(&self) -> impl Iterator<Item = &'a Definition> + use<'a> {
        let workspace = self.workspace;
        let dropped = self.machine.dropped.iter();
        dropped.filter_map(move |id| workspace.definition(*id))
    }

    /// Definitions of exactly this option.
    pub fn option_definitions(&self, path: &str) -> Vec<&'a Definition> {
        self.definitions()
            .filter(|definition| definition.option.is(path))
            .collect()
    }

    /// Definitions of a setting by its canonical name: aliases and `extra-` forms included.
    pub fn setting_definitions(&self, catalog: &Catalog, name: &str) -> Vec<&'a Definition> {
        self.definitions()
            .filter(|definition| !(self.reaching_nix && Self::is_module_setting(definition)))
            .filter(|definition| {
                definition
                    .setting
                    .as_deref()
                    .is_some_and(|key| names_setting(catalog, key, name))
            })
            .collect()
    }

    /// The value of a module option.
    pub fn option(&self, path: &str) -> Setting<'a> {
        let definitions = self.option_definitions(path);
        let hole = self.hole_over(&OptionPath::dotted(path));
        self.merge(&definitions, hole)
    }

    /// The value of a `nix.conf` key. For a list setting this is the plain form alone; ask
    /// [`MachineView::items`] for the whole list.
    pub fn setting(&self, catalog: &Catalog, name: &str) -> Setting<'a> {
        let mut definitions: Vec<_> = self
            .setting_definitions(catalog, name)
            .into_iter()
            .filter(|definition| !is_append(catalog, definition))
            .collect();
        // Text comes after everything that a module renders, and of lines the last one wins
        // (nix-darwin and NixOS `modules/nix`; Nix `src/libutil/configuration.cc`).
        if let Some(last) = definitions.iter().rposition(|definition| {
            is_line(definition) && definition.condition == Condition::Always
        }) {
            definitions = definitions.split_off(last);
            definitions.retain(|definition| is_line(definition));
        }
        let hole = self.settings_hole(name);
        self.merge(&definitions, hole)
    }

    /// The elements of a list setting over its plain and `extra-` definitions.
    pub fn items(&self, catalog: &Catalog, name: &str) -> Items<'a> {
        let definitions = self.setting_definitions(catalog, name);
        let mut complete = self.machine.complete && self.settings_hole(name).is_none();
        let strongest = |append: bool| {
            definitions
                .iter()
                .filter(|d| is_append(catalog, d) == append && d.condition == Condition::Always)
                .map(|d| d.priority)
                .min()
                .unwrap_or(Priority(i64::MAX))
        };
        let (plain_priority, append_priority) = (strongest(false), strongest(true));
        let mut used: Vec<&'a Definition> = definitions
            .into_iter()
            .filter(|definition| {
                let strongest = if is_append(catalog, definition) {
                    append_priority
                } else {
                    plain_priority
                };
                is_line(definition) || definition.priority <= strongest
            })
            .collect();
        // A submodule turns the order of its definitions round (nixpkgs `lib/types.nix`); those of
        // one statement keep theirs.
        turn_round(&mut used);
        // A module renders plain keys before `extra-` ones; lines stay as they are written.
        used.sort_by_key(|definition| {
            if is_line(definition) {
                (true, false, Order::NORMAL)
            } else {
                (false, is_append(catalog, definition), definition.order)
            }
        });
        // A plain line drops whatever was set or appended before it
        // (Nix `src/libutil/configuration.cc`).
        let reset = used.iter().rposition(|definition| {
            is_line(definition)
                && !is_append(catalog, definition)
                && definition.condition == Condition::Always
        });
        if let Some(reset) = reset {
            used.drain(..reset);
        }
        let mut items = Vec::new();
        for definition in &used {
            let unconditional = self.is_unconditional(definition);
            complete &= collect_items(
                self.workspace,
                definition,
                &definition.value,
                unconditional,
                &mut items,
            );
        }
        Items {
            items,
            complete,
            definitions: used,
        }
    }

    /// How sure a statement about this definition's value can be.
    pub fn is_unconditional(&self, definition: &Definition) -> bool {
        definition.condition == Condition::Always && definition.priority <= Priority::NORMAL
    }

    pub(super) fn hole_over(&self, path: &OptionPath) -> Option<&'a Hole> {
        self.machine
            .holes
            .iter()
            .find(|hole| path.starts_with(&hole.path))
    }

    fn settings_hole(&self, name: &str) -> Option<&'a Hole> {
        SETTINGS_SETS
            .iter()
            .filter(|set| !(self.reaching_nix && set.starts_with("nix.")))
            .map(|set| OptionPath::dotted(set).join(name))
            .find_map(|path| self.hole_over(&path))
            .or_else(|| {
                // Text of unknown content may set anything.
                self.machine
                    .holes
                    .iter()
                    .find(|hole| !self.reaching_nix && hole.path.is("nix.extraOptions"))
            })
    }

    fn merge(&self, definitions: &[&'a Definition], hole: Option<&'a Hole>) -> Setting<'a> {
        let strongest = definitions
            .iter()
            .filter(|definition| definition.condition == Condition::Always)
            .map(|definition| definition.priority)
            .min();
        let mut candidates: Vec<Effective<'a>> = Vec::new();
        let mut unknown = None;
        for definition in definitions {
            if strongest.is_some_and(|priority| definition.priority > priority) {
                continue;
            }
            let unconditional = self.is_unconditional(definition);
            push_candidates(
                definition,
                &definition.value,
                unconditional,
                &mut candidates,
                &mut unknown,
            );
        }
        // The same value from several places is one value; the last line of a file wins anyway.
        candidates.dedup_by(|later, earlier| {
            later.value.value == earlier.value.value && later.unconditional == earlier.unconditional
        });
        if let Some((why, at)) = unknown {
            return Setting::Unknown { why, at };
        }
        match (candidates.as_slice(), hole) {
            ([], Some(hole)) => Setting::Unknown {
                why: hole.why.clone(),
                at: hole.at,
            },
            ([], None) => Setting::Unset {
                assured: self.machine.complete,
            },
            ([only], hole) => Setting::Known(Effective {
                unconditional: only.unconditional && hole.is_none(),
                ..*only
            }),
            _ => Setting::OneOf(candidates),
        }
    }
}

/// Option sets that hold `nix.conf` keys, by module system: nix-darwin, NixOS and home-manager;
/// Determinate's nix-darwin module (also under its former name).
pub const SETTINGS_SETS: [&str; 4] = [
    "nix.settings",
    "determinateNix.customSettings",
    "determinate-nix.customSettings",
    "nixConfig",
];

/// Options of Determinate's nix-darwin module, under its present and its former name.
const DETERMINATE_SETS: [&str; 2] = ["determinateNix", "determinate-nix"];

fn names_setting(catalog: &Catalog, key: &str, name: &str) -> bool {
    match catalog.resolve(key) {
        Some(resolved) => resolved.setting.name == name,
        None => key == name || key.strip_prefix("extra-") == Some(name),
    }
}

fn is_append(catalog: &Catalog, definition: &Definition) -> bool {
    definition
        .setting
        .as_deref()
        .and_then(|key| catalog.resolve(key))
        .is_some_and(|resolved| resolved.spelling == Spelling::Append)
}

/// Puts definitions that stand in sets of settings in the order in which the set's submodule merges
/// them.
fn turn_round(definitions: &mut [&Definition]) {
    let is_part = |definition: &Definition| {
        let parent = definition.option.parent();
        !is_line(definition) && SETTINGS_SETS.iter().any(|set| parent.is(set))
    };
    let mut groups: Vec<Vec<&Definition>> = Vec::new();
    for definition in definitions.iter().filter(|one| is_part(one)) {
        match groups.last_mut() {
            Some(group)
                if definition.statement.is_some()
                    && group
                        .iter()
                        .all(|one| one.statement == definition.statement) =>
            {
                group.push(definition);
            }
            _ => groups.push(vec![definition]),
        }
    }
    let mut turned = groups.into_iter().rev().flatten();
    for place in definitions.iter_mut().filter(|one| is_part(one)) {
        if let Some(definition) = turned.next() {
            *place = definition;
        }
    }
}

fn is_line(definition: &Definition) -> bool {
    matches!(definition.form, Form::ConfLine | Form::TextLine)
}

fn push_candidates<'a>(
    definition: &'a Definition,
    value: &'a Traced,
    unconditional: bool,
    candidates: &mut Vec<Effective<'a>>,
    unknown: &mut Option<(Why, Option<Place>)>,
) {
    match &value.value {
        Value::OneOf(branches) => {
            for branch in branches {
                push_candidates(definition, branch, false, candidates, unknown);
            }
        }
        Value::Unknown(why) => {
            unknown.get_or_insert_with(|| (why.clone(), value.site.or(value.origin)));
        }
        _ => candidates.push(Effective {
            definition,
            value,
            unconditional,
        }),
    }
}

/// Where the part `range` of `text` stands that `value` holds: known when the string is written
/// without escapes right where it is used.
pub(super) fn place_in(
    workspace: &Workspace,
    value: &Traced,
    text: &str,
    range: std::ops::Range<usize>,
) -> Option<Place> {
    let place = value.site.filter(|_| value.is_literal_in_place())?;
    let source = workspace.text(place);
    let span = crate::syntax::locate_in_literal(source, text, range)?;
    Some(Place {
        file: place.file,
        span: crate::text::Span::new(place.span.start + span.start, place.span.start + span.end),
    })
}

/// Adds the elements of `value`; false when some of them are not known.
fn collect_items<'a>(
    workspace: &Workspace,
    definition: &'a Definition,
    value: &'a Traced,
    unconditional: bool,
    items: &mut Vec<Item<'a>>,
) -> bool {
    match &value.value {
        Value::List(elements) => {
            let mut known = true;
            for element in elements {
                match &element.value {
                    Value::Str(text) => items.push(Item {
                        text: Arc::clone(text),
                        site: element.site,
                        definition,
                        unconditional,
                    }),
                    Value::OneOf(branches) => {
                        for branch in branches {
                            if let Value::Str(text) = &branch.value {
                                items.push(Item {
                                    text: Arc::clone(text),
                                    site: branch.site,
                                    definition,
                                    unconditional: false,
                                });
                            } else {
                                known = false;
                            }
                        }
                    }
                    _ => known = false,
                }
            }
            known
        }
        Value::Str(text) => {
            for word in words(text) {
                let site = place_in(workspace, value, text, word.clone());
                items.push(Item {
                    text: text.get(word).unwrap_or("").into(),
                    site,
                    definition,
                    unconditional,
                });
            }
            true
        }
        Value::OneOf(branches) => {
            let mut known = true;
            for branch in branches {
                known &= collect_items(workspace, definition, branch, false, items);
            }
            known
        }
        Value::Null => true,
        _ => false,
    }
}
