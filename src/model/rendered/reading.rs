//! What Nix makes of the file.
//!
//! From top to bottom: a plain line replaces what was said about its setting before, under
//! whatever name; an `extra-` line appends to the value so far, Nix's own default included
//! (Nix `src/libutil/configuration.cc`). Experimental features count before everything else.

use std::sync::Arc;

use super::file::Written;
use super::merge::tidy;
use super::{Line, Lost, LostWhy, Outcome, Part, Reach, Rendered, Source, Text, value};
use crate::catalog::{Catalog, GateWhen, SettingInfo, Spelling, Timeline, Untrusted};
use crate::facts::{ModuleSystem, Os, Target};
use crate::model::{MachineView, Priority};
use crate::syntax::{ConfStatement, conf_lines, conf_value, words};

/// The setting that switches features on.
const FEATURES: &str = "experimental-features";

/// Settings whose default on Linux depends on how Nix was built: there may be a shell for the
/// sandbox (Nix `src/libstore/globals.cc`).
const DEFAULT_BY_BUILD: [&str; 1] = ["sandbox-paths"];

/// Reads what was written.
pub(super) fn read<'m>(
    view: &MachineView<'m>,
    catalog: &'m Catalog,
    written: Written<'m>,
) -> Rendered<'m> {
    let target = &view.machine().target;
    let mut reader = Reader {
        catalog,
        target,
        left_to: written.left_to,
        outcomes: Vec::new(),
        lines: written.lines,
    };
    for index in 0..reader.lines.len() {
        reader.line(index);
    }
    for lost in written.lost {
        let name = reader.name(&lost.key);
        reader.outcome(&name).lost.push(lost);
    }
    let complete = view.machine().complete && written.open.is_empty();
    reader.gates(complete);
    reader.reaches();
    for outcome in &mut reader.outcomes {
        let is_list = catalog
            .setting(&outcome.name)
            .is_some_and(SettingInfo::is_list);
        let firm = outcome.parts.iter().all(|part| {
            part.unconditional
                && part
                    .source
                    .priority()
                    .is_some_and(|priority| priority <= Priority::NORMAL)
        });
        let grows = is_list
            || outcome.lines.iter().any(|line| {
                reader
                    .lines
                    .get(*line)
                    .is_some_and(|line| written.lists.contains(&line.key))
            });
        // Text of unknown content stands behind everything else.
        outcome.certain = matches!(outcome.text, Some(Text::Known(_)))
            && (complete || (firm && !grows && written.open.is_empty()));
    }
    reader.outcomes.sort_by(|a, b| a.name.cmp(&b.name));
    let reached: Vec<usize> = reader
        .outcomes
        .iter()
        .flat_map(|outcome| outcome.lines.iter().copied())
        .collect();
    for (index, line) in reader.lines.iter_mut().enumerate() {
        line.reaches_nix = reached.contains(&index);
    }
    Rendered {
        path: written.path,
        disabled_by: written.disabled_by,
        left_to: written.left_to,
        lines: reader.lines,
        includes: written.includes,
        settings: reader.outcomes,
        open: written.open,
    }
}

struct Reader<'c, 'm> {
    catalog: &'m Catalog,
    target: &'c Target,
    left_to: Option<&'static str>,
    outcomes: Vec<Outcome<'m>>,
    lines: Vec<Line<'m>>,
}

/// One statement of a line: a value with a line break in it makes several.
struct Statement {
    key: Arc<str>,
    text: Text,
}

