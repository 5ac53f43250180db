//! `match` and `split`.

use super::super::evaluator::failure;
use super::super::posix::{Match, Program, Refusal};
use super::super::runtime::{Thunk, Val};
use super::super::value::Why;
use super::{Table, flat, list, string, text};

pub(super) fn register(table: &mut Table) {
    table.binary("match", |_, pattern, value| {
        flat(string(pattern).and_then(|pattern| {
            let value = string(value)?;
            let found = Program::new(&pattern)
                .and_then(|program| program.matches(value.as_bytes()))
                .map_err(refused)?;
            match found {
                Some(found) => groups(&found, &value),
                None => Ok(Val::Null),
            }
        }))
    });
    table.binary("split", |_, pattern, value| {
        flat(string(pattern).and_then(|pattern| {
            let value = string(value)?;
            let found = Program::new(&pattern)
                .and_then(|program| program.find_all(value.as_bytes()))
                .map_err(refused)?;
            let mut items = Vec::with_capacity(found.len() * 2 + 1);
            let mut before = 0;
            for hit in &found {
                items.push(Thunk::val(cut(&value, before, hit.whole.0)?));
                items.push(Thunk::val(groups(hit, &value)?));
                before = hit.whole.1;
            }
            items.push(Thunk::val(cut(&value, before, value.len())?));
            Ok(list(items))
        }))
    });
}

fn refused(refusal: Refusal) -> Val {
    match refusal {
        Refusal::Invalid => failure("a regular expression is not valid"),
        Refusal::Unsupported => Val::Unknown(Why::Unsupported("a regular expression".into())),
        Refusal::Limit => Val::Unknown(Why::Limit),
    }
}

fn cut(value: &str, start: usize, end: usize) -> Result<Val, Val> {
    value
        .get(start..end)
        .map(text)
        .ok_or_else(|| Val::Unknown(Why::Unsupported("a cut inside a character".into())))
}

fn groups(found: &Match, value: &str) -> Result<Val, Val> {
    let groups = found
        .groups
        .iter()
        .map(|group| match group {
            Some((start, end)) => cut(value, *start, *end).map(Thunk::val),
            None => Ok(Thunk::val(Val::Null)),
        })
        .collect::<Result<Vec<_>, Val>>()?;
    Ok(list(groups))
}
