//! From module values to fragments: calls module functions, follows imports, lets modules wait.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::VecDeque;
use std::path::Path;
use std::rc::Rc;

use super::config::Arguments;
use super::{Child, Fragment, Names, Scope, Waiting};
use crate::eval::runtime::{AttrMap, Computed, Thunk, Val};
use crate::eval::{Evaluator, ModuleImport, Why, normalize};
use crate::model::collect::undecided;
use crate::model::definition::Condition;

/// Deepest chain of imports that is followed.
const DEEPEST_IMPORT: usize = 100;

/// Most modules of one scope.
const MOST_MODULES: usize = 20_000;

/// A module that is to be read.
#[derive(Clone)]
pub(super) struct Item {
    module: Thunk,
    condition: Condition,
    /// How deep it is imported.
    depth: usize,
    /// Its place among what its importer imports.
    place: usize,
    importer: Option<Rc<Fragment>>,
}

impl Scope {
    pub(super) fn gather(
        self: &Rc<Self>,
        evaluator: &Evaluator<'_>,
        modules: impl IntoIterator<Item = (Thunk, Condition)>,
    ) {
        let queue = modules
            .into_iter()
            .enumerate()
            .map(|(index, (module, condition))| Item {
                module,
                condition,
                depth: 0,
                place: index,
                importer: None,
            })
            .collect();
        self.work_off(evaluator, queue, &[]);
    }

    /// Reads what waits and may define something at a path.
    pub(super) fn ensure(self: &Rc<Self>, evaluator: &Evaluator<'_>, path: &Names) {
        if !self.is_ready.get() || self.waiting.borrow().is_empty() {
            return;
        }
        if !self.ensured.borrow_mut().insert(Rc::clone(path)) {
            return;
        }
        let waiting = self.waiting.take();
        let modules: Vec<&ModuleImport> = waiting.iter().map(|waiting| &waiting.module).collect();
        let mut may_define = evaluator.files().may_define(&modules, path).into_iter();
        let (wanted, rest): (Vec<_>, Vec<_>) = waiting
            .into_iter()
            .partition(|_| may_define.next() != Some(false));
        self.waiting.replace(rest);
        if wanted.is_empty() {
            return;
        }
        self.advance();
        let mut queue = VecDeque::new();
        for waiting in wanted {
            self.file(evaluator, &waiting.module, &waiting.item, &mut queue);
        }
        self.work_off(evaluator, queue, path);
        self.advance();
    }

    fn work_off(
        self: &Rc<Self>,
        evaluator: &Evaluator<'_>,
        mut queue: VecDeque<Item>,
        wanted: &[crate::syntax::ast::Name],
    ) {
        while let Some(item) = queue.pop_front() {
            if item.depth > DEEPEST_IMPORT || self.fragments.borrow().len() > MOST_MODULES {
                self.skip(Why::Limit);
                continue;
            }
            let value = item.module.force(evaluator);
            self.read(evaluator, &value, &item, &mut queue, wanted);
        }
    }

    fn skip(&self, why: Why) {
        let mut unread = self.unread.borrow_mut();
        if !unread.contains(&why) {
            unread.push(why);
        }
    }

