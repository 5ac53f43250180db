//! What leads out of a file: rules that comments name, to their pages.

use std::str::FromStr;

use lsp_types::{DocumentLink, Uri};

use super::answer::{Scene, Subject};
use crate::policy::Suppressions;
use crate::report;
use crate::rules;

/// The links of a file.
pub(super) fn links(scene: &Scene<'_, '_>, subject: &Subject) -> Vec<DocumentLink> {
    let file = subject.id.and_then(|id| scene.workspace().file(id));
    let Some(file) = file else {
        return Vec::new();
    };
    let comments = Suppressions::read(file, rules::ALL);
    let named = comments
        .comments()
        .iter()
        .flat_map(|comment| &comment.rules);
    named
        .filter_map(|rule| {
            let address = report::rule_address(&rule.id)?;
            Some(DocumentLink {
                range: scene.range(file, rule.place.span)?,
                target: Some(Uri::from_str(&address).ok()?),
                tooltip: Some(format!("what {} is about", rule.id)),
                data: None,
            })
        })
        .collect()
}
