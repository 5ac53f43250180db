//! The machines of repositories: which there are, how they are called, what they read.

use std::path::PathBuf;

use nixtune::catalog::Catalog;
use nixtune::facts::ModuleSystem;
use nixtune::model::{LoadOptions, Loaded, Machine, Setting, load};
use nixtune::system::Memory;

fn read(files: &[(&str, &str)]) -> Loaded {
    let system = files.iter().fold(Memory::new(), |system, (path, text)| {
        system.file(format!("/cfg/{path}"), text)
    });
    let paths = [PathBuf::from("/cfg")];
    load(
        &system,
        &paths,
        &Catalog::embedded(),
        &LoadOptions::default(),
    )
}

/// A flake with these outputs.
fn flake(inputs: &str, outputs: &str) -> String {
    format!(
        "{{\n  inputs.nixpkgs.url = \"github:NixOS/nixpkgs\";\n  {inputs}\n  \
         outputs = inputs@{{ self, nixpkgs, ... }}: {outputs};\n}}\n"
    )
}

const DARWIN: &str = "inputs.nix-darwin.url = \"github:nix-darwin/nix-darwin\";";
const HOME: &str = "inputs.home-manager.url = \"github:nix-community/home-manager\";";
const PARTS: &str = "inputs.flake-parts.url = \"github:hercules-ci/flake-parts\";";

fn names(loaded: &Loaded) -> Vec<&str> {
    let machines = loaded.workspace.machines().iter();
    machines.map(|machine| machine.name.as_ref()).collect()
}

fn machine<'l>(loaded: &'l Loaded, name: &str) -> &'l Machine {
    let mut machines = loaded.workspace.machines().iter();
    machines
        .find(|machine| machine.name.as_ref() == name)
        .unwrap_or_else(|| panic!("{name} is none of {:?}", names(loaded)))
}

/// The number that a machine gives to `cores`; `None` when it gives none.
fn cores(loaded: &Loaded, name: &str) -> Option<u64> {
    number(loaded, name, "cores")
}

/// The number that a machine gives to a setting; `None` when it gives none.
fn number(loaded: &Loaded, name: &str, key: &str) -> Option<u64> {
    let view = loaded.workspace.view(machine(loaded, name));
    match view.setting(&Catalog::embedded(), key) {
        Setting::Known(effective) => effective.as_amount(),
        Setting::Unset { .. } => None,
        other => panic!("{name} has {other:?}"),
    }
}

fn platform(loaded: &Loaded, name: &str) -> Option<String> {
    let target = &machine(loaded, name).target;
    Some(target.platform.as_ref()?.value.to_string())
}

fn items(loaded: &Loaded, name: &str, setting: &str) -> Vec<String> {
    let view = loaded.workspace.view(machine(loaded, name));
    let items = view.items(&Catalog::embedded(), setting).items;
    items.iter().map(|item| item.text.to_string()).collect()
}

const CORES: &str = "{ nix.settings.cores = 3; }";

