//! The baseline of a run: what is known is not reported, and what it knows in vain is told.

use std::path::{Path, PathBuf};

use super::{BaselineReport, EngineError, Outcome, Request};
use crate::model::Workspace;
use crate::policy::{Baseline, BaselineEntry, BaselineKey, PolicyFile, Selection};
use crate::system::{System, lexical};

/// A baseline of a large tree is still far below this.
const BASELINE_LIMIT: u64 = 64 << 20;

/// The file's name when nobody names another.
const FILE_NAME: &str = "nixtune-baseline.json";

/// Where the baseline lies: the flag's file, else the one of `nixtune.toml`.
fn named(request: &Request, policy: Option<&PolicyFile>) -> Option<PathBuf> {
    request
        .baseline
        .clone()
        .or_else(|| policy.and_then(|policy| policy.baseline.clone()))
}

/// Reads the baseline that counts; `None` when there is none, or when it is about to be written.
pub(super) fn read(
    system: &dyn System,
    request: &Request,
    policy: Option<&PolicyFile>,
) -> Result<Option<Baseline>, EngineError> {
    let Some(path) = named(request, policy).filter(|_| !request.write_baseline) else {
        return Ok(None);
    };
    let name = super::shown(system, &path);
    let bytes = system.read(&path, BASELINE_LIMIT)?;
    let text = String::from_utf8(bytes).map_err(|_| EngineError::NotText(PathBuf::from(&name)))?;
    Ok(Some(Baseline::parse(&text, &name)?))
}

/// Takes known diagnostics out of `outcome`, or notes where they are to be written.
pub(super) fn settle(
    system: &dyn System,
    request: &Request,
    policy: Option<&PolicyFile>,
    baseline: Option<Baseline>,
    selection: &Selection,
    outcome: &mut Outcome,
) {
    let path = named(request, policy).unwrap_or_else(|| PathBuf::from(FILE_NAME));
    let report = |known, stale| {
        Some(BaselineReport {
            path: path.clone(),
            name: super::shown(system, &path).into(),
            known,
            stale,
        })
    };
    let Some(mut baseline) = baseline else {
        if request.write_baseline {
            outcome.baseline = report(0, Vec::new());
        }
        return;
    };
    let known = outcome
        .leave_out(|workspace, diagnostic| baseline.take(&BaselineKey::new(workspace, diagnostic)));
    let workspace = &outcome.workspace;
    let folder = path.parent().unwrap_or(Path::new("")).to_path_buf();
    let stale = baseline
        .diagnostics
        .into_iter()
        .filter(|entry| entry.count > 0 && selection.is_on(&entry.rule))
        .filter(|entry| was_looked_at(system, &folder.join(&entry.file), workspace, outcome))
        .collect();
    outcome.baseline = report(known, stale);
}

/// True for a file that was asked about, and for one that is gone: what is known of it can be
/// forgotten.
fn was_looked_at(
    system: &dyn System,
    file: &Path,
    workspace: &Workspace,
    outcome: &Outcome,
) -> bool {
    let Ok(file) = system.canonicalize(file) else {
        return true;
    };
    outcome
        .asked
        .iter()
        .filter_map(|id| workspace.file(*id))
        .any(|asked| {
            system
                .canonicalize(asked.path())
                .is_ok_and(|path| path == file)
        })
}

/// What the diagnostics of `outcome` are known by, to be written. `must_hide` says which texts
/// are only written as a hash.
pub fn baseline_of(
    system: &dyn System,
    outcome: &Outcome,
    must_hide: impl Fn(&str) -> bool,
) -> Baseline {
    let folder = outcome
        .baseline
        .as_ref()
        .and_then(|report| report.path.parent())
        .unwrap_or(Path::new(""));
    let folder = system.canonicalize(folder).or_else(|_| {
        let here = system.current_dir()?;
        Ok::<_, crate::system::SystemError>(lexical(&here.join(folder)))
    });
    let entries = outcome.diagnostics.iter().map(|diagnostic| {
        let key = BaselineKey::new(&outcome.workspace, diagnostic);
        let file = outcome.workspace.file(diagnostic.place.file);
        let path = file.map(|file| {
            let whole = system
                .canonicalize(file.path())
                .unwrap_or_else(|_| file.path().to_path_buf());
            let below = folder
                .as_ref()
                .ok()
                .and_then(|folder| whole.strip_prefix(folder).ok());
            below.unwrap_or(&whole).to_string_lossy().replace('\\', "/")
        });
        BaselineEntry {
            file: path.unwrap_or_default(),
            rule: diagnostic.rule.to_owned(),
            option: key.option.clone(),
            text: key.written(&must_hide),
            count: 1,
        }
    });
    Baseline::new(entries.collect())
}
