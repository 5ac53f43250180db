//! `include` where a value belongs.

use super::given::reaching;
use super::list_entry::{beside, is_line, value_place};
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Change};
use crate::eval::Value;
use crate::facts::ModuleSystem;
use crate::model::{Definition, OptionPath};

declare_rule! {
    /// A setting's value is an `include` line.
    ///
    /// ## Why it matters
    ///
    /// `include FILE` and `!include FILE` are lines of their own in `nix.conf`. As a value they are
    /// words like any others: `access-tokens = "!include /run/tokens"` reads no file, and since the
    /// words hold no `=` the list of tokens ends up empty, without an error.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings.access-tokens = "!include /run/secrets/nix-tokens";
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.extraOptions = "!include /run/secrets/nix-tokens";
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// Never: no release of any implementation reads a file there. The fix moves the line to
    /// `nix.extraOptions`; the file must hold whole lines (`access-tokens = …`), so it is not safe.
    ///
    /// ## Source
    ///
    /// Nix, `src/libutil/configuration.cc`, `parseConfigFiles`; tried with Nix 2.8 and 2.34:
    /// `access-tokens` is empty.
    pub INCLUDE_AS_VALUE {
        id: "include-as-value",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["access-tokens"],
        category: Correctness,
        severity: Error,
        fixes: Sometimes(Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    for definition in reaching(cx) {
        let Some(key) = definition.setting.as_deref() else {
            continue;
        };
        let Value::Str(text) = &definition.value.value else {
            continue;
        };
        let words: Vec<&str> = text.split_whitespace().collect();
        let Some(place) = value_place(definition) else {
            continue;
        };
        if is_include(key) {
            let line = format!("{key} {}", words.join(" "));
            out.report(
                place,
                format!("`{key}` is no setting, but a line of its own"),
            )
            .why("rendered as `include = FILE` it is a line that nix refuses")
            .help(format!("write `{line}` in `nix.extraOptions`"))
            .confidence(cx.confidence(definition));
            continue;
        }
        let [first, path, ..] = words.as_slice() else {
            continue;
        };
        if !is_include(first) || !path.starts_with(['/', '.', '~', '$']) {
            continue;
        }
        let line = words.join(" ");
        let map = cx.catalog().resolve(key).is_some_and(|resolved| {
            *resolved.setting.kind() == crate::catalog::SettingKind::StringMap
        });
        out.report(
            place,
            format!("`{key}` is set to `{first} …`, which reads no file"),
        )
        .why(if map {
            "as a value these are words without `=`, which are dropped: the setting is empty"
        } else {
            "as a value these are words like any others"
        })
        .help(if is_line(definition) {
            format!("write `{line}` as a line of its own")
        } else {
            format!("write `{line}` in `nix.extraOptions`, and whole lines in that file")
        })
        .confidence(cx.confidence(definition))
        .fix(
            Applicability::Unsafe,
            "move it to `nix.extraOptions`",
            changes(cx, definition),
        );
    }
}

fn is_include(word: &str) -> bool {
    matches!(word, "include" | "!include")
}

fn changes(cx: &RuleCx<'_>, definition: &Definition) -> Vec<Change> {
    let is_module = matches!(
        cx.target().system(),
        Some(ModuleSystem::NixDarwin | ModuleSystem::Nixos | ModuleSystem::HomeManager) | None
    );
    let of_nix = beside(definition, "x")
        .names()
        .first()
        .is_some_and(|first| &**first == "nix");
    let free = cx.option("nix.extraOptions").is_unset();
    if !is_module || is_line(definition) || !of_nix || !free || !definition.stands_alone() {
        return Vec::new();
    }
    // The words are the line: only their name changes.
    vec![Change::Rename {
        definition: definition.id,
        to: OptionPath::dotted("nix.extraOptions"),
    }]
}
