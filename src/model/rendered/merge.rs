//! What a module system makes of the definitions of one key.
//!
//! The strongest priority wins; lists of that priority follow each other, by `mkOrder`; anything
//! else has to agree (nixpkgs `lib/modules.nix`, `lib/types.nix`). Conditions that are not known
//! are tried both ways.

use super::value;
use super::{Lost, LostWhy, Part, Source, Text};
use crate::eval::{Traced, Value, Why};
use crate::model::{Condition, Definition, Order, Priority};
use crate::text::Place;
use std::sync::Arc;

/// Conditions that are tried both ways; more of them make the value unknown.
const MOST_CONDITIONS: usize = 3;

/// The place of a value among those of the same order: lower ones come first.
pub(super) type Position = (usize, i64, usize, usize);

/// One value for a key.
#[derive(Clone, Debug)]
pub(super) struct Candidate<'m> {
    pub source: Source<'m>,
    pub value: Value,
    pub priority: Priority,
    pub order: Order,
    /// Its place among values of the same order.
    pub position: Position,
    /// The condition that it stands under, when that is not decided.
    pub condition: Option<(Why, Option<Place>)>,
}

/// What comes out.
#[derive(Debug)]
pub(super) struct Merged<'m> {
    /// `None` when nothing gives the key a value.
    pub text: Option<Text>,
    pub parts: Vec<Part<'m>>,
    pub lost: Vec<Lost<'m>>,
    /// True when the value is a list that other modules may add to.
    pub is_list: bool,
    /// True when nothing but `null` and empty lists is there.
    pub is_empty: bool,
}

impl<'m> Candidate<'m> {
    pub fn of(definition: &'m Definition, position: Position) -> Self {
        Self {
            source: Source::Definition(definition),
            value: definition.value.value.clone(),
            priority: definition.priority,
            order: definition.order,
            position,
            condition: match &definition.condition {
                Condition::Always => None,
                Condition::Unknown { why, at } => Some((why.clone(), *at)),
            },
        }
    }
}

/// Merges the values of `key`, an option of the type `kind` where one is declared.
pub(super) fn merge<'m>(
    key: &Arc<str>,
    kind: Option<&str>,
    mut candidates: Vec<Candidate<'m>>,
) -> Merged<'m> {
    candidates.sort_by_key(|candidate| (candidate.order, candidate.position));
    let mut conditions: Vec<(Why, Option<Place>)> = Vec::new();
    for condition in candidates.iter().filter_map(|one| one.condition.clone()) {
        if !conditions.contains(&condition) {
            conditions.push(condition);
        }
    }
    let all = resolve(key, kind, &candidates.iter().collect::<Vec<_>>());
    if conditions.is_empty() {
        return all;
    }
    let (is_list, is_empty) = (all.is_list, all.is_empty);
    if conditions.len() > MOST_CONDITIONS {
        let always = without(&candidates, &conditions);
        return Merged {
            text: Some(Text::Unknown {
                why: format!("depends on {} conditions", conditions.len()),
                known: known_words(resolve(key, kind, &always).text),
            }),
            ..all
        };
    }
    let mut outcomes = Vec::new();
    for mask in 0..(1_usize << conditions.len()) {
        let off: Vec<_> = conditions
            .iter()
            .enumerate()
            .filter(|(bit, _)| mask & (1 << bit) == 0)
            .map(|(_, condition)| condition.clone())
            .collect();
        outcomes.push(resolve(key, kind, &without(&candidates, &off)));
    }
    let texts: Vec<Option<Text>> = outcomes.iter().map(|one| one.text.clone()).collect();
    let text = undecided(texts);
    let decided = matches!(text, Some(Text::Known(_)));
    let mut parts: Vec<Part<'m>> = Vec::new();
    for mut part in outcomes.iter().flat_map(|one| one.parts.clone()) {
        part.unconditional = decided;
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    // Lost is only what never makes it.
    let lost = all
        .lost
        .into_iter()
        .filter(|lost| !parts.iter().any(|part| part.source == lost.source))
        .collect();
    Merged {
        text,
        parts,
        lost,
        is_list,
        is_empty,
    }
}

fn without<'c, 'm>(
    candidates: &'c [Candidate<'m>],
    off: &[(Why, Option<Place>)],
) -> Vec<&'c Candidate<'m>> {
    candidates
        .iter()
        .filter(|one| !one.condition.as_ref().is_some_and(|own| off.contains(own)))
        .collect()
}

