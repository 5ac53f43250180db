//! The attributes of a set: sorted by name, without a gap between them. Most sets are small and
//! made once, so a search tree would cost more room than it saves time.

use std::cmp::Ordering;

use super::runtime::Attr;
use crate::syntax::ast::Name;

/// Attributes by name, in the order of their names.
#[derive(Clone, Debug, Default)]
pub struct Members(Vec<(Name, Attr)>);

impl Members {
    /// Members from pairs that are sorted already, each name once.
    pub(super) fn sorted(pairs: Vec<(Name, Attr)>) -> Self {
        debug_assert!(pairs.windows(2).all(|two| match two {
            [(before, _), (after, _)] => before < after,
            _ => true,
        }));
        Self(pairs)
    }

    fn find(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| (**known).cmp(name))
    }

    /// The attribute of that name.
    pub fn get(&self, name: &str) -> Option<&Attr> {
        let at = self.find(name).ok()?;
        self.0.get(at).map(|(_, attr)| attr)
    }

    /// True when there is an attribute of that name.
    pub fn contains_key(&self, name: &str) -> bool {
        self.find(name).is_ok()
    }

    /// Sets one attribute, in place of what had its name.
    pub fn insert(&mut self, name: Name, attr: Attr) {
        match self.find(&name) {
            Ok(at) => {
                if let Some(place) = self.0.get_mut(at) {
                    *place = (name, attr);
                }
            }
            Err(at) => self.0.insert(at, (name, attr)),
        }
    }

    /// Sets one attribute unless there is one of that name. True when it did.
    pub fn insert_new(&mut self, name: Name, attr: impl FnOnce() -> Attr) -> bool {
        match self.find(&name) {
            Ok(_) => false,
            Err(at) => {
                self.0.insert(at, (name, attr()));
                true
            }
        }
    }

    /// Takes one attribute away.
    pub fn remove(&mut self, name: &str) {
        if let Ok(at) = self.find(name) {
            self.0.remove(at);
        }
    }

    /// Keeps the attributes whose names are wanted.
    pub fn retain(&mut self, wanted: impl Fn(&str) -> bool) {
        self.0.retain(|(name, _)| wanted(name));
    }

    /// These, with those of `other` in place of what has the same name.
    #[must_use]
    pub fn updated(&self, other: &Self) -> Self {
        let mut merged = Vec::with_capacity(self.0.len() + other.0.len());
        let (mut left, mut right) = (self.0.iter().peekable(), other.0.iter().peekable());
        while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
            match a.0.cmp(&b.0) {
                Ordering::Less => merged.extend(left.next().cloned()),
                Ordering::Greater => merged.extend(right.next().cloned()),
                Ordering::Equal => {
                    left.next();
                    merged.extend(right.next().cloned());
                }
            }
        }
        merged.extend(left.cloned());
        merged.extend(right.cloned());
        Self(merged)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The room that they take, their values left aside, in bytes.
    pub(super) fn size_bytes(&self) -> usize {
        size_of_val(self.0.as_slice())
    }

    /// True when there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Names and attributes, sorted by name.
    pub fn iter(&self) -> Iter<'_> {
        self.into_iter()
    }

    /// The names, sorted.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &Name> {
        self.0.iter().map(|(name, _)| name)
    }

    /// The attributes, sorted by name.
    pub fn values(&self) -> impl ExactSizeIterator<Item = &Attr> {
        self.0.iter().map(|(_, attr)| attr)
    }
}

/// Of several attributes of one name the last counts.
impl FromIterator<(Name, Attr)> for Members {
    fn from_iter<I: IntoIterator<Item = (Name, Attr)>>(pairs: I) -> Self {
        let mut pairs: Vec<(Name, Attr)> = pairs.into_iter().collect();
        if pairs.is_sorted_by(|(before, _), (after, _)| before < after) {
            return Self(pairs);
        }
        // Stable, so that the last of a name comes first once all are turned round.
        pairs.reverse();
        pairs.sort_by(|(a, _), (b, _)| a.cmp(b));
        pairs.dedup_by(|(later, _), (earlier, _)| later == earlier);
        Self(pairs)
    }
}

impl<const N: usize> From<[(Name, Attr); N]> for Members {
    fn from(pairs: [(Name, Attr); N]) -> Self {
        pairs.into_iter().collect()
    }
}

/// Names and attributes of a set.
pub type Iter<'m> =
    std::iter::Map<std::slice::Iter<'m, (Name, Attr)>, fn(&(Name, Attr)) -> (&Name, &Attr)>;

impl<'m> IntoIterator for &'m Members {
    type Item = (&'m Name, &'m Attr);
    type IntoIter = Iter<'m>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter().map(|(name, attr)| (name, attr))
    }
}

impl IntoIterator for Members {
    type Item = (Name, Attr);
    type IntoIter = std::vec::IntoIter<(Name, Attr)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::runtime::{Thunk, Val};

    fn attr(number: i64) -> Attr {
        Attr::computed(Thunk::val(Val::Int(number)))
    }

    fn shown(members: &Members) -> String {
        let shown = members
            .iter()
            .map(|(name, attr)| format!("{name}={:?}", attr.value));
        shown.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn they_are_sorted_and_the_last_of_a_name_counts() {
        let members: Members = [
            ("b".into(), attr(1)),
            ("a".into(), attr(2)),
            ("b".into(), attr(3)),
        ]
        .into();
        assert_eq!(shown(&members), "a=Int(2) b=Int(3)");
        assert!(members.contains_key("a") && !members.contains_key("c"));
    }

    #[test]
    fn one_set_is_laid_over_another() {
        let lower: Members = [("a".into(), attr(1)), ("c".into(), attr(2))].into();
        let upper: Members = [
            ("b".into(), attr(3)),
            ("c".into(), attr(4)),
            ("d".into(), attr(5)),
        ]
        .into();
        assert_eq!(
            shown(&lower.updated(&upper)),
            "a=Int(1) b=Int(3) c=Int(4) d=Int(5)"
        );
        assert_eq!(
            shown(&upper.updated(&lower)),
            "a=Int(1) b=Int(3) c=Int(2) d=Int(5)"
        );
    }

    #[test]
    fn single_attributes_come_and_go() {
        let mut members = Members::default();
        members.insert("b".into(), attr(1));
        members.insert("a".into(), attr(2));
        members.insert("b".into(), attr(3));
        assert!(!members.insert_new("a".into(), || attr(4)));
        assert!(members.insert_new("c".into(), || attr(5)));
        assert_eq!(shown(&members), "a=Int(2) b=Int(3) c=Int(5)");
        members.remove("a");
        members.retain(|name| name != "c");
        assert_eq!((shown(&members).as_str(), members.len()), ("b=Int(3)", 1));
    }
}
