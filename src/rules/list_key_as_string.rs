//! A list that is written as one string.

use super::list_entry::is_line;
use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Change, NewValue, Severity};
use crate::eval::Value;
use crate::model::{Condition, Form};

declare_rule! {
    /// A setting that holds a list is written as one string.
    ///
    /// ## Why it matters
    ///
    /// NixOS, nix-darwin and home-manager take `"nix-command flakes"` for
    /// `[ "nix-command" "flakes" ]`, and write the same line. But a string in one module and a list
    /// in another do not merge: the configuration fails to evaluate the day somebody adds one.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings.experimental-features = "nix-command flakes";
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings.experimental-features = [ "nix-command" "flakes" ];
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When other modules write the string, too: all of them have to change together. The fix is
    /// safe when every file of the machine was read and this is the only definition.
    ///
    /// ## Source
    ///
    /// nix-darwin `modules/nix/default.nix`, NixOS `nixos/modules/config/nix.nix`, home-manager
    /// `modules/misc/nix/default.nix`: the type of `nix.settings`, evaluated.
    pub LIST_KEY_AS_STRING {
        id: "list-key-as-string",
        since: "0.1.0",
        applies: "NixOS, nix-darwin, home-manager",
        settings: &["experimental-features", "extra-substituters", "extra-trusted-public-keys"],
        category: Style,
        severity: Info,
        stage: OptIn,
        fixes: Sometimes(Safe, Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    for name in super::given::names(cx) {
        let Some(setting) = cx.catalog().setting(name).filter(|one| one.is_list()) else {
            continue;
        };
        for definition in cx.definitions(setting.name) {
            let Value::Str(text) = &definition.value.value else {
                continue;
            };
            // Other forms of a settings set are no module options.
            let is_module = definition.option.parent().is("nix.settings");
            let declared = cx.target().system().is_some_and(|system| {
                let option = cx.catalog().option(system, &definition.option.to_string());
                option.is_some_and(|option| option.kind == Some("list of str"))
            });
            let Some(place) = super::list_entry::value_place(definition) else {
                continue;
            };
            // Where the option is declared as a list, the string is an error that another rule
            // tells.
            let is_include = text.contains("include ");
            if is_line(definition) || !is_module || declared || is_include {
                continue;
            }
            let key = definition.option.leaf();
            let words = text.split_whitespace();
            let words: Vec<NewValue> = words.map(|word| NewValue::Str(word.to_owned())).collect();
            let is_alone = cx
                .all_definitions()
                .filter(|other| other.option == definition.option)
                .count()
                == 1;
            let sure = is_alone
                && cx
                    .workspace()
                    .machines_of(definition.id)
                    .all(|machine| machine.complete);
            let changes = if definition.value.is_literal_in_place()
                && definition.form == Form::Binding
                && definition.condition == Condition::Always
                && !text.contains('#')
            {
                vec![Change::Set {
                    definition: definition.id,
                    value: NewValue::List(words),
                }]
            } else {
                Vec::new()
            };
            out.report(place, format!("`{key}` is a list, written as one string"))
                .severity(Severity::Info)
                .confidence(cx.confidence(definition))
                .why("a list in another module does not merge with a string: evaluation fails then")
                .help("write a list of strings")
                .fix(
                    if sure {
                        Applicability::Safe
                    } else {
                        Applicability::Unsafe
                    },
                    "write it as a list",
                    changes,
                );
        }
    }
}
