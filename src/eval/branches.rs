//! Conditions: `if`, `assert`, `&&`, `||`, `->`, with a third answer.

use std::sync::Arc;

use super::choices::{alternatives, one_of};
use super::evaluator::{Evaluator, failure, step};
use super::runtime::{Computed, Env, Val};
use super::value::{Via, Why};
use crate::syntax::ast::{Ast, ExprId, Operator};
use crate::text::Place;

/// What a condition may turn out to be.
#[derive(Default)]
struct Verdict {
    yes: bool,
    no: bool,
    /// Ways in which it fails.
    failures: Vec<Val>,
}

impl Evaluator<'_> {
    fn verdict(&self, condition: &Val, verdict: &mut Verdict) {
        match condition {
            Val::Bool(true) => verdict.yes = true,
            Val::Bool(false) => verdict.no = true,
            Val::Unknown(why) if why.is_final() => {
                verdict.failures.push(Val::Unknown(why.clone()));
            }
            Val::Unknown(_) => {
                // It may as well fail.
                self.assume();
                (verdict.yes, verdict.no) = (true, true);
            }
            Val::OneOf(several) => {
                for one in several.iter() {
                    self.verdict(&one.val.clone().settled(self), verdict);
                }
            }
            _ => verdict
                .failures
                .push(failure("a condition is not a boolean")),
        }
    }

    /// `if condition then a else b`: both branches where the condition is not known.
    pub(super) fn branch(
        &self,
        ast: &Arc<Ast>,
        condition: ExprId,
        (then, otherwise): (ExprId, ExprId),
        env: &Env,
        here: Option<Place>,
    ) -> Computed {
        let condition = self.eval(ast, condition, env).val.settled(self);
        let take = |branch| self.eval(ast, branch, env).via(step(Via::Branch, here));
        match condition {
            Val::Bool(true) => return take(then),
            Val::Bool(false) => return take(otherwise),
            _ => {}
        }
        let mut verdict = Verdict::default();
        self.verdict(&condition, &mut verdict);
        let mut results = Vec::new();
        if verdict.yes {
            results.push(take(then));
        }
        if verdict.no {
            results.push(take(otherwise));
        }
        if results.len() == 1 && verdict.failures.is_empty() {
            return results.remove(0);
        }
        results.extend(verdict.failures.into_iter().map(Computed::bare));
        Computed::at(one_of(results), here)
    }

    /// Whether evaluation goes on behind an assertion.
    pub(super) fn asserted(&self, condition: &Val) -> Result<(), Val> {
        let mut verdict = Verdict::default();
        self.verdict(condition, &mut verdict);
        if verdict.yes {
            if verdict.no || !verdict.failures.is_empty() {
                self.assume();
            }
            return Ok(());
        }
        Err(verdict
            .failures
            .into_iter()
            .next()
            .unwrap_or_else(|| Val::Unknown(Why::Thrown("an assertion fails".into()))))
    }

    pub(super) fn logic(
        &self,
        ast: &Arc<Ast>,
        operator: Operator,
        (left, right): (ExprId, ExprId),
        env: &Env,
    ) -> Val {
        let left = self.eval(ast, left, env).val.settled(self);
        // The value of the left side that decides alone, and the result then.
        let (deciding, result) = match operator {
            Operator::And => (false, false),
            Operator::Or => (true, true),
            _ => (false, true),
        };
        let right = || match self.eval(ast, right, env).val.settled(self) {
            value @ (Val::Bool(_) | Val::Unknown(_) | Val::OneOf(_)) => value,
            _ => failure("a logical operator wants booleans"),
        };
        match left {
            Val::Bool(value) if value == deciding => Val::Bool(result),
            Val::Bool(_) => right(),
            Val::Unknown(why) if why.is_final() => Val::Unknown(why),
            // The right side decides when it is the result that either left side allows.
            Val::Unknown(why) => match right() {
                Val::Bool(value) if value == result => {
                    self.assume();
                    Val::Bool(result)
                }
                _ => Val::Unknown(why),
            },
            Val::OneOf(_) => {
                let mut verdict = Verdict::default();
                self.verdict(&left, &mut verdict);
                let (decided, other) = if deciding {
                    (verdict.yes, verdict.no)
                } else {
                    (verdict.no, verdict.yes)
                };
                let mut results = verdict.failures;
                if decided {
                    results.push(Val::Bool(result));
                }
                if other {
                    results.push(right());
                }
                alternatives(results)
            }
            _ => failure("a logical operator wants booleans"),
        }
    }
}
