//! What may stand at a place: names of settings and options, their values, caches and keys.

use lsp_types::{
    CompletionItem, CompletionItemKind, CompletionItemTag, CompletionResponse, CompletionTextEdit,
    Documentation, InsertTextFormat, MarkupContent, MarkupKind, Range, TextEdit,
};

use super::answer::{Scene, Subject};
use super::topic::Topic;
use crate::catalog::{CacheStatus, Catalog, FeatureInfo, OptionInfo, SettingInfo, SettingKind};
use crate::facts::ModuleSystem;
use crate::report;
use crate::rules;
use crate::syntax::CursorRole;

/// The features that Nix takes, as settings.
const FEATURES: [&str; 2] = ["experimental-features", "deprecated-features"];

/// What may stand at a byte.
pub(super) fn completion(
    scene: &Scene<'_, '_>,
    subject: &Subject,
    offset: u32,
) -> Option<CompletionResponse> {
    let topic = Topic::at(subject, offset)?;
    let range = scene.lines(&subject.text).range(topic.word);
    let has_value = subject
        .text
        .get(topic.word.end as usize..)
        .is_some_and(|rest| rest.trim_start().starts_with(['=', '.']));
    let place = Place {
        range,
        snippets: scene.client.snippets && !has_value,
        bare: has_value,
        quoted: topic.in_string,
        is_conf: topic.is_conf,
    };
    let systems = systems(scene, subject);
    let mut items = match topic.role {
        CursorRole::Name if topic.holds_settings() => settings(scene.catalog, &place),
        CursorRole::Name => options(scene.catalog, &systems, &topic.set, &place),
        _ => values(scene.catalog, &systems, &topic, &place),
    };
    // The order of the list is that of the names, whatever a client sorts by.
    items.sort_by(|one, other| one.label.cmp(&other.label));
    (!items.is_empty()).then_some(CompletionResponse::Array(items))
}

/// Where something is put.
struct Place {
    range: Range,
    /// Values may be left to fill in.
    snippets: bool,
    /// The name has its `=` already, or goes on.
    bare: bool,
    /// Quotes are there already.
    quoted: bool,
    is_conf: bool,
}

impl Place {
    fn item(&self, label: &str, kind: CompletionItemKind, text: String) -> CompletionItem {
        CompletionItem {
            label: label.to_owned(),
            kind: Some(kind),
            text_edit: Some(CompletionTextEdit::Edit(TextEdit {
                range: self.range,
                new_text: text,
            })),
            ..CompletionItem::default()
        }
    }

    /// A name with `value` to fill in behind it, in the grammar of snippets.
    fn name(&self, label: &str, value: &str) -> CompletionItem {
        let ending = if self.is_conf { "" } else { ";" };
        if self.snippets {
            let text = format!("{label} = {value}{ending}");
            let mut item = self.item(label, CompletionItemKind::PROPERTY, text);
            item.insert_text_format = Some(InsertTextFormat::SNIPPET);
            return item;
        }
        let text = if self.bare || self.quoted && !self.is_conf {
            label.to_owned()
        } else {
            format!("{label} = ")
        };
        self.item(label, CompletionItemKind::PROPERTY, text)
    }

    /// A word of a list, or a string.
    fn word(&self, text: &str, kind: CompletionItemKind) -> CompletionItem {
        let written = if self.quoted {
            text.to_owned()
        } else {
            crate::syntax::quote(text)
        };
        self.item(text, kind, written)
    }
}

/// The module systems that the file is read by; all of them when that is not known.
fn systems(scene: &Scene<'_, '_>, subject: &Subject) -> Vec<ModuleSystem> {
    let machines = scene.workspace().machines().iter();
    let mut found: Vec<ModuleSystem> = machines
        .filter(|machine| subject.id.is_some_and(|id| machine.files.contains(&id)))
        .filter_map(|machine| machine.target.system())
        .collect();
    found.sort();
    found.dedup();
    if found.is_empty() {
        found = vec![
            ModuleSystem::NixDarwin,
            ModuleSystem::Nixos,
            ModuleSystem::HomeManager,
        ];
    }
    found
}

fn settings(catalog: &Catalog, place: &Place) -> Vec<CompletionItem> {
    let current = catalog.settings().iter().filter(|it| it.is_current());
    current
        .map(|setting| {
            let mut item = place.name(setting.name, &blank(setting, place));
            item.detail = Some(report::kind_words(setting));
            item.documentation = setting.note.map(documentation);
            if setting.replacement.is_some() {
                item.tags = Some(vec![CompletionItemTag::DEPRECATED]);
            }
            item
        })
        .collect()
}

fn documentation(text: &str) -> Documentation {
    Documentation::MarkupContent(MarkupContent {
        kind: MarkupKind::Markdown,
        value: text.to_owned(),
    })
}

/// What a value of a setting looks like, with places to fill in.
fn blank(setting: &SettingInfo, place: &Place) -> String {
    let (list, text) = if place.is_conf {
        ("$0", "$0")
    } else {
        ("[ $0 ]", "\"$0\"")
    };
    match setting.kind() {
        SettingKind::Bool => "${0|true,false|}".to_owned(),
        SettingKind::StringList | SettingKind::StringSet | SettingKind::StringMap => {
            list.to_owned()
        }
        SettingKind::Str
        | SettingKind::Path
        | SettingKind::OptionalPath
        | SettingKind::Enum(_)
        | SettingKind::Json => text.to_owned(),
        SettingKind::UInt | SettingKind::Int | SettingKind::Size | SettingKind::MaxJobs => {
            "$0".to_owned()
        }
    }
}