#[test]
fn whoever_makes_the_call_the_machine_is_the_same() {
    let shapes = [
        "{ nixosConfigurations.web = nixpkgs.lib.nixosSystem { system = \"x86_64-linux\"; modules = [ ./web.nix ]; }; }",
        "let mkHost = name: nixpkgs.lib.nixosSystem { system = \"x86_64-linux\"; modules = [ (./. + \"/${name}.nix\") ]; }; in \
         { nixosConfigurations.web = mkHost \"web\"; }",
        "{ nixosConfigurations = nixpkgs.lib.genAttrs [ \"web\" ] (name: nixpkgs.lib.nixosSystem { system = \"x86_64-linux\"; modules = [ ./${name}.nix ]; }); }",
        "{ nixosConfigurations = builtins.mapAttrs (name: system: nixpkgs.lib.nixosSystem { inherit system; modules = [ ./${name}.nix ]; }) { web = \"x86_64-linux\"; }; }",
        "{ nixosConfigurations = builtins.listToAttrs (map (name: { inherit name; value = nixpkgs.lib.nixosSystem { system = \"x86_64-linux\"; modules = [ ./${name}.nix ]; }; }) [ \"web\" ]); }",
        "with nixpkgs.lib; { nixosConfigurations.web = nixosSystem { system = \"x86_64-linux\"; modules = [ { imports = [ ./web.nix ]; } ]; }; }",
        "{ nixosConfigurations.web = import ./host.nix { inherit inputs; name = \"web\"; }; }",
        "{ nixosConfigurations = let base = nixpkgs.lib.nixosSystem { system = \"x86_64-linux\"; modules = [ ]; }; in { web = base.extendModules { modules = [ ./web.nix ]; }; }; }",
    ];
    for shape in shapes {
        let loaded = read(&[
            ("flake.nix", &flake("", shape)),
            ("web.nix", CORES),
            (
                "host.nix",
                "{ inputs, name }: inputs.nixpkgs.lib.nixosSystem { system = \"x86_64-linux\"; modules = [ ./${name}.nix ]; }",
            ),
        ]);
        assert_eq!(names(&loaded), ["web"], "{shape}");
        assert_eq!(cores(&loaded, "web"), Some(3), "{shape}");
        assert_eq!(
            platform(&loaded, "web").as_deref(),
            Some("x86_64-linux"),
            "{shape}"
        );
        let web = machine(&loaded, "web");
        assert_eq!(web.target.system(), Some(ModuleSystem::Nixos), "{shape}");
        assert!(web.complete, "{shape}");
        assert!(loaded.unread.is_empty(), "{shape}: {:?}", loaded.unread);
    }
}

#[test]
fn flake_parts_with_options_of_its_own() {
    let outputs = "inputs.flake-parts.lib.mkFlake { inherit inputs; } ({ config, lib, ... }: {
      imports = [ ./hosts.nix ];
      options.hosts = lib.mkOption { type = lib.types.attrsOf lib.types.path; default = { }; };
      config.systems = [ \"x86_64-linux\" ];
      config.flake.nixosConfigurations = lib.mapAttrs (name: path:
        nixpkgs.lib.nixosSystem { modules = [ path ]; }) config.hosts;
    })";
    let loaded = read(&[
        ("flake.nix", &flake(PARTS, outputs)),
        ("hosts.nix", "{ hosts.web = ./web.nix; }"),
        ("web.nix", CORES),
    ]);
    assert_eq!(names(&loaded), ["web"], "{:?}", loaded.unread);
    assert_eq!(cores(&loaded, "web"), Some(3));
}

#[test]
fn an_option_of_one_name_is_defined_by_whichever_module() {
    let outputs =
        "{ nixosConfigurations.web = nixpkgs.lib.nixosSystem { modules = [ ./web.nix ]; }; }";
    let loaded = read(&[
        ("flake.nix", &flake("", outputs)),
        (
            "web.nix",
            "{ lib, config, ... }: { imports = [ ./number.nix ]; \
             options.number = lib.mkOption { type = lib.types.int; default = 1; }; \
             config.nix.settings.cores = config.number; }",
        ),
        // Nothing in it speaks of Nix.
        ("number.nix", "{ number = 3; }"),
    ]);
    assert_eq!(cores(&loaded, "web"), Some(3));
}

#[test]
fn trees_that_are_imported_as_a_whole() {
    let outputs = "inputs.flake-parts.lib.mkFlake { inherit inputs; } (inputs.import-tree ./parts)";
    let inputs = format!("{PARTS} inputs.import-tree.url = \"github:vic/import-tree\";");
    let loaded = read(&[
        ("flake.nix", &flake(&inputs, outputs)),
        (
            "parts/deep/web.nix",
            "{ inputs, ... }: { flake.nixosConfigurations.web = inputs.nixpkgs.lib.nixosSystem { modules = [ ../../web.nix ]; }; }",
        ),
        (
            "parts/_left-out.nix",
            "{ flake.nixosConfigurations.no = 1; }",
        ),
        ("web.nix", CORES),
    ]);
    assert_eq!(names(&loaded), ["web"]);
    assert_eq!(cores(&loaded, "web"), Some(3));
}

