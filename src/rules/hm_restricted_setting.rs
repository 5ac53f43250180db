//! Settings that the daemon takes from trusted users only, in a user's own file.

use std::collections::BTreeMap;

use super::list_entry::name_place;
use super::user_file::{Trust, is_super_user, is_users_own, trust, with_fate};
use super::{RuleCx, Sink, declare_rule};
use crate::catalog::Untrusted;
use crate::diagnostic::{Confidence, Severity};
use crate::model::Definition;
use crate::text::FileId;

declare_rule! {
    /// A user's own configuration has a setting that needs the daemon's trust.
    ///
    /// ## Why it matters
    ///
    /// The user's commands send their settings to the daemon, which drops what touches the store,
    /// the sandbox, signatures or downloads unless it trusts the user: a warning ("ignoring the
    /// client-specified setting …, because it is a restricted setting and you are not a trusted
    /// user"), from Nix 2.4 to 2.21 not even that. A key in home-manager's `trusted-public-keys`
    /// makes no path acceptable then, and `min-free` collects nothing.
    ///
    /// Reported once for each file: as a warning where the flake shows that the system does not
    /// trust the user, as information where that is not known.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   home.stateVersion = "26.05";
    ///   nix.settings = {
    ///     auto-optimise-store = true;
    ///     keep-outputs = true;
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   home.stateVersion = "26.05";
    ///   nix.settings = {
    ///     max-jobs = 4;
    ///     fallback = true;
    ///   };
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When the user is in `trusted-users` (which is as much as being root), or when there is no
    /// daemon: in a single-user installation everything counts. `max-jobs`, `cores`, `timeout`,
    /// `max-silent-time`, `fallback`, `keep-going`, `keep-failed`, `substitute` and
    /// `connect-timeout` are taken from everyone, and what acts in the user's own commands
    /// (evaluation, flakes, their own downloads) is not reported.
    ///
    /// ## Source
    ///
    /// Nix `src/libstore/daemon.cc`, `ClientSettings::apply`, of every release from 2.3 to 2.35,
    /// tried with a daemon of 2.34; nicolas-goudry/nix-config#3, DeterminateSystems/nix#24.
    pub HM_RESTRICTED_SETTING {
        id: "hm-restricted-setting",
        since: "0.1.0",
        applies: "home-manager and a user's own nix.conf, where a daemon runs",
        settings: &["trusted-public-keys", "auto-optimise-store", "sandbox", "min-free", "keep-outputs"],
        category: Correctness,
        severity: Info,
        fixes: Never,
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    if !is_users_own(cx) || cx.nix_disabled_by().is_some() || is_super_user(cx) {
        return;
    }
    let mut files: BTreeMap<FileId, Vec<&Definition>> = BTreeMap::new();
    for (setting, definition) in with_fate(cx, Untrusted::Ignored) {
        if let Some(place) = name_place(definition).filter(|_| !setting.acts_in_client) {
            files.entry(place.file).or_default().push(definition);
        }
    }
    if files.is_empty() {
        return;
    }
    let severity = match trust(cx) {
        Trust::Given => return,
        Trust::Refused => Severity::Warning,
        Trust::Unknown => Severity::Info,
    };
    for definitions in files.values_mut() {
        definitions.sort_by_key(|definition| name_place(definition));
        report(cx, definitions, severity, out);
    }
}

fn report(cx: &RuleCx<'_>, definitions: &[&Definition], severity: Severity, out: &mut Sink<'_>) {
    let Some((first, others)) = definitions.split_first() else {
        return;
    };
    let Some(place) = name_place(first) else {
        return;
    };
    let mut keys: Vec<&str> = definitions
        .iter()
        .filter_map(|definition| definition.setting.as_deref())
        .collect();
    keys.sort_unstable();
    keys.dedup();
    let names: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
    let (have, untrusted) = match (names.len(), severity) {
        (1, Severity::Info) => ("has", "unless the daemon trusts the user"),
        (_, Severity::Info) => ("have", "unless the daemon trusts the user"),
        (1, _) => ("has", "for this user, whom the system does not trust"),
        (_, _) => ("have", "for this user, whom the system does not trust"),
    };
    let confidence = definitions
        .iter()
        .map(|definition| cx.confidence(definition))
        .max()
        .unwrap_or(Confidence::Likely);
    let mut report = out
        .report(
            place,
            format!("{} {have} no effect {untrusted}", names.join(", ")),
        )
        .severity(severity)
        .why("the daemon drops what an untrusted user says about the store, signatures and builds")
        .help("move what is needed to the configuration of the system")
        .confidence(confidence);
    for other in others {
        report = report.label(name_place(other), "dropped, too");
    }
}
