# What well-known flakes offer to those that build machines, as far as it shows in the outputs.
# Written for nixtune's evaluator; the conventions are those of the projects named beside each.
{ lib, nixosSystem, darwinSystem, homeManagerConfiguration, evalParts, packagesFor, ... }:
let
  inherit (builtins)
    attrNames concatMap elem filter foldl' head isFunction listToAttrs map pathExists readDir;
  inherit (lib) hasInfix hasPrefix hasSuffix mapAttrs removeSuffix;

  nested = names: f: listToAttrs (map (name: { inherit name; value = f name; }) names);

  # Nix files of a folder and folders with a default.nix, by name without ending.
  named = folder:
    if !pathExists folder then { }
    else
      let
        entries = readDir folder;
        usable = name:
          if entries.${name} == "directory" then pathExists (folder + "/${name}/default.nix")
          else hasSuffix ".nix" name && name != "default.nix";
      in
      listToAttrs (map
        (name: { name = removeSuffix ".nix" name; value = (folder + "/${name}"); })
        (filter usable (attrNames entries)));

  folders = folder:
    if !pathExists folder then [ ]
    else filter (name: (readDir folder).${name} == "directory") (attrNames (readDir folder));

  below = folder:
    let entries = readDir folder; in
    concatMap
      (name:
        if entries.${name} == "directory" then below (folder + "/${name}")
        else if hasSuffix ".nix" name then [ (folder + "/${name}") ] else [ ])
      (attrNames entries);

  parts = arguments: module: evalParts { inherit arguments module; };

  four = [ "x86_64-linux" "aarch64-linux" "x86_64-darwin" "aarch64-darwin" ];

  # numtide/flake-utils
  eachSystem = systems: f:
    foldl'
      (all: system:
        let own = f system; in
        foldl'
          (all: key: all // { ${key} = (all.${key} or { }) // { ${system} = own.${key}; }; })
          all
          (attrNames own))
      { }
      systems;

  # vic/import-tree: every Nix file below a folder, but nothing in names that start with `_`.
  importTree = given:
    let
      paths = lib.toList given;
      of = path:
        if builtins.isPath path || builtins.isString path
        then
          (if hasSuffix ".nix" (toString path) then [ path ]
          else filter (file: !(hasInfix "/_" (lib.removePrefix (toString path) (toString file)))) (below path))
        else [ path ];
    in
    { imports = concatMap of paths; };

  # nix-community/haumea: a folder as a set, each file called with what it asks for.
  haumea = { src, loader ? null, inputs ? { }, transformer ? [ ], ... }:
    let
      load =
        if loader == null then call
        else if isFunction loader then loader
        else if loader == [ ] then path
        else (head loader).loader;
      changed = cursor: value:
        foldl' (before: change: change cursor before) value (lib.flatten [ transformer ]);
      # Names with `_` in front are for the files of the tree alone.
      visible = pov: names: filter (name: pov || !(hasPrefix "_" name)) names;
      plain = name: lib.removePrefix "_" (lib.removePrefix "_" name);
      view = pov: cursor: supers: folder:
        let
          entries = readDir folder;
          usable = name: entries.${name} == "directory" || hasSuffix ".nix" name;
          of = name:
            let
              key = plain (removeSuffix ".nix" name);
              place = folder + "/${name}";
              above = supers ++ [ (inside: view inside cursor supers folder) ];
            in
            {
              name = key;
              value =
                if entries.${name} == "directory" then view pov (cursor ++ [ key ]) above place
                else
                  let
                    self = load
                      (inputs // {
                        inherit self;
                        super = view true cursor supers folder;
                        root = (head above) true;
                      })
                      place;
                  in
                  self;
            };
        in
        changed cursor (listToAttrs (map of (visible pov (filter usable (attrNames entries)))));
    in
    view false [ ] [ ] src;
  callWith = importer: given: path:
    let file = importer path; in
    if isFunction file then file (builtins.intersectAttrs (builtins.functionArgs file) given)
    else file;
  call = callWith import;
  path = given: path: path;
  liftDefault = cursor: value:
    if builtins.isAttrs value && value ? default && builtins.isAttrs value.default
    then removeAttrs value [ "default" ] // value.default
    else value;

  # zhaofengli/colmena: hosts beside what is said of all of them.
  hive = given:
    let
      own = if isFunction given then given { } else given;
      meta = own.meta or own.network or { };
      hosts = removeAttrs own [ "meta" "network" "defaults" ];
      nodes = mapAttrs
        (name: host: nixosSystem {
          inherit ((meta.nodeNixpkgs or { }).${name} or meta.nixpkgs or { }) system;
          modules = [ (own.defaults or { }) ] ++ lib.toList host;
          specialArgs = { inherit name nodes; } // (meta.specialArgs or { })
            // ((meta.nodeSpecialArgs or { }).${name} or { });
        })
        hosts;
    in
    { inherit nodes; };

  # nixpkgs' lib of its flake
  library = extended lib;
  extended = base:
    let
      self = base // {
        inherit nixosSystem;
        nixos = { runTest = args: { }; evalModules = nixosSystem; };
        extend = overlay:
          let final = self // overlay final self // { inherit (extended final) extend; }; in final;
      };
    in
    self;

  # srid/nixos-unified
  unified = { self, inputs, config, lib, ... }:
    let
      special = { flake = { inherit self inputs config; }; };
      common = { lib, ... }: {
        nix.settings.max-jobs = lib.mkDefault "auto";
        nix.settings.experimental-features = lib.mkDefault "nix-command flakes";
      };
      users = {
        home-manager.useGlobalPkgs = true;
        home-manager.useUserPackages = true;
        home-manager.extraSpecialArgs = special;
      };
      system = builder: settings: module: builder {
        specialArgs = special;
        modules = [ common module ] ++ lib.optional (settings.home-manager or false) users;
      };
      functions = {
        specialArgsFor = { common = special; nixos = special; darwin = special; };
        mkLinuxSystem = system nixosSystem;
        mkMacosSystem = system darwinSystem;
        mkHomeConfiguration = pkgs: module: homeManagerConfiguration {
          inherit pkgs;
          extraSpecialArgs = special;
          modules = [ module ];
        };
      };
    in
    { flake.nixos-unified.lib = functions; };
  wired = { self, ... }: {
    flake = {
      darwinConfigurations = mapAttrs
        (_: self.nixos-unified.lib.mkMacosSystem { home-manager = true; })
        (named "${self}/configurations/darwin");
      nixosConfigurations = mapAttrs
        (_: self.nixos-unified.lib.mkLinuxSystem { home-manager = true; })
        (named "${self}/configurations/nixos");
      homeConfigurations = mapAttrs
        (_: self.nixos-unified.lib.mkHomeConfiguration (packagesFor null))
        (named "${self}/configurations/home");
      darwinModules = named "${self}/modules/darwin";
      nixosModules = named "${self}/modules/nixos";
      homeModules = named "${self}/modules/home";
    };
  };

  # yelite/lite-config
  lite = { config, inputs, lib, ... }:
    let
      cfg = config.lite-config;
      isDarwin = name: hasSuffix "darwin" cfg.hosts.${name}.system;
      machine = name:
        let
          host = cfg.hosts.${name};
          module =
            if (host.hostModule or null) == null then cfg.hostModuleDir + "/${name}"
            else host.hostModule;
          special = {
            inherit inputs;
            inherit ((packagesFor host.system).stdenv) hostPlatform;
          };
        in
        (if isDarwin name then darwinSystem else nixosSystem) {
          inherit (host) system;
          specialArgs = special;
          modules = [ module { networking.hostName = name; } ] ++ (cfg.systemModules or [ ])
            ++ lib.optional ((cfg.homeModules or [ ]) != [ ]) {
              home-manager.sharedModules = cfg.homeModules;
              home-manager.extraSpecialArgs = special;
            };
        };
      names = attrNames cfg.hosts;
    in
    {
      options.lite-config = lib.mkOption {
        default = { };
        type = lib.types.submodule {
          freeformType = lib.types.raw;
          options.systemModules = lib.mkOption {
            type = lib.types.listOf lib.types.raw;
            default = [ ];
          };
          options.homeModules = lib.mkOption {
            type = lib.types.listOf lib.types.raw;
            default = [ ];
          };
        };
      };
      config.flake.darwinConfigurations = nested (filter isDarwin names) machine;
      config.flake.nixosConfigurations = nested (filter (name: !isDarwin name) names) machine;
    };

  # snowfallorg/lib: systems/<target>/<name>, homes/<target>/<user@name>, modules/<kind>/<name>.
  snowfall = { inputs, src, snowfall ? { }, systems ? { }, homes ? { }, ... }:
    let
      root = snowfall.root or src;
      namespace = snowfall.namespace or "internal";
      own = if pathExists (root + "/lib") then import (root + "/lib") else null;
      extra = if own == null then { } else own { inherit inputs lib namespace; snowfall-inputs = inputs; };
      custom = library // { ${namespace} = extra; snowfall = { }; };
      modules = kind:
        if pathExists (root + "/modules/${kind}")
        then filter (path: hasSuffix "/default.nix" (toString path)) (below (root + "/modules/${kind}"))
        else [ ];
      special = system: { inherit inputs namespace system; lib = custom; target = system; };
      targets = filter (target: hasInfix "-" target) (folders (root + "/systems"));
      isDarwin = hasSuffix "darwin";
      matching = target: host: filter (name: hasSuffix "@${host}" name) (folders (root + "/homes/${target}"));
      machine = target: name: (if isDarwin target then darwinSystem else nixosSystem) {
        system = if isDarwin target || hasSuffix "-linux" target then target else null;
        specialArgs = special target // { inherit (inputs) self; host = name; };
        modules = [ (root + "/systems/${target}/${name}") ]
          ++ modules (if isDarwin target then "darwin" else "nixos")
          ++ (systems.modules.${if isDarwin target then "darwin" else "nixos"} or [ ])
          ++ (systems.hosts.${name}.modules or [ ])
          ++ map
            (home: {
              home-manager.extraSpecialArgs = special target;
              home-manager.users.${head (lib.splitString "@" home)}.imports =
                [ (root + "/homes/${target}/${home}") ] ++ modules "home" ++ (homes.modules or [ ]);
            })
            (matching target name);
      };
      machines = wanted: listToAttrs (concatMap
        (target: map (name: { inherit name; value = machine target name; }) (folders (root + "/systems/${target}")))
        (filter (target: isDarwin target == wanted) targets));
    in
    {
      darwinConfigurations = machines true;
      nixosConfigurations = machines false;
      homeConfigurations = listToAttrs (concatMap
        (target: map
          (name: {
            inherit name;
            value = homeManagerConfiguration {
              pkgs = packagesFor target;
              extraSpecialArgs = special target;
              modules = [ (root + "/homes/${target}/${name}") ] ++ modules "home" ++ (homes.modules or [ ]);
            };
          })
          (folders (root + "/homes/${target}")))
        (folders (root + "/homes")));
      lib = extra;
    };

  # clan-core: machines/<name>/configuration.nix, and what `machines` and the inventory name.
  clan = given:
    let
      own = given.self or { };
      directory = given.directory or own;
      listed = if directory ? outPath || builtins.isPath directory then folders (directory + "/machines") else [ ];
      inventory = given.inventory.machines or { };
      modules = given.machines or { };
      file = name: directory + "/machines/${name}/configuration.nix";
      names = attrNames (nested (listed ++ attrNames inventory ++ attrNames modules) (name: null));
      isDarwin = name: (inventory.${name}.machineClass or "nixos") == "darwin";
      # A folder alone makes a machine only when it configures one.
      exists = name: modules ? ${name} || (elem name listed && pathExists (file name));
      machine = name: (if isDarwin name then darwinSystem else nixosSystem) {
        specialArgs = { self = own; inputs = own.inputs or { }; } // (given.specialArgs or { });
        modules = lib.optional (elem name listed && pathExists (file name)) (file name)
          ++ lib.optional (modules ? ${name}) modules.${name};
      };
      machines = filter exists names;
    in
    {
      nixosConfigurations = nested (filter (name: !isDarwin name) machines) machine;
      darwinConfigurations = nested (filter isDarwin machines) machine;
    };
  clanParts = { config, inputs, self, ... }: {
    config.flake = { inherit (clan ({ inherit self; } // config.clan)) nixosConfigurations darwinConfigurations; };
  };

  # numtide/blueprint: hosts/<name>/{configuration,darwin-configuration}.nix
  blueprint = { inputs, prefix ? null, ... }:
    let
      root = inputs.self.outPath + (if prefix == null then "" else "/${toString prefix}");
      hosts = folders (root + "/hosts");
      holding = file: filter (name: pathExists (root + "/hosts/${name}/${file}")) hosts;
      machine = builder: file: name: builder {
        specialArgs = { inherit inputs; flake = inputs.self; hostName = name; };
        modules = [ (root + "/hosts/${name}/${file}") ];
      };
    in
    {
      nixosConfigurations = nested (holding "configuration.nix") (machine nixosSystem "configuration.nix");
      darwinConfigurations =
        nested (holding "darwin-configuration.nix") (machine darwinSystem "darwin-configuration.nix");
      nixosModules = named (root + "/modules/nixos");
      darwinModules = named (root + "/modules/darwin");
      homeModules = named (root + "/modules/home");
    };

  # tgirlcloud/easy-hosts: hosts/<arch>-<class>/<name>, or one folder of hosts of one system.
  easyHosts = { self, inputs, config, lib, ... }:
    let
      cfg = config.easy-hosts;
      classes = { linux = "nixos"; } // cfg.additionalClasses;
      nothing = _: { modules = [ ]; specialArgs = { }; };
      splitSystem = system:
        let parts = lib.splitString "-" system; in
        { arch = head parts; class = builtins.concatStringsSep "-" (builtins.tail parts); };
      path = if cfg.path == null then self.outPath + "/hosts" else cfg.path;
      found =
        if !cfg.autoConstruct then { }
        else if cfg.onlySystem != null
        then mapAttrs (name: _: splitSystem cfg.onlySystem // { path = path + "/${name}"; }) (readDir path)
        else foldl'
          (all: system: all // mapAttrs
            (name: _: splitSystem system // { path = path + "/${system}/${name}"; })
            (readDir (path + "/${system}")))
          { }
          (folders path);
      hosts = foldl'
        (all: name: all // { ${name} = (found.${name} or { }) // (cfg.hosts.${name} or { }); })
        { }
        (attrNames (found // cfg.hosts));
      arch = host: host.arch or "x86_64";
      own = host: host.class or "nixos";
      class = host: classes.${own host} or (own host);
      isDarwin = name: class hosts.${name} == "darwin";
      machine = name:
        let
          host = hosts.${name};
          sources = [ cfg.shared host ] ++ map cfg.perTag (host.tags or [ ])
            ++ [ (cfg.perClass (own host)) (cfg.perArch (arch host)) ];
          usual = filter pathExists
            [ (self.outPath + "/hosts/${name}/default.nix") (self.outPath + "/systems/${name}/default.nix") ];
        in
        (if isDarwin name then darwinSystem else nixosSystem) {
          specialArgs = foldl' lib.recursiveUpdate { inherit inputs self; }
            (map (source: source.specialArgs or { }) sources);
          modules = (if (host.path or null) != null then [ host.path ] else usual)
            ++ [
              { networking.hostName = lib.mkDefault name; }
              {
                nixpkgs.hostPlatform = lib.mkDefault
                  "${arch host}-${if isDarwin name then "darwin" else "linux"}";
              }
            ]
            ++ concatMap (source: source.modules or [ ]) sources;
        };
      option = default: lib.mkOption { type = lib.types.raw; inherit default; };
    in
    {
      options.easy-hosts = {
        autoConstruct = option false;
        path = option null;
        onlySystem = option null;
        shared = option { };
        perClass = option nothing;
        perArch = option nothing;
        perTag = option nothing;
        additionalClasses = option { };
        hosts = lib.mkOption { type = lib.types.attrsOf lib.types.raw; default = { }; };
      };
      config.flake.nixosConfigurations = nested (filter (name: !isDarwin name) (attrNames hosts)) machine;
      config.flake.darwinConfigurations = nested (filter isDarwin (attrNames hosts)) machine;
    };

  # ehllie/ez-configs: <kind>-configurations/<name>.nix and <kind>-modules/<name>.nix.
  ezConfigs = { config, lib, ... }:
    let
      cfg = config.ezConfigs;
      folder = kind: what: cfg.${kind}."${what}Directory" or (cfg.root + "/${kind}-${what}");
      read = kind: what:
        let at = folder kind what; in
        named at // (if pathExists (at + "/default.nix") then { default = at + "/default.nix"; } else { });
      settings = kind: name: (cfg.${kind}.hosts or { }).${name} or { };
      home = read "home" "configurations";
      homeModules = read "home" "modules";
      homeArguments = (cfg.home.extraSpecialArgs or cfg.globalArgs or { }) // { ezModules = homeModules; };
      homeOf = isDarwin: user: [ (home.${user} or { }) ]
        ++ lib.optionals (((cfg.home.users or { }).${user} or { }).importDefault or true) [
          (homeModules.default or { })
          (homeModules.${if isDarwin then "darwin" else "linux"} or { })
        ];
      machines = kind: builder: mapAttrs
        (name: module:
          let
            host = settings kind name;
            modules = read kind "modules";
            users = host.userHomeModules or [ ];
          in
          builder {
            specialArgs = (cfg.${kind}.specialArgs or cfg.globalArgs or { }) // { ezModules = modules; };
            modules = [ module { networking.hostName = lib.mkDefault name; } ]
              ++ lib.optional (host.importDefault or true) (modules.default or { })
              ++ lib.optional (users != [ ]) {
                home-manager.extraSpecialArgs = homeArguments;
                home-manager.users = nested users (user: { imports = homeOf (kind == "darwin") user; });
              };
          })
        (read kind "configurations");
    in
    {
      options.ezConfigs = lib.mkOption { type = lib.types.submodule { freeformType = lib.types.raw; }; default = { }; };
      config.flake = {
        nixosConfigurations = machines "nixos" nixosSystem;
        darwinConfigurations = machines "darwin" darwinSystem;
        nixosModules = read "nixos" "modules";
        darwinModules = read "darwin" "modules";
        inherit homeModules;
      };
    };

  # gytis-ivaskevicius/flake-utils-plus: `hosts` over `hostDefaults`.
  plus = { self, inputs, hosts ? { }, hostDefaults ? { }, supportedSystems ? four, ... }@given:
    let
      machine = name:
        let
          host = hostDefaults // hosts.${name};
          output = host.output or "nixosConfigurations";
          usual = if output == "darwinConfigurations" then darwinSystem else nixosSystem;
        in
        (host.builder or usual) {
          system = host.system or "x86_64-linux";
          specialArgs = (hostDefaults.specialArgs or { }) // (hosts.${name}.specialArgs or { });
          modules = [
            {
              networking.hostName = lib.mkDefault name;
              _module.args = { inherit inputs; } // (hostDefaults.extraArgs or { })
                // (hosts.${name}.extraArgs or { });
            }
          ]
          ++ (hostDefaults.modules or [ ]) ++ (hosts.${name}.modules or [ ]);
        };
      outputOf = name: hosts.${name}.output or hostDefaults.output or "nixosConfigurations";
      outputs = foldl'
        (all: name: all // { ${outputOf name} = (all.${outputOf name} or { }) // { ${name} = machine name; }; })
        { }
        (attrNames hosts);
      own = removeAttrs given [
        "self" "inputs" "hosts" "hostDefaults" "supportedSystems" "channels" "channelsConfig"
        "sharedOverlays" "outputsBuilder"
      ];
    in
    own // outputs;
in
{
  inherit library;
  systems = four;
  systems-linux = [ "x86_64-linux" "aarch64-linux" ];
  systems-darwin = [ "x86_64-darwin" "aarch64-darwin" ];
  systems-x86_64-linux = [ "x86_64-linux" ];
  flake-utils.lib = {
    inherit eachSystem;
    eachDefaultSystem = eachSystem four;
    eachSystemMap = systems: f: nested systems f;
    eachDefaultSystemMap = nested four;
    defaultSystems = four;
    system = nested four (name: name);
  };
  flake-parts = {
    lib = {
      mkFlake = parts;
      evalFlakeModule = arguments: module: { config.flake = parts arguments module; };
      importApply = path: arguments: import path arguments;
      mkPerSystemOption = module: lib.mkOption { };
      mkTransposedPerSystemModule = arguments: { };
    };
    flakeModules = {
      modules = { };
      easyOverlay = { };
      flakeModules = { };
      partitions = { };
    };
  };
  import-tree = {
    __functor = self: importTree;
  };
  inherit hive;
  colmena.lib.makeHive = hive;
  haumea.lib = {
    load = haumea;
    loaders = {
      default = call;
      verbatim = given: import;
      inherit path;
      scoped = given: callWith (builtins.scopedImport given) given;
    };
    transformers = { inherit liftDefault; };
  };
  nixos-unified = {
    lib.mkFlake = { inputs, root, systems ? four, specialArgs ? { } }:
      parts { inherit inputs specialArgs; } {
        inherit systems;
        _module.args.root = root;
        imports =
          let
            known = filter (folder: pathExists (root + "/${folder}"))
              [ "nix/modules/flake" "modules/flake" "nix/modules/flake-parts" "modules/flake-parts" ];
          in
          if known == [ ] then [ ]
          else map (name: (root + "/${head known}/${name}")) (attrNames (readDir (root + "/${head known}")));
      };
    flakeModule = unified;
    flakeModules.default = unified;
    flakeModules.autoWire = wired;
  };
  easy-hosts.flakeModule = easyHosts;
  easy-hosts.flakeModules.default = easyHosts;
  ez-configs.flakeModule = ezConfigs;
  ez-configs.flakeModules.default = ezConfigs;
  flake-utils-plus.lib = {
    mkFlake = plus;
    systemFlake = plus;
    exportModules = paths: listToAttrs (map
      (path: { name = removeSuffix ".nix" (baseNameOf (toString path)); value = import path; })
      paths);
    inherit eachSystem;
    eachDefaultSystem = eachSystem four;
    defaultSystems = four;
  };
  lite-config.flakeModule = lite;
  lite-config.flakeModules.default = lite;
  snowfall-lib = {
    mkFlake = snowfall;
    mkLib = arguments: library // { mkFlake = flake: snowfall (arguments // flake); };
  };
  clan-core = {
    lib.clan = given: { config = clan given; };
    lib.buildClan = clan;
    flakeModules.default = clanParts;
  };
  adios-flake.lib.mkFlake = { flake ? { }, ... }: flake;
  blueprint.__functor = self: blueprint;
}
