//! Which binding each variable means. Nix decides this once for each file, too
//! (`Expr::bindVars` in `src/libexpr/nixexpr.cc`), so that evaluation need not look for names.

use crate::syntax::ast::{Attrs, Expr, ExprId, Key, Name, Param, Part, Slot, Target};
use crate::text::Span;

/// The names that one scope binds.
enum Names<'n> {
    /// `let` and `rec`.
    Bindings(&'n Attrs),
    /// A function's parameters.
    Params(&'n Param),
    /// `with`: nothing that the text tells.
    Unknown,
}

/// A scope within those around it.
struct Scope<'n> {
    names: Names<'n>,
    outer: Option<&'n Scope<'n>>,
}

impl Scope<'_> {
    fn position(&self, name: &str) -> Option<usize> {
        match self.names {
            Names::Bindings(attrs) => attrs.position(name),
            Names::Params(param) => param.names().position(|known| &**known == name),
            Names::Unknown => None,
        }
    }
}

fn slot(name: &Name, scope: Option<&Scope<'_>>) -> Option<Slot> {
    let mut scopes = std::iter::successors(scope, |scope| scope.outer).enumerate();
    let (up, at) =
        scopes.find_map(|(up, scope)| scope.position(name).map(|position| (up, position)))?;
    Some(Slot {
        up: u32::try_from(up).ok()?,
        at: u32::try_from(at).ok()?,
    })
}

/// Sorts the bindings of all sets, and says of each variable where it is bound.
pub(super) fn bind(exprs: &mut [(Expr, Span)], root: ExprId) {
    Binder { exprs }.expr(root, None);
}

struct Binder<'e> {
    exprs: &'e mut [(Expr, Span)],
}

impl Binder<'_> {
    fn expr(&mut self, id: ExprId, scope: Option<&Scope<'_>>) {
        let Some((place, _)) = self.exprs.get_mut(id.0 as usize) else {
            return;
        };
        match place {
            Expr::Ident(name, found) => return *found = slot(name, scope),
            Expr::Int(_)
            | Expr::Float(_)
            | Expr::HomePath
            | Expr::SearchPath(_)
            | Expr::Opaque(_) => return,
            _ => {}
        }
        // Out of the tree while what it holds is worked on; no expression is part of two others.
        let mut expr = std::mem::replace(place, Expr::HomePath);
        match &mut expr {
            Expr::Str(parts) | Expr::Path(parts) => {
                for part in parts.iter() {
                    if let Part::Expr(inner) = part {
                        self.expr(*inner, scope);
                    }
                }
            }
            Expr::List(items) => {
                for item in items.iter() {
                    self.expr(*item, scope);
                }
            }
            Expr::Attrs(attrs) => {
                self.inherited(attrs, scope);
                let within = Scope {
                    names: Names::Bindings(attrs),
                    outer: scope,
                };
                let inner = if attrs.recursive {
                    Some(&within)
                } else {
                    scope
                };
                self.values(attrs, inner);
            }
            Expr::Let(attrs, body) => {
                self.inherited(attrs, scope);
                let within = Scope {
                    names: Names::Bindings(attrs),
                    outer: scope,
                };
                self.values(attrs, Some(&within));
                self.expr(*body, Some(&within));
            }
            Expr::Lambda(param, body) => {
                let within = Scope {
                    names: Names::Params(param),
                    outer: scope,
                };
                let formals = param.formals.iter().flatten();
                for default in formals.filter_map(|formal| formal.default) {
                    self.expr(default, Some(&within));
                }
                self.expr(*body, Some(&within));
            }
            Expr::With(set, body) => {
                self.expr(*set, scope);
                let within = Scope {
                    names: Names::Unknown,
                    outer: scope,
                };
                self.expr(*body, Some(&within));
            }
            Expr::Select(base, keys, default) => {
                self.expr(*base, scope);
                self.keys(keys, scope);
                if let Some(default) = default {
                    self.expr(*default, scope);
                }
            }
            Expr::HasAttr(base, keys) => {
                self.expr(*base, scope);
                self.keys(keys, scope);
            }
            Expr::If(a, b, c) => {
                for part in [*a, *b, *c] {
                    self.expr(part, scope);
                }
            }
            Expr::Apply(a, b) | Expr::Assert(a, b) | Expr::Binary(_, a, b) => {
                self.expr(*a, scope);
                self.expr(*b, scope);
            }
            Expr::Not(inner) | Expr::Negate(inner) | Expr::Paren(inner) => {
                self.expr(*inner, scope);
            }
            _ => {}
        }
        if let Some((place, _)) = self.exprs.get_mut(id.0 as usize) {
            *place = expr;
        }
    }

    /// Sorts the bindings, and resolves what is inherited from around the set.
    fn inherited(&mut self, attrs: &mut Attrs, scope: Option<&Scope<'_>>) {
        attrs.sort();
        for binding in &mut attrs.bindings {
            if let Target::Inherit(found) = &mut binding.target {
                *found = slot(&binding.name, scope);
            }
        }
    }

    fn values(&mut self, attrs: &Attrs, scope: Option<&Scope<'_>>) {
        for source in &attrs.sources {
            self.expr(*source, scope);
        }
        for binding in &attrs.bindings {
            if let Target::Value(value) | Target::Nested(value) = binding.target {
                self.expr(value, scope);
            }
        }
        for dynamic in &attrs.dynamic {
            self.expr(dynamic.key, scope);
            self.expr(dynamic.value, scope);
        }
    }

    fn keys(&mut self, keys: &[Key], scope: Option<&Scope<'_>>) {
        for key in keys {
            if let Key::Computed(expr, _) = key {
                self.expr(*expr, scope);
            }
        }
    }
}
