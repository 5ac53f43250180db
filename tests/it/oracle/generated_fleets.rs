//! Random flakes whose modules declare options, set them for each other and decide by them: what
//! is known of such a machine is what Nix makes of it.

use std::fmt::Write as _;
use std::path::Path;

use nixtune::engine::{self, Outcome, Request};
use nixtune::system::Memory;

use super::oracles;
use super::shown::{compare, each};
use crate::rules::fixture;

/// `NIXTUNE_CASES` asks for more.
const FLEETS: u64 = 300;

/// Conditions on what other modules say.
const CONDITIONS: [&str; 12] = [
    "cfg.enable",
    "!cfg.enable",
    "cfg.nested.deep.flag",
    "cfg.jobs > 3",
    "cfg.caches != [ ]",
    "builtins.elem \"https://a.example.org\" cfg.caches",
    "tier == 2",
    "cfg.enable && cfg.nested.deep.flag",
    "cfg.enable -> cfg.nested.deep.flag",
    "config.fleet.keep == \"7d\"",
    "lib.hasPrefix \"1\" cfg.keep",
    "builtins.length people > tier",
];

const NUMBERS: [&str; 6] = [
    "cfg.jobs",
    "cfg.jobs + tier",
    "if cfg.enable then 2 else cfg.jobs",
    "builtins.length cfg.caches",
    "(lib.max cfg.jobs tier)",
    "(let n = cfg.jobs; in n * 2)",
];

const LISTS: [&str; 6] = [
    "cfg.caches",
    "people ++ lib.optional cfg.enable \"ci\"",
    "(map (x: x + \"/y\") cfg.caches)",
    "lib.optionals cfg.nested.deep.flag people",
    "(builtins.filter (x: x != \"mira\") people)",
    "(if cfg.enable then cfg.caches else people)",
];

struct Generator(u64);