/// The next names of options below `set`.
fn options(
    catalog: &Catalog,
    systems: &[ModuleSystem],
    set: &str,
    place: &Place,
) -> Vec<CompletionItem> {
    let depth = set.split('.').count();
    let mut items: Vec<CompletionItem> = Vec::new();
    let options = systems.iter().flat_map(|system| catalog.options(*system));
    for option in options.filter(|option| option.is_current()) {
        let names: Vec<&str> = option.path.split('.').collect();
        let is_below = option
            .path
            .strip_prefix(set)
            .is_some_and(|rest| rest.starts_with('.'));
        let Some(name) = names.get(depth).filter(|_| is_below) else {
            continue;
        };
        if name.starts_with(['<', '*']) || items.iter().any(|item| item.label == *name) {
            continue;
        }
        let is_leaf = names.len() == depth + 1;
        let mut item = if is_leaf {
            place.name(name, option_blank(option))
        } else {
            place.item(name, CompletionItemKind::MODULE, (*name).to_owned())
        };
        if is_leaf {
            item.detail = option.kind.map(str::to_owned);
            item.documentation = option.note.map(documentation);
        }
        items.push(item);
    }
    items
}

fn option_blank(option: &OptionInfo) -> &'static str {
    match option.kind {
        Some("bool") => "${0|true,false|}",
        Some(kind) if kind.starts_with("list of") => "[ $0 ]",
        Some(kind) if kind.starts_with("attrs") || kind.starts_with("submodule") => "{ $0 }",
        Some("lines") => "''\n  $0\n''",
        Some(kind) if kind.starts_with("str") || kind.starts_with("single-line str") => "\"$0\"",
        _ => "$0",
    }
}

/// The values that a setting or option may have.
fn values(
    catalog: &Catalog,
    systems: &[ModuleSystem],
    topic: &Topic,
    place: &Place,
) -> Vec<CompletionItem> {
    let Some(name) = topic.setting(catalog) else {
        let path = topic.option();
        let mut kinds = systems
            .iter()
            .filter_map(|system| catalog.option(*system, &path)?.kind);
        return if kinds.any(|kind| kind == "bool") {
            plain(&["true", "false"], place)
        } else {
            Vec::new()
        };
    };
    if FEATURES.contains(&name) {
        return features(catalog, name, place);
    }
    match name {
        "substituters" | "trusted-substituters" => return caches(catalog, place),
        "trusted-public-keys" => return keys(catalog, place),
        "max-jobs" => return vec![place.word("auto", CompletionItemKind::VALUE)],
        _ => {}
    }
    match catalog.setting(name).map(SettingInfo::kind) {
        Some(SettingKind::Bool) => plain(&["true", "false"], place),
        Some(SettingKind::Enum(words)) => words
            .iter()
            .map(|word| match *word {
                "true" | "false" => place.item(word, CompletionItemKind::VALUE, (*word).to_owned()),
                word => place.word(word, CompletionItemKind::ENUM_MEMBER),
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn plain(words: &[&str], place: &Place) -> Vec<CompletionItem> {
    let items = words.iter();
    items
        .map(|word| place.item(word, CompletionItemKind::VALUE, (*word).to_owned()))
        .collect()
}

fn features(catalog: &Catalog, setting: &str, place: &Place) -> Vec<CompletionItem> {
    let features = catalog.features().iter();
    features
        .filter(|feature| feature.setting == setting && is_current(feature))
        .map(|feature| {
            let mut item = place.word(feature.name, CompletionItemKind::ENUM_MEMBER);
            let page = report::explain_markdown(feature.name, catalog, rules::ALL, None);
            item.documentation = page.as_deref().map(documentation);
            item
        })
        .collect()
}

/// True when some newest release takes it.
fn is_current(feature: &FeatureInfo) -> bool {
    feature.ranges().iter().any(|(_, range)| range.is_current())
}

fn caches(catalog: &Catalog, place: &Place) -> Vec<CompletionItem> {
    let caches = catalog.caches().iter();
    caches
        .filter(|cache| cache.status == CacheStatus::Active)
        .map(|cache| {
            let mut item = place.word(&cache.url, CompletionItemKind::VALUE);
            item.detail = Some(cache.purpose.to_owned());
            item.documentation = Some(documentation(&report::cache_markdown(cache)));
            item
        })
        .collect()
}

fn keys(catalog: &Catalog, place: &Place) -> Vec<CompletionItem> {
    let caches = catalog.caches().iter();
    let mut items: Vec<CompletionItem> = Vec::new();
    for cache in caches.filter(|cache| cache.status == CacheStatus::Active) {
        for key in cache.public_keys.iter() {
            // Whoever types the address of the cache finds its key.
            let known = items.iter_mut().find(|item| item.label == **key);
            if let Some(filter) = known.and_then(|item| item.filter_text.as_mut()) {
                // A cache of two addresses has one key.
                filter.push_str(&format!(" {}", cache.url));
                continue;
            }
            let mut item = place.word(key, CompletionItemKind::VALUE);
            item.detail = Some(cache.url.clone().into_owned());
            item.filter_text = Some(format!("{key} {}", cache.url));
            item.documentation = Some(documentation(&report::cache_markdown(cache)));
            items.push(item);
        }
    }
    items
}