#[test]
fn loaders_that_read_a_folder() {
    let outputs = "let
      modules = folder: map (name: folder + \"/${name}\")
        (builtins.filter (name: nixpkgs.lib.hasSuffix \".nix\" name) (builtins.attrNames (builtins.readDir folder)));
    in { nixosConfigurations = builtins.mapAttrs
      (name: _: nixpkgs.lib.nixosSystem { modules = modules (./hosts + \"/${name}\"); })
      (builtins.readDir ./hosts); }";
    let loaded = read(&[
        ("flake.nix", &flake("", outputs)),
        ("hosts/a/one.nix", "{ nix.settings.cores = 1; }"),
        (
            "hosts/a/two.nix",
            "{ nix.settings.substituters = [ \"https://a.example\" ]; }",
        ),
        ("hosts/b/one.nix", "{ nix.settings.cores = 2; }"),
    ]);
    assert_eq!(names(&loaded), ["a", "b"]);
    assert_eq!(cores(&loaded, "a"), Some(1));
    assert_eq!(cores(&loaded, "b"), Some(2));
    assert_eq!(items(&loaded, "a", "substituters"), ["https://a.example"]);
    assert!(items(&loaded, "b", "substituters").is_empty());
}

#[test]
fn haumea_makes_a_set_of_a_folder() {
    let outputs = "let
      data = inputs.haumea.lib.load { src = ./src; inputs = { inherit inputs; inherit (nixpkgs) lib; }; };
    in { nixosConfigurations = nixpkgs.lib.attrsets.mergeAttrsList
      (map (it: it.nixosConfigurations or { }) (builtins.attrValues data)); }";
    let inputs = "inputs.haumea.url = \"github:nix-community/haumea/v0.2.2\";";
    let loaded = read(&[
        ("flake.nix", &flake(inputs, outputs)),
        (
            "src/ai.nix",
            "{ inputs, super, ... }: { nixosConfigurations.ai = inputs.nixpkgs.lib.nixosSystem { modules = super.common.modules ++ [ ../web.nix ]; }; }",
        ),
        ("src/common/modules.nix", "{ ... }: [ ../../common.nix ]"),
        ("src/_hidden.nix", "{ }: { nixosConfigurations.no = 1; }"),
        ("common.nix", "{ nix.settings.max-jobs = 2; }"),
        ("web.nix", CORES),
    ]);
    assert_eq!(names(&loaded), ["ai"]);
    assert_eq!(cores(&loaded, "ai"), Some(3));
    assert_eq!(number(&loaded, "ai", "max-jobs"), Some(2));
}

#[test]
fn colmena_lays_hosts_over_their_defaults() {
    let hive = "{
      meta.nixpkgs = import nixpkgs { system = \"aarch64-linux\"; };
      meta.specialArgs.jobs = 2;
      defaults = { jobs, ... }: { nix.settings.max-jobs = jobs; };
      web = { name, ... }: { imports = [ ./web.nix ]; networking.hostName = name; deployment.targetHost = \"web\"; };
      db = [ ./db.nix ];
    }";
    let files = [
        ("web.nix", CORES),
        ("db.nix", "{ nix.settings.cores = 4; }"),
    ];
    let inputs = "inputs.colmena.url = \"github:zhaofengli/colmena\";";
    for outputs in [
        format!("{{ colmena = {hive}; }}"),
        format!("{{ colmenaHive = inputs.colmena.lib.makeHive {hive}; }}"),
        format!(
            "{{ colmenaHive = inputs.colmena.lib.makeHive self.outputs.colmena; colmena = {hive}; }}"
        ),
        format!(
            "{{ colmena = {hive}; nixosConfigurations = (inputs.colmena.lib.makeHive self.colmena).nodes; }}"
        ),
    ] {
        let flake = flake(inputs, &outputs);
        let mut all = vec![("flake.nix", flake.as_str())];
        all.extend(files);
        let loaded = read(&all);
        assert_eq!(names(&loaded), ["db", "web"], "{outputs}");
        assert_eq!(cores(&loaded, "web"), Some(3), "{outputs}");
        assert_eq!(cores(&loaded, "db"), Some(4), "{outputs}");
        assert_eq!(number(&loaded, "db", "max-jobs"), Some(2), "{outputs}");
        assert_eq!(platform(&loaded, "web").as_deref(), Some("aarch64-linux"));
        assert!(loaded.unread.is_empty(), "{:?}", loaded.unread);
    }
}

#[test]
fn users_within_machines_are_machines_of_their_own() {
    let module = "{ imports = [ inputs.home-manager.MODULES.home-manager ./system.nix ];
      home-manager.extraSpecialArgs = { number = 5; };
      home-manager.sharedModules = [ ./shared.nix ];
      home-manager.users.mira = import ./mira.nix; }";
    let systems = [
        (
            "nixosConfigurations.web = nixpkgs.lib.nixosSystem",
            "nixosModules",
        ),
        (
            "darwinConfigurations.web = inputs.nix-darwin.lib.darwinSystem",
            "darwinModules",
        ),
    ];
    for (call, modules) in systems {
        let module = module.replace("MODULES", modules);
        let outputs = format!("{{ {call} {{ modules = [ ({module}) ]; }}; }}");
        let inputs = format!("{DARWIN} {HOME}");
        let loaded = read(&[
            ("flake.nix", &flake(&inputs, &outputs)),
            ("system.nix", "{ nix.settings.cores = 1; }"),
            (
                "mira.nix",
                "{ number, ... }: { nix.settings.cores = number; }",
            ),
            (
                "shared.nix",
                "{ number, osConfig, ... }: { nix.settings.max-jobs = number + osConfig.nix.settings.cores; }",
            ),
        ]);
        assert_eq!(names(&loaded), ["web", "mira@web"], "{call}");
        assert_eq!(cores(&loaded, "web"), Some(1));
        assert_eq!(cores(&loaded, "mira@web"), Some(5));
        let mira = machine(&loaded, "mira@web");
        assert_eq!(mira.target.system(), Some(ModuleSystem::HomeManager));
        let view = loaded.workspace.view(mira);
        let jobs = view.setting(&Catalog::embedded(), "max-jobs").known();
        assert_eq!(jobs.unwrap().as_amount(), Some(6));
    }
}

#[test]
fn shared_modules_that_are_not_known_leave_users_incomplete() {
    for shared in ["inputs.other.modules", "[ inputs.other.module ]"] {
        let outputs = format!(
            "{{ nixosConfigurations.web = nixpkgs.lib.nixosSystem {{ modules = [ {{
              home-manager.sharedModules = {shared};
              home-manager.users.mira = {{ nix.settings.max-jobs = 1; }}; }} ]; }}; }}"
        );
        let inputs = format!("{HOME} inputs.other.url = \"github:some/other\";");
        let loaded = read(&[("flake.nix", &flake(&inputs, &outputs))]);
        assert!(!machine(&loaded, "mira@web").complete, "{shared}");
    }
}

