//! Makes flakes of random modules.

use std::fmt::Write as _;
use std::path::Path;

/// Options beside the settings that the modules define.
pub const OPTIONS: [&str; 3] = ["gc.automatic", "gc.dates", "gc.options"];
/// Settings that only stand in `nix.extraOptions`.
pub const TEXT: [&str; 2] = ["x0", "x1"];

/// A flake with one machine.
pub struct Case {
    pub seed: u64,
    pub files: Vec<(String, String)>,
    /// The `specialArgs`.
    pub arguments: String,
}

impl Case {
    pub fn write(&self, folder: &Path) {
        for (name, text) in &self.files {
            let path = folder.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
    }

    pub fn shown(&self) -> String {
        let files = self.files.iter();
        let files: Vec<String> = files
            .filter(|(name, _)| name != "record.nix")
            .map(|(name, text)| format!("--- {name}\n{text}"))
            .collect();
        format!("seed {}\n{}", self.seed, files.join(""))
    }
}

/// The submodule of options that hold records.
const RECORD: &str = "{ lib, name, ... }:
let inherit (lib) types; in
{
  options.size = lib.mkOption { type = types.int; default = 5; };
  options.words = lib.mkOption { type = types.listOf types.str; default = [ ]; };
  options.enable = lib.mkEnableOption \"it\";
  options.key = lib.mkOption { type = types.str; default = \"none\"; };
  options.name = lib.mkOption { type = types.str; default = name; };
  config.words = lib.mkIf true [ \"own\" ];
}
";

/// Types of options; what they hold is what is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Bool,
    Int,
    Str,
    Lines,
    Commas,
    Enum,
    NullInt,
    Words,
    Numbers,
    Ints,
    Lists,
    Record,
    Records,
    RecordList,
    Either,
    Coerced,
    Anything,
    Plain,
    Untyped,
}

const KINDS: [Kind; 19] = [
    Kind::Bool,
    Kind::Int,
    Kind::Str,
    Kind::Lines,
    Kind::Commas,
    Kind::Enum,
    Kind::NullInt,
    Kind::Words,
    Kind::Numbers,
    Kind::Ints,
    Kind::Lists,
    Kind::Record,
    Kind::Records,
    Kind::RecordList,
    Kind::Either,
    Kind::Coerced,
    Kind::Anything,
    Kind::Plain,
    Kind::Untyped,
];

struct Generator {
    state: u64,
    kinds: Vec<Kind>,
    /// What the options hold where nothing has a type.
    untyped: Vec<Kind>,
}

/// One module that is a file.
#[derive(Default)]
struct Module {
    /// The options that it declares.
    declares: Vec<usize>,
    imports: Vec<usize>,
    disables: Option<usize>,
    is_last: bool,
}

impl Generator {
    /// Xorshift (Marsaglia 2003), below `bound`.
    fn below(&mut self, bound: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state >> 11) as usize % bound
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    fn maybe(&mut self, one_in: usize) -> bool {
        self.below(one_in) == 0
    }

    fn word(&mut self) -> String {
        format!("\"{}\"", self.one(&["a", "b", "c", "d", "e"]))
    }

    fn list(&mut self, mut element: impl FnMut(&mut Self) -> String) -> String {
        let items: Vec<String> = (0..self.below(3)).map(|_| element(self)).collect();
        format!("[ {} ]", items.join(" "))
    }

    fn type_of(kind: Kind) -> &'static str {
        match kind {
            Kind::Bool => "types.bool",
            Kind::Int => "types.int",
            Kind::Str => "types.str",
            Kind::Lines => "types.lines",
            Kind::Commas => "types.commas",
            Kind::Enum => "(types.enum [ \"a\" \"b\" \"c\" \"d\" \"e\" ])",
            Kind::NullInt => "(types.nullOr types.int)",
            Kind::Words => "(types.listOf types.str)",
            Kind::Numbers => "(types.listOf types.int)",
            Kind::Ints => "(types.attrsOf types.int)",
            Kind::Lists => "(types.attrsOf (types.listOf types.str))",
            Kind::Record => "(types.submodule record)",
            Kind::Records => "(types.attrsOf (types.submodule record))",
            Kind::RecordList => "(types.listOf (types.submodule record))",
            Kind::Either => "(types.either types.str (types.listOf types.str))",
            Kind::Coerced => "(types.coercedTo types.str lib.singleton (types.listOf types.str))",
            Kind::Anything => "types.anything",
            Kind::Plain => "types.attrs",
            Kind::Untyped => "",
        }
    }

    /// An expression of a type that may read options below `bound`.
    fn value(&mut self, kind: Kind, bound: usize, depth: usize) -> String {
        if bound > 0 && self.maybe(3) {
            let at = self.below(bound);
            let read = self.kinds[at];
            let has_form = !matches!(kind, Kind::Either | Kind::Coerced | Kind::Untyped);
            if read == kind && has_form {
                return self.passed(format!("config.my.o{at}"), kind);
            }
            match (kind, read) {
                (Kind::Int | Kind::NullInt, Kind::Words | Kind::Numbers) => {
                    return format!("(lib.length config.my.o{at})");
                }
                (Kind::Str | Kind::Lines, Kind::Int | Kind::NullInt) => {
                    return format!("\"n${{toString config.my.o{at}}}\"");
                }
                (Kind::Str | Kind::Lines | Kind::Commas, Kind::Record) => {
                    return format!("config.my.o{at}.name");
                }
                (Kind::Int, Kind::Record) => return format!("config.my.o{at}.size"),
                (Kind::Words, Kind::Record) => return format!("config.my.o{at}.words"),
                (Kind::Words, Kind::Records) => {
                    return format!(
                        "(lib.concatMap (one: one.words) (lib.attrValues config.my.o{at}))"
                    );
                }
                (Kind::Words, Kind::Ints | Kind::Lists) => {
                    return format!("(lib.attrNames config.my.o{at})");
                }
                (Kind::Bool, Kind::Str | Kind::Enum) => {
                    return format!("(config.my.o{at} == \"a\")");
                }
                (Kind::Bool, Kind::Int) => return format!("(config.my.o{at} > 2)"),
                (Kind::Bool, Kind::Words) => {
                    return format!("(lib.elem \"a\" config.my.o{at})");
                }
                (_, Kind::Bool) if depth > 0 => {
                    let (yes, no) = (
                        self.value(kind, bound, depth - 1),
                        self.value(kind, bound, depth - 1),
                    );
                    return format!("(if config.my.o{at} then {yes} else {no})");
                }
                _ => {}
            }
        }
        match kind {
            Kind::Bool => self.one(&["true", "false", "flag"]).to_owned(),
            Kind::Int => self.one(&["1", "2", "3", "4", "number"]).to_owned(),
            Kind::Str if self.maybe(8) => "extra".to_owned(),
            Kind::Str | Kind::Lines | Kind::Commas | Kind::Enum => self.word(),
            Kind::NullInt => self.one(&["null", "1", "2"]).to_owned(),
            Kind::Words if self.maybe(6) => "words".to_owned(),
            Kind::Words => {
                let list = self.list(Self::word);
                self.passed(list, kind)
            }
            Kind::Numbers => self.list(|own| own.one(&["1", "2", "3"]).to_owned()),
            Kind::Ints => self.set(&["k", "m", "n"], |own| {
                let value = own.value(Kind::Int, bound, 0);
                own.wrapped(value, Kind::Int, bound)
            }),
            Kind::Lists => self.set(&["k", "m", "n"], |own| {
                let value = own.value(Kind::Words, bound, 0);
                own.wrapped(value, Kind::Words, bound)
            }),
            Kind::Record => self.record(bound),
            Kind::Records => self.set(&["k", "m"], |own| {
                let value = own.record(bound);
                own.wrapped(value, Kind::Record, bound)
            }),
            Kind::RecordList => self.list(|own| own.record(bound)),
            Kind::Either | Kind::Coerced => {
                if self.maybe(2) {
                    self.word()
                } else {
                    self.list(Self::word)
                }
            }
            Kind::Anything => match self.below(4) {
                0 => "[ \"a\" ]".to_owned(),
                1 => "1".to_owned(),
                2 => "{ k.m = [ \"a\" ]; }".to_owned(),
                _ => "{ k.n = lib.mkDefault \"b\"; }".to_owned(),
            },
            Kind::Plain => self.set(&["k", "m", "n"], Self::word),
            Kind::Untyped => "\"a\"".to_owned(),
        }
    }

    fn set(&mut self, names: &[&str], mut value: impl FnMut(&mut Self) -> String) -> String {
        let mut out = String::from("{ ");
        for name in names {
            if self.maybe(2) {
                let value = value(self);
                let _ = write!(out, "{name} = {value}; ");
            }
        }
        out.push('}');
        out
    }

    /// A value of the submodule.
    fn record(&mut self, bound: usize) -> String {
        let mut out = String::from("{ ");
        for (name, kind) in [
            ("size", Kind::Int),
            ("words", Kind::Words),
            ("enable", Kind::Bool),
            ("key", Kind::Str),
        ] {
            if self.maybe(3) {
                let value = self.value(kind, bound, 0);
                let value = self.wrapped(value, kind, bound);
                let _ = write!(out, "{name} = {value}; ");
            }
        }
        out.push('}');
        out
    }

    /// The same value by some way.
    fn passed(&mut self, value: String, kind: Kind) -> String {
        let is_list = matches!(kind, Kind::Words | Kind::Numbers);
        match self.below(8) {
            0 if is_list => format!("({value} ++ {value})"),
            1 if is_list => format!("(lib.unique {value})"),
            2 if is_list => format!("(lib.reverseList {value})"),
            3 if is_list => format!("(map (x: x) {value})"),
            4 => format!("(let x = {value}; in x)"),
            5 => format!("(helper {value})"),
            _ => value,
        }
    }

    fn condition(&mut self, bound: usize) -> String {
        let booleans: Vec<usize> = (0..bound)
            .filter(|at| self.kinds[*at] == Kind::Bool)
            .collect();
        if booleans.is_empty() || self.maybe(3) {
            return self
                .one(&["true", "false", "flag", "(!flag)", "(number > 2)"])
                .to_owned();
        }
        let at = self.one(&booleans);
        self.one(&["config.my.oN", "(!config.my.oN)", "(config.my.oN && flag)"])
            .replace('N', &at.to_string())
    }

    fn wrapped(&mut self, value: String, kind: Kind, bound: usize) -> String {
        let value = if value.starts_with(['(', '[', '"', '{']) || !value.contains(' ') {
            value
        } else {
            format!("({value})")
        };
        let joins = matches!(
            kind,
            Kind::Words | Kind::Numbers | Kind::Lines | Kind::Commas | Kind::Coerced
        );
        // Values that do not join must not meet others of the same strength.
        if !joins && !self.maybe(3) {
            let strength = 10 + self.below(1200);
            return format!("(lib.mkOverride {strength} {value})");
        }
        let text = match self.below(18) {
            0 => format!("lib.mkForce {value}"),
            1 => format!("lib.mkDefault {value}"),
            2 => format!("lib.mkOverride 90 {value}"),
            3 => format!("lib.mkOptionDefault {value}"),
            4 => format!("lib.mkIf {} {value}", self.condition(bound)),
            5 => format!("lib.mkIf {} (lib.mkForce {value})", self.condition(bound)),
            6 if joins => format!(
                "lib.mkMerge [ {value} (lib.mkIf {} (lib.mkBefore {value})) ]",
                self.condition(bound)
            ),
            7 if joins => format!("lib.mkBefore {value}"),
            8 if joins => format!("lib.mkAfter {value}"),
            9 if joins => format!("lib.mkOrder 700 {value}"),
            10 if joins => format!("lib.mkForce (lib.mkBefore {value})"),
            _ => value,
        };
        if text.starts_with("lib.") {
            format!("({text})")
        } else {
            text
        }
    }

    fn declaration(&mut self, at: usize) -> String {
        let kind = self.kinds[at];
        if kind == Kind::Bool && self.maybe(2) {
            return "lib.mkEnableOption \"it\"".to_owned();
        }
        let held = if kind == Kind::Untyped {
            self.untyped[at]
        } else {
            kind
        };
        let mut out = String::from("lib.mkOption { ");
        if kind != Kind::Untyped {
            let _ = write!(out, "type = {}; ", Self::type_of(kind));
        }
        if !self.maybe(6) {
            let default = match held {
                Kind::Record | Kind::Records | Kind::Ints | Kind::Lists | Kind::Plain
                    if self.maybe(2) =>
                {
                    "{ }".to_owned()
                }
                _ => self.value(held, at, 1),
            };
            let _ = write!(out, "default = {default}; ");
        }
        if matches!(kind, Kind::Words) && self.maybe(6) {
            out.push_str("apply = xs: xs ++ [ \"applied\" ]; ");
        }
        out.push('}');
        out
    }

    /// Definitions as a set: options, settings.
    fn definitions(&mut self, count: usize) -> String {
        let total = self.kinds.len();
        let mut targets: Vec<usize> = (0..count).map(|_| self.below(total + 6)).collect();
        targets.sort_unstable();
        targets.dedup();
        let lowest = targets.first().copied().unwrap_or(0).min(total);
        let mut out = String::from("{\n");
        let mut settings = String::new();
        for target in targets {
            let bound = target.min(total);
            let mut line = |path: &str, value: String| {
                let _ = writeln!(out, "    {path} = {value};");
            };
            if target < total {
                let kind = self.kinds[target];
                let held = if kind == Kind::Untyped {
                    self.untyped[target]
                } else {
                    kind
                };
                let value = self.value(held, bound, 1);
                let value = self.wrapped(value, kind, bound);
                line(&format!("my.o{target}"), value);
                continue;
            }
            match target - total {
                0 => {
                    let value = self.value(Kind::Bool, bound, 1);
                    line("nix.gc.automatic", self.wrapped(value, Kind::Bool, bound));
                }
                1 => {
                    let value = self.value(Kind::Str, bound, 1);
                    line("nix.gc.options", self.wrapped(value, Kind::Str, bound));
                }
                2 => {
                    let (key, word) = (self.one(&TEXT), self.value(Kind::Str, bound, 0));
                    let value = format!("\"{key} = ${{{word}}}\"");
                    line("nix.extraOptions", self.wrapped(value, Kind::Lines, bound));
                }
                3 => {
                    let value = self.value(Kind::Either, bound, 0);
                    line("nix.gc.dates", self.wrapped(value, Kind::Either, bound));
                }
                // Only once in a set.
                _ if !settings.is_empty() => {}
                _ => {
                    for name in ["s0", "s1", "l0", "l1"] {
                        if self.maybe(2) {
                            let kind = if name.starts_with('l') {
                                Kind::Words
                            } else {
                                Kind::Int
                            };
                            let value = self.value(kind, bound, 1);
                            let value = self.wrapped(value, kind, bound);
                            let _ = write!(settings, "{name} = {value}; ");
                        }
                    }
                }
            }
        }
        if !settings.is_empty() {
            let set = format!("{{ {settings}}}");
            let set = match self.below(8) {
                0 => format!("lib.mkIf {} {set}", self.condition(total)),
                1 => format!("lib.mkMerge [ {set} {{ l0 = [ \"z\" ]; }} ]"),
                2 if !self.maybe(3) => set,
                2 => format!("lib.mkDefault {set}"),
                3 if !self.maybe(3) => set,
                3 => format!("lib.mkForce {set}"),
                4 => format!("{{ s0 = 9; }} // {set}"),
                5 => format!("lib.optionalAttrs flag {set}"),
                _ => set,
            };
            let _ = writeln!(out, "    nix.settings = {set};");
        }
        out.push_str("  }");
        match self.below(8) {
            0 => format!("lib.mkIf {} {out}", self.condition(lowest)),
            1 => format!("lib.mkMerge [ {out} ]"),
            2 => format!("lib.optionalAttrs flag {out}"),
            _ => out,
        }
    }

    fn imports(&mut self, module: &Module, modules: &[Module], name: &str) -> String {
        let dots = if name.contains('/') { "../" } else { "./" };
        let mut out = String::from("[ ]");
        for at in &module.imports {
            let file = file_name(*at);
            let can_repeat = modules[*at].declares.is_empty();
            let form = match self.below(9) {
                0 => format!(
                    "[ ({}. + \"/{file}\") ]",
                    if dots == "../" { "./." } else { "./" }
                ),
                1 => format!("(lib.optionals true [ {dots}{file} ])"),
                2 => format!("(map (name: {dots}${{name}}) [ \"{file}\" ])"),
                3 if can_repeat => format!("(lib.optional flag {dots}{file})"),
                4 if can_repeat && modules[*at].imports.is_empty() => {
                    format!("[ (import {dots}{file}) ]")
                }
                5 => format!("[ {{ imports = [ {dots}{file} ]; }} ]"),
                _ => format!("[ {dots}{file} ]"),
            };
            let form = if dots == "../" {
                form.replace("./. +", "../. +")
            } else {
                form
            };
            let _ = write!(out, " ++ {form}");
        }
        for _ in 0..self.below(3) {
            let body = self.definitions(2);
            let body = if self.maybe(2) {
                format!("[ ({{ config, lib, ... }}: {body}) ]")
            } else {
                format!("[ ({body}) ]")
            };
            let _ = write!(out, " ++ {body}");
        }
        out
    }

    fn module(&mut self, at: usize, modules: &[Module]) -> String {
        let module = &modules[at];
        let name = file_name(at);
        let mut out = String::from(
            "{ config, lib, flag, words, number, extra, helper, ... }:\n\
             let inherit (lib) types; record = import ./record.nix; in\n{\n",
        );
        let imports = self.imports(module, modules, &name);
        let _ = writeln!(out, "  imports = {imports};");
        if let Some(disabled) = module.disables {
            let _ = writeln!(out, "  disabledModules = [ ./{} ];", file_name(disabled));
        }
        for option in &module.declares {
            let declaration = self.declaration(*option);
            let _ = writeln!(out, "  options.my.o{option} = {declaration};");
        }
        if at == 0 {
            let arguments = "{ extra = \"extra\"; helper = x: x; }";
            let body = self.definitions(3);
            let _ = writeln!(
                out,
                "  config = lib.mkMerge [ {{ _module.args = {arguments}; }} ({body}) ];"
            );
        } else if module.is_last {
            // What every option holds, as text.
            out.push_str("  config = {\n");
            for option in 0..self.kinds.len() {
                let _ = writeln!(
                    out,
                    "    nix.settings.j{option} = builtins.toJSON config.my.o{option};"
                );
            }
            out.push_str("  };\n");
        } else {
            let body = self.definitions(4);
            let _ = writeln!(out, "  config = {body};");
        }
        out.push_str("}\n");
        out
    }
}

fn file_name(at: usize) -> String {
    match at {
        0 => "root.nix".to_owned(),
        _ => format!("m{at}.nix"),
    }
}

/// The machine with this number.
pub fn case(seed: u64) -> Case {
    let mut generator = Generator {
        state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
        kinds: Vec::new(),
        untyped: Vec::new(),
    };
    for _ in 0..3 + generator.below(5) {
        let kind = generator.one(&KINDS);
        generator.kinds.push(kind);
        let held = generator.one(&[Kind::Bool, Kind::Int, Kind::Str, Kind::Words, Kind::Plain]);
        generator.untyped.push(held);
    }
    let count = 3 + generator.below(4);
    let mut modules: Vec<Module> = (0..count).map(|_| Module::default()).collect();
    for at in 1..count {
        let parent = generator.below(at);
        modules[parent].imports.push(at);
        // The same file by another way.
        let other = generator.below(at);
        if generator.maybe(4) && other != parent {
            modules[other].imports.push(at);
        }
    }
    modules[count - 1].is_last = true;
    for option in 0..generator.kinds.len() {
        // What is read under a condition must be there.
        let at = if generator.maybe(2) { 0 } else { count - 1 };
        modules[at].declares.push(option);
    }
    if count > 3 && generator.maybe(5) {
        let disabled = 1 + generator.below(count - 2);
        let by = generator.below(count);
        let leads_to_last = modules[disabled].imports.contains(&(count - 1));
        if by != disabled && !leads_to_last {
            modules[by].disables = Some(disabled);
        }
    }
    let mut files: Vec<(String, String)> = (0..count)
        .map(|at| (file_name(at), generator.module(at, &modules)))
        .collect();
    files.push(("record.nix".to_owned(), RECORD.to_owned()));
    let flag = generator.one(&["true", "false"]);
    let arguments = format!("{{ flag = {flag}; words = [ \"w\" \"v\" ]; number = 3; }}");
    files.push((
        "flake.nix".to_owned(),
        format!(
            "{{\n  inputs.nixpkgs.url = \"github:NixOS/nixpkgs\";\n  outputs = {{ self, nixpkgs }}: {{\n    \
             nixosConfigurations.m = nixpkgs.lib.nixosSystem {{\n      modules = [ ./root.nix ];\n      \
             specialArgs = {arguments};\n    }};\n  }};\n}}\n"
        ),
    ));
    Case {
        seed,
        files,
        arguments,
    }
}
