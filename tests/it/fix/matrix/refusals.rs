//! Which changes are refused, where, and why, and which a formatter would touch up. Everything else
//! is made, and left alone by formatters.

use std::collections::BTreeMap;

use super::{Cell, Outcome, is_complete};

/// Changes of a place that are refused.
struct Refused {
    place: &'static str,
    value: &'static str,
    changes: &'static [&'static str],
    /// `*` for all; otherwise only there.
    variant: &'static str,
    reason: &'static str,
}

const fn refused(
    place: &'static str,
    changes: &'static [&'static str],
    reason: &'static str,
) -> Refused {
    Refused {
        place,
        value: "*",
        changes,
        variant: "*",
        reason,
    }
}

const ALL: &[&str] = &["*"];
const INTO_OTHER_SETS: &[&str] = &["insert elsewhere", "rename away"];
const OF_A_LINE: &[&str] = &[
    "insert beside",
    "list add",
    "remove",
    "rename beside",
    "set",
];
const OF_ELEMENTS: &[&str] = &["list remove", "list replace"];

const GONE: &[&str] = &["remove", "rename away", "rename beside"];

const COMPUTED: &str = "the value is made by code, so no text stands for it alone";
const NOT_FOUND: &str = "the text of the definition could not be found";
const NO_PLACE_FOR_NEW: &str =
    "`nix.optimise.inserted` has no place in a set that stands for `nix.settings` alone";
const NO_PLACE_FOR_RENAMED: &str =
    "`nix.optimise.renamed` has no place in a set that stands for `nix.settings` alone";
const SHARED: &str = "the text is used in other places, too";
const WRAPPED: &str =
    "the definition stands under a condition or wrapper that the new place has not";
const SCOPED: &str = "the value uses names that the new place does not know";
const COMMENTS: &str = "the text holds comments, which have no other place";

const REFUSED: &[Refused] = &[
    // What the other set would give instead takes its place.
    Refused {
        value: "number",
        ..refused(
            "// over another",
            &["remove", "rename beside", "rename away"],
            "`nix.settings.max-jobs` of w/x.nix would change with it",
        )
    },
    Refused {
        value: "list",
        ..refused(
            "// over another",
            &["remove", "rename beside", "rename away"],
            "`nix.settings.trusted-users` of w/x.nix would change with it",
        )
    },
    // Words are added to one string.
    Refused {
        value: "concatenated words",
        ..refused(
            "*",
            &["list add"],
            "the list is no text that can be extended",
        )
    },
    // `null` takes no more elements.
    Refused {
        value: "list",
        ..refused(
            "if",
            &["list add"],
            "the list is no text that can be extended",
        )
    },
    // A flake's `nixConfig` holds settings alone.
    refused(
        "flake",
        &["insert elsewhere"],
        "`nix.optimise.inserted` cannot be defined in this file",
    ),
    refused(
        "flake",
        &["rename away"],
        "`nix.optimise.renamed` cannot be defined in this file",
    ),
    // The set holds a part of the option's path only, so that other options have no place there.
    refused("import of a set", &["insert elsewhere"], NO_PLACE_FOR_NEW),
    refused("import of a set", &["rename away"], NO_PLACE_FOR_RENAMED),
    refused(
        "import of a function",
        &["insert elsewhere"],
        NO_PLACE_FOR_NEW,
    ),
    refused(
        "import of a function",
        &["rename away"],
        NO_PLACE_FOR_RENAMED,
    ),
    // Other values come from the same text. What goes before it can be written, but it cannot go.
    refused("// with a name, shared", GONE, SHARED),
    refused("let of a set, shared", GONE, SHARED),
    refused("mkForce of a set's name, shared", GONE, SHARED),
    refused("import of a set, shared", ALL, SHARED),
    refused(
        "rec, followed",
        &[
            "list add",
            "list remove",
            "list replace",
            "remove",
            "rename away",
            "rename beside",
            "set",
        ],
        SHARED,
    ),
    // The wrapper belongs to what is shared; a value of its own would not have it.
    refused(
        "let with mkForce, shared",
        &["set", "list add", "list remove", "list replace"],
        WRAPPED,
    ),
    refused("mkForce around a set", &["rename away"], WRAPPED),
    refused("mkIf around a set", &["rename away"], WRAPPED),
    refused("mkIf in mkMerge under mkIf", &["rename away"], WRAPPED),
    // No condition of the module system, so that it cannot be said elsewhere.
    refused("optionalAttrs of a condition", INTO_OTHER_SETS, WRAPPED),
    // Names that only the set around it binds.
    refused("rec, following", &["rename away"], SCOPED),
    refused("with", &["rename away"], SCOPED),
    // Made by functions.
    refused("mkDefault of all", ALL, COMPUTED),
    refused("nameValuePair", ALL, COMPUTED),
    refused("path of names", ALL, NOT_FOUND),
    // Lines of a text that others read, too.
    refused("lines of a name, shared", OF_A_LINE, SHARED),
    refused("lines of a name, shared", OF_ELEMENTS, SHARED),
    refused("lines of a name, shared", &["rename away"], SHARED),
    // A value that goes, with comments in it.
    Refused {
        variant: "commented",
        ..refused("mkMerge of values", &["remove"], COMMENTS)
    },
    Refused {
        variant: "all at once",
        ..refused("mkMerge of values", &["remove"], COMMENTS)
    },
];