#[test]
fn homes_of_their_own() {
    let outputs =
        "{ homeConfigurations.\"mira@web\" = inputs.home-manager.lib.homeManagerConfiguration {
      pkgs = nixpkgs.legacyPackages.aarch64-darwin;
      extraSpecialArgs = { number = 5; };
      modules = [ ({ number, ... }: { nix.settings.cores = number; }) ];
    }; }";
    let loaded = read(&[("flake.nix", &flake(HOME, outputs))]);
    assert_eq!(names(&loaded), ["mira@web"]);
    assert_eq!(cores(&loaded, "mira@web"), Some(5));
    assert_eq!(
        platform(&loaded, "mira@web").as_deref(),
        Some("aarch64-darwin")
    );
}

#[test]
fn arguments_may_decide_what_is_imported() {
    let outputs = "let host = big: nixpkgs.lib.nixosSystem {
        specialArgs = { inherit big; extra = ./extra.nix; };
        modules = [ ./common.nix ];
      }; in { nixosConfigurations = { big = host true; small = host false; }; }";
    let loaded = read(&[
        ("flake.nix", &flake("", outputs)),
        (
            "common.nix",
            "{ lib, big, extra, ... }: { imports = lib.optional big extra; nix.settings.max-jobs = 1; }",
        ),
        ("extra.nix", CORES),
    ]);
    assert_eq!(cores(&loaded, "big"), Some(3));
    assert_eq!(cores(&loaded, "small"), None);
    let small = loaded.workspace.view(machine(&loaded, "small"));
    assert!(
        small
            .setting(&Catalog::embedded(), "cores")
            .is_certainly_unset()
    );
}

