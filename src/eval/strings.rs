//! Strings, paths, and what else can stand for text.

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use super::choices::{ALTERNATIVES, alternatives};
use super::evaluator::Evaluator;
use super::runtime::{Computed, Env, Thunk, Val};
use super::value::Why;
use crate::syntax::ast::{Ast, Part};
use crate::text::FileId;

/// How strictly a value turns into text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Coercion {
    /// `"${x}"`: strings and derivations.
    Interpolation,
    /// Inside a path: strings and paths.
    Path,
    /// `toString x`: numbers, booleans, null and lists as well.
    Loose,
}

impl Evaluator<'_> {
    pub(super) fn string(&self, ast: &Arc<Ast>, parts: &[Part], env: &Env) -> Val {
        if let [Part::Text(text)] = parts {
            return Val::Str(Arc::clone(text));
        }
        // One text for each alternative; those that fail stay failures.
        let mut variants: Vec<Result<String, Why>> = vec![Ok(String::new())];
        for part in parts {
            match part {
                Part::Text(text) => {
                    for variant in &mut variants {
                        match variant {
                            Ok(before) => before.push_str(text),
                            Err(why) => *why = why.followed_by(text),
                        }
                    }
                }
                Part::Expr(expr) => {
                    let value = self.eval(ast, *expr, env);
                    // Almost always there is one text so far, and one more.
                    if let ([Ok(before)], Val::Str(text)) = (variants.as_mut_slice(), &value.val) {
                        match self.spend(before.len() + text.len()) {
                            Ok(()) => before.push_str(text),
                            Err(why) => variants = vec![Err(why)],
                        }
                        continue;
                    }
                    let texts = self.coerced(&value);
                    if variants.len() * texts.len() > ALTERNATIVES {
                        return Val::Unknown(Why::Limit);
                    }
                    let join = |before: &Result<String, Why>, text: &Result<Arc<str>, Why>| {
                        let (before, text) = (before.as_ref(), text.as_ref());
                        let (before, text) =
                            (before.map_err(Why::clone)?, text.map_err(Why::clone)?);
                        self.spend(before.len() + text.len())?;
                        Ok(format!("{before}{text}"))
                    };
                    variants = variants
                        .iter()
                        .flat_map(|before| texts.iter().map(move |text| join(before, text)))
                        .collect();
                }
            }
        }
        alternatives(variants.into_iter().map(|variant| match variant {
            Ok(text) => Val::Str(text.into()),
            Err(why) => Val::Unknown(why),
        }))
    }

    /// The texts that a value may stand for in a string.
    fn coerced(&self, value: &Computed) -> Vec<Result<Arc<str>, Why>> {
        match &value.val {
            Val::OneOf(several) => several.iter().flat_map(|one| self.coerced(one)).collect(),
            _ => vec![self.coerce(value, Coercion::Interpolation)],
        }
    }

    /// The text that a value stands for (`EvalState::coerceToString`).
    pub fn coerce(&self, value: &Computed, how: Coercion) -> Result<Arc<str>, Why> {
        match &value.val {
            Val::Str(text) => Ok(Arc::clone(text)),
            Val::Path(path) => match how {
                Coercion::Interpolation if !self.copies_by_origin.get() => {
                    Err(Why::Impure(Why::PATH_COPY.into()))
                }
                _ => Ok(path.to_string_lossy().into()),
            },
            Val::Attrs(attrs) => {
                if let Some(to_string) = attrs.map.get("__toString") {
                    let function = to_string.value.force(self);
                    let text = self.apply(&function, Thunk::done(value.clone()));
                    return self.coerce(&text, how);
                }
                match attrs.map.get("outPath") {
                    Some(out_path) => self.coerce(&out_path.value.force(self), how),
                    None => Err(attrs
                        .open
                        .clone()
                        .unwrap_or_else(|| Why::Failure("a set cannot stand in a string".into()))),
                }
            }
            Val::Unknown(why) => Err(why.clone()),
            Val::Extern(set) => match set.whole(self) {
                Val::Extern(_) => Err(set.why()),
                val => self.coerce(&Computed::bare(val), how),
            },
            Val::Bool(flag) if how == Coercion::Loose => Ok(if *flag { "1" } else { "" }.into()),
            Val::Int(number) if how == Coercion::Loose => Ok(number.to_string().into()),
            // How it is written differs between C libraries.
            Val::Float(number) if number.is_nan() => {
                Err(Why::Unsupported("NaN in a string".into()))
            }
            Val::Float(number) if how == Coercion::Loose => Ok(format!("{number:.6}").into()),
            Val::Null if how == Coercion::Loose => Ok("".into()),
            Val::List(list) if how == Coercion::Loose => {
                if let Some(why) = &list.open {
                    return Err(why.clone());
                }
                let mut out = String::new();
                for (index, item) in list.items.iter().enumerate() {
                    let item = item.force(self);
                    let text = self.coerce(&item, how)?;
                    self.spend(text.len())?;
                    out.push_str(&text);
                    // An empty list leaves no blank (`coerceToString`).
                    let empty = matches!(&item.val, Val::List(inner) if inner.items.is_empty());
                    if index + 1 < list.items.len() && !empty {
                        out.push(' ');
                    }
                }
                Ok(out.into())
            }
            Val::OneOf(_) => Err(Why::Unsupported("an undecided value in a string".into())),
            _ => Err(Why::Failure("a value cannot stand in a string".into())),
        }
    }

    /// The folder that relative paths of a file start from.
    fn folder(&self, file: FileId) -> Option<Rc<Path>> {
        let mut folders = self.folders.borrow_mut();
        let folder = folders
            .entry(file)
            .or_insert_with(|| self.files().folder(file).map(Into::into));
        folder.clone()
    }

    pub(super) fn path(&self, ast: &Arc<Ast>, parts: &[Part], env: &Env) -> Val {
        let mut text = String::new();
        for part in parts {
            match part {
                Part::Text(part) => text.push_str(part),
                Part::Expr(expr) => {
                    let value = self.eval(ast, *expr, env);
                    match self.coerce(&value, Coercion::Path) {
                        Ok(part) => text.push_str(&part),
                        Err(why) => return Val::Unknown(why),
                    }
                }
            }
        }
        let path = Path::new(text.strip_prefix("./").unwrap_or(&text));
        if path.is_absolute() {
            return Val::Path(normalize(path).into());
        }
        match self.folder(ast.file()) {
            Some(folder) => Val::Path(normalize(&folder.join(path)).into()),
            None => Val::Unknown(Why::Impure("the file's folder".into())),
        }
    }
}

/// A path without `.` and `..`, by its text alone, as Nix does it.
pub fn normalize(path: &Path) -> PathBuf {
    use std::path::Component;
    if is_normal(path) {
        return path.to_path_buf();
    }
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

/// True when there is certainly nothing to take out of a path.
fn is_normal(path: &Path) -> bool {
    let bytes = path.as_os_str().as_encoded_bytes();
    let mut parts = bytes.split(|byte| *byte == b'/');
    bytes.len() > 1
        && parts.next() == Some(b"")
        && parts.all(|part| !matches!(part, b"" | b"." | b".."))
}