/// The outcomes of conditions tried both ways as one text.
fn undecided(outcomes: Vec<Option<Text>>) -> Option<Text> {
    if outcomes.iter().all(Option::is_none) {
        return None;
    }
    Some(value::one_of(
        outcomes
            .into_iter()
            .map(|outcome| outcome.unwrap_or(Text::OneOf(vec![None]))),
    ))
}

fn known_words(text: Option<Text>) -> String {
    match text {
        Some(Text::Known(text)) => text,
        Some(Text::Unknown { known, .. }) => known,
        _ => String::new(),
    }
}

/// The value of `candidates`, which are sorted, when all of them count.
fn resolve<'m>(key: &Arc<str>, kind: Option<&str>, candidates: &[&Candidate<'m>]) -> Merged<'m> {
    let best = candidates.iter().map(|one| one.priority).min();
    let (winners, losers): (Vec<_>, Vec<_>) = candidates
        .iter()
        .copied()
        .partition(|one| Some(one.priority) == best);
    let lost = losers
        .into_iter()
        .filter_map(|loser| {
            Some(Lost {
                source: loser.source,
                key: Arc::clone(key),
                text: value::text(&loser.value).to_string(),
                why: LostWhy::Weaker {
                    than: winners.first()?.source,
                },
            })
        })
        .collect();
    let is_list = winners
        .iter()
        .any(|one| matches!(one.value, Value::List(_)));
    let is_empty = winners.iter().all(|one| match &one.value {
        Value::Null => true,
        Value::List(elements) => elements.is_empty(),
        _ => false,
    });
    Merged {
        text: combine(kind, &winners),
        parts: tidy(winners.iter().flat_map(|one| parts(one)).collect()),
        lost,
        is_list,
        is_empty,
    }
}

fn combine(kind: Option<&str>, winners: &[&Candidate<'_>]) -> Option<Text> {
    let (first, rest) = winners.split_first()?;
    if let Some(kind) = kind
        && let Some(wrong) = winners.iter().find(|one| !value::fits(kind, &one.value))
    {
        let written = match &wrong.value {
            Value::Str(text) => format!("the string `{text}`"),
            other => format!("`{}`", value::text(other)),
        };
        return Some(Text::Conflict(format!(
            "{written} where the module wants `{kind}`"
        )));
    }
    if rest.is_empty() {
        return Some(value::text(&first.value));
    }
    let mut elements: Vec<Traced> = Vec::new();
    let mut scalars: Vec<&Value> = Vec::new();
    let mut lists = 0;
    for winner in winners {
        match &winner.value {
            Value::List(own) => {
                lists += 1;
                elements.extend(own.iter().cloned());
            }
            other => scalars.push(other),
        }
    }
    let known = value::text(&Value::List(elements));
    let unknown = scalars.iter().find_map(|one| match one {
        Value::Unknown(why) => Some(why.to_string()),
        Value::OneOf(_) => Some(value::why(&value::text(one))),
        _ => None,
    });
    Some(match (unknown, lists) {
        // What is not known may be a list, or equal.
        (Some(why), _) => Text::Unknown {
            why,
            known: known_words(Some(known)),
        },
        (None, count) if count == winners.len() => known,
        (None, 0) if scalars.windows(2).all(|pair| pair.first() == pair.last()) => {
            value::text(&first.value)
        }
        (None, 0) => {
            let mut values: Vec<String> = Vec::new();
            for one in scalars {
                let text = match one {
                    Value::Null => "null".to_owned(),
                    other => value::text(other).to_string(),
                };
                if !values.contains(&text) {
                    values.push(text);
                }
            }
            Text::Conflict(format!("{} have the same priority", values.join(" and ")))
        }
        (None, _) => Text::Conflict("a list and a single value have the same priority".to_owned()),
    })
}

/// The words that a value is made of.
fn parts<'m>(candidate: &Candidate<'m>) -> Vec<Part<'m>> {
    let part = |text: Text| Part {
        known: matches!(text, Text::Known(_)),
        text: text.to_string(),
        source: candidate.source,
        unconditional: candidate.condition.is_none(),
    };
    match &candidate.value {
        // Nothing has a source too.
        Value::List(elements) if elements.is_empty() => vec![part(Text::Known(String::new()))],
        Value::List(elements) => elements
            .iter()
            .map(|one| part(value::element(&one.value)))
            .collect(),
        other => vec![part(value::text(other))],
    }
}

/// Parts without text stand for an empty whole only.
pub(super) fn tidy(mut parts: Vec<Part<'_>>) -> Vec<Part<'_>> {
    if parts.iter().any(|part| !part.text.is_empty()) {
        parts.retain(|part| !part.text.is_empty());
    }
    parts
}
