//! Reads one module with everything that it imports: from files to definitions.

use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use super::arguments::arguments;
use super::definition::{Condition, Form, OptionPath, Order, Priority};
use super::library::Library;
use super::machine::{Hole, SETTINGS_SETS};
use crate::catalog::{Catalog, OptionStatus};
use crate::eval::runtime::{Attr, AttrMap, Computed, Thunk, Val, Written};
use crate::eval::{Evaluator, Traced, Value, Why};
use crate::facts::{ModuleSystem, Platform};
use crate::syntax::{ConfStatement, conf_lines, conf_value};
use crate::text::{FileFormat, FileId, Place, Span};

/// A definition that has no number yet.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Draft {
    pub option: OptionPath,
    pub setting: Option<Arc<str>>,
    pub value: Traced,
    pub priority: Priority,
    pub order: Order,
    pub condition: Condition,
    pub form: Form,
    pub statement: Option<Place>,
    pub name: Option<Place>,
}

/// What a module and its imports say.
#[derive(Clone, Debug, Default)]
pub(super) struct Reading {
    /// The files that were read, the module's own first.
    pub files: Vec<FileId>,
    /// Their paths, absolute.
    pub paths: HashSet<PathBuf>,
    pub drafts: Vec<Draft>,
    pub holes: Vec<Hole>,
    /// Imports that could not be read.
    pub unread: Vec<Why>,
    /// Which of the asked option paths the modules define.
    pub defines: BTreeSet<&'static str>,
    /// False when the file is no module at all.
    pub is_module: bool,
}

/// Sets that are looked into, with the names in them that matter; an empty list means all.
const LOOKED_INTO: [(&str, &[&str]); 22] = [
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
        ],
    ),
    ("nix", &[]),
    ("nix.settings", &[]),
    ("nix.gc", &[]),
    ("nix.optimise", &[]),
    ("nix.linux-builder", &[]),
    ("nix.channel", &[]),
    ("nix.sshServe", &[]),
    ("determinateNix", &[]),
    ("determinateNix.customSettings", &[]),
    ("determinate-nix", &[]),
    ("determinate-nix.customSettings", &[]),
    ("services", &["nix-daemon"]),
    ("services.nix-daemon", &[]),
    ("users", &["nix"]),
    ("users.nix", &[]),
    ("programs", &["nh"]),
    ("programs.nh", &["clean"]),
    ("programs.nh.clean", &[]),
    ("system", &["stateVersion"]),
    ("nixpkgs", &["hostPlatform", "system"]),
    ("nixConfig", &[]),
];

/// Sets of which only one leaf matters.
const SINGLE_LEAVES: [(&str, &str); 4] = [
    ("boot", "readOnlyNixStore"),
    ("home", "stateVersion"),
    ("networking", "hostName"),
    ("home", "username"),
];

/// Deepest chain of imports that is followed.
const DEEPEST_IMPORT: u32 = 100;

/// How a value is wrapped on its way to an option.
#[derive(Clone)]
struct Wrapping {
    priority: Priority,
    order: Order,
    condition: Condition,
}

/// Where an attribute is written.
#[derive(Clone, Copy)]
struct Written1 {
    statement: Option<Place>,
    name: Option<Place>,
    form: Form,
}

pub(super) struct Reader<'r> {
    library: &'r Library<'r>,
    catalog: &'r Catalog,
    evaluator: Evaluator<'r>,
    platform: Option<Platform>,
    /// Option paths whose presence is asked for.
    asked: &'r [&'static str],
    reading: Reading,
}

