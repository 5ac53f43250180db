//! `nix.package` as rules see it: the attribute of nixpkgs that a definition names.

use super::RuleCx;
use crate::eval::{Value, Why};
use crate::model::Definition;

/// The definitions of `nix.package` that name a package, each with the attribute below `pkgs`.
pub(super) fn named<'a>(cx: &RuleCx<'a>) -> Vec<(&'a Definition, String)> {
    if cx.nix_disabled_by().is_some() {
        return Vec::new();
    }
    let mut all = Vec::new();
    for definition in cx.option_definitions("nix.package") {
        let values: Vec<&Value> = match &definition.value.value {
            Value::OneOf(several) => several.iter().map(|one| &one.value).collect(),
            one => vec![one],
        };
        for value in values {
            if let Value::Unknown(Why::Package(path)) = value
                && let Some((_, attr)) = path.split_once('.')
            {
                all.push((definition, attr.to_owned()));
            }
        }
    }
    all
}