    /// Reads a module value: a set, a function, or a path to one.
    fn read(
        self: &Rc<Self>,
        evaluator: &Evaluator<'_>,
        value: &Computed,
        item: &Item,
        queue: &mut VecDeque<Item>,
        wanted: &[crate::syntax::ast::Name],
    ) {
        match &value.val {
            Val::Lambda(_) | Val::Native(_) => {
                let result = evaluator.apply(value, self.arguments());
                match &result.val {
                    Val::Lambda(_) | Val::Native(_) => {
                        self.skip(Why::Unsupported("a module with further arguments".into()));
                    }
                    _ => self.read(evaluator, &result, item, queue, wanted),
                }
            }
            Val::Attrs(attrs) if attrs.map.contains_key("__functor") => {
                let result = evaluator.apply(value, self.arguments());
                if !matches!(&result.val, Val::Attrs(inner) if inner.map.contains_key("__functor"))
                {
                    self.read(evaluator, &result, item, queue, wanted);
                }
            }
            Val::Attrs(attrs) => self.fragment(evaluator, value, attrs, None, item, queue),
            Val::OneOf(several) => {
                for one in several.iter() {
                    let item = Item {
                        condition: undecided(value, Why::Unsupported("a choice".into())),
                        ..item.clone()
                    };
                    self.read(evaluator, one, &item, queue, wanted);
                }
            }
            Val::Path(path) => self.at_path(evaluator, path, item, queue, wanted),
            Val::Str(path) if path.starts_with('/') => {
                let path = normalize(Path::new(path.as_ref()));
                self.at_path(evaluator, &path, item, queue, wanted);
            }
            Val::Unknown(why) => self.skip(why.clone()),
            Val::Extern(set) => {
                if let (Why::Argument(path), Condition::Always) = (set.why(), &item.condition) {
                    self.foreign.borrow_mut().push(Rc::from(&*path));
                }
                match set.whole(evaluator) {
                    Val::Unknown(why) => self.skip(why),
                    Val::Extern(_) => self.skip(set.why()),
                    whole => self.read(evaluator, &Computed::bare(whole), item, queue, wanted),
                }
            }
            _ => {}
        }
    }

    fn arguments(self: &Rc<Self>) -> Thunk {
        Thunk::val(Val::Extern(Rc::new(Arguments::new(Rc::clone(self)))))
    }

    /// A module that is a file: read now if it says something about Nix or about what is wanted,
    /// else left to wait.
    fn at_path(
        self: &Rc<Self>,
        evaluator: &Evaluator<'_>,
        path: &Path,
        item: &Item,
        queue: &mut VecDeque<Item>,
        wanted: &[crate::syntax::ast::Name],
    ) {
        let module = match evaluator.files().module(path) {
            Ok(module) => module,
            Err(why) => return self.skip(why),
        };
        self.link(item, Child::File(module.number));
        // A folder and the file in it are two modules, as they are for the module system.
        if !self.paths.borrow_mut().insert(module.number) {
            return;
        }
        self.seen.borrow_mut().insert(module.file.clone());
        let files = evaluator.files();
        // A machine of a flake may list hundreds of modules; a file that was asked for is one.
        let is_asked_for = item.importer.is_none() && item.depth == 0 && !self.frame.whole;
        if is_asked_for
            || files.may_matter(&module)
            || (!wanted.is_empty() && files.may_define(&[&module], wanted) == [true])
        {
            self.file(evaluator, &module, item, queue);
        } else {
            self.waiting.borrow_mut().push(Waiting {
                module,
                item: item.clone(),
            });
        }
    }

    fn file(
        self: &Rc<Self>,
        evaluator: &Evaluator<'_>,
        module: &ModuleImport,
        item: &Item,
        queue: &mut VecDeque<Item>,
    ) {
        let value = evaluator.import(&module.file);
        if self.are_read.borrow_mut().insert(module.file_number) {
            self.files.borrow_mut().push(module.file.clone());
        }
        self.within(evaluator, &value, module, item, queue);
    }

    fn within(
        self: &Rc<Self>,
        evaluator: &Evaluator<'_>,
        value: &Computed,
        module: &ModuleImport,
        item: &Item,
        queue: &mut VecDeque<Item>,
    ) {
        match &value.val {
            Val::Lambda(_) | Val::Native(_) => {
                let result = evaluator.apply(value, self.arguments());
                if matches!(result.val, Val::Lambda(_) | Val::Native(_)) {
                    self.skip(Why::Unsupported("a module with further arguments".into()));
                } else {
                    self.within(evaluator, &result, module, item, queue);
                }
            }
            Val::Attrs(attrs) if !attrs.map.contains_key("__functor") => {
                self.fragment(evaluator, value, attrs, Some(module), item, queue);
            }
            _ => self.read(evaluator, value, item, queue, &[]),
        }
    }