#[test]
fn modules_are_imported_from_copies_of_folders() {
    let outputs = "{ nixosConfigurations.web = nixpkgs.lib.nixosSystem {
      modules = map (name: \"${./modules}/${name}\") (builtins.attrNames (builtins.readDir ./modules));
    }; }";
    let loaded = read(&[
        ("flake.nix", &flake("", outputs)),
        ("modules/cores.nix", CORES),
        (
            "modules/jobs.nix",
            "{ nix.settings = import \"${../data}/jobs.nix\"; }",
        ),
        ("data/jobs.nix", "{ max-jobs = 2; }"),
    ]);
    assert_eq!(names(&loaded), ["web"]);
    assert_eq!(cores(&loaded, "web"), Some(3));
    assert_eq!(number(&loaded, "web", "max-jobs"), Some(2));
}

#[test]
fn what_names_the_folder_of_a_flake_names_its_copy_in_the_store() {
    let outputs = "{ nixosConfigurations.web = nixpkgs.lib.nixosSystem { modules = [ {
      nix.settings = {
        netrc-file = \"${self}/netrc\";
        diff-hook = \"${./hook}\";
        flake-registry = ./registry.json;
        post-build-hook = toString ./hook;
        pre-build-hook = \"/cfg/hook\";
        build-hook = builtins.concatStringsSep \"\" [ \"/c\" \"fg-2/hook\" ];
      };
    } ]; }; }";
    let loaded = read(&[("flake.nix", &flake("", outputs))]);
    let view = loaded.workspace.view(machine(&loaded, "web"));
    let catalog = Catalog::embedded();
    for (key, known) in [
        ("netrc-file", false),
        ("diff-hook", false),
        ("flake-registry", false),
        ("post-build-hook", false),
        // The file writes it, wherever it is evaluated.
        ("pre-build-hook", true),
        ("build-hook", true),
    ] {
        let setting = view.setting(&catalog, key);
        assert_eq!(
            matches!(setting, Setting::Known(_)),
            known,
            "{key}: {setting:?}"
        );
    }
}

