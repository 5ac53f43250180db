//! `connect-timeout` of Nix and Determinate Nix: the values that are set, and the way back to a
//! fit one. Lix has two settings in its place, of which the old name is the longer one, so that
//! the same numbers mean something else there.

use super::RuleCx;
use super::plain_value::{Found, found, newest_default};
use crate::diagnostic::{Change, NewValue};
use crate::facts::Implementation;

const SETTING: &str = "connect-timeout";

/// The values in seconds, each where it is set; none for Lix.
pub(super) fn timeouts<'a>(cx: &RuleCx<'a>) -> Vec<(Found<'a>, u64)> {
    let lix = cx
        .target()
        .implementation
        .as_ref()
        .is_some_and(|fact| fact.value == Implementation::Lix);
    if lix {
        return Vec::new();
    }
    found(cx, SETTING, |value| value.as_amount().is_some())
        .into_iter()
        .filter_map(|found| Some((found, found.value.as_amount()?)))
        .collect()
}

/// The default of the machine's Nix in seconds, when that is certain.
pub(super) fn own_default(cx: &RuleCx<'_>) -> Option<u64> {
    let setting = cx.catalog().setting(SETTING)?;
    setting.default_for(cx.target())?.parse().ok()
}

/// The title and the changes that give the default of recent releases: the line goes where that is
/// the machine's own.
pub(super) fn mending(cx: &RuleCx<'_>, found: &Found<'_>) -> Option<(String, Vec<Change>)> {
    let fit = newest_default(cx, SETTING)?;
    if own_default(cx) == Some(fit) {
        return Some(("take `connect-timeout` out".to_owned(), found.removal()));
    }
    let value = NewValue::Int(i64::try_from(fit).ok()?);
    Some((
        format!("set `connect-timeout` to {fit}"),
        found.setting_to(value),
    ))
}
