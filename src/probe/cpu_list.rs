//! The kernel's lists of processors: `0-3,8`.

use std::collections::BTreeSet;

use crate::facts::profile::MOST_THREADS;

/// The processors of a list; `None` when the text is not one, or names more than any machine has.
pub(super) fn parse(text: &str) -> Option<BTreeSet<u32>> {
    let mut out = BTreeSet::new();
    let text = text.trim();
    if text.is_empty() {
        return Some(out);
    }
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let first: u32 = first.trim().parse().ok()?;
        let last: u32 = last.trim().parse().ok()?;
        if first > last || last >= MOST_THREADS {
            return None;
        }
        out.extend(first..=last);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_and_nonsense_is_not() {
        let list = |text: &str| parse(text).map(|set| set.into_iter().collect::<Vec<_>>());
        assert_eq!(list("0-2,8\n"), Some(vec![0, 1, 2, 8]));
        assert_eq!(list("5"), Some(vec![5]));
        assert_eq!(list("\n"), Some(vec![]));
        for text in ["a", "3-1", "0-4294967295", "1,,2", "-1", "0-"] {
            assert_eq!(list(text), None, "{text}");
        }
    }
}
