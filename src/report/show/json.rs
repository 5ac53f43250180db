//! `nixtune show --format json`. Version 1: fields may be added, never changed or removed.
//!
//! Files and ranges are as in the report of `nixtune lint`.

use serde::Serialize;

use super::names::Asked;
use super::options;
use super::{One, Show, words};
use crate::diagnostic::Confidence;
use crate::model::{
    Condition, Definition, LostWhy, Outcome as Read, Priority, Reach, Source, Text,
};
use crate::report::json::{self, ProblemJson, RangeJson, TargetJson, Tool};
use crate::text::Place;

/// The version of the document's shape.
const VERSION: u32 = 1;

/// The whole document.
pub(super) fn document(show: &Show<'_>) -> String {
    let document = Document {
        version: VERSION,
        tool: Tool::THIS,
        root: json::slashes(&show.outcome.root),
        machines: show.machines.iter().map(|one| machine(show, one)).collect(),
        problems: json::problems(show.outcome),
        syntax_errors: show
            .unreadable()
            .map(|found| SyntaxErrorJson {
                place: place(show, found.place),
                message: json::text(&found.message),
            })
            .collect(),
    };
    json::printed(&document)
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    tool: Tool,
    root: String,
    machines: Vec<MachineJson<'a>>,
    problems: Vec<ProblemJson<'a>>,
    /// Files that are left out because they cannot be read.
    syntax_errors: Vec<SyntaxErrorJson<'a>>,
}

#[derive(Serialize)]
struct SyntaxErrorJson<'a> {
    #[serde(flatten)]
    place: PlaceJson<'a>,
    message: String,
}

#[derive(Serialize)]
struct MachineJson<'a> {
    name: &'a str,
    /// The module system; `null` when it is not known.
    kind: Option<&'static str>,
    target: TargetJson,
    /// False when a file that was not read may define more.
    complete: bool,
    /// Where the module system writes the file; `null` when it writes none or it is not known.
    path: Option<&'static str>,
    /// What keeps the module system from writing it.
    disabled_by: Option<SourceJson<'a>>,
    /// What decides about settings that the file does not set; `null` for Nix's own defaults.
    left_to: Option<&'static str>,
    settings: Vec<SettingJson<'a>>,
    options: Vec<OptionJson<'a>>,
    /// The lines of the file; left out when names are given.
    #[serde(skip_serializing_if = "Option::is_none")]
    lines: Option<Vec<LineJson<'a>>>,
    /// What may hold any setting.
    open: Vec<OpenJson<'a>>,
}

#[derive(Serialize)]
struct SettingJson<'a> {
    name: &'a str,
    #[serde(flatten)]
    value: ValueJson,
    confidence: Option<Confidence>,
    /// The words of a list, or the one value, each with its source.
    items: Vec<ItemJson<'a>>,
    lost: Vec<LostJson<'a>>,
    reach: ReachJson,
}

/// A value as text of `nix.conf`.
#[derive(Serialize)]
struct ValueJson {
    /// `known`, `one-of`, `unknown`, `conflict`, `nix-default` or `ignored`.
    state: &'static str,
    /// The value; of an unknown list the words that are known.
    value: Option<String>,
    /// The values that it may have; `null` stands for none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    candidates: Vec<Option<String>>,
    /// Why it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

#[derive(Serialize)]
struct ItemJson<'a> {
    text: String,
    known: bool,
    source: SourceJson<'a>,
}

#[derive(Serialize)]
struct LostJson<'a> {
    key: &'a str,
    value: String,
    /// `weaker`, `disabled`, `later-line`, `left-out`, `no-such-option`, `unknown-key` or
    /// `feature-off`.
    reason: &'static str,
    words: String,
    source: SourceJson<'a>,
    by: Option<SourceJson<'a>>,
}

#[derive(Serialize)]
struct ReachJson {
    /// `full`, `user` or `flake`.
    from: &'static str,
    /// Who has to agree, in words; `null` when nobody has to.
    limit: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum SourceJson<'a> {
    Definition(Box<DefinitionJson<'a>>),
    ModuleDefault {
        option: String,
        priority: i64,
        source: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        note: Option<&'static str>,
    },
    NixDefault,
    /// Another file, which Nix reads first.
    Elsewhere {
        words: &'static str,
    },
}

#[derive(Serialize)]
struct DefinitionJson<'a> {
    option: String,
    priority: i64,
    order: i64,
    /// Why its condition is not decided; `null` without condition.
    condition: Option<String>,
    #[serde(flatten)]
    place: Option<PlaceJson<'a>>,
    /// Where the value is written first, when that is not the definition itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<PlaceJson<'a>>,
    /// The stages between, last taken first.
    via: Vec<ViaJson<'a>>,
}

