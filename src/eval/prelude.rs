//! nixpkgs' `lib` as nixtune has it: Nix code that comes with the binary.

use std::rc::Rc;
use std::sync::{Arc, OnceLock};

use super::evaluator::{Evaluator, PRELUDE};
use super::runtime::{Attr, AttrMap, Env, Thunk, Val};
use super::value::Why;
use crate::syntax::{self, ast::Ast};
use crate::text::{FileFormat, SourceFile};

const SOURCE: &str = include_str!("prelude.nix");

/// Parts of `lib` that modules also reach through a second name.
const SECTIONS: [&str; 8] = [
    "attrsets",
    "lists",
    "strings",
    "trivial",
    "modules",
    "options",
    "fixedPoints",
    "debug",
];

/// The code, parsed at the first use. One is enough for a run: evaluators share it.
#[derive(Debug, Default)]
pub struct Prelude(OnceLock<Option<Arc<Ast>>>);

impl Prelude {
    /// The tree. `None` never happens in a build whose tests pass.
    fn ast(&self) -> Option<&Arc<Ast>> {
        self.0
            .get_or_init(|| {
                let source = SourceFile::new(
                    PRELUDE,
                    "prelude.nix",
                    "prelude.nix",
                    FileFormat::Nix,
                    SOURCE,
                );
                syntax::parse(&source).ast
            })
            .as_ref()
    }

    /// The `lib` set, open: names that it lacks are unknown.
    pub(super) fn lib(&self, evaluator: &Evaluator<'_>) -> Thunk {
        let Some(ast) = self.ast() else {
            return Thunk::val(missing());
        };
        let Val::Attrs(attrs) = evaluator.eval(ast, ast.root(), &Env::default()).val else {
            return Thunk::val(missing());
        };
        let mut all = AttrMap {
            open: Some(Why::Unsupported("a function of lib".into())),
            ..(*attrs).clone()
        };
        let section = Thunk::val(Val::Attrs(Rc::new(all.clone())));
        for name in SECTIONS {
            all.map.insert(name.into(), Attr::computed(section.clone()));
        }
        Thunk::val(Val::Attrs(Rc::new(all)))
    }
}

fn missing() -> Val {
    Val::Unknown(Why::Unsupported("lib".into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prelude_parses() {
        assert!(Prelude::default().ast().is_some());
    }
}
