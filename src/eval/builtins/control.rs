//! Builtins about evaluation itself: failures, order, messages.

use super::super::choices::one_of;
use super::super::evaluator::{Evaluator, failure};
use super::super::runtime::{Attr, Computed, Thunk, Val};
use super::super::strings::Coercion;
use super::super::value::Why;
use super::{Table, forced, handed_on, set};

/// Deeper structures are not looked through.
const DEEPEST: u32 = 64;

pub(super) fn register(table: &mut Table) {
    table.unary("throw", |evaluator, value| {
        let message = evaluator.coerce(value, Coercion::Interpolation);
        Val::Unknown(message.map_or_else(|why| why, Why::Thrown))
    });
    table.unary("abort", |evaluator, value| {
        let message = evaluator.coerce(value, Coercion::Interpolation);
        Val::Unknown(message.map_or_else(|why| why, Why::Failure))
    });
    table.function("seq", 2, |evaluator, args| {
        let first = handed_on(evaluator, args, 0);
        match evaluator.demand(&first.val) {
            Ok(()) => handed_on(evaluator, args, 1),
            Err(val) => Computed::bare(val),
        }
    });
    table.function("deepSeq", 2, |evaluator, args| {
        let through = args
            .first()
            .map_or(Ok(()), |arg| demand_deeply(evaluator, arg, 0));
        match through {
            Ok(()) => handed_on(evaluator, args, 1),
            Err(val) => Computed::bare(val),
        }
    });
    for name in ["trace", "traceVerbose"] {
        table.function(name, 2, move |evaluator, args| {
            // Only a run that asks for it looks at the message of the latter.
            let message = handed_on(evaluator, args, 0);
            match evaluator.demand(&message.val) {
                Err(val) if name == "trace" => Computed::bare(val),
                _ => handed_on(evaluator, args, 1),
            }
        });
    }
    table.function("warn", 2, |evaluator, args| {
        let message = forced(evaluator, args, 0);
        match &message.val {
            Val::Str(_) | Val::Unknown(_) | Val::OneOf(_) => match evaluator.demand(&message.val) {
                Ok(()) => handed_on(evaluator, args, 1),
                Err(val) => Computed::bare(val),
            },
            _ => Computed::bare(failure("a warning is not a string")),
        }
    });
    table.function("addErrorContext", 2, |evaluator, args| {
        handed_on(evaluator, args, 1)
    });
    table.function("break", 1, |evaluator, args| handed_on(evaluator, args, 0));
    table.function("tryEval", 1, |evaluator, args| {
        let before = evaluator.assumptions();
        let value = handed_on(evaluator, args, 0);
        let doubtful = evaluator.assumptions() != before;
        Computed::bare(attempt(&value, doubtful))
    });
}

/// Fails where a part of the value fails.
fn demand_deeply(evaluator: &Evaluator<'_>, thunk: &Thunk, depth: u32) -> Result<(), Val> {
    if depth > DEEPEST {
        return Err(Val::Unknown(Why::Limit));
    }
    let value = thunk.settle(evaluator).val;
    evaluator.demand(&value)?;
    match value {
        Val::List(list) => {
            if list.open.is_some() {
                evaluator.assume();
            }
            list.items
                .iter()
                .try_for_each(|item| demand_deeply(evaluator, item, depth + 1))
        }
        Val::Attrs(attrs) => {
            if attrs.open.is_some() {
                evaluator.assume();
            }
            attrs
                .map
                .values()
                .try_for_each(|attr| demand_deeply(evaluator, &attr.value, depth + 1))
        }
        Val::OneOf(_) => {
            evaluator.assume();
            Ok(())
        }
        _ => Ok(()),
    }
}

fn outcome(success: bool, value: Thunk) -> Val {
    let success = Thunk::val(Val::Bool(success));
    set([
        ("success".into(), Attr::computed(success)),
        ("value".into(), Attr::computed(value)),
    ]
    .into())
}

/// What `tryEval` gives for a value; `doubtful` when it may fail after all.
fn attempt(value: &Computed, doubtful: bool) -> Val {
    let failed = || outcome(false, Thunk::val(Val::Bool(false)));
    match &value.val {
        Val::Unknown(Why::Thrown(_)) => failed(),
        // Other failures are not caught.
        Val::Unknown(why) => Val::Unknown(why.clone()),
        Val::OneOf(several) => {
            let outcomes = several
                .iter()
                .map(|one| Computed::bare(attempt(one, false)))
                .chain(doubtful.then(|| Computed::bare(failed())));
            one_of(outcomes)
        }
        _ => {
            let succeeded = outcome(true, Thunk::done(value.clone()));
            if doubtful {
                one_of([Computed::bare(succeeded), Computed::bare(failed())])
            } else {
                succeeded
            }
        }
    }
}
