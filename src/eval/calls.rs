//! Calling functions.

use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use super::choices::one_of;
use super::evaluator::{Evaluator, failure};
use super::runtime::{Computed, Env, FrameKind, Lambda, Native, Thunk, Val};
use super::value::Why;
use crate::syntax::ast::{Ast, Expr, ExprId, Part};

impl Evaluator<'_> {
    /// `function argument`, where the function may be a call itself: `f a b`. All arguments of a
    /// builtin are handed over at once.
    pub(super) fn application(
        &self,
        ast: &Arc<Ast>,
        mut function: ExprId,
        argument: ExprId,
        env: &Env,
    ) -> Computed {
        let mut arguments = vec![argument];
        while let Expr::Apply(inner, argument) = ast.expr(function) {
            arguments.push(*argument);
            function = *inner;
        }
        let mut result = self.eval(ast, function, env);
        while let Some(argument) = arguments.pop() {
            let written = self.suspend(ast, argument, env);
            let native = match &result.val {
                Val::Native(native) => Rc::clone(native),
                Val::Lambda(lambda) => {
                    result = match self.written_path(ast, argument, env) {
                        Some(path) => self.call_with_path(lambda, &path, written),
                        None => self.call(lambda, written),
                    };
                    continue;
                }
                _ => {
                    result = self.apply(&result, written);
                    continue;
                }
            };
            let wanted = native.arity.saturating_sub(native.args.len() + 1);
            if wanted > arguments.len() {
                result = self.apply(&result, written);
                continue;
            }
            let mut all = Vec::with_capacity(native.arity);
            all.extend(native.args.iter().cloned());
            all.push(written);
            let rest = arguments.split_off(arguments.len() - wanted);
            let rest = rest.iter().rev();
            all.extend(rest.map(|argument| self.suspend(ast, *argument, env)));
            result = (native.body)(self, &all);
        }
        result
    }

    /// The path that an expression is when it is nothing but a path.
    fn written_path(&self, ast: &Arc<Ast>, expr: ExprId, env: &Env) -> Option<Arc<Path>> {
        let Expr::Path(parts) = ast.expr(ast.peel(expr)) else {
            return None;
        };
        if !parts.iter().all(|part| matches!(part, Part::Text(_))) {
            return None;
        }
        match self.path(ast, parts, env) {
            Val::Path(path) => Some(path),
            _ => None,
        }
    }

    /// Calls a function.
    pub fn apply(&self, function: &Computed, argument: Thunk) -> Computed {
        match &function.val {
            Val::Lambda(lambda) => self.call(lambda, argument),
            Val::Native(native) => {
                let mut native = Native::clone(native);
                native.args.push(argument);
                if native.args.len() < native.arity {
                    return Computed::bare(Val::Native(Rc::new(native)));
                }
                (native.body)(self, &native.args)
            }
            Val::Attrs(attrs) => match (attrs.map.get("__functor"), &attrs.open) {
                (Some(functor), _) => {
                    let functor = functor.value.force(self);
                    let bound = self.apply(&functor, Thunk::done(function.clone()));
                    self.apply(&bound, argument)
                }
                (None, Some(why)) => Computed::bare(Val::Unknown(why.clone())),
                (None, None) => Computed::bare(failure("a set is called like a function")),
            },
            Val::OneOf(several) => Computed::bare(one_of(
                several.iter().map(|one| self.apply(one, argument.clone())),
            )),
            Val::Extern(set) => set.apply(self, argument),
            Val::Unknown(why) => Computed::bare(Val::Unknown(why.clone())),
            _ => Computed::bare(failure("a value is called that is no function")),
        }
    }

    /// Calls a function with several arguments.
    pub fn apply_all(
        &self,
        function: &Computed,
        arguments: impl IntoIterator<Item = Thunk>,
    ) -> Computed {
        let mut result = function.clone();
        for argument in arguments {
            result = self.apply(&result, argument);
        }
        result
    }

    /// Remembers a scope that outlives the expression it was made for: something that is not
    /// evaluated yet holds it, and it may hold that.
    pub(super) fn keep(&self, scope: Env) {
        if scope.is_shared() {
            self.scopes.borrow_mut().push(scope);
        }
    }

    pub(super) fn call(&self, lambda: &Rc<Lambda>, argument: Thunk) -> Computed {
        let Expr::Lambda(param, body) = lambda.ast.expr(lambda.expr) else {
            return Computed::bare(Val::Unknown(Why::Unsupported("a function".into())));
        };
        let Some(formals) = &param.formals else {
            let values = param.name.iter().map(|_| argument.clone()).collect();
            let scope = lambda.env.with(FrameKind::Params(RefCell::new(values)));
            let result = self.eval(&lambda.ast, *body, &scope);
            self.keep(scope);
            return result;
        };
        let given = argument.force(self);
        if let Err(val) = self.demand(&given.val) {
            return Computed::bare(val);
        }
        if let Val::OneOf(several) = &given.val {
            return Computed::bare(one_of(
                several
                    .iter()
                    .map(|one| self.call(lambda, Thunk::done(one.clone()))),
            ));
        }
        if let Val::Attrs(attrs) = &given.val
            && !param.open
            && let Some(extra) = attrs
                .map
                .keys()
                .find(|name| !formals.iter().any(|formal| formal.name == **name))
        {
            return Computed::bare(failure(&format!("unexpected argument `{extra}`")));
        }
        let scope = lambda.env.with(FrameKind::Params(RefCell::default()));
        let mut params: Vec<Thunk> = Vec::with_capacity(formals.len() + 1);
        if param.name.is_some() {
            let names = || {
                formals
                    .iter()
                    .map(|formal| Arc::clone(&formal.name))
                    .collect::<Vec<_>>()
            };
            let bound = match &given.val {
                Val::Extern(set) => set.as_pattern(&names()),
                _ => None,
            };
            params.push(bound.map_or(argument, Thunk::val));
        }
        for formal in formals.iter() {
            let value = match &given.val {
                Val::Attrs(attrs) => match (attrs.map.get(&formal.name), &attrs.open) {
                    (Some(attr), _) => attr.value.clone(),
                    (None, Some(why)) => Thunk::val(Val::Unknown(match why {
                        Why::Argument(_) => Why::Argument(Arc::clone(&formal.name)),
                        other => other.clone(),
                    })),
                    (None, None) => match formal.default {
                        Some(default) => self.suspend(&lambda.ast, default, &scope),
                        None => {
                            return Computed::bare(failure(&format!(
                                "the argument `{}` is missing",
                                formal.name
                            )));
                        }
                    },
                },
                Val::Extern(set) => {
                    let (set, name) = (Rc::clone(set), Arc::clone(&formal.name));
                    let default = formal
                        .default
                        .map(|default| self.suspend(&lambda.ast, default, &scope));
                    Thunk::call(
                        move |evaluator| match (set.select(evaluator, &name), default) {
                            (Some(found), _) => found,
                            (None, Some(default)) => default.force(evaluator),
                            (None, None) => Computed::bare(failure("an argument is missing")),
                        },
                    )
                }
                Val::Unknown(why) => Thunk::val(Val::Unknown(why.clone())),
                _ => return Computed::bare(failure("a function wants a set")),
            };
            params.push(value);
        }
        scope.fill(params);
        let result = self.eval(&lambda.ast, *body, &scope);
        self.keep(scope);
        result
    }
}
