//! Random configurations in which many rules speak at once, in every spelling.

use std::fmt::Write as _;

use nixtune::facts::{Implementation, ModuleSystem};
use nixtune::policy::TargetPolicy;
use proptest::prelude::*;
use rnix::SyntaxKind;

/// How the files hang together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Layout {
    /// Files of one folder that nothing imports.
    Loose,
    /// `default.nix` imports the others.
    Imported,
    /// Each file imports the next one.
    Chained,
    /// A flake builds a machine of the others, and has a `nixConfig`.
    Flake,
}

/// How the sets of a module are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Shape {
    /// `nix.settings.a = 1;`
    Dotted,
    /// `nix.settings = { a = 1; };`
    Sets,
    /// `nix = { settings = { a = 1; }; gc = { b = 2; }; };`
    Nested,
    /// `nix = { settings.a = 1; gc.b = 2; };`
    Mixed,
    /// `nix.settings = { a = 1; } // { b = 2; };`
    Update,
    /// `nix.settings = base // { b = 2; };` with `base` in a `let`.
    LetUpdate,
    /// `nix.settings = lib.mkMerge [ { a = 1; } { b = 2; } ];`
    Merge,
    /// `nix.settings = lib.mkIf true { a = 1; };`
    If,
    /// `nix.settings = lib.mkIf config.my.flag { a = 1; };`
    IfUnknown,
}

const SHAPES: [Shape; 9] = [
    Shape::Dotted,
    Shape::Sets,
    Shape::Nested,
    Shape::Mixed,
    Shape::Update,
    Shape::LetUpdate,
    Shape::Merge,
    Shape::If,
    Shape::IfUnknown,
];

/// What stands around a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Dress {
    Plain,
    Parentheses,
    Default,
    Force,
    If,
    IfUnknown,
    /// A name of a `let`.
    Let,
    /// `inherit name;`, where the statement stands in a set.
    Inherit,
    /// `++` for lists.
    Concat,
    /// `++` with a name of a `let`.
    LetConcat,
    Before,
    After,
}

const DRESSES: [Dress; 12] = [
    Dress::Plain,
    Dress::Parentheses,
    Dress::Default,
    Dress::Force,
    Dress::If,
    Dress::IfUnknown,
    Dress::Let,
    Dress::Inherit,
    Dress::Concat,
    Dress::LetConcat,
    Dress::Before,
    Dress::After,
];