#[test]
fn easy_hosts_finds_machines_in_folders_and_in_options() {
    let outputs = "inputs.flake-parts.lib.mkFlake { inherit inputs; } {
      imports = [ inputs.easy-hosts.flakeModule ];
      easy-hosts = {
        autoConstruct = true;
        path = ./hosts;
        hosts.web.tags = [ \"server\" ];
        hosts.extra = { class = \"darwin\"; arch = \"aarch64\"; modules = [ { nix.settings.cores = 7; } ]; };
        shared.specialArgs = { base = 2; };
        perTag = tag: { modules = [ { nix.settings.max-jobs = 4; } ]; };
        perClass = class: { modules = [ ({ base, ... }: { nix.settings.min-free = base; }) ]; };
      };
    }";
    let inputs = format!("{PARTS} inputs.easy-hosts.url = \"github:tgirlcloud/easy-hosts\";");
    let loaded = read(&[
        ("flake.nix", &flake(&inputs, outputs)),
        ("hosts/x86_64-nixos/web/default.nix", CORES),
        (
            "hosts/aarch64-darwin/mac/default.nix",
            "{ nix.settings.cores = 6; }",
        ),
    ]);
    assert_eq!(names(&loaded), ["extra", "mac", "web"]);
    assert_eq!(cores(&loaded, "web"), Some(3));
    assert_eq!(cores(&loaded, "mac"), Some(6));
    assert_eq!(cores(&loaded, "extra"), Some(7));
    assert_eq!(platform(&loaded, "web").as_deref(), Some("x86_64-linux"));
    assert_eq!(platform(&loaded, "mac").as_deref(), Some("aarch64-darwin"));
    assert_eq!(number(&loaded, "web", "max-jobs"), Some(4));
    assert_eq!(number(&loaded, "mac", "max-jobs"), None);
    assert_eq!(number(&loaded, "mac", "min-free"), Some(2));
}

#[test]
fn ez_configs_finds_machines_by_the_names_of_folders() {
    let outputs = "inputs.flake-parts.lib.mkFlake { inherit inputs; } {
      imports = [ inputs.ez-configs.flakeModule ];
      ezConfigs = {
        root = ./.;
        globalArgs = { base = 2; };
        nixos.hosts.web.userHomeModules = [ \"mira\" ];
        darwin.hosts.mac.importDefault = false;
      };
    }";
    let inputs = format!("{PARTS} {HOME} inputs.ez-configs.url = \"github:ehllie/ez-configs\";");
    let loaded = read(&[
        ("flake.nix", &flake(&inputs, outputs)),
        (
            "nixos-configurations/web.nix",
            "{ ezModules, ... }: { imports = [ ezModules.extra ]; }",
        ),
        ("nixos-modules/extra.nix", CORES),
        (
            "nixos-modules/default.nix",
            "{ base, ... }: { nix.settings.max-jobs = base; }",
        ),
        (
            "darwin-configurations/mac/default.nix",
            "{ nix.settings.cores = 6; }",
        ),
        (
            "darwin-modules/default.nix",
            "{ nix.settings.max-jobs = 9; }",
        ),
        (
            "home-configurations/mira.nix",
            "{ nix.settings.cores = 1; }",
        ),
        ("home-modules/linux.nix", "{ nix.settings.max-jobs = 1; }"),
    ]);
    assert_eq!(cores(&loaded, "web"), Some(3));
    assert_eq!(cores(&loaded, "mac"), Some(6));
    assert_eq!(number(&loaded, "mac", "max-jobs"), None);
    assert_eq!(cores(&loaded, "mira@web"), Some(1));
    assert_eq!(number(&loaded, "mira@web", "max-jobs"), Some(1));
    assert_eq!(number(&loaded, "web", "max-jobs"), Some(2));
}

#[test]
fn flake_utils_plus_lays_hosts_over_their_defaults() {
    let outputs = "inputs.utils.lib.mkFlake {
      inherit self inputs;
      hostDefaults = { system = \"aarch64-linux\"; modules = [ ./base.nix ]; extraArgs = { base = 2; }; };
      hosts.web.modules = [ { nix.settings.cores = 3; } ];
      hosts.mac = {
        system = \"aarch64-darwin\";
        output = \"darwinConfigurations\";
        builder = inputs.nix-darwin.lib.darwinSystem;
        modules = [ { nix.settings.cores = 6; } ];
      };
      outputsBuilder = channels: { };
    }";
    let inputs = format!(
        "{DARWIN} inputs.utils.url = \"github:gytis-ivaskevicius/flake-utils-plus/v1.4.0\";"
    );
    let loaded = read(&[
        ("flake.nix", &flake(&inputs, outputs)),
        (
            "base.nix",
            "{ base, ... }: { nix.settings.max-jobs = base; }",
        ),
    ]);
    assert_eq!(names(&loaded), ["mac", "web"]);
    assert_eq!(cores(&loaded, "web"), Some(3));
    assert_eq!(number(&loaded, "web", "max-jobs"), Some(2));
    assert_eq!(platform(&loaded, "web").as_deref(), Some("aarch64-linux"));
    assert_eq!(platform(&loaded, "mac").as_deref(), Some("aarch64-darwin"));
    let mac = machine(&loaded, "mac").target.module_system.as_ref();
    assert_eq!(mac.map(|fact| fact.value), Some(ModuleSystem::NixDarwin));
}

#[test]
fn a_pattern_holds_what_the_machine_was_called_with() {
    let outputs = "let host = more: nixpkgs.lib.nixosSystem {
        specialArgs = { number = 2; } // more;
        modules = [ ./common.nix { _module.args.other = 7; } ];
      }; in { nixosConfigurations = { web = host { }; db = host { role = 5; }; }; }";
    let loaded = read(&[
        ("flake.nix", &flake("", outputs)),
        (
            "common.nix",
            // What `_module.args` adds is no part of a pattern that does not name it.
            "args@{ lib, ... }: { nix.settings.cores = args.role or (args.other or args.number); }",
        ),
    ]);
    assert_eq!(cores(&loaded, "web"), Some(2));
    assert_eq!(cores(&loaded, "db"), Some(5));
}

