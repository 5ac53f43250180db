//! nixpkgs' `lib` as nixtune has it: Nix code that comes with the binary, in sections that are
//! parsed when one of their names is first asked for.

mod names;

use std::rc::Rc;
use std::sync::{Arc, OnceLock};

use self::names::{BUILTINS, SECTIONS, Section};
use super::evaluator::{Evaluator, PRELUDE, failure};
use super::runtime::{Attr, AttrMap, Computed, Env, Thunk, Val};
use super::value::Why;
use crate::syntax::{
    self,
    ast::{Ast, Name},
};
use crate::text::{FileFormat, SourceFile};

/// The code, each section parsed at its first use. One is enough for a run: evaluators share it.
#[derive(Debug, Default)]
pub struct Prelude {
    sections: [OnceLock<Option<Arc<Ast>>>; SECTIONS.len()],
    names: OnceLock<Vec<(Name, Source)>>,
}

/// What a name of `lib` stands for.
#[derive(Clone, Copy, Debug)]
enum Source {
    /// The section at an index.
    Section(usize),
    /// The attribute of the same name of a section.
    Member(usize),
    /// The builtin of the same name.
    Builtin,
    /// `lib.platforms`: the doubles of the systems at an index.
    Platforms(usize),
}

impl Prelude {
    /// The tree of a section. `None` never happens in a build whose tests pass.
    fn ast(&self, index: usize) -> Option<&Arc<Ast>> {
        let section = SECTIONS.get(index)?;
        self.sections
            .get(index)?
            .get_or_init(|| parse(section))
            .as_ref()
    }

    /// Every known name, sorted.
    fn names(&self) -> &[(Name, Source)] {
        self.names.get_or_init(|| {
            let mut names: Vec<(Name, Source)> = Vec::new();
            for (index, section) in SECTIONS.iter().enumerate() {
                names.push((section.name.into(), Source::Section(index)));
                let member = |name: &&str| (Name::from(*name), Source::Member(index));
                names.extend(section.shared.iter().map(member));
                if section.name == "systems" {
                    names.push(("platforms".into(), Source::Platforms(index)));
                }
            }
            names.extend(BUILTINS.map(|name| (name.into(), Source::Builtin)));
            names.sort_by(|(a, _), (b, _)| a.cmp(b));
            names
        })
    }

    /// The `lib` set, open: names that it lacks are unknown.
    pub(super) fn lib(&self, evaluator: &Evaluator<'_>) -> Thunk {
        let sections: Vec<Thunk> = (0..SECTIONS.len())
            .map(|index| {
                Thunk::call(move |evaluator| evaluator.prelude().section(evaluator, index))
            })
            .collect();
        let builtins = evaluator.builtins();
        let attr = |(name, source): &(Name, Source)| {
            let value = match *source {
                Source::Section(index) => sections.get(index)?.clone(),
                Source::Member(index) => member(sections.get(index)?, name),
                Source::Platforms(index) => member(sections.get(index)?, "doubles"),
                Source::Builtin => match &builtins.val {
                    Val::Attrs(attrs) => attrs.map.get(name)?.value.clone(),
                    _ => return None,
                },
            };
            Some((name.clone(), Attr::computed(value)))
        };
        let map = self.names().iter().filter_map(attr).collect();
        Thunk::val(Val::Attrs(Rc::new(AttrMap { map, open: open() })))
    }

    /// A section, open as well.
    fn section(&self, evaluator: &Evaluator<'_>, index: usize) -> Computed {
        let Some(ast) = self.ast(index) else {
            return Computed::bare(Val::Unknown(Why::Unsupported("lib".into())));
        };
        let function = evaluator.eval(ast, ast.root(), &Env::default());
        let computed = evaluator.apply(&function, evaluator.lib());
        match computed.val {
            Val::Attrs(attrs) => Computed::bare(Val::Attrs(Rc::new(AttrMap {
                map: attrs.map.clone(),
                open: open(),
            }))),
            _ => computed,
        }
    }
}

/// An attribute of a section, which is evaluated no earlier than the attribute.
fn member(section: &Thunk, name: &str) -> Thunk {
    let (section, name) = (section.clone(), Name::from(name));
    Thunk::call(move |evaluator| {
        let section = section.force(evaluator);
        evaluator
            .attribute(&section, &name)
            .unwrap_or_else(|| Computed::bare(failure("lib lacks a name of its own")))
    })
}

fn open() -> Option<Why> {
    Some(Why::Unsupported("a function of lib".into()))
}

fn parse(section: &Section) -> Option<Arc<Ast>> {
    let source = SourceFile::new(
        PRELUDE,
        section.name,
        section.name,
        FileFormat::Nix,
        section.source,
    );
    syntax::parse(&source).ast
}

#[cfg(test)]
mod tests;