impl Generator {
    /// Xorshift (Marsaglia 2003), below `bound`.
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % bound
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    fn flag(&mut self) -> &'static str {
        self.one(&["true", "false"])
    }

    fn wrapped(&mut self, value: &str) -> String {
        match self.below(8) {
            0 => format!("lib.mkForce ({value})"),
            1 => format!("lib.mkDefault ({value})"),
            2 => format!("lib.mkOverride 90 ({value})"),
            3 => format!("lib.mkIf (tier == 1) ({value})"),
            _ => value.to_owned(),
        }
    }

    fn list(&mut self) -> String {
        let words: Vec<&str> = (0..self.below(3))
            .map(|_| {
                self.one(&[
                    "\"https://a.example.org\"",
                    "\"https://b.example.org\"",
                    "\"https://c.example.org\"",
                ])
            })
            .collect();
        let list = format!("[ {} ]", words.join(" "));
        match self.below(6) {
            0 => format!("lib.mkBefore {list}"),
            1 => format!("lib.mkAfter {list}"),
            2 => format!("lib.mkIf (tier > 1) {list}"),
            _ => list,
        }
    }

    fn options(&mut self) -> String {
        let (jobs, keep) = (self.one(&["1", "3", "6"]), self.one(&["7d", "14d"]));
        let (list, flag) = (self.list(), self.flag());
        let list = if list.starts_with('[') { &list } else { "[ ]" };
        format!(
            "{{ lib, ... }}:\n{{\n  options.fleet = {{\n    enable = lib.mkEnableOption \"it\";\n    \
             jobs = lib.mkOption {{ type = lib.types.int; default = {jobs}; }};\n    \
             keep = lib.mkOption {{ type = lib.types.str; default = \"{keep}\"; }};\n    \
             caches = lib.mkOption {{ type = lib.types.listOf lib.types.str; default = {list}; }};\n    \
             nested.deep.flag = lib.mkOption {{ type = lib.types.bool; default = {flag}; }};\n  }};\n}}\n"
        )
    }

    /// What is said of the fleet, by a host or what it imports.
    fn host(&mut self, imports: &str) -> String {
        let mut out = format!("{{ config, lib, tier, people, ... }}:\n{{\n{imports}");
        let mut say = |option: &str, value: String| {
            let _ = writeln!(out, "  fleet.{option} = {value};");
        };
        if self.below(2) == 0 {
            let value = self.flag();
            say("enable", self.wrapped(value));
        }
        if self.below(2) == 0 {
            let value = self.one(&["2", "5", "8", "tier", "builtins.length people"]);
            say("jobs", self.wrapped(value));
        }
        if self.below(3) > 0 {
            say("caches", self.list());
        }
        if self.below(3) == 0 {
            let value = self.one(&["\"1d\"", "\"${toString tier}d\""]);
            say("keep", self.wrapped(value));
        }
        if self.below(3) == 0 {
            let value = self.one(&["true", "config.fleet.enable", "!config.fleet.enable"]);
            say("nested.deep.flag", self.wrapped(value));
        }
        out.push_str("}\n");
        out
    }

    fn settings(&mut self) -> String {
        let mut out = String::from("{ ");
        if self.below(2) == 0 {
            let value = self.one(&NUMBERS);
            let _ = write!(out, "max-jobs = {}; ", self.wrapped(value));
        }
        if self.below(2) == 0 {
            let value = self.one(&NUMBERS);
            let _ = write!(out, "cores = {}; ", self.wrapped(value));
        }
        if self.below(2) == 0 {
            let _ = write!(out, "keep-going = {}; ", self.one(&CONDITIONS));
        }
        for key in ["substituters", "trusted-users", "extra-trusted-users"] {
            if self.below(3) == 0 {
                let _ = write!(out, "{key} = {}; ", self.one(&LISTS));
            }
        }
        out.push('}');
        out
    }

    fn nix(&mut self) -> String {
        let (first, second, third) = (self.settings(), self.settings(), self.settings());
        let (if_second, if_third) = (self.one(&CONDITIONS), self.one(&CONDITIONS));
        let mut out = format!(
            "{{ config, lib, tier, people, ... }}:\nlet cfg = config.fleet; in\n{{\n  \
             config = lib.mkMerge [\n    {{ nix.settings = {first}; }}\n    \
             (lib.mkIf ({if_second}) {{ nix.settings = {second}; }})\n    \
             {{ nix.settings = lib.mkIf ({if_third}) {third}; }}\n"
        );
        if self.below(2) == 0 {
            let _ = writeln!(
                out,
                "    {{ nix.extraOptions = ''\n      log-lines = ${{toString cfg.jobs}}\n      \
                 min-free = ${{if {} then \"1\" else \"2\"}}\n    ''; }}",
                self.one(&CONDITIONS)
            );
        }
        out.push_str("  ];\n}\n");
        out
    }
}

