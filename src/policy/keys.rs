//! The keys of `nixtune.toml`: what each may hold and what it is for.
//!
//! The reader names them when one is misspelt, the schema describes them to editors, and the
//! commented file that `nixtune init-policy` writes is made from them.

/// A key of a table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key {
    /// Its name.
    pub name: &'static str,
    /// What it is for, in sentences.
    pub docs: &'static str,
    /// A value as TOML; empty for tables.
    pub example: &'static str,
    /// What it may hold.
    pub shape: Shape,
}

/// What a key may hold.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// The path of a file, relative to the folder of `nixtune.toml`.
    Path,
    /// `true` or `false`.
    Flag,
    /// A list of selectors.
    Selectors,
    /// One of a few words.
    OneOf(&'static [&'static str]),
    /// A release number in quotes.
    Version,
    /// A platform.
    Platform,
    /// Severities by selector.
    Severities,
    /// A table with these keys.
    Table(&'static [Key]),
    /// Tables with these keys, by names that the user chooses; the word says of what.
    Tables(&'static [Key], &'static str),
    /// Numbers by rule and option.
    RuleOptions,
    /// Lists of keys by the address of their cache.
    Caches,
    /// A number, 0 or more.
    Number,
}

/// Severities that a diagnostic may have.
pub(super) const SEVERITIES: &[&str] = &["error", "warning", "info"];

/// Severities that a run may fail at.
pub(super) const FAIL_ON: &[&str] = &["error", "warning", "info", "never"];

/// The keys of the file itself.
pub(super) const ROOT: &[Key] = &[
    Key {
        name: "host",
        docs: "The hardware profile that every machine is judged for, unless it has its own. \
               `nixtune host --save FILE` writes one.",
        example: "\"hosts/mbp.toml\"",
        shape: Shape::Path,
    },
    Key {
        name: "target",
        docs: "What the files are for, where they do not tell it themselves.",
        example: "",
        shape: Shape::Table(TARGET),
    },
    Key {
        name: "lint",
        docs: "What is reported.",
        example: "",
        shape: Shape::Table(LINT),
    },
    Key {
        name: "rule",
        docs: "Numbers that single rules go by; `nixtune explain RULE` lists them.",
        example: "",
        shape: Shape::RuleOptions,
    },
    Key {
        name: "machine",
        docs: "What is known about single machines, by the names that `nixtune lint --format \
               json` shows. What is said of a machine counts for the homes on it as well.",
        example: "",
        shape: Shape::Tables(MACHINE, "work"),
    },
    Key {
        name: "data",
        docs: "What nixtune's own data cannot know.",
        example: "",
        shape: Shape::Table(DATA),
    },
    Key {
        name: "apply",
        docs: "How fixes are written.",
        example: "",
        shape: Shape::Table(APPLY),
    },
    Key {
        name: "targets",
        docs: "What `nixtune analyze` and `nixtune history` hold measurements against.",
        example: "",
        shape: Shape::Table(TARGETS),
    },
];

/// `[lint]`.
pub(super) const LINT: &[Key] = &[
    Key {
        name: "select",
        docs: "The rules that speak: ids, categories, `default` or `all`. Without it, `default`.",
        example: "[\"default\"]",
        shape: Shape::Selectors,
    },
    Key {
        name: "ignore",
        docs: "Rules that do not. What is named by its id wins over its category.",
        example: "[\"keep-outputs-growth\"]",
        shape: Shape::Selectors,
    },
    Key {
        name: "preview",
        docs: "Whether rules that are not yet proven on many configurations speak as well.",
        example: "false",
        shape: Shape::Flag,
    },
    Key {
        name: "fail-on",
        docs: "From which severity on a run ends with 1.",
        example: "\"warning\"",
        shape: Shape::OneOf(FAIL_ON),
    },
    Key {
        name: "baseline",
        docs: "A file of diagnostics that are known and not reported again; `nixtune lint \
               --write-baseline` writes it.",
        example: "\"nixtune-baseline.json\"",
        shape: Shape::Path,
    },
    Key {
        name: "severity",
        docs: "Other severities, by rule or category.",
        example: "",
        shape: Shape::Severities,
    },
    Key {
        name: "per-path",
        docs: "Other rules for some files, by a pattern relative to this file.",
        example: "",
        shape: Shape::Tables(PER_PATH, "\"hosts/ci/**\""),
    },
];