impl Refused {
    fn covers(&self, cell: &Cell) -> bool {
        is(self.place, cell.shape.name)
            && is(self.value, cell.value.name)
            && self.changes.iter().any(|change| is(change, cell.kind.name))
            && is(self.variant, cell.variant.name)
    }
}

/// Compares what was refused with the table. Gives the number of refused cells.
pub fn check(cells: &[&Cell], wrong: &mut Vec<String>) -> usize {
    let mut used = vec![0; REFUSED.len()];
    let mut refused: BTreeMap<String, Vec<&Cell>> = BTreeMap::new();
    let mut count = 0;
    for cell in cells {
        let entry = REFUSED.iter().position(|entry| entry.covers(cell));
        if let Some(entry) = entry {
            used[entry] += 1;
        }
        let expected = entry.map(|entry| REFUSED[entry].reason);
        let got = match &cell.outcome {
            Outcome::Made(_) => None,
            Outcome::Refused(reason) => Some(reason.as_str()),
        };
        count += usize::from(got.is_some());
        if got != expected {
            let key = format!(
                "{} | {} | {} | {got:?}, not {expected:?}",
                cell.shape.name, cell.value.name, cell.kind.name
            );
            refused.entry(key).or_default().push(cell);
        }
    }
    for (key, cells) in refused {
        let variants: Vec<&str> = cells.iter().map(|cell| cell.variant.name).collect();
        wrong.push(format!("{key}: {variants:?}"));
    }
    for (entry, used) in REFUSED.iter().zip(used) {
        // Not every dress is tried each time.
        if used == 0 && (entry.variant == "*" || is_complete()) {
            wrong.push(format!(
                "{} is refused nowhere at {}",
                entry.reason, entry.place
            ));
        }
    }
    count
}

/// Changes after which a formatter breaks lines anew, or writes another kind of string: place,
/// value, change, dress.
const LEFT_TO_FORMATTERS: &[(&str, &str, &str, &str)] = &[
    // nixfmt breaks an operation that it would keep on one line with shorter operands.
    ("*", "lists", "list add", "*"),
    ("*", "optional lists", "list add", "*"),
    ("*", "optional lists", "list replace", "*"),
    // What is left of the file is nothing.
    ("one line", "*", "remove", "unicode"),
    ("line in a string", "*", "remove", "unicode"),
    // It writes an empty string in one way only.
    ("lines that others follow", "*", "remove", "*"),
    ("lines that others follow", "*", "rename away", "*"),
    // The comment stays between what the operator joins.
    ("// on the left", "*", "rename away", "commented"),
    // Nothing in the file shows that alejandra wrote it.
    ("*", "*", "list add", "alejandra"),
    ("*", "*", "list remove", "alejandra"),
    ("optionalAttrs", "*", "*", "alejandra"),
    ("let of a set, shared", "*", "*", "alejandra"),
    ("// around modules", "*", "remove", "alejandra"),
];

pub fn is_left_to_formatters(cell: &Cell) -> bool {
    LEFT_TO_FORMATTERS
        .iter()
        .any(|(place, value, kind, variant)| {
            is(place, cell.shape.name)
                && is(value, cell.value.name)
                && is(kind, cell.kind.name)
                && is(variant, cell.variant.name)
        })
}

fn is(pattern: &str, name: &str) -> bool {
    pattern == "*" || pattern == name
}