struct Fleet {
    kind: &'static str,
    output: &'static str,
    files: Vec<(&'static str, String)>,
}

fn fleet(seed: u64) -> Fleet {
    let mut generator = Generator(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let (kind, output, builder) = match seed % 2 {
        0 => ("nixos", "nixosConfigurations", "nixpkgs.lib.nixosSystem"),
        _ => (
            "nix-darwin",
            "darwinConfigurations",
            "nix-darwin.lib.darwinSystem",
        ),
    };
    let tier = generator.below(3);
    let people = generator.one(&["[ ]", "[ \"mira\" ]", "[ \"mira\" \"ole\" ]"]);
    let flake = format!(
        "{{\n  inputs = {{ nixpkgs.url = \"github:NixOS/nixpkgs\"; }};\n  outputs = {{ self, \
         nixpkgs, nix-darwin, ... }}:\n    let\n      mk = builder: tier: name: builder {{\n        \
         specialArgs = {{ inherit tier; people = {people}; }};\n        modules = [ ./options.nix \
         ./nix.nix (./. + \"/${{name}}.nix\") ];\n      }};\n    in\n    {{\n      {output} = \
         nixpkgs.lib.genAttrs [ \"host\" ] (mk {builder} {tier});\n    }};\n}}\n"
    );
    let imports = generator.one(&[
        "",
        "  imports = [ ./extra.nix ];\n",
        "  imports = lib.optional (tier == 1) ./extra.nix;\n",
        "  imports = lib.optionals (people != [ ]) [ ./extra.nix ];\n",
    ]);
    let files = vec![
        ("flake.nix", flake),
        ("options.nix", generator.options()),
        ("nix.nix", generator.nix()),
        ("host.nix", generator.host(imports)),
        ("extra.nix", generator.host("")),
    ];
    Fleet {
        kind,
        output,
        files,
    }
}

impl Fleet {
    fn write(&self, folder: &Path) {
        std::fs::create_dir_all(folder).unwrap();
        for (name, text) in &self.files {
            std::fs::write(folder.join(name), text).unwrap();
        }
    }

    fn look(&self) -> Outcome {
        let system = self
            .files
            .iter()
            .fold(Memory::new(), |system, (name, text)| {
                system.file(format!("/w/fleet/{name}"), text)
            });
        let request = Request {
            roots: vec!["/w/fleet".into()],
            ..Request::default()
        };
        engine::look(&system, fixture::catalog(), &request).unwrap()
    }

    fn shown(&self, seed: u64) -> String {
        let files: Vec<String> = self
            .files
            .iter()
            .map(|(name, text)| format!("--- {name}\n{text}"))
            .collect();
        format!("seed {seed}, {}\n{}", self.kind, files.join(""))
    }
}

#[test]
fn generated_fleets_are_what_nix_makes_of_them() {
    let cases = std::env::var("NIXTUNE_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok())
        .unwrap_or(FLEETS);
    let oracle = oracles().last().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (mut compared, mut known, mut failed) = (0, 0, 0);
    let seeds: Vec<u64> = (1..=cases).collect();
    for seeds in seeds.chunks(200) {
        let fleets: Vec<(u64, Fleet)> = seeds.iter().map(|seed| (*seed, fleet(*seed))).collect();
        let questions: Vec<String> = fleets
            .iter()
            .map(|(seed, fleet)| {
                let own = folder.path().join(seed.to_string());
                fleet.write(&own);
                format!(
                    "(lib.machineLines {{ flake = {}; output = {:?}; name = \"host\"; system = \
                     \"x86_64-linux\"; kind = {:?}; }})",
                    own.join("flake.nix").display(),
                    fleet.output,
                    fleet.kind
                )
            })
            .collect();
        for ((seed, fleet), answer) in fleets.iter().zip(each(oracle, &questions)) {
            let shown = fleet.shown(*seed);
            let outcome = fleet.look();
            let workspace = &outcome.workspace;
            let Some(answer) = answer else {
                failed += 1;
                continue;
            };
            let machine = workspace
                .machines()
                .iter()
                .find(|machine| machine.name.as_ref() == "host");
            let Some(machine) = machine else {
                // Nothing is said about Nix.
                continue;
            };
            let rendered = workspace.view(machine).rendered(fixture::catalog());
            let mut wrong = Vec::new();
            compared += compare(&rendered, &answer, &mut wrong);
            known += rendered
                .lines
                .iter()
                .filter(|line| matches!(line.text, nixtune::model::Text::Known(_)))
                .count();
            assert!(wrong.is_empty(), "{}\n{shown}", wrong.join("\n"));
        }
    }
    println!("{compared} lines compared, {known} known, {failed} of {cases} fleets fail");
    assert!(
        compared as u64 > cases * 8,
        "only {compared} lines compared"
    );
    assert!(known as u64 > cases * 8, "only {known} lines known");
    assert!(failed < cases / 4, "{failed} of {cases} fleets fail");
}
