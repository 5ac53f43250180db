//! What stands in files, as data: values, and the places in which a definition of one can stand.

use serde_json::{Value as Json, json};

use super::super::strings;
use nixtune::diagnostic::NewValue;

/// A value as it is written, and what stands there after it is set.
pub struct Value {
    pub name: &'static str,
    /// The last name of its option.
    pub option: &'static str,
    /// Another option for the same kind of value.
    pub sibling: &'static str,
    pub text: &'static str,
    /// What Nix makes of `text`.
    pub old: fn() -> Json,
    pub new: fn() -> NewValue,
    /// True for lists, and for strings that are lists of words.
    pub has_elements: bool,
}

fn root_and_me() -> Json {
    json!(["root", "me"])
}

fn words() -> Json {
    json!("nix-command flakes")
}

fn one_and_two() -> NewValue {
    strings(&["one", "two"])
}

pub const NUMBER: Value = Value {
    name: "number",
    option: "max-jobs",
    sibling: "http-connections",
    text: "8",
    old: || json!(8),
    new: || NewValue::Int(4),
    has_elements: false,
};

pub const LIST: Value = Value {
    name: "list",
    option: "trusted-users",
    sibling: "allowed-users",
    text: "[ \"root\" \"me\" ]",
    old: root_and_me,
    new: one_and_two,
    has_elements: true,
};

pub const WORDS: Value = Value {
    name: "words",
    option: "experimental-features",
    sibling: "system-features",
    text: "\"nix-command flakes\"",
    old: words,
    new: || NewValue::Str("an \"${other}\" ''text'' \\".to_owned()),
    has_elements: true,
};

/// Spellings of values that do not matter where they stand.
const SPELLINGS: [Value; 13] = [
    Value {
        name: "negative number in parentheses",
        text: "(-8)",
        old: || json!(-8),
        ..NUMBER
    },
    Value {
        name: "product",
        option: "min-free",
        text: "5 * 1024 * 1024",
        old: || json!(5 << 20),
        ..NUMBER
    },
    Value {
        name: "truth",
        option: "fallback",
        text: "true",
        old: || json!(true),
        new: || NewValue::Bool(false),
        ..NUMBER
    },
    Value {
        name: "null",
        option: "builders",
        text: "null",
        old: || Json::Null,
        new: || NewValue::Str(String::new()),
        ..NUMBER
    },
    Value {
        name: "string with escapes",
        option: "post-build-hook",
        text: r#""a \"quoted\" \${word} \\ # \t me""#,
        old: || json!("a \"quoted\" ${word} \\ # \t me"),
        new: || NewValue::Str("''${x} \\ \"y\" \n z".to_owned()),
        ..NUMBER
    },
    Value {
        name: "indented words",
        text: "''\n    nix-command\n    flakes\n  ''",
        ..WORDS
    },
    Value {
        name: "concatenated words",
        text: "\"nix-command \" + \"flakes\"",
        ..WORDS
    },
    Value {
        name: "set",
        option: "interval",
        text: "{ Hour = 3; Minute = 15; }",
        old: || json!({"Hour": 3, "Minute": 15}),
        new: || {
            NewValue::Attrs(vec![
                ("Hour".to_owned(), NewValue::Int(4)),
                ("Week day".to_owned(), NewValue::Int(1)),
            ])
        },
        ..NUMBER
    },
    Value {
        name: "list of one",
        text: "[ \"me\" ]",
        old: || json!(["me"]),
        ..LIST
    },
    Value {
        name: "list over lines",
        text: "[\n    \"root\"\n    \"me\"\n  ]",
        ..LIST
    },
    Value {
        name: "list with strange elements",
        text: r#"[ ("root") ''me'' "a\"b" ]"#,
        old: || json!(["root", "me", "a\"b"]),
        ..LIST
    },
    Value {
        name: "lists",
        text: "[ \"root\" ] ++ [ \"me\" ]",
        ..LIST
    },
    Value {
        name: "optional lists",
        text: "[ \"root\" ] ++ lib.optionals true [ \"me\" ] ++ lib.optional false \"you\"",
        ..LIST
    },
];

