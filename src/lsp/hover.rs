//! What stands at a place: a setting or option with its value on each machine, a cache, a key, an
//! experimental feature.

use lsp_types::{Hover, HoverContents, MarkupContent, MarkupKind};

use super::answer::{Scene, Subject};
use super::topic::Topic;
use crate::catalog::{CacheInfo, Catalog, PublicKey};
use crate::facts::Host;
use crate::report;
use crate::rules;
use crate::syntax::CursorRole;

/// What stands at a byte.
pub(super) fn hover(scene: &Scene<'_, '_>, subject: &Subject, offset: u32) -> Option<Hover> {
    let topic = Topic::at(subject, offset)?;
    let word = subject.text.get(topic.word.range())?;
    if word.is_empty() {
        return None;
    }
    let text =
        value_page(scene.catalog, &topic, word).or_else(|| name_page(scene, subject, &topic))?;
    Some(Hover {
        contents: HoverContents::Markup(MarkupContent {
            kind: MarkupKind::Markdown,
            value: text,
        }),
        range: Some(scene.lines(&subject.text).range(topic.word)),
    })
}

/// The page of a value that the catalog knows.
fn value_page(catalog: &Catalog, topic: &Topic, word: &str) -> Option<String> {
    if topic.role == CursorRole::Name {
        return None;
    }
    if let Some(cache) = catalog.cache(word) {
        return Some(report::cache_markdown(cache));
    }
    if let Ok(key) = PublicKey::parse(word)
        && let Some((cache, known)) = catalog.cache_of_key(key.name)
    {
        return Some(key_page(cache, known, word));
    }
    let feature = catalog.feature(word)?;
    report::explain_markdown(feature.name, catalog, rules::ALL, None)
}

fn key_page(cache: &CacheInfo, known: &str, word: &str) -> String {
    let page = report::cache_markdown(cache);
    if known == word {
        format!("The key of a known cache.\n\n{page}")
    } else {
        format!("**Not** the key of this name that the cache signs with.\n\n{page}")
    }
}

/// The page of a setting or option, with its values.
fn name_page(scene: &Scene<'_, '_>, subject: &Subject, topic: &Topic) -> Option<String> {
    let name = match topic.setting(scene.catalog) {
        Some(setting) => setting.to_owned(),
        None => topic.option(),
    };
    let host = only_host(scene, subject);
    let page = report::explain_markdown(&name, scene.catalog, rules::ALL, host)?;
    let values = subject
        .id
        .and_then(|id| report::values_markdown(scene.live.outcome(), scene.catalog, &name, id));
    Some(match values {
        Some(values) => format!("{values}\n\n---\n\n{page}"),
        None => page,
    })
}

/// The hardware of the machines that read a file, when it is that of one.
fn only_host<'a>(scene: &'a Scene<'_, '_>, subject: &Subject) -> Option<&'a Host> {
    let outcome = scene.live.outcome();
    let machines = outcome.workspace.machines().iter().zip(&outcome.machines);
    let mut hosts = machines
        .filter(|(machine, _)| subject.id.is_some_and(|id| machine.files.contains(&id)))
        .filter_map(|(_, report)| report.host.as_deref());
    let first = hosts.next()?;
    hosts.all(|other| other == first).then_some(first)
}