#[derive(Serialize)]
struct ViaJson<'a> {
    words: &'static str,
    #[serde(flatten)]
    place: PlaceJson<'a>,
}

#[derive(Serialize)]
struct PlaceJson<'a> {
    file: &'a str,
    range: RangeJson,
}

#[derive(Serialize)]
struct OptionJson<'a> {
    name: String,
    /// As Nix writes it.
    value: String,
    confidence: Option<Confidence>,
    is_default: bool,
    definitions: Vec<SourceJson<'a>>,
    lost: Vec<SourceJson<'a>>,
}

#[derive(Serialize)]
struct LineJson<'a> {
    key: &'a str,
    #[serde(flatten)]
    value: ValueJson,
    /// False when a later line has the last word, or Nix ignores it.
    reaches_nix: bool,
    sources: Vec<SourceJson<'a>>,
}

#[derive(Serialize)]
struct OpenJson<'a> {
    option: &'a str,
    why: String,
    #[serde(flatten)]
    place: Option<PlaceJson<'a>>,
}

fn machine<'a>(show: &'a Show<'_>, one: &'a One<'_>) -> MachineJson<'a> {
    let all = show.asked.is_empty();
    let mut settings = Vec::new();
    let mut rows = Vec::new();
    if all {
        settings.extend(
            one.rendered
                .settings
                .iter()
                .map(|read| setting(show, one, read)),
        );
        rows.extend(options::all(show, one));
    }
    for asked in &show.asked {
        match asked {
            Asked::Setting { name, .. } => settings.push(match one.rendered.setting(name) {
                Some(read) => setting(show, one, read),
                None => default(show, one, name),
            }),
            Asked::Options(paths) => {
                let there = options::there(show, one, paths);
                rows.extend(there.iter().map(|path| options::row(show, one, path)));
            }
        }
    }
    MachineJson {
        name: &one.machine.name,
        kind: one.machine.target.system().map(|system| system.name()),
        target: TargetJson::new(&one.machine.target),
        complete: one.machine.complete,
        path: one.rendered.path,
        disabled_by: one.rendered.disabled_by.map(|by| definition(show, by)),
        left_to: one.rendered.left_to,
        settings,
        options: rows
            .into_iter()
            .map(|row| OptionJson {
                value: words::safe(&row.path, &row.value),
                name: row.path,
                confidence: row.confidence,
                is_default: row.is_default,
                definitions: row
                    .winners
                    .iter()
                    .map(|one| definition(show, one))
                    .collect(),
                lost: row.losers.iter().map(|one| definition(show, one)).collect(),
            })
            .collect(),
        lines: all.then(|| lines(show, one)),
        open: one
            .rendered
            .open
            .iter()
            .map(|open| OpenJson {
                option: &open.option,
                why: json::text(&open.why.to_string()),
                place: open.at.map(|at| place(show, at)),
            })
            .collect(),
    }
}

fn lines<'a>(show: &'a Show<'_>, one: &'a One<'_>) -> Vec<LineJson<'a>> {
    one.rendered
        .lines
        .iter()
        .map(|line| {
            let mut sources: Vec<Source<'_>> = Vec::new();
            for part in &line.parts {
                if !sources.contains(&part.source) {
                    sources.push(part.source);
                }
            }
            LineJson {
                key: &line.key,
                value: value(&line.key, &line.text),
                reaches_nix: line.reaches_nix,
                sources: sources.iter().map(|one| source(show, one)).collect(),
            }
        })
        .collect()
}

fn setting<'a>(show: &'a Show<'_>, one: &One<'_>, read: &'a Read<'_>) -> SettingJson<'a> {
    let (value, confidence) = match &read.text {
        Some(text) => (
            value(&read.name, text),
            Some(words::confidence(text, read.certain)),
        ),
        None => unset(show, one, &read.name),
    };
    SettingJson {
        name: &read.name,
        value,
        confidence,
        items: read
            .parts
            .iter()
            .map(|part| ItemJson {
                text: mask(&read.name, &part.text),
                known: part.known,
                source: source(show, &part.source),
            })
            .collect(),
        lost: read
            .lost
            .iter()
            .map(|lost| LostJson {
                key: &lost.key,
                value: mask(&lost.key, &lost.text),
                reason: reason(&lost.why),
                words: words::lost(show.outcome, &lost.why),
                source: source(show, &lost.source),
                by: match &lost.why {
                    LostWhy::Weaker { than } => Some(source(show, than)),
                    LostWhy::Later { by, .. } => Some(source(show, by)),
                    LostWhy::Disabled { by } => Some(definition(show, by)),
                    _ => None,
                },
            })
            .collect(),
        reach: ReachJson {
            from: match read.reach {
                Reach::Full => "full",
                Reach::User(_) => "user",
                Reach::Flake { .. } => "flake",
            },
            limit: words::reach(read),
        },
    }
}