impl<'r> Reader<'r> {
    pub fn new(
        library: &'r Library<'r>,
        catalog: &'r Catalog,
        platform: Option<Platform>,
        asked: &'r [&'static str],
    ) -> Self {
        Self {
            library,
            catalog,
            evaluator: Evaluator::new(library, &library.prelude),
            platform,
            asked,
            reading: Reading::default(),
        }
    }

    /// Reads the module at `path` and its imports.
    pub fn module(mut self, path: &Path) -> Reading {
        self.file(path, &Condition::Always, 0);
        self.text_lines();
        self.reading
    }

    /// Reads the `nixConfig` of a flake.
    pub fn flake_config(mut self, path: &Path) -> Reading {
        let Some(flake) = self.open(path) else {
            return self.reading;
        };
        if let Some(config) = self.evaluator.attribute(&flake, "nixConfig") {
            self.reading.is_module = true;
            let set = OptionPath::dotted("nixConfig");
            self.collect(&set, &Thunk::done(config), None, &plain());
        }
        self.reading
    }

    /// The file's value; `None` when it was read before or cannot be read.
    fn open(&mut self, path: &Path) -> Option<Computed> {
        let resolved = match self.library.resolve(path) {
            Ok(resolved) => resolved,
            Err(why) => {
                self.reading.unread.push(why);
                return None;
            }
        };
        if !self.reading.paths.insert(resolved.clone()) {
            return None;
        }
        let value = self.evaluator.import(&resolved);
        match self.library.open(&resolved, FileFormat::Nix) {
            Ok(id) => self.reading.files.push(id),
            Err(_) => self
                .reading
                .unread
                .push(Why::Import(resolved.to_string_lossy().into())),
        }
        Some(value)
    }

    fn file(&mut self, path: &Path, condition: &Condition, depth: u32) {
        if depth > DEEPEST_IMPORT {
            self.reading.unread.push(Why::Limit);
            return;
        }
        let Some(value) = self.open(path) else { return };
        self.value(&value, condition, depth);
    }

    /// Reads a module value: a set, a function, or a path to one.
    fn value(&mut self, value: &Computed, condition: &Condition, depth: u32) {
        match &value.val {
            Val::Lambda(_) | Val::Native(_) => {
                let arguments = arguments(&self.evaluator, self.platform);
                let result = self.evaluator.apply(value, arguments);
                match &result.val {
                    Val::Lambda(_) | Val::Native(_) => self
                        .reading
                        .unread
                        .push(Why::Unsupported("a module with further arguments".into())),
                    _ => self.value(&result, condition, depth),
                }
            }
            Val::Attrs(attrs) if attrs.map.contains_key("__functor") => {
                let arguments = arguments(&self.evaluator, self.platform);
                let result = self.evaluator.apply(value, arguments);
                if !matches!(result.val, Val::Attrs(ref inner) if inner.map.contains_key("__functor"))
                {
                    self.value(&result, condition, depth);
                }
            }
            Val::Attrs(attrs) => self.attrs(value, attrs, condition, depth),
            Val::OneOf(several) => {
                for one in several.iter() {
                    self.value(
                        one,
                        &undecided(value, Why::Unsupported("a choice".into())),
                        depth,
                    );
                }
            }
            Val::Path(path) => self.file(path, condition, depth + 1),
            Val::Str(path) if path.starts_with('/') => {
                self.file(&PathBuf::from(path.as_ref()), condition, depth + 1);
            }
            Val::Unknown(why) => self.reading.unread.push(why.clone()),
            Val::Extern(set) => self.reading.unread.push(set.why()),
            _ => {}
        }
    }

    fn attrs(&mut self, value: &Computed, attrs: &Rc<AttrMap>, condition: &Condition, depth: u32) {
        self.reading.is_module = true;
        if let Some(imports) = attrs.map.get("imports") {
            self.imports(&imports.value, condition, depth);
        }
        if let Some(why) = &attrs.open {
            self.reading.unread.push(why.clone());
        }
        let split = attrs.map.contains_key("config") || attrs.map.contains_key("options");
        let config = match attrs.map.get("config") {
            Some(config) => config.value.clone(),
            None if split => return,
            None => Thunk::done(value.clone()),
        };
        for path in self.asked {
            if self.defined(&config, path) {
                self.reading.defines.insert(path);
            }
        }
        let wrapping = Wrapping {
            condition: condition.clone(),
            ..plain()
        };
        let root = OptionPath::new(Vec::<Arc<str>>::new());
        self.collect(&root, &config, None, &wrapping);
    }

    fn imports(&mut self, imports: &Thunk, condition: &Condition, depth: u32) {
        let imports = imports.force(&self.evaluator);
        let mut lists = vec![(imports, condition.clone())];
        while let Some((value, condition)) = lists.pop() {
            match &value.val {
                Val::List(list) => {
                    for item in &list.items {
                        let module = item.force(&self.evaluator);
                        self.value(&module, &condition, depth + 1);
                    }
                    if let Some(why) = &list.open {
                        self.reading.unread.push(why.clone());
                    }
                }
                Val::OneOf(several) => {
                    for one in several.iter() {
                        let why = Why::Unsupported("a choice of imports".into());
                        lists.push((one.clone(), undecided(&value, why)));
                    }
                }
                Val::Unknown(why) => self.reading.unread.push(why.clone()),
                Val::Extern(set) => self.reading.unread.push(set.why()),
                _ => {}
            }
        }
    }

    /// Whether a value sets anything at or below a dotted path, conditions left aside.
    fn defined(&self, value: &Thunk, path: &str) -> bool {
        let value = value.force(&self.evaluator);
        let parts = match &value.val {
            Val::OneOf(several) => several.to_vec(),
            _ => vec![value],
        };
        parts.iter().any(|part| {
            let Val::Attrs(attrs) = &part.val else {
                return false;
            };
            match kind_of(attrs, &self.evaluator).as_deref() {
                Some("merge") => {
                    attrs.map.get("contents").is_some_and(|contents| {
                        match &contents.value.force(&self.evaluator).val {
                            Val::List(list) => {
                                list.items.iter().any(|item| self.defined(item, path))
                            }
                            _ => false,
                        }
                    })
                }
                Some("if" | "override" | "order") => attrs
                    .map
                    .get("content")
                    .is_some_and(|content| self.defined(&content.value, path)),
                _ => match path.split_once('.') {
                    None => attrs.map.contains_key(path),
                    Some((first, rest)) => attrs
                        .map
                        .get(first)
                        .is_some_and(|inner| self.defined(&inner.value, rest)),
                },
            }
        })
    }

    /// Takes the wrappers off a value and collects what is below `path`.
    fn collect(
        &mut self,
        path: &OptionPath,
        thunk: &Thunk,
        written: Option<Written1>,
        wrapping: &Wrapping,
    ) {
        let value = thunk.force(&self.evaluator);
        let set = is_set(path);
        match &value.val {
            Val::Attrs(attrs) => {
                let content = attrs
                    .map
                    .get("content")
                    .map(|content| content.value.clone());
                match (kind_of(attrs, &self.evaluator).as_deref(), content) {
                    (Some("if"), Some(content)) => {
                        let condition = attrs.map.get("condition");
                        if let Some(wrapping) = self.under(condition, wrapping) {
                            self.collect(path, &content, written, &wrapping);
                        }
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
                    _ if set => self.members(path, attrs, wrapping),
                    _ => self.leaf(path, thunk, written, wrapping),
                }
            }
            Val::OneOf(several) if set || several.iter().any(|one| wraps(one, &self.evaluator)) => {
                let why = Why::Unsupported("a choice".into());
                let wrapping = Wrapping {
                    condition: undecided(&value, why),
                    ..wrapping.clone()
                };
                for one in several.iter() {
                    self.collect(path, &Thunk::done(one.clone()), written, &wrapping);
                }
            }
            Val::Unknown(why) if set => self.hole(path, why.clone(), thunk, &value),
            Val::Extern(outside) if set => self.hole(path, outside.why(), thunk, &value),
            _ if set => {}
            _ => self.leaf(path, thunk, written, wrapping),
        }
    }

    fn hole(&mut self, path: &OptionPath, why: Why, thunk: &Thunk, value: &Computed) {
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
        written: Option<Written1>,
        wrapping: &Wrapping,
    ) {
        let value = contents.force(&self.evaluator);
        match &value.val {
            Val::List(list) => {
                for item in &list.items {
                    self.collect(path, item, written, wrapping);
                }
                if let Some(why) = &list.open {
                    self.hole(path, why.clone(), contents, &value);
                }
            }
            Val::Unknown(why) => self.hole(path, why.clone(), contents, &value),
            _ => {}
        }
    }

    fn members(&mut self, path: &OptionPath, attrs: &Rc<AttrMap>, wrapping: &Wrapping) {
        if let Some(why) = &attrs.open {
            self.reading.holes.push(Hole {
                path: path.clone(),
                why: why.clone(),
                at: None,
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
            let looked_at = match (wanted.is_empty(), has_single) {
                (true, true) => single(name),
                (true, false) => true,
                (false, _) => wanted.contains(&name.as_ref()),
            };
            if looked_at {
                let path = path.join(Arc::clone(name));
                let written = Written1 {
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
        written: Option<Written1>,
        wrapping: &Wrapping,
    ) {
        let value = self.evaluator.extract(thunk);
        let form = written.map_or(Form::Computed, |written| written.form);
        self.reading.drafts.push(Draft {
            setting: setting_of(self.catalog, path),
            option: path.clone(),
            value,
            priority: wrapping.priority,
            order: wrapping.order,
            condition: wrapping.condition.clone(),
            form,
            statement: written.and_then(|written| written.statement),
            name: written.and_then(|written| written.name),
        });
    }

    /// The wrapping below a condition; `None` when the condition does not hold.
    fn under(&self, condition: Option<&Attr>, wrapping: &Wrapping) -> Option<Wrapping> {
        let thunk = &condition?.value;
        let value = thunk.force(&self.evaluator);
        let why = match &value.val {
            Val::Bool(true) => return Some(wrapping.clone()),
            Val::Bool(false) => return None,
            Val::Unknown(why) => why.clone(),
            Val::Extern(outside) => outside.why(),
            _ => Why::Unsupported("an undecided condition".into()),
        };
        let at = thunk.site().or(value.origin);
        Some(Wrapping {
            condition: Condition::Unknown { why, at },
            ..wrapping.clone()
        })
    }

    fn number(&self, attr: Option<&Attr>) -> Option<i64> {
        match attr?.value.force(&self.evaluator).val {
            Val::Int(number) => Some(number),
            _ => None,
        }
    }

    /// Adds the lines of `nix.extraOptions` as definitions of their own.
    fn text_lines(&mut self) {
        let texts: Vec<Draft> = self
            .reading
            .drafts
            .iter()
            .filter(|draft| draft.option.is("nix.extraOptions"))
            .cloned()
            .collect();
        for draft in texts {
            match &draft.value.value {
                Value::Str(text) => self.lines_of(&draft, &draft.value, text, &draft.condition),
                Value::OneOf(branches) => {
                    for branch in branches {
                        if let Value::Str(text) = &branch.value {
                            let condition = Condition::Unknown {
                                why: Why::Unsupported("a choice".into()),
                                at: draft.value.site,
                            };
                            self.lines_of(&draft, branch, text, &condition);
                        }
                    }
                }
                Value::Unknown(why) => self.reading.holes.push(Hole {
                    path: draft.option.clone(),
                    why: why.clone(),
                    at: draft.value.site,
                }),
                _ => {}
            }
        }
    }

    fn lines_of(&mut self, draft: &Draft, value: &Traced, text: &str, condition: &Condition) {
        let written = value.site.filter(|_| value.is_literal_in_place());
        for line in conf_lines(text) {
            let ConfStatement::Setting { key, value: span } = line.statement else {
                continue;
            };
            let located = written.and_then(|place| {
                let source = self.library.source(place.file)?;
                let literal = source.slice(place.span);
                let at = locate_line(literal, text.get(line.span.range())?)?;
                let start = place.span.start + at;
                let shift = |span: Span| {
                    let from = start + (span.start - line.span.start);
                    Place::new(place.file, Span::new(from, from + span.len()))
                };
                Some((shift(line.span), shift(key), shift(span)))
            });
            let site = located.map(|(_, _, value)| value);
            self.reading.drafts.push(Draft {
                option: draft.option.clone(),
                setting: text.get(key.range()).map(Into::into),
                value: Traced {
                    value: Value::Str(conf_value(text, span).into()),
                    origin: site.or(value.origin),
                    site: site.or(value.site),
                    via: Vec::new(),
                },
                priority: draft.priority,
                order: draft.order,
                condition: condition.clone(),
                form: Form::TextLine,
                statement: located.map(|(line, _, _)| line),
                name: located.map(|(_, key, _)| key),
            });
        }
    }
}

/// Reads a `nix.conf`.
pub(super) fn conf(library: &Library<'_>, id: FileId) -> Reading {
    let mut reading = Reading {
        files: vec![id],
        is_module: true,
        ..Reading::default()
    };
    let Some(source) = library.source(id) else {
        return reading;
    };
    let text = source.text();
    for line in conf_lines(text) {
        match line.statement {
            ConfStatement::Setting { key, value } => {
                let place = |span| Place::new(id, span);
                let name = text.get(key.range()).unwrap_or("");
                reading.drafts.push(Draft {
                    option: OptionPath::new([name]),
                    setting: Some(name.into()),
                    value: Traced {
                        value: Value::Str(conf_value(text, value).into()),
                        origin: Some(place(value)),
                        site: Some(place(value)),
                        via: Vec::new(),
                    },
                    priority: Priority::NORMAL,
                    order: Order::NORMAL,
                    condition: Condition::Always,
                    form: Form::ConfLine,
                    statement: Some(place(line.span)),
                    name: Some(place(key)),
                });
            }
            ConfStatement::Include { path, .. } => {
                let name = text.get(path.range()).unwrap_or("");
                reading.unread.push(Why::Import(name.into()));
            }
            ConfStatement::Blank | ConfStatement::Malformed(_) => {}
        }
    }
    reading
}

/// Where a line of text stands in a string literal: exactly once, as a line of its own.
fn locate_line(literal: &str, line: &str) -> Option<u32> {
    let mut found = literal.match_indices(line).filter(|(at, _)| {
        let before = literal.get(..*at).unwrap_or("");
        let after = literal.get(at + line.len()..).unwrap_or("");
        let opens = before.trim_end_matches([' ', '\t']);
        let closes = after.trim_start_matches([' ', '\t']);
        (opens.ends_with('\n') || opens == "''" || opens == "\"")
            && (closes.starts_with(['\n', '\r', '#']) || closes == "''" || closes == "\"")
    });
    let (at, _) = found.next()?;
    if found.next().is_some() {
        return None;
    }
    u32::try_from(at).ok()
}

fn plain() -> Wrapping {
    Wrapping {
        priority: Priority::NORMAL,
        order: Order::NORMAL,
        condition: Condition::Always,
    }
}

fn undecided(value: &Computed, why: Why) -> Condition {
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

/// The `_type` of a set made by `mkIf` and relatives.
fn kind_of(attrs: &AttrMap, evaluator: &Evaluator<'_>) -> Option<Arc<str>> {
    match attrs.map.get("_type")?.value.force(evaluator).val {
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
