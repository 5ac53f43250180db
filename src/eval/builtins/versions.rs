//! Builtins about versions.

use std::cmp::Ordering;

use super::super::runtime::{Attr, Thunk, Val};
use super::{Table, either, flat, list, set, string, text};

/// The parts of a version: runs of digits and runs of other letters (`nextComponent` in
/// `src/libstore/names.cc`).
fn components(version: &str) -> Vec<&str> {
    let separator = |c: char| matches!(c, '.' | '-');
    let mut parts = Vec::new();
    let mut rest = version.trim_start_matches(separator);
    while let Some(first) = rest.chars().next() {
        let digits = first.is_ascii_digit();
        let end = rest
            .find(|c: char| separator(c) || c.is_ascii_digit() != digits)
            .unwrap_or(rest.len());
        let (part, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        parts.push(part);
        rest = after.trim_start_matches(separator);
    }
    parts
}

fn component_less(a: &str, b: &str) -> bool {
    // `int` of C++: longer numbers compare as text.
    let number = |part: &str| part.parse::<i32>().ok();
    match (number(a), number(b)) {
        (Some(a), Some(b)) => a < b,
        _ if a.is_empty() && number(b).is_some() => true,
        _ if a == "pre" && b != "pre" => true,
        _ if b == "pre" => false,
        (None, Some(_)) => true,
        (Some(_), None) => false,
        _ => a < b,
    }
}

fn compare_versions(a: &str, b: &str) -> Ordering {
    let (a, b) = (components(a), components(b));
    for index in 0..a.len().max(b.len()) {
        let a = a.get(index).copied().unwrap_or("");
        let b = b.get(index).copied().unwrap_or("");
        if component_less(a, b) {
            return Ordering::Less;
        }
        if component_less(b, a) {
            return Ordering::Greater;
        }
    }
    Ordering::Equal
}

pub(super) fn register(table: &mut Table) {
    table.binary("compareVersions", |_, a, b| {
        flat(string(a).and_then(|a| Ok(Val::Int(compare_versions(&a, &string(b)?) as i64))))
    });
    table.unary("splitVersion", |_, value| {
        either(string(value), |version| {
            list(
                components(&version)
                    .into_iter()
                    .map(|part| Thunk::val(text(part)))
                    .collect(),
            )
        })
    });
    table.unary("parseDrvName", |_, value| {
        either(string(value), |full| {
            // The version starts at the first dash that no letter follows.
            let cut = full.match_indices('-').find(|(at, _)| {
                full.get(at + 1..)
                    .and_then(|rest| rest.chars().next())
                    .is_some_and(|next| !next.is_ascii_alphabetic())
            });
            let (name, version) = cut.map_or((full.as_ref(), ""), |(at, _)| {
                (
                    full.get(..at).unwrap_or(""),
                    full.get(at + 1..).unwrap_or(""),
                )
            });
            set([
                ("name".into(), Attr::computed(Thunk::val(text(name)))),
                ("version".into(), Attr::computed(Thunk::val(text(version)))),
            ]
            .into())
        })
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_as_nix_compares_them() {
        assert_eq!(compare_versions("1.0", "2.3"), Ordering::Less);
        assert_eq!(compare_versions("2.1", "2.3"), Ordering::Less);
        assert_eq!(compare_versions("2.3", "2.3"), Ordering::Equal);
        assert_eq!(compare_versions("2.5", "2.3"), Ordering::Greater);
        assert_eq!(compare_versions("2.3.1", "2.3"), Ordering::Greater);
        assert_eq!(compare_versions("2.3.1", "2.3a"), Ordering::Greater);
        assert_eq!(compare_versions("2.3pre1", "2.3"), Ordering::Less);
        assert_eq!(compare_versions("2.3pre3", "2.3pre12"), Ordering::Less);
        assert_eq!(compare_versions("2.3a", "2.3c"), Ordering::Less);
        assert_eq!(compare_versions("2.3pre1", "2.3c"), Ordering::Less);
    }
}