/// A place for a definition. `NAME` stands for the last name of the option, `VALUE` for its value.
pub struct Place {
    pub name: &'static str,
    /// How the file is called.
    pub file: &'static str,
    pub text: &'static str,
    /// Other files that belong to it.
    pub beside: &'static [(&'static str, &'static str)],
    /// The option.
    pub option: &'static str,
    pub values: Values,
}

/// Which values a place is tried with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Values {
    /// A number and a list.
    Usual,
    /// The list.
    Lists,
    /// A number, a list and words.
    Lines,
    /// Every spelling.
    All,
    /// The set: it is written in parts.
    Set,
}

impl Values {
    pub fn list(self) -> Vec<&'static Value> {
        const USUAL: [&Value; 3] = [&NUMBER, &LIST, &WORDS];
        match self {
            Self::Usual => vec![&NUMBER, &LIST],
            Self::Lists => vec![&LIST],
            Self::Lines => USUAL.to_vec(),
            Self::All => USUAL.into_iter().chain(&SPELLINGS).collect(),
            Self::Set => SPELLINGS
                .iter()
                .filter(|value| value.name == "set")
                .collect(),
        }
    }
}

const fn module(name: &'static str, text: &'static str) -> Place {
    Place {
        name,
        file: "x.nix",
        text,
        beside: &[],
        option: "nix.settings.NAME",
        values: Values::Usual,
    }
}

const fn lists(name: &'static str, text: &'static str) -> Place {
    Place {
        values: Values::Lists,
        ..module(name, text)
    }
}

const fn lines(name: &'static str, text: &'static str) -> Place {
    Place {
        option: "nix.extraOptions",
        values: Values::Lines,
        ..module(name, text)
    }
}

const fn conf(
    name: &'static str,
    text: &'static str,
    beside: &'static [(&'static str, &'static str)],
) -> Place {
    Place {
        name,
        file: "nix.conf",
        text,
        beside,
        option: "NAME",
        values: Values::Usual,
    }
}

const SETTINGS: (&str, &str) = ("settings.nix", "{\n  NAME = VALUE;\n  cores = 2;\n}\n");