/// What is left of a setting when no line sets it.
fn unset(show: &Show<'_>, one: &One<'_>, name: &str) -> (ValueJson, Option<Confidence>) {
    if show.catalog.setting(name).is_none() {
        return (state("ignored"), None);
    }
    let unset = words::unset(show, one, name);
    let mut json = value(name, &unset.text);
    if unset.is_default {
        json.state = "nix-default";
    }
    (json, Some(unset.confidence))
}

/// A setting of which no file speaks.
fn default<'a>(show: &'a Show<'_>, one: &One<'_>, name: &'a str) -> SettingJson<'a> {
    let (value, confidence) = unset(show, one, name);
    SettingJson {
        name,
        value,
        confidence,
        items: Vec::new(),
        lost: Vec::new(),
        reach: ReachJson {
            from: "full",
            limit: None,
        },
    }
}

fn state(state: &'static str) -> ValueJson {
    ValueJson {
        state,
        value: None,
        candidates: Vec::new(),
        why: None,
    }
}

fn value(key: &str, text: &Text) -> ValueJson {
    match text {
        Text::Known(text) => ValueJson {
            value: Some(mask(key, text)),
            ..state("known")
        },
        Text::OneOf(candidates) => ValueJson {
            candidates: candidates
                .iter()
                .map(|one| one.as_deref().map(|text| mask(key, text)))
                .collect(),
            ..state("one-of")
        },
        Text::Unknown { why, known } => ValueJson {
            value: (!known.is_empty()).then(|| mask(key, known)),
            why: Some(json::text(why)),
            ..state("unknown")
        },
        Text::Conflict(why) => ValueJson {
            why: Some(mask(key, why)),
            ..state("conflict")
        },
    }
}

/// Secrets are known by their key; programs get the rest as it is.
fn mask(key: &str, text: &str) -> String {
    let line = format!("{key} = {text}");
    let masked = json::text(&line);
    masked
        .get(line.len() - text.len()..)
        .unwrap_or("")
        .to_owned()
}

fn reason(why: &LostWhy<'_>) -> &'static str {
    match why {
        LostWhy::Weaker { .. } => "weaker",
        LostWhy::WeakerSet => "weaker-set",
        LostWhy::Disabled { .. } => "disabled",
        LostWhy::Later { .. } => "later-line",
        LostWhy::LeftOut => "left-out",
        LostWhy::NoOption => "no-such-option",
        LostWhy::UnknownKey => "unknown-key",
        LostWhy::Gated { .. } => "feature-off",
    }
}

fn source<'a>(show: &'a Show<'_>, source: &Source<'a>) -> SourceJson<'a> {
    match source {
        Source::Definition(one) => definition(show, one),
        Source::Module(default) => SourceJson::ModuleDefault {
            option: default.option(),
            priority: Priority(default.priority).0,
            source: default.source,
            note: default.note,
        },
        Source::Nix => SourceJson::NixDefault,
        Source::Elsewhere(words) => SourceJson::Elsewhere { words },
    }
}

fn definition<'a>(show: &'a Show<'_>, definition: &'a Definition) -> SourceJson<'a> {
    let own = definition.place();
    let origin = definition.value.origin.filter(|origin| {
        own.is_none_or(|own| own.file != origin.file || !own.span.contains(origin.span))
    });
    SourceJson::Definition(Box::new(DefinitionJson {
        option: definition.option.to_string(),
        priority: definition.priority.0,
        order: definition.order.0,
        condition: match &definition.condition {
            Condition::Always => None,
            Condition::Unknown { why, .. } => Some(json::text(&why.to_string())),
        },
        place: own.map(|own| place(show, own)),
        origin: origin.map(|origin| place(show, origin)),
        via: definition
            .value
            .via
            .iter()
            .map(|step| ViaJson {
                words: words::via(step.via),
                place: place(show, step.place),
            })
            .collect(),
    }))
}

fn place<'a>(show: &'a Show<'_>, at: Place) -> PlaceJson<'a> {
    PlaceJson {
        file: json::name(show.outcome, at.file),
        range: json::range(show.outcome, at),
    }
}