#[test]
fn homes_know_whether_a_machine_holds_them() {
    let home = "({ lib, nixosConfig, darwinConfig, osConfig, ... }: { nix.settings.cores =
      if nixosConfig != null then 1 else if darwinConfig != null then 2
      else if osConfig != null then 3 else 4; })";
    let outputs = format!(
        "let home = {home}; users = {{ home-manager.users.mira = home; }}; in {{
          homeConfigurations.mira = inputs.home-manager.lib.homeManagerConfiguration {{
            pkgs = nixpkgs.legacyPackages.x86_64-linux;
            modules = [ home ];
          }};
          nixosConfigurations.web = nixpkgs.lib.nixosSystem {{ modules = [ users ]; }};
          darwinConfigurations.mac = inputs.nix-darwin.lib.darwinSystem {{ modules = [ users ]; }};
        }}"
    );
    let loaded = read(&[("flake.nix", &flake(&format!("{HOME} {DARWIN}"), &outputs))]);
    assert_eq!(cores(&loaded, "mira@web"), Some(1));
    assert_eq!(cores(&loaded, "mira@mac"), Some(2));
    assert_eq!(cores(&loaded, "mira"), Some(4));
}

#[test]
fn users_are_called_like_their_attribute() {
    let outputs = "{ nixosConfigurations.web = nixpkgs.lib.nixosSystem { modules = [
        { users.users.mira.isNormalUser = true; users.users.ada.name = \"lovelace\"; }
        ({ config, ... }: {
          nix.settings.cores =
            if config.users.users.mira.name == \"mira\" && config.users.users.ada.name == \"lovelace\"
            then 3 else 4;
        })
      ]; }; }";
    let loaded = read(&[("flake.nix", &flake("", outputs))]);
    assert_eq!(cores(&loaded, "web"), Some(3));
}

#[test]
fn renamed_options_hand_their_definitions_on() {
    let outputs = "let host = extra: nixpkgs.lib.nixosSystem { modules = [
        ({ lib, ... }: {
          imports = [ (lib.mkRenamedOptionModule [ \"my\" \"old\" ] [ \"my\" \"new\" ]) ];
          options.my.new = lib.mkOption { type = lib.types.int; default = 1; };
        })
        ({ config, ... }: { nix.settings.cores = config.my.new; })
        extra
      ]; }; in { nixosConfigurations = {
        renamed = host { my.old = 6; };
        untouched = host { };
        weak = host ({ lib, ... }: { my.old = lib.mkDefault 2; my.new = 8; });
      }; }";
    let loaded = read(&[("flake.nix", &flake("", outputs))]);
    assert_eq!(cores(&loaded, "renamed"), Some(6));
    assert_eq!(cores(&loaded, "untouched"), Some(1));
    assert_eq!(cores(&loaded, "weak"), Some(8));
}

#[test]
fn one_name_in_two_outputs_is_qualified() {
    let outputs = "{
      nixosConfigurations.web = nixpkgs.lib.nixosSystem { modules = [ { nix.settings.cores = 1; } ]; };
      darwinConfigurations.web = inputs.nix-darwin.lib.darwinSystem { modules = [ { nix.settings.cores = 2; } ]; };
      darwinConfigurations.mac = inputs.nix-darwin.lib.darwinSystem { modules = [ { nix.settings.cores = 4; } ]; };
    }";
    let loaded = read(&[("flake.nix", &flake(DARWIN, outputs))]);
    assert_eq!(cores(&loaded, "nixosConfigurations.web"), Some(1));
    assert_eq!(cores(&loaded, "darwinConfigurations.web"), Some(2));
    assert_eq!(cores(&loaded, "mac"), Some(4));
}