pub const PLACES: &[Place] = &[
    // Spellings of paths.
    Place {
        values: Values::All,
        ..module(
            "dotted",
            "{ lib, ... }:\n{\n  nix.settings.NAME = VALUE;\n  nix.settings.cores = 2;\n}\n",
        )
    },
    Place {
        values: Values::All,
        ..module(
            "nested",
            "{ lib, ... }:\n{\n  nix = {\n    settings = {\n      cores = 2;\n      NAME = VALUE;\n    };\n    gc.automatic = true;\n  };\n}\n",
        )
    },
    module(
        "mixed, set of dotted",
        "{\n  nix = {\n    settings.NAME = VALUE;\n    settings.cores = 2;\n    gc.automatic = true;\n  };\n}\n",
    ),
    module(
        "mixed, dotted sets",
        "{\n  nix.gc.automatic = true;\n  nix.settings = {\n    NAME = VALUE;\n    cores = 2;\n  };\n}\n",
    ),
    module(
        "mixed, statements apart",
        "{\n  nix.settings.cores = 2;\n  networking.hostName = \"x\";\n  nix.settings = {\n    NAME = VALUE;\n  };\n}\n",
    ),
    module("alone", "{ ... }:\n{\n  nix.settings.NAME = VALUE;\n}\n"),
    module(
        "alone in its sets",
        "{\n  networking.hostName = \"x\";\n  nix = {\n    settings = {\n      NAME = VALUE;\n    };\n  };\n}\n",
    ),
    module(
        "beside options",
        "{ lib, ... }:\n{\n  options.x = lib.mkOption { };\n  config = {\n    nix.settings.NAME = VALUE;\n  };\n}\n",
    ),
    module(
        "dotted config",
        "{ lib, ... }:\n{\n  options.x = lib.mkOption { };\n  config.nix.settings.NAME = VALUE;\n}\n",
    ),
    module(
        "quoted",
        "{\n  \"nix\".\"settings\".\"NAME\" = VALUE;\n  nix.\"settings\".cores = 2;\n}\n",
    ),
    module(
        "quoted in sets",
        "{\n  \"nix\" = {\n    \"settings\" = {\n      ${\"NAME\"} = VALUE;\n      \"cores\" = 2;\n    };\n  };\n}\n",
    ),
    module(
        "in parentheses",
        "({ ... }: ({\n  nix = ({\n    settings = ({\n      NAME = (VALUE);\n      cores = 2;\n    });\n  });\n}))\n",
    ),
    module(
        "after a function's whole argument",
        "args@{ lib, ... }:\nlet\n  inherit (args) pkgs;\nin\n{\n  nix.settings.NAME = VALUE;\n  nix.settings.cores = 2;\n}\n",
    ),
    // Sets of which a part goes empty, with other parts of the option.
    Place {
        option: "nix.gc.NAME",
        values: Values::Set,
        ..module(
            "in parts",
            "{\n  nix.gc.automatic = true;\n  nix.gc.NAME.Hour = 3;\n  nix.gc.NAME.Minute = 15;\n}\n",
        )
    },
    // What comes through names.
    module(
        "let",
        "let\n  value = VALUE;\nin\n{\n  nix.settings.NAME = value;\n  nix.settings.cores = 2;\n}\n",
    ),
    module(
        "let, shared",
        "let\n  value = VALUE;\nin\n{\n  nix.settings.NAME = value;\n  services.other.value = value;\n}\n",
    ),
    module(
        "let, name by name",
        "let\n  first = VALUE;\n  value = first;\nin\n{\n  nix.settings.NAME = value;\n  nix.settings.cores = 2;\n}\n",
    ),
    module(
        "let, first name shared",
        "let\n  first = VALUE;\n  value = first;\nin\n{\n  nix.settings.NAME = value;\n  services.other.value = first;\n}\n",
    ),
    module(
        "let in the value",
        "{\n  nix.settings.NAME =\n    let\n      value = VALUE;\n    in\n    value;\n  nix.settings.cores = 2;\n}\n",
    ),
    module(
        "let of a set",
        "let\n  settings = {\n    NAME = VALUE;\n    cores = 2;\n  };\nin\n{\n  nix.settings = settings;\n}\n",
    ),
    module(
        "let of a set, shared",
        "let\n  settings = {\n    NAME = VALUE;\n    cores = 2;\n  };\nin\n{\n  nix.settings = settings;\n  services.other.settings = settings;\n}\n",
    ),
    module(
        "mkForce of a set's name, shared",
        "{ lib, ... }:\nlet\n  settings = {\n    NAME = VALUE;\n    cores = 2;\n  };\nin\n{\n  nix.settings = lib.mkForce settings;\n  services.other.settings = settings;\n}\n",
    ),
    module(
        "let of a set, in a module of a list",
        "let\n  settings = {\n    NAME = VALUE;\n    cores = 2;\n  };\nin\n{\n  imports = [\n    {\n      nix.settings = settings;\n    }\n  ];\n}\n",
    ),
    module(
        "let of a set, selected",
        "let\n  cfg = {\n    value = VALUE;\n    cores = 2;\n  };\nin\n{\n  nix.settings.NAME = cfg.value;\n  nix.settings.cores = cfg.cores;\n}\n",
    ),
    module(
        "let of a set, selected twice",
        "let\n  cfg.value = VALUE;\nin\n{\n  nix.settings.NAME = cfg.value;\n  services.other.value = cfg.value;\n}\n",
    ),
    module(
        "let of a module",
        "{ lib, ... }:\nlet\n  module = {\n    nix.settings.NAME = VALUE;\n    nix.settings.cores = 2;\n  };\nin\nmodule\n",
    ),
    module(
        "let with mkForce",
        "{ lib, ... }:\nlet\n  value = lib.mkForce VALUE;\nin\n{\n  nix.settings.NAME = value;\n  nix.settings.cores = 2;\n}\n",
    ),
    module(
        "let with mkForce, shared",
        "{ lib, ... }:\nlet\n  value = lib.mkForce VALUE;\nin\n{\n  nix.settings.NAME = value;\n  services.other.value = value;\n}\n",
    ),
    module(
        "rec",
        "{\n  nix.settings = rec {\n    NAME = VALUE;\n    cores = 2;\n  };\n}\n",
    ),
    module(
        "rec, followed",
        "{\n  nix.settings = rec {\n    NAME = VALUE;\n    other = NAME;\n  };\n}\n",
    ),
    module(
        "rec, following",
        "{\n  nix.settings = rec {\n    other = VALUE;\n    NAME = other;\n  };\n}\n",
    ),
    module(
        "rec of a let",
        "let\n  cfg = rec {\n    first = VALUE;\n    value = first;\n  };\nin\n{\n  nix.settings.NAME = cfg.value;\n  nix.settings.cores = 2;\n}\n",
    ),
    module(
        "default of an argument",
        "let\n  tuned =\n    {\n      value ? VALUE,\n    }:\n    {\n      nix.settings.NAME = value;\n      nix.settings.cores = 2;\n    };\nin\ntuned { }\n",
    ),
    module(
        "default of an argument, shared",
        "let\n  tuned =\n    {\n      value ? VALUE,\n    }:\n    {\n      nix.settings.NAME = value;\n      services.other.value = value;\n    };\nin\ntuned { }\n",
    ),
    module(
        "argument",
        "let\n  tuned =\n    { value, ... }:\n    {\n      nix.settings.NAME = value;\n      nix.settings.cores = 2;\n    };\nin\ntuned { value = VALUE; }\n",
    ),
    module(
        "argument of a value's function",
        "let\n  id = x: x;\nin\n{\n  nix.settings.NAME = id VALUE;\n  nix.settings.cores = 2;\n}\n",
    ),
    module(
        "result of a function, called twice",
        "let\n  make = value: {\n    inherit value;\n  };\nin\n{\n  nix.settings.NAME = (make VALUE).value;\n  services.other.value = (make 3).value;\n}\n",
    ),
    // `inherit`.
    module(
        "inherit",
        "let\n  NAME = VALUE;\nin\n{\n  nix.settings = {\n    inherit NAME;\n    cores = 2;\n  };\n}\n",
    ),
    module(
        "inherit, alone",
        "let\n  NAME = VALUE;\nin\n{\n  nix.settings = { inherit NAME; };\n}\n",
    ),
    module(
        "inherit, shared",
        "let\n  NAME = VALUE;\n  cores = 2;\nin\n{\n  nix.settings = {\n    inherit cores NAME;\n  };\n  services.other.value = NAME;\n}\n",
    ),
    module(
        "inherit from",
        "let\n  cfg = {\n    NAME = VALUE;\n    cores = 2;\n  };\nin\n{\n  nix.settings = {\n    inherit (cfg) cores NAME;\n  };\n}\n",
    ),
    module(
        "inherit from, shared",
        "let\n  cfg.NAME = VALUE;\nin\n{\n  nix.settings = {\n    inherit (cfg) NAME;\n    cores = 2;\n  };\n  services.other = cfg;\n}\n",
    ),
    Place {
        beside: &[SETTINGS],
        ..module(
            "inherit from an import",
            "{\n  nix.settings = {\n    inherit (import ./settings.nix) NAME cores;\n  };\n}\n",
        )
    },
    // What says whether and how strongly a definition counts.
    module(
        "mkIf",
        "{ config, lib, ... }:\n{\n  nix.settings.NAME = lib.mkIf config.services.x.enable VALUE;\n  nix.settings.cores = 2;\n}\n",
    ),
    module(
        "mkIf that holds",
        "{ lib, ... }:\n{\n  nix.settings.NAME = lib.mkIf true VALUE;\n  nix.settings.cores = 2;\n}\n",
    ),
    module(
        "mkIf around sets",
        "{ config, lib, ... }:\n{\n  nix = lib.mkIf config.services.x.enable {\n    settings.NAME = VALUE;\n    settings.cores = 2;\n  };\n}\n",
    ),
    module(
        "mkIf around all",
        "{ config, lib, ... }:\nlib.mkIf config.services.x.enable {\n  nix.settings.NAME = VALUE;\n}\n",
    ),
    module(
        "mkIf around a set",
        "{ config, lib, ... }:\n{\n  nix.gc.automatic = true;\n  nix.settings = lib.mkIf (config.services.x.enable && true) {\n    NAME = VALUE;\n  };\n}\n",
    ),
    module(
        "mkIf in mkMerge under mkIf",
        "{ config, lib, ... }:\n{\n  nix = lib.mkIf config.services.x.enable {\n    gc.automatic = true;\n    settings = lib.mkMerge [\n      (lib.mkIf (!config.services.y.enable) { NAME = VALUE; })\n      { cores = 2; }\n    ];\n  };\n}\n",
    ),
    module(
        "optionalAttrs of a condition",
        "{ lib, pkgs, ... }:\n{\n  nix.gc.automatic = true;\n  nix.settings = lib.optionalAttrs pkgs.stdenv.isLinux {\n    NAME = VALUE;\n  };\n}\n",
    ),
    module(
        "mkDefault",
        "{ lib, ... }:\n{\n  nix.settings.NAME = lib.mkDefault VALUE;\n  nix.settings.cores = 2;\n}\n",
    ),
    module(
        "mkForce of a name",
        "{ lib, ... }:\nlet\n  value = VALUE;\nin\n{\n  nix.settings.NAME = lib.mkForce value;\n  services.other.value = value;\n}\n",
    ),
    module(
        "mkOverride under mkIf",
        "{ config, lib, ... }:\n{\n  nix.settings.NAME = lib.mkIf config.services.x.enable (lib.mkOverride 70 VALUE);\n  nix.settings.cores = 2;\n}\n",
    ),
    module(
        "mkForce around a set",
        "{ lib, ... }:\n{\n  nix.settings = lib.mkForce {\n    NAME = VALUE;\n    cores = 2;\n  };\n}\n",
    ),
    module(
        "mkDefault of all",
        "{ lib, ... }:\n{\n  nix.settings = lib.mapAttrs (_: lib.mkDefault) {\n    NAME = VALUE;\n    cores = 2;\n  };\n}\n",
    ),
    module(
        "mkMerge of modules",
        "{ config, lib, ... }:\nlib.mkMerge [\n  { nix.settings.NAME = VALUE; }\n  (lib.mkIf config.services.x.enable { nix.gc.automatic = true; })\n]\n",
    ),
    module(
        "mkMerge of sets",
        "{ lib, ... }:\n{\n  nix.settings = lib.mkMerge [\n    { cores = 2; }\n    {\n      fallback = true;\n      NAME = VALUE;\n    }\n  ];\n}\n",
    ),
    module(
        "mkMerge of one value",
        "{ lib, ... }:\n{\n  nix.settings.NAME = lib.mkMerge [ VALUE ];\n  nix.settings.cores = 2;\n}\n",
    ),
    lists(
        "mkMerge of values",
        "{ lib, ... }:\n{\n  nix.settings.NAME = lib.mkMerge [\n    [ \"other\" ]\n    VALUE\n    (lib.mkAfter [ \"last\" ])\n  ];\n}\n",
    ),
    lists(
        "mkBefore",
        "{ lib, ... }:\n{\n  nix.settings.NAME = lib.mkBefore VALUE;\n  nix.settings.cores = 2;\n}\n",
    ),
    lists(
        "mkForce and mkOrder",
        "{ lib, ... }:\n{\n  nix.settings.NAME = lib.mkForce (lib.mkOrder 700 VALUE);\n  nix.settings.cores = 2;\n}\n",
    ),
    // Operators and other code.
    module(
        "// on the right",
        "{\n  nix.settings = {\n    cores = 2;\n  } // {\n    NAME = VALUE;\n  };\n}\n",
    ),
    module(
        "// on the left",
        "{\n  nix.settings = {\n    NAME = VALUE;\n  } // {\n    cores = 2;\n  };\n}\n",
    ),
    module(
        "// over another",
        "{\n  nix.settings = {\n    NAME = 1;\n    cores = 2;\n  } // {\n    NAME = VALUE;\n  };\n}\n",
    ),
    module(
        "// with a name",
        "let\n  common = {\n    NAME = VALUE;\n    cores = 2;\n  };\nin\n{\n  nix.settings = common // {\n    fallback = true;\n  };\n}\n",
    ),
    module(
        "// with a name, shared",
        "let\n  common = {\n    NAME = VALUE;\n    cores = 2;\n  };\nin\n{\n  nix.settings = common // {\n    fallback = true;\n  };\n  services.other = common;\n}\n",
    ),
    module(
        "// around modules",
        "{ ... }:\n{\n  nix.settings.NAME = VALUE;\n}\n// {\n  networking.hostName = \"x\";\n}\n",
    ),
    module(
        "optionalAttrs",
        "{ lib, ... }:\n{\n  nix.settings = {\n    cores = 2;\n  } // lib.optionalAttrs true {\n    NAME = VALUE;\n  };\n}\n",
    ),
    module(
        "with",
        "{ lib, ... }:\n{\n  nix.settings = with lib; {\n    NAME = mkDefault VALUE;\n    cores = 2;\n  };\n}\n",
    ),
    module(
        "assert",
        "{ lib, ... }:\n{\n  nix.settings.NAME =\n    assert true;\n    VALUE;\n  nix.settings.cores = 2;\n}\n",
    ),
    module(
        "if that holds",
        "{ lib, ... }:\n{\n  nix.settings.NAME = if true then VALUE else null;\n  nix.settings.cores = 2;\n}\n",
    ),
    module(
        "if",
        "{ pkgs, ... }:\n{\n  nix.settings.NAME = if pkgs.stdenv.isLinux then VALUE else null;\n  nix.settings.cores = 2;\n}\n",
    ),
    lists(
        "if, in both branches",
        "{ pkgs, ... }:\n{\n  nix.settings.NAME = if pkgs.stdenv.isLinux then VALUE else [ \"me\" ];\n  nix.settings.cores = 2;\n}\n",
    ),
    lists(
        "++ of a choice",
        "{ lib, pkgs, ... }:\n{\n  nix.settings.NAME = VALUE ++ lib.optional pkgs.stdenv.isDarwin \"other\";\n  nix.settings.cores = 2;\n}\n",
    ),
    module(
        "path of names",
        "{ lib, ... }:\n{\n  nix.settings = lib.setAttrByPath [ \"NAME\" ] VALUE;\n}\n",
    ),
    module(
        "nameValuePair",
        "{ lib, ... }:\n{\n  nix.settings = lib.listToAttrs [ (lib.nameValuePair \"NAME\" VALUE) ];\n}\n",
    ),
    lists(
        "++ on the left",
        "{ lib, ... }:\n{\n  nix.settings.NAME = VALUE ++ lib.optional false \"other\";\n  nix.settings.cores = 2;\n}\n",
    ),
    lists(
        "++ of a name",
        "let\n  users = VALUE;\nin\n{\n  nix.settings.NAME = [ ] ++ users;\n  nix.settings.cores = 2;\n}\n",
    ),
    lists(
        "++ of a name, shared",
        "let\n  users = VALUE;\nin\n{\n  nix.settings.NAME = users ++ [ ];\n  services.other.users = users;\n}\n",
    ),
    lists(
        "map",
        "{\n  nix.settings.NAME = map (user: user) VALUE;\n  nix.settings.cores = 2;\n}\n",
    ),
    // Other files.
    Place {
        beside: &[("value.nix", "VALUE\n")],
        ..module(
            "import of a value",
            "{\n  nix.settings.NAME = import ./value.nix;\n  nix.settings.cores = 2;\n}\n",
        )
    },
    Place {
        beside: &[SETTINGS],
        ..module(
            "import of a set",
            "{\n  nix.settings = import ./settings.nix;\n}\n",
        )
    },
    Place {
        beside: &[SETTINGS],
        ..module(
            "import of a set, shared",
            "{\n  nix.settings = import ./settings.nix;\n  services.other = import ./settings.nix;\n}\n",
        )
    },
    Place {
        beside: &[("make.nix", "{ value }:\n{\n  NAME = value;\n}\n")],
        ..module(
            "import of a function",
            "{\n  nix.settings = import ./make.nix { value = VALUE; };\n}\n",
        )
    },
    Place {
        beside: &[(
            "other.nix",
            "{ ... }:\n{\n  nix.settings.NAME = VALUE;\n}\n",
        )],
        ..module(
            "imported module",
            "{\n  imports = [ ./other.nix ];\n  nix.settings.cores = 2;\n}\n",
        )
    },
    module(
        "module in a list",
        "{\n  imports = [\n    {\n      nix.settings.NAME = VALUE;\n    }\n  ];\n  nix.settings.cores = 2;\n}\n",
    ),
    Place {
        file: "flake.nix",
        option: "nixConfig.NAME",
        ..module(
            "flake",
            "{\n  nixConfig = {\n    NAME = VALUE;\n    cores = 2;\n  };\n  outputs = _: { };\n}\n",
        )
    },
    // Lines in strings.
    lines(
        "lines",
        "{\n  nix.extraOptions = ''\n    cores = 2\n    NAME = VALUE\n  '';\n}\n",
    ),
    lines(
        "one line",
        "{\n  nix.extraOptions = ''\n    NAME = VALUE\n  '';\n}\n",
    ),
    lines(
        "one line of settings beside",
        "{\n  nix = {\n    settings.cores = 2;\n    extraOptions = ''\n      NAME = VALUE\n    '';\n  };\n}\n",
    ),
    lines(
        "line in a string",
        "{\n  nix.extraOptions = \"NAME = VALUE\";\n}\n",
    ),
    lines(
        "lines in a string",
        "{\n  nix.extraOptions = \"cores = 2\\nNAME = VALUE\\n\";\n}\n",
    ),
    lines(
        "lines with code",
        "{ pkgs, ... }:\n{\n  nix.extraOptions = ''\n    diff-hook = ${pkgs.hello}/bin/x\n    NAME = VALUE # note\n\n    # ''${kept} '''\n    cores = ${toString 2}\n  '';\n}\n",
    ),
    lines(
        "lines that others follow",
        "{ lib, ... }:\n{\n  nix.extraOptions = lib.mkAfter (\n    ''\n      NAME = VALUE\n    ''\n    + lib.optionalString true ''\n      cores = 2\n    ''\n  );\n}\n",
    ),
    lines(
        "lines of a name",
        "let\n  text = ''\n    NAME = VALUE\n    cores = 2\n  '';\nin\n{\n  nix.extraOptions = text;\n}\n",
    ),
    lines(
        "lines of a name, shared",
        "let\n  text = ''\n    NAME = VALUE\n    cores = 2\n  '';\nin\n{\n  nix.extraOptions = text;\n  services.other.text = text;\n}\n",
    ),
    conf("nix.conf", "cores = 2\nNAME = VALUE\n", &[]),
    conf("nix.conf, alone", "NAME = VALUE", &[]),
    conf(
        "nix.conf, including",
        "!include none.conf\nNAME = VALUE\ninclude other.conf\n",
        &[("other.conf", "cores = 2\n")],
    ),
    conf(
        "nix.conf, included",
        "cores = 2\ninclude late.conf\n",
        &[("late.conf", "# late\nNAME = VALUE\n!include none.conf\n")],
    ),
];
