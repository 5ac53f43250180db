//! Reads one module with everything that it imports: from files to definitions.

use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use super::arguments::arguments;
use super::collect::{Wrapping, kind_of, plain, undecided};
use super::definition::{Condition, Definition, OptionPath};
use super::library::Library;
use super::machine::Hole;
use super::words::Glance;
use crate::catalog::Catalog;
use crate::eval::runtime::{AttrMap, Computed, Thunk, Val};
use crate::eval::{Evaluator, Why};
use crate::facts::Platform;
use crate::text::{FileFormat, FileId};

/// What a module and its imports say.
#[derive(Clone, Debug, Default)]
pub(super) struct Reading {
    /// The files that were read, the module's own first.
    pub files: Vec<FileId>,
    /// Their paths, absolute.
    pub paths: HashSet<PathBuf>,
    pub drafts: Vec<Definition>,
    pub holes: Vec<Hole>,
    /// Imports that could not be read.
    pub unread: Vec<Why>,
    /// Which of the asked option paths the modules define.
    pub defines: BTreeSet<&'static str>,
    /// The platform that it was read for.
    pub platform: Option<Platform>,
    /// False when the file is no module at all.
    pub is_module: bool,
}

/// Deepest chain of imports that is followed.
const DEEPEST_IMPORT: u32 = 100;

/// Reads modules; collects in [`Reading`] what they say.
pub(super) struct Reader<'r> {
    pub(super) library: &'r Library<'r>,
    pub(super) catalog: &'r Catalog,
    pub(super) evaluator: &'r Evaluator<'r>,
    platform: Option<Platform>,
    /// Option paths whose presence is asked for.
    asked: &'r [&'static str],
    pub(super) reading: Reading,
}

impl<'r> Reader<'r> {
    pub fn new(
        library: &'r Library<'r>,
        evaluator: &'r Evaluator<'r>,
        catalog: &'r Catalog,
        platform: Option<Platform>,
        asked: &'r [&'static str],
    ) -> Self {
        Self {
            library,
            catalog,
            evaluator,
            platform,
            asked,
            reading: Reading::default(),
        }
    }

    /// Reads the module at `path` and its imports.
    pub fn module(mut self, path: &Path) -> Reading {
        self.evaluator.refuel();
        self.reading.platform = self.platform;
        self.file(path, &Condition::Always, 0);
        self.text_lines();
        self.reading
    }

    /// Reads the `nixConfig` of a flake.
    pub fn flake_config(mut self, path: &Path) -> Reading {
        let Some(flake) = self.open(path, false) else {
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
    fn open(&mut self, path: &Path, imported: bool) -> Option<Computed> {
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
        if imported && let Glance::Silent(shown) = self.library.glance(&resolved) {
            self.reading.defines.extend(shown);
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
        let Some(value) = self.open(path, depth > 0) else {
            return;
        };
        self.value(&value, condition, depth);
    }

    /// Reads a module value: a set, a function, or a path to one.
    fn value(&mut self, value: &Computed, condition: &Condition, depth: u32) {
        match &value.val {
            Val::Lambda(_) | Val::Native(_) => {
                let arguments = arguments(self.evaluator, self.platform);
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
                let arguments = arguments(self.evaluator, self.platform);
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
        let imports = imports.force(self.evaluator);
        let mut lists = vec![(imports, condition.clone())];
        while let Some((value, condition)) = lists.pop() {
            match &value.val {
                Val::List(list) => {
                    for item in &list.items {
                        let module = item.force(self.evaluator);
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
        let value = value.force(self.evaluator);
        let parts = match &value.val {
            Val::OneOf(several) => several.to_vec(),
            _ => vec![value],
        };
        parts.iter().any(|part| {
            let Val::Attrs(attrs) = &part.val else {
                return false;
            };
            match kind_of(attrs, self.evaluator).as_deref() {
                Some("merge") => attrs
                    .map
                    .get("contents")
                    .is_some_and(|contents| match &contents.value.force(self.evaluator).val {
                        Val::List(list) => list.items.iter().any(|item| self.defined(item, path)),
                        _ => false,
                    }),
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
}
