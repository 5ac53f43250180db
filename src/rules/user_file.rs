//! Configurations that are a user's own: what the daemon of the system makes of them.

use super::RuleCx;
use super::list_entry::system_is_assumed;
use crate::catalog::{SettingInfo, Untrusted};
use crate::facts::ModuleSystem;
use crate::model::{Definition, Origin};

/// Names of the super-user, whose own file the daemon reads as well.
const SUPER_USER: &str = "root";

/// Whether the daemon takes the word of the user that a configuration belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Trust {
    /// `trusted-users` of the system names the user, or everyone.
    Given,
    /// All of `trusted-users` is known, and nothing in it can be the user.
    Refused,
    /// It is not known who is trusted.
    Unknown,
}

/// True for home-manager, and for a `nix.conf` below a user's own configuration. A folder's name
/// alone says too little: `home` may be that of a whole tree.
pub(super) fn is_users_own(cx: &RuleCx<'_>) -> bool {
    let is_flake = cx.target().system() == Some(ModuleSystem::FlakeConfig);
    !cx.reaches_daemon() && !is_flake && !system_is_assumed(cx)
}

/// The name of the user that the configuration is for, when it is known.
fn user_name(cx: &RuleCx<'_>) -> Option<String> {
    if let Some(name) = cx
        .option("home.username")
        .known()
        .and_then(|name| name.as_text())
    {
        return Some(name.to_string());
    }
    match &cx.machine().origin {
        Origin::Flake {
            user: Some(user), ..
        } => Some(user.to_string()),
        _ => None,
    }
}

/// True for the configuration of the super-user: the daemon runs as that one and reads its file.
pub(super) fn is_super_user(cx: &RuleCx<'_>) -> bool {
    user_name(cx).as_deref() == Some(SUPER_USER)
}

/// Whether the system that the user's configuration is part of trusts the user.
pub(super) fn trust(cx: &RuleCx<'_>) -> Trust {
    let (Some(system), Some(user)) = (cx.system_of_user(), user_name(cx)) else {
        return Trust::Unknown;
    };
    let trusted = system.items("trusted-users");
    let names = |item: &str| {
        // Who is in a group is not known; those of administrators hold the machine's user.
        item == user || item == "*" || item.starts_with('@')
    };
    let named = trusted
        .items
        .iter()
        .flat_map(|item| item.text.split_whitespace())
        .any(names);
    match (named, trusted.complete) {
        (true, _) => Trust::Given,
        (false, true) => Trust::Refused,
        (false, false) => Trust::Unknown,
    }
}

/// What the daemon does with a setting of a user that it does not trust.
pub(super) fn fate(cx: &RuleCx<'_>, setting: &SettingInfo) -> Option<Untrusted> {
    setting
        .untrusted(cx.target())
        .or_else(|| setting.untrusted_newest())
}

/// The definitions of settings of which `wanted` is the fate.
pub(super) fn with_fate<'a>(
    cx: &RuleCx<'a>,
    wanted: Untrusted,
) -> Vec<(&'a SettingInfo, &'a Definition)> {
    cx.all_definitions()
        .filter_map(|definition| {
            let key = definition.setting.as_deref()?;
            let setting = cx.catalog().resolve_for(key, cx.target())?.setting;
            (fate(cx, setting) == Some(wanted)).then_some((setting, definition))
        })
        .collect()
}
