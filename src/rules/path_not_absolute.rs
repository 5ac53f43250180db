//! A relative path where Nix wants an absolute one.

use super::given::{given, implementation, with_nix};
use super::{RuleCx, Sink, declare_rule};
use crate::catalog::IMPLEMENTATIONS;
use crate::diagnostic::{Confidence, Severity};
use crate::eval::Value;
use crate::facts::{Implementation, Version};

declare_rule! {
    /// The path of a file or folder is not absolute.
    ///
    /// ## Why it matters
    ///
    /// Nix does not expand `~` and variables. A relative path counts from the folder that a process
    /// was started in, another one for the daemon than for a command; from Nix 2.34 on it is fatal
    /// for every command, and for a few settings (`diff-hook`) in every release.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings.netrc-file = "~/.config/nix/netrc";
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings.netrc-file = "/etc/nix/netrc";
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// Never where the release refuses it. There is no fix: only the author knows the folder.
    ///
    /// ## Source
    ///
    /// The settings that are read as absolute paths in every release of Nix, Lix and Determinate
    /// Nix; `netrc-file` and `diff-hook` tried with Nix 2.8 and 2.34.
    pub PATH_NOT_ABSOLUTE {
        id: "path-not-absolute",
        since: "0.1.0",
        applies: "Nix, Determinate Nix; fatal from Nix 2.34 and Determinate Nix 3.19",
        settings: &["netrc-file", "ssl-cert-file", "build-dir", "sandbox-build-dir", "diff-hook"],
        category: Correctness,
        severity: Error,
        fixes: Never,
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    for one in given(cx) {
        if !matches!(one.value.value, Value::Str(_)) || one.text.is_empty() {
            continue;
        }
        let name = one.setting.name;
        let since: Vec<(Implementation, Version)> = IMPLEMENTATIONS
            .into_iter()
            .filter(|own| implementation(cx).is_none_or(|one| one == *own))
            .filter_map(|own| Some((own, one.setting.absolute_since(own)?)))
            .collect();
        if since.is_empty() || one.text.starts_with('/') {
            continue;
        }
        let target = cx.target();
        let version = target.version.as_ref().or(target.series.as_ref());
        let refused = match (implementation(cx), version) {
            (Some(_), Some(version)) => {
                Some(since.iter().any(|(_, since)| version.value >= *since))
            }
            _ => None,
        };
        let shown = if one.text.starts_with('~') {
            "`~` is not expanded"
        } else {
            "it has no `/` at its beginning"
        };
        let releases = since
            .iter()
            .map(|(own, since)| format!("{own} {since}"))
            .collect::<Vec<_>>()
            .join(" and ");
        let report = out
            .report(one.place, format!("`{name}` is a relative path: {shown}"))
            .severity(match refused {
                Some(true) => Severity::Error,
                _ => Severity::Warning,
            })
            .confidence(if target.nix_is_assumed() {
                one.confidence.min(Confidence::Likely)
            } else {
                one.confidence
            })
            .why(match refused {
                Some(true) => "nix refuses the value: every nix command fails".to_owned(),
                _ => format!(
                    "it counts from the folder that a process was started in; from {releases} on \
                     every nix command fails"
                ),
            })
            .help("write the whole path, from `/` on");
        with_nix(cx, report);
    }
}