impl<'m> Reader<'_, 'm> {
    /// The canonical name of a key; the key itself where nothing knows it.
    fn name(&self, key: &Arc<str>) -> Arc<str> {
        self.catalog
            .resolve_for(key, self.target)
            .map_or_else(|| Arc::clone(key), |resolved| resolved.setting.name.into())
    }

    fn outcome(&mut self, name: &Arc<str>) -> &mut Outcome<'m> {
        let found = self.outcomes.iter().position(|one| one.name == *name);
        let index = found.unwrap_or_else(|| {
            self.outcomes.push(Outcome {
                name: Arc::clone(name),
                text: None,
                parts: Vec::new(),
                certain: false,
                lines: Vec::new(),
                lost: Vec::new(),
                reach: Reach::Full,
            });
            self.outcomes.len() - 1
        });
        // `index` is that of an element.
        #[allow(clippy::indexing_slicing)]
        &mut self.outcomes[index]
    }

    fn line(&mut self, index: usize) {
        let Some(line) = self.lines.get(index).cloned() else {
            return;
        };
        for statement in statements(&line) {
            self.statement(&line, index, statement);
        }
    }

    fn statement(&mut self, line: &Line<'m>, index: usize, statement: Statement) {
        let key = statement.key;
        let catalog = self.catalog;
        let resolved = catalog.resolve_for(&key, self.target);
        let known =
            resolved.is_some_and(|resolved| resolved.is_known_to(&key, self.target) != Some(false));
        let name = self.name(&key);
        let Some(resolved) = resolved.filter(|_| known) else {
            let outcome = self.outcome(&name);
            for part in &line.parts {
                outcome.lost.push(Lost {
                    source: part.source,
                    key: Arc::clone(&key),
                    text: part.text.clone(),
                    why: LostWhy::UnknownKey,
                });
            }
            return;
        };
        let (parts, text) = if resolved.setting.is_list() {
            (split(&line.parts), statement.text)
        } else {
            (line.parts.clone(), statement.text)
        };
        let append = resolved.spelling == Spelling::Append;
        let default = self.default(resolved.setting);
        // A line that may be missing leaves what was said before.
        let before = |outcome: &Outcome<'m>| {
            outcome
                .text
                .clone()
                .or_else(|| append.then(|| default.clone()))
        };
        let base = self.left_to.map_or(Source::Nix, Source::Elsewhere);
        let outcome = self.outcome(&name);
        let earlier = before(outcome);
        if append && text == Text::Known(String::new()) {
            // Nothing is appended: the value stays what it is.
            outcome.lines.push(index);
            return;
        }
        if append {
            if outcome.parts.is_empty() {
                outcome.parts = default_parts(&default, base);
            }
            let so_far = std::mem::take(&mut outcome.parts);
            outcome.parts = tidy(so_far.into_iter().chain(parts).collect());
            outcome.lines.push(index);
            outcome.text = Some(appended(earlier.unwrap_or(default), &text));
            return;
        }
        let may_be_missing = matches!(&text, Text::OneOf(candidates) if candidates.contains(&None));
        if may_be_missing {
            let rest = match text {
                Text::OneOf(candidates) => candidates.into_iter().flatten().map(Some).collect(),
                _ => Vec::new(),
            };
            outcome.text = Some(value::one_of([
                earlier.unwrap_or(Text::OneOf(vec![None])),
                Text::OneOf(rest),
            ]));
            outcome.parts.extend(parts);
            outcome.lines.push(index);
            return;
        }
        let by = parts.first().map(|part| part.source);
        let overwritten = std::mem::replace(&mut outcome.parts, parts);
        if let Some(by) = by {
            lose(outcome, overwritten, by, &key);
        }
        outcome.text = Some(text);
        outcome.lines = vec![index];
    }

    /// What an `extra-` line appends to where no line stands before it: Nix's own default.
    fn default(&self, setting: &SettingInfo) -> Text {
        if let Some(other) = self.left_to {
            return Text::Unknown {
                why: format!("appends to what {other} says"),
                known: String::new(),
            };
        }
        let by_build =
            DEFAULT_BY_BUILD.contains(&setting.name) && self.target.os() != Some(Os::Darwin);
        match setting.default_for(self.target).filter(|_| !by_build) {
            Some(text) => Text::Known(text.to_owned()),
            None => Text::Unknown {
                why: "includes Nix's own default, which is not known".to_owned(),
                known: String::new(),
            },
        }
    }

    /// Takes out what needs an experimental feature that is surely off; what may need one that
    /// may be off may be ignored.
    fn gates(&mut self, complete: bool) {
        let features = self
            .outcomes
            .iter()
            .find(|one| one.name.as_ref() == FEATURES)
            .and_then(|one| one.text.clone());
        let (on, all_known) = match features {
            Some(Text::Known(text)) => (text, complete),
            Some(Text::Unknown { known, .. }) => (known, false),
            Some(_) => (String::new(), false),
            None => (String::new(), complete && self.left_to.is_none()),
        };
        let on: Vec<&str> = on.split_whitespace().collect();
        for outcome in &mut self.outcomes {
            let Some(setting) = self.catalog.setting(&outcome.name) else {
                continue;
            };
            let said = setting.gate(self.target);
            // Where releases differ, the newest counts as possible.
            let newest = || setting.gates().and_then(Timeline::newest).copied();
            let Some(gate) = said
                .unwrap_or_else(|| newest().flatten())
                .filter(|gate| gate.when == GateWhen::OnSet)
            else {
                continue;
            };
            let always_on = self.target.implementation.as_ref().is_some_and(|fact| {
                let feature = self.catalog.feature(gate.feature);
                feature.is_some_and(|feature| feature.is_always_on(fact.value))
            });
            if always_on || on.contains(&gate.feature) || outcome.text.is_none() {
                continue;
            }
            if said.is_some() && all_known {
                switch_off(outcome, gate.feature);
            } else if let Some(Text::Known(text)) = &outcome.text {
                outcome.text = Some(Text::OneOf(vec![None, Some(text.clone())]));
            }
        }
    }

    /// Says who has to agree where the file is a user's own or a flake.
    fn reaches(&mut self) {
        let system = self.target.system();
        for outcome in &mut self.outcomes {
            let Some(setting) = self.catalog.setting(&outcome.name) else {
                continue;
            };
            let rule = setting
                .untrusted(self.target)
                .or_else(|| setting.untrusted_newest())
                .unwrap_or(Untrusted::Ignored);
            outcome.reach = match system {
                Some(ModuleSystem::HomeManager) => Reach::User(rule),
                Some(ModuleSystem::FlakeConfig) => Reach::Flake {
                    unasked: setting.flake_safe,
                    then: rule,
                },
                _ => Reach::Full,
            };
        }
    }
}

