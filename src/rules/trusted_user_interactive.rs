//! People in `trusted-users`.

use super::user_list::stands_for;
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Change, Confidence};
use crate::model::{Definition, Item};
use crate::text::Place;

declare_rule! {
    /// A person, or everyone of a group of people, is trusted by the Nix daemon.
    ///
    /// ## Why it matters
    ///
    /// A trusted user may give the daemon any setting for a connection, a program to run after
    /// each build among them, and may put unsigned paths into the store. The manual calls that
    /// equivalent to root, and it needs no password: any program that runs in the session of such
    /// a user, a package's install script or an editor's plug-in, can become root through it.
    /// `@admin` and `@wheel` mean every administrator. Names that mean everyone are
    /// `trusted-users-everyone`'s.
    ///
    /// Almost always the wish behind it is to use a cache. `trusted-substituters` together with
    /// `trusted-public-keys` gives just that: anyone may use the caches listed there.
    ///
    /// Not reported: root, system accounts by their usual names (`nix-ssh`, `hydra`, `buildbot`,
    /// `_` names of macOS), groups other than the usual groups of people, groups that the system
    /// does not have, `@wheel` on macOS, where it is root alone, and names that are computed from
    /// what nixtune does not know.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings.trusted-users = [ "root" "alice" "@wheel" ];
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings.trusted-users = [ "root" ];
    ///   nix.settings.trusted-substituters = [ "https://nix-community.cachix.org" ];
    ///   nix.settings.trusted-public-keys = [
    ///     "nix-community.cachix.org-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyvRCYg3Fs="
    ///   ];
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// On a machine where that person can use sudo without a password anyway, or where a remote
    /// builder or a tool such as devenv needs it and you accept the price.
    ///
    /// ## Source
    ///
    /// Nix manual and Lix manual, `trusted-users`; `src/nix/unix/daemon.cc` for how names and
    /// groups match. Advice against it: juspay/omnix#409. Every version of Nix, Lix and
    /// Determinate Nix.
    pub TRUSTED_USER_INTERACTIVE {
        id: "trusted-user-interactive",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["trusted-users"],
        category: Security,
        severity: Warning,
        fixes: Sometimes(Manual),
    }
}

/// Groups of people.
const PEOPLE: [&str; 5] = ["@admin", "@wheel", "@sudo", "@users", "@staff"];

/// Beginnings of names of system accounts that build, cache or test.
const SERVICES: [&str; 22] = [
    "_",
    "nix",
    "root",
    "hydra",
    "buildbot",
    "buildkite",
    "builder",
    "build",
    "github",
    "gitea",
    "forgejo",
    "gitlab",
    "hercules",
    "jenkins",
    "ofborg",
    "runner",
    "deploy",
    "cachix",
    "attic",
    "harmonia",
    "remotebuild",
    "ci",
];

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    // A user's own file cannot name trusted users, nor can a flake.
    if !cx.reaches_daemon() {
        return;
    }
    let items = cx.items("trusted-users");
    for definition in &items.definitions {
        let people: Vec<&Item<'_>> = items
            .items
            .iter()
            .filter(|item| item.definition.id == definition.id && is_people(&item.text))
            .filter(|item| stands_for(cx, &item.text).is_none())
            .collect();
        report(cx, definition, &people, out);
    }
}

/// So many names are spelled out.
const NAMED: usize = 4;

fn report(cx: &RuleCx<'_>, definition: &Definition, people: &[&Item<'_>], out: &mut Sink<'_>) {
    // A list made elsewhere is spoken of where it becomes this setting.
    let in_place = |place: &Place| {
        definition
            .statement
            .is_some_and(|own| own.file == place.file && own.span.contains(place.span))
    };
    let mut names: Vec<&str> = Vec::new();
    let mut sites: Vec<Place> = Vec::new();
    for item in people {
        if !names.contains(&item.text.as_ref()) {
            names.push(&item.text);
        }
        // The branches of a choice share what stands outside it.
        if let Some(site) = item.site.filter(in_place)
            && !sites.contains(&site)
        {
            sites.push(site);
        }
    }
    let Some(place) = sites.first().copied().or(definition.place()) else {
        return;
    };
    if names.is_empty() {
        return;
    }
    let all_in_place = people
        .iter()
        .all(|item| item.site.as_ref().is_some_and(in_place));
    let mut shown: Vec<String> = names
        .iter()
        .take(NAMED)
        .map(|name| format!("`{name}`"))
        .collect();
    if names.len() > NAMED {
        shown.push(format!("and {} more", names.len() - NAMED));
    }
    let shown = shown.join(", ");
    let mut confidence = cx.confidence(definition);
    if !people.iter().any(|item| item.unconditional) {
        confidence = confidence.min(Confidence::Likely);
    }
    let mut report = out
        .report(place, format!("`trusted-users` lists {shown}"))
        .confidence(confidence)
        .why(
            "a trusted user is root without a password: any program in that user's session can \
             have the daemon run a command as root",
        )
        .help(
            "keep `root` alone, and list the caches that are needed in `trusted-substituters` and \
             their keys in `trusted-public-keys`",
        );
    for site in sites.iter().skip(1) {
        report = report.label(Some(*site), "trusted too");
    }
    if all_in_place && definition.stands_alone() {
        report.fix(
            Applicability::Manual,
            format!("take {shown} out of `trusted-users`"),
            vec![Change::ListRemove {
                definition: definition.id,
                items: sites,
            }],
        );
    }
}

fn is_people(name: &str) -> bool {
    if name.starts_with('@') {
        return PEOPLE.contains(&name);
    }
    !name.is_empty() && name != "*" && !SERVICES.iter().any(|start| is_service(name, start))
}

/// True for `start` itself, and for names that go on with something that is no letter: `nix-ssh`,
/// `hydra-www`, `github-runner`, but not `cindy` or `nixon`.
fn is_service(name: &str, start: &str) -> bool {
    name.strip_prefix(start)
        .is_some_and(|rest| start == "_" || !rest.starts_with(|c: char| c.is_ascii_alphabetic()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_told_from_services() {
        for people in ["alice", "cindy", "nixon", "@wheel", "@admin", "johnw"] {
            assert!(is_people(people), "{people}");
        }
        for service in [
            "root",
            "nix",
            "nix-ssh",
            "nix-remote-builder",
            "hydra-queue-runner",
            "_hercules-ci-agent",
            "github-runner",
            "@builders",
            "@trusted",
            "*",
            "ci",
            "",
        ] {
            assert!(!is_people(service), "{service}");
        }
    }
}