#[test]
fn the_platform_is_told_by_the_caller_or_by_the_modules() {
    let calls = [
        "{ system = \"aarch64-linux\"; modules = [ ./web.nix ]; }",
        "{ modules = [ ./web.nix { nixpkgs.hostPlatform = \"aarch64-linux\"; } ]; }",
        "{ modules = [ ./web.nix { nixpkgs.hostPlatform.system = \"aarch64-linux\"; } ]; }",
        "{ modules = [ ./web.nix ({ lib, ... }: { nixpkgs.hostPlatform = lib.mkDefault \"aarch64-linux\"; }) ]; }",
        "{ system = \"x86_64-linux\"; modules = [ ./web.nix ({ lib, ... }: { nixpkgs.hostPlatform = lib.mkDefault \"aarch64-linux\"; }) ]; }",
        "{ pkgs = nixpkgs.legacyPackages.aarch64-linux; modules = [ ./web.nix ]; }",
        "{ pkgs = import nixpkgs { system = \"aarch64-linux\"; }; modules = [ ./web.nix ]; }",
    ];
    for call in calls {
        let outputs = format!("{{ nixosConfigurations.web = nixpkgs.lib.nixosSystem {call}; }}");
        let loaded = read(&[("flake.nix", &flake("", &outputs)), ("web.nix", CORES)]);
        assert_eq!(
            platform(&loaded, "web").as_deref(),
            Some("aarch64-linux"),
            "{call}"
        );
    }
}

#[test]
fn modules_of_inputs_leave_a_machine_incomplete() {
    let outputs = "{ nixosConfigurations.web = nixpkgs.lib.nixosSystem {
      modules = [ ./web.nix inputs.other.nixosModules.default ]; }; }";
    let inputs = "inputs.other.url = \"github:some/other\";";
    let loaded = read(&[("flake.nix", &flake(inputs, outputs)), ("web.nix", CORES)]);
    let web = machine(&loaded, "web");
    assert!(!web.complete);
    let view = loaded.workspace.view(web);
    let catalog = Catalog::embedded();
    assert!(view.setting(&catalog, "max-jobs").is_unset());
    assert!(!view.setting(&catalog, "max-jobs").is_certainly_unset());
}

#[test]
fn a_builder_that_is_not_known_is_told() {
    let outputs =
        "{ nixosConfigurations.web = inputs.other.lib.mkMachine { modules = [ ./web.nix ]; }; }";
    let inputs = "inputs.other.url = \"github:some/other\";";
    let loaded = read(&[("flake.nix", &flake(inputs, outputs)), ("web.nix", CORES)]);
    let [unread] = loaded.unread.as_slice() else {
        panic!("{:?}", loaded.unread)
    };
    assert!(
        unread.name.ends_with("nixosConfigurations.web"),
        "{unread:?}"
    );
    // Its module is read all the same.
    assert_eq!(cores(&loaded, "cfg/web.nix"), Some(3));
}

#[test]
fn what_no_machine_reaches_is_a_machine_of_its_own() {
    let outputs =
        "{ nixosConfigurations.web = nixpkgs.lib.nixosSystem { modules = [ ./web.nix ]; }; }";
    let loaded = read(&[
        ("flake.nix", &flake("", outputs)),
        ("web.nix", CORES),
        ("other/alone.nix", "{ nix.settings.cores = 7; }"),
    ]);
    assert_eq!(loaded.workspace.machines().len(), 2);
    assert_eq!(cores(&loaded, "web"), Some(3));
    let alone = loaded
        .workspace
        .machines()
        .iter()
        .find(|machine| machine.name.contains("other"))
        .unwrap();
    assert_eq!(cores(&loaded, &alone.name), Some(7));
    assert!(!alone.complete);
}

#[test]
fn a_repository_without_flake() {
    let loaded = read(&[
        (
            "configuration.nix",
            "{ imports = [ ./hardware.nix ./nix.nix ]; boot.loader.grub.enable = true; }",
        ),
        ("nix.nix", CORES),
        (
            "hardware.nix",
            "{ fileSystems.\"/\".device = \"/dev/sda\"; }",
        ),
    ]);
    assert_eq!(loaded.workspace.machines().len(), 1);
    let name = names(&loaded)[0];
    assert_eq!(cores(&loaded, name), Some(3));
    assert_eq!(
        machine(&loaded, name).target.system(),
        Some(ModuleSystem::Nixos)
    );
}