/// An option with values that it may get, most of them wrong in some way.
type Entry = (&'static str, &'static [&'static str]);

const SETTINGS: [Entry; 40] = [
    ("max-jobs", &["\"auto\"", "64", "12", "\"Auto\"", "4"]),
    ("cores", &["0", "64", "\"auto\"", "2"]),
    ("max-job", &["8"]),
    ("build-cores", &["4", "\"auto\""]),
    ("build-max-jobs", &["2"]),
    ("build-timeout", &["3600"]),
    ("timeout", &["7200"]),
    ("build-max-silent-time", &["1800"]),
    ("build-fallback", &["true"]),
    ("gc-keep-outputs", &["true"]),
    ("keep_outputs", &["true"]),
    ("keep-outputs", &["true", "false"]),
    ("keep-derivations", &["true"]),
    ("auto-optimise-store", &["true", "false"]),
    ("auto-optimize-store", &["true"]),
    (
        "min-free",
        &[
            "20 * 1024 * 1024 * 1024",
            "128000000",
            "\"10G\"",
            "512 * 1024 * 1024",
            "\"10GB\"",
        ],
    ),
    (
        "max-free",
        &[
            "5 * 1024 * 1024 * 1024",
            "128000000",
            "\"5G\"",
            "10737418240",
        ],
    ),
    ("substituters", CACHES),
    ("extra-substituters", CACHES),
    ("trusted-substituters", CACHES),
    ("binary-caches", CACHES),
    ("extra-subsituters", CACHES),
    ("trusted-public-keys", KEYS),
    ("extra-trusted-public-keys", KEYS),
    ("binary-cache-public-keys", KEYS),
    ("experimental-features", FEATURES),
    ("extra-experimental-features", FEATURES),
    ("trusted-users", USERS),
    ("extra-trusted-users", USERS),
    ("accept-flake-config", &["true"]),
    ("download-buffer-size", &["67108864", "\"64M\""]),
    ("http-connections", &["\"auto\"", "50"]),
    ("max-substitution-jobs", &["\"auto\""]),
    ("use-cgroups", &["true"]),
    ("filter-syscalls", &["true"]),
    ("warn-dirty", &["false"]),
    ("fallback", &["true"]),
    ("turbo-mode", &["true"]),
    ("narinfo-cache-negative-ttl", &["3600"]),
    ("sandbox", &["true", "false"]),
];

const CACHES: &[&str] = &[
    "[ \"https://cache.nixos.org\" \"https://nix-community.cachix.org\" \"https://nix-community.cachix.org/\" ]",
    "[ \"https://cache.nixos.org/\" ]",
    "[ \"https://cache.garnix.io\" \"https://helix.cachix.org\" ]",
    "[\n\"https://devenv.cachix.org\"\n\"https://helix.cachix.org\"\n\"https://devenv.cachix.org/\"\n]",
    "[ \"https://cuda-maintainers.cachix.org\" \"https://nixpkgs-unfree.cachix.org\" ]",
    "\"https://helix.cachix.org https://Helix.cachix.org\"",
    "[ ]",
];

const KEYS: &[&str] = &[
    "[ \"cache.nixos.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY=\" ]",
    "[ \"cache.nixos.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjX=\" ]",
    "[\n\"nix-community.cachix.org-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyvRCYg3Fs=\"\n\"devenv:w1cLUi8dv3hnoSPGAuibQv+f9TZLr6cv/Hm9XgU50cw=\"\n]",
    "[ \"nix-community.cachix.org-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyv\" \"acme-cache-1\" ]",
    "[ \"crane.cachix.org-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyvRCYg3Fs=\" ]",
    "\"cache.garnix.io:CTFPyKSLcx5RMJKfLo5EEPUObbA78b0YQ2DTCJXqr9g= helix.cachix.org-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyvRCYg3Fs=\"",
];

const FEATURES: &[&str] = &[
    "[ \"nix-command\" \"flakes\" \"repl-flake\" ]",
    "[ \"repl-flake\" ]",
    "[\n\"nix-command\"\n\"cgroups\"\n\"flakes\"\n]",
    "\"nix-command flakes repl-flake\"",
    "[ \"nix-command\" \"flakes\" ]",
];

const USERS: &[&str] = &[
    "[ \"root\" \"alice\" ]",
    "[ \"root\" \"@wheel\" ]",
    "[ \"*\" ]",
    "[ ]",
];

/// Options below `nix.` that are no setting.
const OPTIONS: [Entry; 21] = [
    ("gc.automatic", &["true", "true", "false"]),
    ("gc.interval", INTERVALS),
    ("gc.dates", &["\"weekly\"", "\"03:15\""]),
    (
        "gc.options",
        &[
            "\"--delete-older-than 2w\"",
            "\"--delete-older-than 30\"",
            "\"--delete-older-than 7d\"",
            "\"--delete-older-than 1m --max-freed 10G\"",
        ],
    ),
    ("gc.user", &["\"root\""]),
    ("optimise.automatic", &["true", "true", "false"]),
    ("optimise.interval", INTERVALS),
    ("optimise.dates", &["[ \"weekly\" ]", "[ \"03:10\" ]"]),
    ("maxJobs", &["64", "\"auto\""]),
    ("buildCores", &["0"]),
    ("autoOptimiseStore", &["true"]),
    ("binaryCaches", CACHES),
    ("binaryCachePublicKeys", KEYS),
    ("trustedBinaryCaches", CACHES),
    ("trustedUsers", USERS),
    ("useSandbox", &["true"]),
    ("useDaemon", &["true"]),
    ("daemonNiceLevel", &["5"]),
    ("enable", &["true"]),
    ("extraOptions", TEXTS),
    ("channel.enable", &["false"]),
];

const INTERVALS: &[&str] = &[
    "{ Hour = 3; }",
    "{ Weekday = 0; }",
    "{\nDay = 1;\n}",
    "{ Hour = 3; Minute = 15; }",
    "{ Weekday = 0; Hour = 4; Minute = 15; }",
    "[ { Hour = 3; Minute = 15; } { Day = 15; } ]",
    "{ }",
];

const TEXTS: &[&str] = &[
    "''\nmax-jobs = auto\ncores = auto\n''",
    "''\n# for direnv\ngc-keep-outputs = true\nmin-free = 17179870000\nmax-free = 4294967296\n''",
    "''\nexperimental-features = nix-command flakes repl-flake\n\nauto-optimise-store = true # saves space\n''",
    "''\nextra-substituters = https://helix.cachix.org https://cache.nixos.org\nkeep-output = true\n''",
    "\"max-jobs = auto\\ncores = 0\\n\"",
    "''\nextra-trusted-public-keys = acme-cache-1\n''",
];

/// Lines of a `nix.conf`, most of them wrong in some way.
const LINES: [&str; 16] = [
    "max-jobs = auto",
    "cores = auto",
    "cores = 0",
    "build-cores = 4",
    "gc-keep-outputs = true",
    "auto-optimise-store = true",
    "min-free = 10GB",
    "min-free = 17179870000",
    "max-free = 4294967296",
    "substituters = https://cache.nixos.org https://nix-community.cachix.org https://nix-community.cachix.org/",
    "extra-substituters = https://helix.cachix.org https://cache.nixos.org",
    "trusted-public-keys = nix-community.cachix.org-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyv",
    "experimental-features = nix-command flakes repl-flake",
    "trusted-users = root alice",
    "max-job = 4",
    "keep-outputs = true",
];

#[derive(Clone, Debug)]
struct Statement {
    /// Below `nix.`.
    option: String,
    value: &'static str,
    dress: Dress,
}

/// One module.
#[derive(Clone, Debug)]
pub struct Module {
    statements: Vec<Statement>,
    shape: Shape,
    /// `config = { … };`
    in_config: bool,
}

/// How untidy files are; the number chooses among the ways.
#[derive(Clone, Copy, Debug)]
struct Noise {
    seed: u64,
    /// One in so many blanks is changed; 0 for none.
    one_in: u64,
    newline: &'static str,
    tabs: bool,
}

/// A configuration.
#[derive(Clone, Debug)]
pub struct Configuration {
    pub system: ModuleSystem,
    pub layout: Layout,
    modules: Vec<Module>,
    /// Settings of a flake's `nixConfig`.
    flake_config: Vec<Statement>,
    conf: Vec<&'static str>,
    noise: Noise,
    /// Whether the Nix that it is for is known.
    is_old: Option<bool>,
    pub has_host: bool,
}

fn settings() -> impl Strategy<Value = Statement> {
    (
        prop::sample::select(SETTINGS.to_vec()),
        any::<prop::sample::Index>(),
        dresses(),
    )
        .prop_map(|((name, values), index, dress)| Statement {
            option: format!("settings.{name}"),
            value: index.get::<&str>(values),
            dress,
        })
}

fn options() -> impl Strategy<Value = Statement> {
    (
        prop::sample::select(OPTIONS.to_vec()),
        any::<prop::sample::Index>(),
        dresses(),
    )
        .prop_map(|((name, values), index, dress)| Statement {
            option: name.to_owned(),
            value: index.get::<&str>(values),
            dress,
        })
}

fn dresses() -> impl Strategy<Value = Dress> {
    prop_oneof![4 => Just(Dress::Plain), 3 => prop::sample::select(DRESSES.to_vec())]
}

fn modules() -> impl Strategy<Value = Module> {
    let statements = prop_oneof![3 => settings().boxed(), 1 => options().boxed()];
    (
        prop::collection::vec(statements, 1..9),
        prop::sample::select(SHAPES.to_vec()),
        prop::bool::weighted(0.2),
    )
        .prop_map(|(mut statements, shape, in_config)| {
            // No set defines a name twice.
            let mut seen = std::collections::BTreeSet::new();
            statements.retain(|statement| seen.insert(statement.option.clone()));
            Module {
                statements,
                shape,
                in_config,
            }
        })
}

fn noises() -> impl Strategy<Value = Noise> {
    (
        any::<u64>(),
        prop::sample::select(vec![0, 0, 9, 4, 2]),
        prop::bool::weighted(0.2),
        prop::bool::weighted(0.15),
    )
        .prop_map(|(seed, one_in, windows, tabs)| Noise {
            seed,
            one_in,
            newline: if windows { "\r\n" } else { "\n" },
            tabs,
        })
}

/// Configurations of one to five files.
pub fn configurations() -> impl Strategy<Value = Configuration> {
    let layouts = vec![
        Layout::Loose,
        Layout::Loose,
        Layout::Imported,
        Layout::Chained,
        Layout::Flake,
    ];
    (
        prop::sample::select(vec![
            ModuleSystem::NixDarwin,
            ModuleSystem::NixDarwin,
            ModuleSystem::Nixos,
            ModuleSystem::HomeManager,
        ]),
        prop::sample::select(layouts),
        prop::collection::vec(modules(), 1..4),
        prop::collection::vec(settings(), 0..5),
        prop_oneof![
            3 => Just(Vec::new()),
            1 => prop::sample::subsequence(LINES.to_vec(), 1..6).prop_shuffle(),
        ],
        noises(),
        prop::option::weighted(0.6, any::<bool>()),
        prop::bool::weighted(0.7),
    )
        .prop_map(
            |(mut system, layout, modules, mut flake_config, conf, noise, is_old, has_host)| {
                // A flake builds whole machines here.
                if (system, layout) == (ModuleSystem::HomeManager, Layout::Flake) {
                    system = ModuleSystem::Nixos;
                }
                let mut seen = std::collections::BTreeSet::new();
                flake_config.retain(|statement| seen.insert(statement.option.clone()));
                Configuration {
                    system,
                    layout,
                    modules,
                    flake_config,
                    conf,
                    noise,
                    is_old,
                    has_host,
                }
            },
        )
}

impl Configuration {
    /// The files by their paths from the root.
    pub fn files(&self) -> Vec<(String, String)> {
        let mut files = Vec::new();
        let count = self.modules.len();
        for (index, module) in self.modules.iter().enumerate() {
            let name = |index: usize| match (self.layout, index) {
                (Layout::Imported | Layout::Chained, 0) => "default.nix".to_owned(),
                _ => format!("{}.nix", ["a", "b", "c", "d"][index]),
            };
            let imports: Vec<String> = match (self.layout, index) {
                (Layout::Imported, 0) => (1..count).map(name).collect(),
                (Layout::Chained, _) if index + 1 < count => vec![name(index + 1)],
                _ => Vec::new(),
            };
            files.push((name(index), self.noisy(&module.text(&imports), index)));
        }
        if self.layout == Layout::Flake {
            let names: Vec<String> = files.iter().map(|(name, _)| name.clone()).collect();
            files.push(("flake.nix".to_owned(), self.noisy(&self.flake(&names), 8)));
        }
        if !self.conf.is_empty() {
            files.push(("nix.conf".to_owned(), self.conf_text()));
        }
        files
    }

    pub fn shown(&self) -> String {
        let mut out = format!(
            "{:?}, {:?}, old: {:?}, host: {}\n",
            self.system, self.layout, self.is_old, self.has_host
        );
        for (name, text) in self.files() {
            let _ = write!(out, "--- {name}\n{text}");
        }
        out
    }

    /// What the files are for.
    pub fn target(&self) -> TargetPolicy {
        let platform = match self.system {
            ModuleSystem::NixDarwin => "aarch64-darwin",
            _ => "x86_64-linux",
        };
        let version = |old| if old { "2.28.3" } else { "2.34.0" };
        TargetPolicy {
            module_system: Some(self.system),
            platform: platform.parse().ok(),
            implementation: self.is_old.map(|_| Implementation::Cppnix),
            version: self.is_old.map(|old| version(old).parse().unwrap()),
        }
    }

    fn flake(&self, modules: &[String]) -> String {
        let (machines, builder, input) = match self.system {
            ModuleSystem::NixDarwin => (
                "darwinConfigurations",
                "inputs.darwin.lib.darwinSystem",
                "darwin.url = \"github:nix-darwin/nix-darwin\";",
            ),
            _ => ("nixosConfigurations", "inputs.nixpkgs.lib.nixosSystem", ""),
        };
        let mut config = String::new();
        for statement in &self.flake_config {
            let name = statement.option.trim_start_matches("settings.");
            // Nix reads a `nixConfig` without evaluating functions.
            let value = match statement.value {
                value if value.contains('*') && !value.contains('"') => "10737418240",
                value => value,
            };
            let _ = writeln!(config, "    {name} = {};", value.replace('\n', "\n      "));
        }
        let config = if config.is_empty() {
            String::new()
        } else {
            format!("  nixConfig = {{\n{config}  }};\n")
        };
        let modules: Vec<String> = modules.iter().map(|name| format!("./{name}")).collect();
        format!(
            "{{\n  description = \"generated\";\n\n{config}  inputs = {{\n    nixpkgs.url = \"github:NixOS/nixpkgs\";\n    {input}\n  }};\n\n  outputs = inputs: {{\n    {machines}.here = {builder} {{\n      system = \"{}\";\n      modules = [ {} ];\n    }};\n  }};\n}}\n",
            if self.system == ModuleSystem::NixDarwin {
                "aarch64-darwin"
            } else {
                "x86_64-linux"
            },
            modules.join(" ")
        )
    }

    fn conf_text(&self) -> String {
        let mut out = String::new();
        for (index, line) in self.conf.iter().enumerate() {
            let choice = chosen(self.noise.seed, 1000 + index as u64);
            if self.noise.one_in > 0 {
                match choice % 4 {
                    0 => out.push_str(&format!("# conf {index}\n{line}\n")),
                    1 => out.push_str(&format!("{line} # conf {index}\n")),
                    2 => out.push_str(&format!("\n{}\n", line.replace(" = ", "   =  "))),
                    _ => out.push_str(&format!("{line}\n")),
                }
            } else {
                out.push_str(&format!("{line}\n"));
            }
        }
        out.replace('\n', self.noise.newline)
    }

    /// A text with comments and odd blanks where any may stand.
    fn noisy(&self, text: &str, file: usize) -> String {
        let Noise {
            seed,
            one_in,
            newline,
            tabs,
        } = self.noise;
        let mut out = String::new();
        let tokens: Vec<(SyntaxKind, &str)> = rnix::tokenize(text).collect();
        for (index, (kind, token)) in tokens.iter().enumerate() {
            if *kind != SyntaxKind::TOKEN_WHITESPACE {
                out.push_str(token);
                continue;
            }
            let number = (file * 10_000 + index) as u64;
            let choice = chosen(seed, number);
            let indent = token.rsplit('\n').next().unwrap_or("");
            let blank = if tabs && token.contains('\n') {
                let tabs = "\t".repeat(indent.len() / 2);
                format!("{}{tabs}", &token[..token.len() - indent.len()])
            } else {
                (*token).to_owned()
            };
            if one_in == 0 || !choice.is_multiple_of(one_in) || index + 1 == tokens.len() {
                out.push_str(&blank);
                continue;
            }
            let indent = blank.rsplit('\n').next().unwrap_or("").to_owned();
            let is_punctuation = |at: Option<&(SyntaxKind, &str)>| {
                at.is_some_and(|(_, text)| ["=", "{", "}", "[", "]", ";", "(", ")"].contains(text))
            };
            let loose = is_punctuation(tokens.get(index.wrapping_sub(1)))
                || is_punctuation(tokens.get(index + 1));
            let choice = choice / one_in;
            if token.contains('\n') {
                match choice % 6 {
                    0 => out.push_str(&format!(" # c{number}{blank}")),
                    1 => out.push_str(&format!("\n{indent}# c{number}{blank}")),
                    2 => out.push_str(&format!("\n{blank}")),
                    3 => out.push_str(&format!("  {blank}")),
                    4 => out.push_str(&format!("{blank}/* c{number} */ ")),
                    _ => out.push_str(&format!(
                        "\n\n{indent}# c{number}\n{indent}# more of it{blank}"
                    )),
                }
            } else {
                match choice % 6 {
                    0 => out.push_str("  "),
                    1 => out.push('\t'),
                    2 => out.push_str(&format!(" /* c{number} */ ")),
                    3 => out.push_str("\n    "),
                    4 if loose => {}
                    4 => out.push(' '),
                    _ => out.push_str(&format!(" # c{number}\n  ")),
                }
            }
        }
        out.replace('\n', newline)
    }
}

/// A number that looks random, the same for the same question.
fn chosen(seed: u64, number: u64) -> u64 {
    let mut x = seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

impl Module {
    fn text(&self, imports: &[String]) -> String {
        let mut lets: Vec<String> = Vec::new();
        let mut settings: Vec<(String, String)> = Vec::new();
        let mut others: Vec<(String, String)> = Vec::new();
        let in_sets = !matches!(self.shape, Shape::Dotted | Shape::Mixed);
        for (index, statement) in self.statements.iter().enumerate() {
            let setting = statement.option.strip_prefix("settings.");
            let can_inherit = setting.is_some() && in_sets;
            let value = statement.dressed(index, can_inherit, &mut lets);
            match setting {
                Some(name) => settings.push((name.to_owned(), value)),
                None => others.push((statement.option.clone(), value)),
            }
        }
        let mut body = Vec::new();
        let (first, second) = settings.split_at(settings.len() / 2);
        let all = || set(&settings);
        match self.shape {
            Shape::Dotted => body.extend(statements("nix.settings.", &settings)),
            Shape::Mixed | Shape::Nested => {
                let mut inner = match self.shape {
                    Shape::Mixed => statements("settings.", &settings),
                    _ if settings.is_empty() => Vec::new(),
                    _ => vec![format!("settings = {};", all())],
                };
                inner.extend(grouped(&others, self.shape == Shape::Nested));
                body.push(format!("nix = {};", braces(&inner)));
            }
            _ if settings.is_empty() => {}
            Shape::Sets => body.push(format!("nix.settings = {};", all())),
            Shape::Update => {
                body.push(format!("nix.settings = {} // {};", set(first), set(second)));
            }
            Shape::LetUpdate => {
                lets.push(format!("base = {};", set(first)));
                body.push(format!("nix.settings = base // {};", set(second)));
            }
            Shape::Merge => body.push(format!(
                "nix.settings = lib.mkMerge [\n{}\n{}\n];",
                indented(&set(first)),
                indented(&set(second))
            )),
            Shape::If => body.push(format!("nix.settings = lib.mkIf true {};", all())),
            Shape::IfUnknown => {
                body.push(format!("nix.settings = lib.mkIf config.my.flag {};", all()));
            }
        }
        if !matches!(self.shape, Shape::Mixed | Shape::Nested) {
            let in_sets = matches!(self.shape, Shape::Sets | Shape::If);
            body.extend(
                grouped(&others, in_sets)
                    .iter()
                    .map(|line| format!("nix.{line}")),
            );
        }
        if self.in_config {
            body = vec![format!("config = {};", braces(&body))];
        }
        if !imports.is_empty() {
            let paths: Vec<String> = imports.iter().map(|name| format!("./{name}")).collect();
            body.insert(0, format!("imports = [ {} ];", paths.join(" ")));
        }
        let body = braces(&body);
        let lets = if lets.is_empty() {
            String::new()
        } else {
            format!("let\n{}\nin\n", indented(&lets.join("\n")))
        };
        format!("{{ lib, config, ... }}:\n{lets}{body}\n")
    }
}

impl Statement {
    /// The value as it is written; `inherit` for one that is inherited.
    fn dressed(&self, index: usize, can_inherit: bool, lets: &mut Vec<String>) -> String {
        let value = self.value.replace('\n', "\n  ");
        let value = value
            .strip_suffix("  ]")
            .map_or(value.clone(), |v| format!("{v}]"));
        let value = value
            .strip_suffix("  ''")
            .map_or(value.clone(), |v| format!("{v}''"));
        let value = value
            .strip_suffix("  }")
            .map_or(value.clone(), |v| format!("{v}}}"));
        let is_list = value.starts_with('[') && !value.contains('{');
        let atom = if value.contains(" * ") {
            format!("({value})")
        } else {
            value.clone()
        };
        let bind = |lets: &mut Vec<String>, name: &str| {
            lets.push(format!("{name} = {value};"));
        };
        match self.dress {
            Dress::Parentheses => format!("({value})"),
            Dress::Default => format!("lib.mkDefault {atom}"),
            Dress::Force => format!("lib.mkForce {atom}"),
            Dress::If => format!("lib.mkIf true {atom}"),
            Dress::IfUnknown => format!("lib.mkIf config.my.flag {atom}"),
            Dress::Let => {
                let name = format!("v{index}");
                bind(lets, &name);
                name
            }
            Dress::Inherit if can_inherit => {
                bind(lets, self.option.trim_start_matches("settings."));
                "inherit".to_owned()
            }
            Dress::Concat if is_list => format!("{value} ++ [ \"x{index}\" ]"),
            Dress::LetConcat if is_list => {
                let name = format!("v{index}");
                bind(lets, &name);
                format!("{name} ++ [ \"x{index}\" ]")
            }
            Dress::Before if is_list => format!("lib.mkBefore {atom}"),
            Dress::After if is_list => format!("lib.mkAfter {atom}"),
            _ => value,
        }
    }
}

fn indented(text: &str) -> String {
    let lines: Vec<String> = text
        .lines()
        .map(|line| {
            if line.is_empty() {
                String::new()
            } else {
                format!("  {line}")
            }
        })
        .collect();
    lines.join("\n")
}

fn braces(lines: &[String]) -> String {
    if lines.is_empty() {
        return "{ }".to_owned();
    }
    format!("{{\n{}\n}}", indented(&lines.join("\n")))
}

fn statements(prefix: &str, entries: &[(String, String)]) -> Vec<String> {
    entries
        .iter()
        .map(|(name, value)| {
            if value == "inherit" {
                format!("inherit {name};")
            } else {
                format!("{prefix}{name} = {value};")
            }
        })
        .collect()
}

fn set(entries: &[(String, String)]) -> String {
    braces(&statements("", entries))
}

/// Options below `nix`, those of `gc` and `optimise` in sets of their own where that is wanted.
fn grouped(entries: &[(String, String)], in_sets: bool) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = entries.to_vec();
    if in_sets {
        for group in ["gc", "optimise"] {
            let prefix = format!("{group}.");
            let (own, others): (Vec<_>, Vec<_>) = rest
                .into_iter()
                .partition(|(name, _)| name.starts_with(&prefix));
            rest = others;
            let own: Vec<(String, String)> = own
                .into_iter()
                .map(|(name, value)| (name[prefix.len()..].to_owned(), value))
                .collect();
            if !own.is_empty() {
                out.push(format!("{group} = {};", set(&own)));
            }
        }
    }
    out.extend(statements("", &rest));
    out
}