/// Nix ignores the lines of the setting.
fn switch_off(outcome: &mut Outcome<'_>, feature: &'static str) {
    let name = Arc::clone(&outcome.name);
    outcome.text = None;
    outcome.lines.clear();
    for part in std::mem::take(&mut outcome.parts) {
        outcome.lost.push(Lost {
            source: part.source,
            key: Arc::clone(&name),
            text: part.text,
            why: LostWhy::Gated { feature },
        });
    }
}

/// What Nix sees of a line.
fn statements(line: &Line<'_>) -> Vec<Statement> {
    let one = |text: Text| {
        vec![Statement {
            key: Arc::clone(&line.key),
            text,
        }]
    };
    match &line.text {
        Text::Known(text) => {
            let whole = format!("{} = {text}\n", line.key);
            conf_lines(&whole)
                .into_iter()
                .filter_map(|read| match read.statement {
                    ConfStatement::Setting { key, value } => Some(Statement {
                        key: whole.get(key.range())?.into(),
                        text: Text::Known(conf_value(&whole, value)),
                    }),
                    _ => None,
                })
                .collect()
        }
        other => one(other.clone()),
    }
}

/// A part for each word: a string stands for a list.
fn split<'m>(parts: &[Part<'m>]) -> Vec<Part<'m>> {
    parts
        .iter()
        .flat_map(|part| {
            if !part.known || part.text.trim().is_empty() {
                return vec![part.clone()];
            }
            words(&part.text)
                .filter_map(|range| part.text.get(range))
                .map(|word| Part {
                    text: word.to_owned(),
                    ..part.clone()
                })
                .collect()
        })
        .collect()
}

fn default_parts<'m>(default: &Text, source: Source<'m>) -> Vec<Part<'m>> {
    let part = |text: &str, known: bool| Part {
        text: text.to_owned(),
        source,
        known,
        unconditional: true,
    };
    match default {
        Text::Known(text) => text
            .split_whitespace()
            .map(|word| part(word, true))
            .collect(),
        other => vec![part(&other.to_string(), false)],
    }
}

/// The words so far with more words behind them.
fn appended(before: Text, more: &Text) -> Text {
    let join = |a: &str, b: &str| {
        if a.is_empty() || b.is_empty() {
            format!("{a}{b}")
        } else {
            format!("{a} {b}")
        }
    };
    match (before, more) {
        (Text::Known(a), Text::Known(b)) => Text::Known(join(&a, b)),
        (Text::Known(a), Text::OneOf(several)) => value::one_of(several.iter().map(|one| {
            Text::Known(
                one.as_deref()
                    .map_or_else(|| a.clone(), |more| join(&a, more)),
            )
        })),
        (Text::OneOf(several), Text::Known(b)) => value::one_of(several.iter().map(|one| {
            Text::Known(
                one.as_deref()
                    .map_or_else(|| b.clone(), |before| join(before, b)),
            )
        })),
        (Text::Unknown { why, known }, more) => {
            let more = match more {
                Text::Known(text) => text.as_str(),
                Text::Unknown { known, .. } => known.as_str(),
                _ => "",
            };
            Text::Unknown {
                known: join(&known, more),
                why,
            }
        }
        (before, more) => {
            let known = match &before {
                Text::Known(text) => text.clone(),
                _ => String::new(),
            };
            let why = match &before {
                Text::Known(_) => value::why(more),
                other => value::why(other),
            };
            Text::Unknown { why, known }
        }
    }
}

/// Records what a later line replaces, once for each source.
fn lose<'m>(outcome: &mut Outcome<'m>, overwritten: Vec<Part<'m>>, by: Source<'m>, key: &Arc<str>) {
    let mut sources: Vec<(Source<'m>, Vec<String>)> = Vec::new();
    for part in overwritten {
        if matches!(part.source, Source::Nix | Source::Elsewhere(_)) {
            continue;
        }
        match sources
            .iter_mut()
            .find(|(source, _)| *source == part.source)
        {
            Some((_, texts)) => texts.push(part.text),
            None => sources.push((part.source, vec![part.text])),
        }
    }
    for (source, texts) in sources {
        let own = match source {
            Source::Definition(definition) => definition.setting.clone(),
            Source::Module(default) => Some(default.key.into()),
            Source::Nix | Source::Elsewhere(_) => None,
        };
        outcome.lost.push(Lost {
            source,
            key: own.unwrap_or_else(|| Arc::clone(&outcome.name)),
            text: texts.join(" "),
            why: LostWhy::Later {
                by,
                key: Arc::clone(key),
            },
        });
    }
}