    fn fragment(
        self: &Rc<Self>,
        evaluator: &Evaluator<'_>,
        value: &Computed,
        attrs: &Rc<AttrMap>,
        file: Option<&ModuleImport>,
        item: &Item,
        queue: &mut VecDeque<Item>,
    ) {
        if let Some(key) = attrs.map.get("key")
            && let Val::Str(key) = key.value.settle(evaluator).val
            && !self.keys.borrow_mut().insert(key)
        {
            return;
        }
        if let Some(why) = &attrs.open {
            self.skip(why.clone());
        }
        let is_split = attrs.map.contains_key("config") || attrs.map.contains_key("options");
        let config = match (attrs.map.get("config"), is_split) {
            (Some(config), _) => config.value.clone(),
            (None, true) => Thunk::val(Val::Attrs(Rc::default())),
            (None, false) => Thunk::done(Computed {
                val: Val::Attrs(definitions_of(attrs)),
                ..value.clone()
            }),
        };
        let fragment = Rc::new(Fragment {
            config,
            options: attrs
                .map
                .get("options")
                .map(|options| options.value.clone()),
            condition: item.condition.clone(),
            path: file.map(|module| module.file.clone()).or_else(|| {
                item.importer
                    .as_ref()
                    .and_then(|importer| importer.path.clone())
            }),
            depth: item.depth,
            children: RefCell::default(),
            parts: OnceCell::new(),
            is_busy: Cell::new(false),
            declarations: OnceCell::new(),
        });
        match file {
            Some(module) => {
                let mut of_files = self.of_files.borrow_mut();
                let fragments = of_files.entry(module.number).or_default();
                fragments.push(Rc::clone(&fragment));
            }
            None => self.link(item, Child::Inline(Rc::clone(&fragment))),
        }
        self.fragments.borrow_mut().push(Rc::clone(&fragment));
        self.advance();
        if let Some(disabled) = attrs.map.get("disabledModules") {
            self.disable(evaluator, &disabled.value);
        }
        let mut next = 0;
        for name in ["require", "imports"] {
            if let Some(imports) = attrs.map.get(name) {
                self.imports(evaluator, &imports.value, &fragment, &mut next, queue);
            }
        }
    }

    /// Notes that a module imports another one.
    fn link(&self, item: &Item, child: Child) {
        let children = match &item.importer {
            Some(importer) => &importer.children,
            None => &self.roots,
        };
        children.borrow_mut().push((item.place, child));
    }

    fn imports(
        self: &Rc<Self>,
        evaluator: &Evaluator<'_>,
        imports: &Thunk,
        importer: &Rc<Fragment>,
        next: &mut usize,
        queue: &mut VecDeque<Item>,
    ) {
        let mut lists = vec![(imports.settle(evaluator), importer.condition.clone())];
        while let Some((value, condition)) = lists.pop() {
            match &value.val {
                Val::List(list) => {
                    for module in &list.items {
                        *next += 1;
                        queue.push_back(Item {
                            module: module.clone(),
                            condition: condition.clone(),
                            depth: importer.depth + 1,
                            place: *next,
                            importer: Some(Rc::clone(importer)),
                        });
                    }
                    if let Some(why) = &list.open {
                        self.skip(why.clone());
                    }
                }
                Val::OneOf(several) => {
                    for one in several.iter() {
                        let why = Why::Unsupported("a choice of imports".into());
                        lists.push((one.clone(), undecided(&value, why)));
                    }
                }
                Val::Unknown(why) => self.skip(why.clone()),
                _ => {}
            }
        }
    }

    /// Notes modules that are not to count, as far as they are files.
    fn disable(&self, evaluator: &Evaluator<'_>, modules: &Thunk) {
        let Val::List(list) = modules.settle(evaluator).val else {
            return;
        };
        for module in &list.items {
            let path = match module.settle(evaluator).val {
                Val::Path(path) => path.to_path_buf(),
                Val::Str(path) if path.starts_with('/') => normalize(Path::new(path.as_ref())),
                _ => continue,
            };
            if let Ok(module) = evaluator.files().module(&path) {
                self.disabled.borrow_mut().insert(module.number);
            }
        }
    }
}

/// What a module defines that has no `config` of its own.
fn definitions_of(attrs: &Rc<AttrMap>) -> Rc<AttrMap> {
    let about = [
        "imports",
        "require",
        "disabledModules",
        "freeformType",
        "key",
        "_file",
        "_class",
    ];
    if !about.iter().any(|name| attrs.map.contains_key(name)) {
        return Rc::clone(attrs);
    }
    let mut own = (**attrs).clone();
    own.map.retain(|name| !about.contains(&name));
    Rc::new(own)
}