/// `[lint.per-path."PATTERN"]`.
pub(super) const PER_PATH: &[Key] = &[
    Key {
        name: "select",
        docs: "Rules that speak about these files in addition.",
        example: "[\"style\"]",
        shape: Shape::Selectors,
    },
    Key {
        name: "ignore",
        docs: "Rules that do not speak about these files.",
        example: "[\"gc-absent\"]",
        shape: Shape::Selectors,
    },
    Key {
        name: "severity",
        docs: "Other severities for these files, by rule or category.",
        example: "",
        shape: Shape::Severities,
    },
];

/// `[target]`.
pub(super) const TARGET: &[Key] = &[
    Key {
        name: "module-system",
        docs: "What reads the files.",
        example: "\"nix-darwin\"",
        shape: Shape::OneOf(&[
            "nix-darwin",
            "nixos",
            "home-manager",
            "nix-conf",
            "flake-config",
        ]),
    },
    IMPLEMENTATION,
    VERSION,
    PLATFORM,
];

const IMPLEMENTATION: Key = Key {
    name: "implementation",
    docs: "Who made the Nix in use.",
    example: "\"cppnix\"",
    shape: Shape::OneOf(&["cppnix", "lix", "determinate"]),
};

const VERSION: Key = Key {
    name: "version",
    docs: "Its release.",
    example: "\"2.31.2\"",
    shape: Shape::Version,
};

const PLATFORM: Key = Key {
    name: "platform",
    docs: "Where it runs.",
    example: "\"aarch64-darwin\"",
    shape: Shape::Platform,
};

/// `[machine.NAME]`.
pub(super) const MACHINE: &[Key] = &[
    Key {
        name: "host",
        docs: "Its hardware profile. A builder of that name is judged by it, too.",
        example: "\"hosts/work.toml\"",
        shape: Shape::Path,
    },
    Key {
        name: "target",
        docs: "The Nix that it has.",
        example: "",
        shape: Shape::Table(MACHINE_TARGET),
    },
];

/// `[machine.NAME.target]`: what reads its files is decided before its name is known.
pub(super) const MACHINE_TARGET: &[Key] = &[IMPLEMENTATION, VERSION, PLATFORM];

/// `[data]`.
pub(super) const DATA: &[Key] = &[Key {
    name: "caches",
    docs: "Binary caches of your own, with the keys that they sign with.",
    example: "",
    shape: Shape::Caches,
}];

/// `[apply]`.
pub(super) const APPLY: &[Key] = &[Key {
    name: "insert-comments",
    docs: "Whether a comment says where an inserted number comes from.",
    example: "true",
    shape: Shape::Flag,
}];

/// `[targets]`; the examples are what counts without it.
pub(super) const TARGETS: &[Key] = &[
    target(
        "evaluation_secs",
        "The longest evaluation, in seconds.",
        "5",
    ),
    target(
        "hit_rate_percent",
        "The least share that comes from caches of what they could have, in percent.",
        "80",
    ),
    target(
        "small_rebuild_secs",
        "The longest run with at most 20 builds and less than 100 MB to fetch, in seconds.",
        "30",
    ),
    target(
        "store_growth_percent_per_week",
        "The most that the store may grow in a week, in percent of its disk.",
        "5",
    ),
    target(
        "full_days",
        "The least time until the store's disk is full, in days.",
        "14",
    ),
    target(
        "dead_percent",
        "The most of the store that may be dead, in percent.",
        "20",
    ),
    target(
        "misses_secs",
        "The longest time to learn that caches do not have a thousand paths, in seconds.",
        "5",
    ),
];

const fn target(name: &'static str, docs: &'static str, example: &'static str) -> Key {
    Key {
        name,
        docs,
        example,
        shape: Shape::Number,
    }
}
