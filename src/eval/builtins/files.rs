//! Builtins about files: what they say, and paths as such.

use std::path::PathBuf;

use super::super::evaluator::{Evaluator, failure};
use super::super::runtime::{Attr, Computed, Env, FrameKind, Thunk, Val};
use super::super::strings::{Coercion, normalize};
use super::super::value::{Step, Via, Why};
use super::{Table, closed_set, either, forced, handed_on, set, text};

pub(super) fn register(table: &mut Table) {
    imports(table);
    contents(table);
    names(table);
}

pub(super) fn path_of(evaluator: &Evaluator<'_>, value: &Computed) -> Result<PathBuf, Val> {
    match &value.val {
        Val::Path(path) => Ok(path.to_path_buf()),
        Val::Str(text) if text.starts_with('/') => Ok(PathBuf::from(text.as_ref())),
        Val::Str(_) => Err(failure("a path must be absolute")),
        Val::Attrs(_) => match evaluator.coerce(value, Coercion::Path) {
            Ok(text) => Ok(PathBuf::from(text.as_ref())),
            Err(why) => Err(Val::Unknown(why)),
        },
        _ => Err(failure("a path is wanted")),
    }
}

fn imports(table: &mut Table) {
    table.function("import", 1, |evaluator, args| {
        let argument = handed_on(evaluator, args, 0);
        super::each_computed(&argument, |argument| match &argument.val {
            Val::Unknown(why) => Computed::bare(Val::Unknown(why.clone())),
            Val::Extern(set) => set.import(evaluator),
            _ => match path_of(evaluator, argument) {
                Ok(path) => {
                    let step = argument.origin.map(|place| Step {
                        via: Via::Import,
                        place,
                    });
                    evaluator.files().depend(&path);
                    evaluator.import(&path).via(step)
                }
                Err(val) => Computed::bare(val),
            },
        })
    });
    table.function("scopedImport", 2, |evaluator, args| {
        let scope = forced(evaluator, args, 0);
        let argument = forced(evaluator, args, 1);
        let loaded = closed_set(&scope).and_then(|scope| {
            let path = match &argument.val {
                Val::Unknown(why) => return Err(Val::Unknown(why.clone())),
                Val::OneOf(_) => {
                    return Err(Val::Unknown(Why::Unsupported("a choice of files".into())));
                }
                _ => path_of(evaluator, &argument)?,
            };
            evaluator.files().depend(&path);
            let ast = evaluator.files().import(&path).map_err(Val::Unknown)?;
            // The scope is nearer than the builtins, as if the file stood in a `let`.
            let attrs = std::rc::Rc::new(scope.clone());
            let env = Env::default().with(FrameKind::Given(attrs));
            Ok(evaluator.eval(&ast, ast.root(), &env))
        });
        loaded.unwrap_or_else(Computed::bare)
    });
}

fn contents(table: &mut Table) {
    table.unary("readFile", |evaluator, value| {
        either(path_of(evaluator, value), |path| {
            evaluator
                .files()
                .read(&path)
                .map_or_else(Val::Unknown, Val::Str)
        })
    });
    table.unary("pathExists", |evaluator, value| {
        either(path_of(evaluator, value), |path| {
            evaluator
                .files()
                .exists(&path)
                .map_or_else(Val::Unknown, Val::Bool)
        })
    });
    table.unary("readDir", |evaluator, value| {
        either(path_of(evaluator, value), |path| {
            match evaluator.files().list(&path) {
                Ok(entries) => set(entries
                    .into_iter()
                    .map(|(name, kind)| (name.into(), Attr::computed(Thunk::val(text(kind)))))
                    .collect()),
                Err(why) => Val::Unknown(why),
            }
        })
    });
    table.unary("readFileType", |evaluator, value| {
        either(path_of(evaluator, value), |path| {
            let path = normalize(&path);
            let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
                return text("directory");
            };
            match evaluator.files().list(folder) {
                Ok(entries) => entries
                    .iter()
                    .find(|(entry, _)| name == entry.as_str())
                    .map_or_else(|| failure("a path does not exist"), |(_, kind)| text(*kind)),
                Err(why) => Val::Unknown(why),
            }
        })
    });
}

fn names(table: &mut Table) {
    table.unary("toPath", |evaluator, value| {
        either(path_of(evaluator, value), |path| {
            text(normalize(&path).to_string_lossy())
        })
    });
    table.unary("baseNameOf", |evaluator, value| {
        match evaluator.coerce(value, Coercion::Path) {
            Ok(path) => {
                let path = path.strip_suffix('/').unwrap_or(&path);
                text(path.rsplit_once('/').map_or(path, |(_, base)| base))
            }
            Err(why) => Val::Unknown(why),
        }
    });
    table.unary("dirOf", |evaluator, value| match &value.val {
        Val::Path(path) => Val::Path(path.parent().unwrap_or(path).into()),
        _ => match evaluator.coerce(value, Coercion::Path) {
            Ok(path) => text(match path.rsplit_once('/') {
                Some(("", _)) => "/",
                Some((dir, _)) => dir,
                None => ".",
            }),
            Err(why) => Val::Unknown(why),
        },
    });
}
