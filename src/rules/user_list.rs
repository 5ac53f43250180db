//! Names in `trusted-users` and `allowed-users`: the groups that stand for more, or for fewer,
//! people than they seem to.

use memchr::memmem;

use super::RuleCx;
use super::list_entry::{Entry, entries};
use crate::facts::{ModuleSystem, Os};

/// Whom a name stands for, where that is not what it says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Whom {
    /// Every account, or every account of a person.
    Everyone,
    /// Nobody but root.
    RootAlone,
    /// Nobody: there is no such group.
    Nobody,
}

/// Whom `name` stands for on the machine; `None` for what it says itself, or where the system is
/// not known.
///
/// Nix asks for the primary group and for the members that the group lists
/// (`src/nix/unix/daemon.cc`). NixOS gives people the primary group `users`, macOS gives them
/// `staff`; on macOS `wheel` lists root alone and administrators are in `admin`. The groups that
/// NixOS has are in `nixos/modules/config/users-groups.nix`.
pub(super) fn stands_for(cx: &RuleCx<'_>, name: &str) -> Option<Whom> {
    let nixos = cx.target().system() == Some(ModuleSystem::Nixos);
    let darwin = cx.os() == Some(Os::Darwin);
    let found = match name {
        "*" => Whom::Everyone,
        "@users" if nixos => Whom::Everyone,
        "@staff" if darwin => Whom::Everyone,
        "@wheel" if darwin => Whom::RootAlone,
        "@admin" | "@sudo" | "@staff" if nixos => Whom::Nobody,
        "@sudo" | "@root" if darwin => Whom::Nobody,
        _ => return None,
    };
    let is_declared = found == Whom::Nobody && declares_group(cx, name);
    (!is_declared).then_some(found)
}

/// The group of the administrators, where the system is known.
pub(super) fn administrators(cx: &RuleCx<'_>) -> Option<&'static str> {
    match cx.os()? {
        Os::Darwin => Some("@admin"),
        Os::Linux => Some("@wheel"),
    }
}

/// The option that makes groups.
const GROUPS: &[u8] = b"users.groups";

/// True when a file speaks of groups of its own, this one perhaps among them.
fn declares_group(cx: &RuleCx<'_>, name: &str) -> bool {
    let group = name.trim_start_matches('@');
    cx.workspace().files().iter().any(|file| {
        let text = file.text().as_bytes();
        let rest = memmem::find(text, GROUPS).and_then(|at| text.get(at + GROUPS.len()..));
        rest.is_some_and(|rest| memmem::find(rest, group.as_bytes()).is_some())
    })
}

/// True when `allowed-users` is known to leave out everyone but root: neither it nor
/// `trusted-users`, whose people may always connect, names anybody else.
pub(super) fn shuts_out(cx: &RuleCx<'_>) -> bool {
    ["allowed-users", "trusted-users"]
        .into_iter()
        .all(|setting| {
            let items = cx.items(setting);
            let nobody = |entry: &Entry<'_>| {
                &*entry.text == "root"
                    || matches!(
                        stands_for(cx, &entry.text),
                        Some(Whom::RootAlone | Whom::Nobody)
                    )
            };
            items.complete && entries(&items).iter().all(nobody)
        })
}
