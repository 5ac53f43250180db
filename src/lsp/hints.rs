//! What numbers mean: bytes in the units that people think in, and how many threads the builds of
//! a machine may keep busy.

use std::ops::Range;

use lsp_types::{InlayHint, InlayHintLabel, InlayHintTooltip};

use super::answer::{Scene, Subject};
use crate::catalog::{SettingKind, Unit};
use crate::model::{Definition, parse_amount};
use crate::rules::{self, RuleCx, RuleOptions};
use crate::units::Bytes;

/// The hints of a file within `span`.
pub(super) fn hints(
    scene: &Scene<'_, '_>,
    subject: &Subject,
    span: &Range<usize>,
) -> Vec<InlayHint> {
    let Some(id) = subject.id else {
        return Vec::new();
    };
    let lines = scene.lines(&subject.text);
    let workspace = scene.workspace();
    let Some(file) = workspace.file(id) else {
        return Vec::new();
    };
    let shown = scene.live.shown(file);
    let here = workspace.definitions().iter().filter_map(|definition| {
        let statement = definition.statement.filter(|place| place.file == id)?;
        let statement = shown.span(statement.span)?;
        let is_asked = (statement.start as usize) < span.end && span.start < statement.end as usize;
        is_asked.then_some((definition, statement))
    });
    let mut hints: Vec<InlayHint> = here
        .filter_map(|(definition, statement)| {
            let (label, tooltip) = size(scene, definition).or_else(|| slots(scene, definition))?;
            // Before the semicolon.
            let text = subject.text.get(statement.range())?;
            let end = statement.start as usize + text.trim_end_matches(';').trim_end().len();
            Some(InlayHint {
                position: lines.position(end),
                label: InlayHintLabel::String(label),
                kind: None,
                text_edits: None,
                tooltip: Some(InlayHintTooltip::String(tooltip)),
                padding_left: Some(true),
                padding_right: None,
                data: None,
            })
        })
        .collect();
    hints.sort_by_key(|hint| hint.position);
    hints
}

/// A number of bytes, as people say it.
fn size(scene: &Scene<'_, '_>, definition: &Definition) -> Option<(String, String)> {
    let setting = scene
        .catalog
        .resolve(definition.setting.as_deref()?)?
        .setting;
    let is_bytes = setting.unit == Some(Unit::Bytes)
        && matches!(
            setting.kind(),
            SettingKind::Size | SettingKind::UInt | SettingKind::Int
        );
    if !is_bytes {
        return None;
    }
    let bytes = match &definition.value.value {
        crate::eval::Value::Int(bytes) => u64::try_from(*bytes).ok()?,
        // `"5G"` says it already.
        crate::eval::Value::Str(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
            parse_amount(text)?
        }
        _ => return None,
    };
    let words = format!("= {}", Bytes(bytes));
    (bytes >= Bytes::KIB).then(|| (words, format!("{bytes} bytes")))
}

/// How many threads the builds of each machine may keep busy.
fn slots(scene: &Scene<'_, '_>, definition: &Definition) -> Option<(String, String)> {
    let outcome = scene.live.outcome();
    let setting = scene
        .catalog
        .resolve(definition.setting.as_deref()?)?
        .setting;
    if setting.name != "max-jobs" && setting.name != "cores" {
        return None;
    }
    let options = RuleOptions::default();
    let mut said: Vec<(String, Vec<&str>)> = Vec::new();
    let machines = outcome.workspace.machines().iter().zip(&outcome.machines);
    for (machine, report) in machines {
        if !machine.definitions.contains(&definition.id) {
            continue;
        }
        let host = report.host.as_deref();
        let cx = RuleCx::new(&outcome.workspace, machine, scene.catalog, host, &options);
        // With the number of jobs, or with that of threads where nobody sets jobs.
        let busy = rules::busy_threads(&cx).filter(|busy| busy.definition == definition.id);
        let Some(busy) = busy else { continue };
        let words = format!("≤ {} busy of {}", busy.total, busy.threads);
        match said.iter_mut().find(|(other, _)| *other == words) {
            Some((_, machines)) => machines.push(&machine.name),
            None => said.push((words, vec![&machine.name])),
        }
    }
    let label: Vec<&str> = said.iter().map(|(words, _)| words.as_str()).collect();
    let tooltip: Vec<String> = said
        .iter()
        .map(|(words, machines)| {
            format!(
                "threads that builds may keep busy: {words} on {}",
                machines.join(", ")
            )
        })
        .collect();
    (!label.is_empty()).then(|| (label.join(", "), tooltip.join("\n")))
}
