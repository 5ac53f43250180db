//! A value of a flake's `nixConfig` that Nix would have to work out.

use super::{RuleCx, Sink, declare_rule};
use crate::eval::Value;
use crate::facts::ModuleSystem;
use crate::model::{Definition, Form};
use crate::syntax::worked_out;
use crate::text::Place;

declare_rule! {
    /// A value of `nixConfig` is not written out.
    ///
    /// ## Why it matters
    ///
    /// Nix reads `nixConfig` before it evaluates the flake, and works nothing out there. A value is
    /// a string, a path, a whole number, `true`, `false` or a list of strings. With an
    /// interpolation, `++`, `//`, a function, `if` or `let` every command on the flake fails:
    /// "flake configuration setting 'extra-substituters' is a thunk".
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nixConfig = {
    ///     extra-substituters = [ "https://devenv.cachix.org" ] ++ [ "https://numtide.cachix.org" ];
    ///   };
    ///   outputs = _: { };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nixConfig = {
    ///     extra-substituters = [
    ///       "https://devenv.cachix.org"
    ///       "https://numtide.cachix.org"
    ///     ];
    ///   };
    ///   outputs = _: { };
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// Never: nothing can be done with the flake. A plain name (of a `rec` set) works in some places
    /// and is not reported.
    ///
    /// ## Source
    ///
    /// Nix `src/libflake/flake.cc` (2.4 to 2.23 `src/libexpr/flake/flake.cc`), `forceTrivialValue`;
    /// each form tried with 2.8 and 2.34.
    pub FLAKE_NIXCONFIG_NOT_LITERAL {
        id: "flake-nixconfig-not-literal",
        since: "0.1.0",
        applies: "flakes, from Nix 2.4",
        settings: &["nixConfig"],
        category: Correctness,
        severity: Error,
        fixes: Never,
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    if cx.target().system() != Some(ModuleSystem::FlakeConfig) {
        return;
    }
    let flake = cx.machine().files.first();
    for definition in cx.all_definitions() {
        if !definition.option.parent().is("nixConfig") {
            continue;
        }
        let Some(statement) = definition.statement else {
            continue;
        };
        let name = definition.option.leaf();
        if flake != Some(&statement.file) || definition.form == Form::Computed {
            // `nixConfig = import ./other.nix`
            continue;
        }
        let found = if definition.form == Form::Inherit {
            None
        } else {
            worked_out(cx.workspace().text(statement)).map(|(span, what)| {
                let start = statement.span.start + span.start;
                let span = crate::text::Span::new(start, start + span.len());
                (Place::new(statement.file, span), what)
            })
        };
        if let Some((place, what)) = found {
            out.report(
                place,
                format!(
                    "`{name}` in `nixConfig` is not written out: {what} is not evaluated there"
                ),
            )
            .why("nix reads it before it evaluates the flake, and every command on the flake fails")
            .help("write the value out");
        } else if let Some(what) = wrong_type(definition) {
            out.report(
                definition.value.site.unwrap_or(statement),
                format!("`{name}` in `nixConfig` is {what}"),
            )
            .why(
                "nix takes a string, a path, a whole number, a boolean or a list of strings there; \
                 every command on the flake fails",
            )
            .help("write a string, a whole number, a boolean or a list of strings");
        }
    }
}

/// What a value is, when it is of a type that Nix does not take.
fn wrong_type(definition: &Definition) -> Option<&'static str> {
    match &definition.value.value {
        Value::Null => Some("`null`, which is no value there"),
        Value::Float(_) => Some("a number with a fraction"),
        Value::Attrs(_) => Some("a set"),
        Value::List(items) => {
            let other = items.iter().any(|item| {
                !matches!(
                    item.value,
                    Value::Str(_) | Value::Unknown(_) | Value::OneOf(_)
                )
            });
            other.then_some("a list with something else than strings in it")
        }
        _ => None,
    }
}
