# Options of the four module systems as far as generated modules set them, declared as the modules
# declare them, type for type: nix-darwin a1fa429 (2026-06), home-manager ec1a8fd (2026-08),
# Determinate 73b3bdb (2026-08), NixOS' modules for Nix, zram and /tmp. What is not declared here
# is an error, as it is there. Assertions are those of the modules, and hold.
let
  base = (import ./lib.nix).lib;
  system = import ./modules.nix base;
  inherit (system) evalModules;
  lib = system.lib // { getName = package: package.pname; };
  inherit (lib) types;
  t = types // {
    package = types.raw // { name = "package"; check = value: value.type or "" == "derivation"; };
    singleLineStr = types.str // {
      name = "singleLineStr";
      check = value: builtins.isString value && builtins.match "[^\n\r]*\n?" value != null;
    };
    float = types.raw // { name = "float"; check = builtins.isFloat; };
    unsigned = types.int // { name = "unsigned"; check = value: builtins.isInt value && value >= 0; };
    nonEmptyListOf = element: types.listOf element // {
      name = "nonEmptyListOf";
      check = value: builtins.isList value && value != [ ];
    };
  };
  option = type: default: lib.mkOption { inherit type default; };
  bare = type: lib.mkOption { inherit type; };
  atom = t.nullOr (t.oneOf [ t.bool t.int t.float t.str t.path t.package ]);
  free = t.attrsOf (t.either atom (t.listOf atom));
  strings = t.listOf t.str;

  # nix.settings of the two systems.
  settings = sandbox: t.submodule {
    freeformType = free;
    options = {
      max-jobs = option (t.either t.int (t.enum [ "auto" ])) "auto";
      auto-optimise-store = option t.bool false;
      cores = option t.int 0;
      sandbox = option (t.either t.bool (t.enum [ "relaxed" ])) sandbox;
      extra-sandbox-paths = option strings [ ];
      substituters = bare strings;
      trusted-substituters = option strings [ ];
      require-sigs = option t.bool true;
      trusted-public-keys = bare strings;
      trusted-users = bare strings;
      allowed-users = option strings [ "*" ];
    };
  };
  common = {
    enable = option t.bool true;
    package = bare t.package;
    extraOptions = option t.lines "";
    distributedBuilds = option t.bool false;
    gc.automatic = option t.bool false;
    optimise.automatic = option t.bool false;
  };
  own = { config, ... }: {
    options.assertions = option (t.listOf t.raw) [ ];
    config.nix.settings = {
      trusted-public-keys = [ "cache.nixos.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY=" ];
      trusted-users = [ "root" ];
      substituters = lib.mkAfter [ "https://cache.nixos.org/" ];
      sandbox-fallback = false;
    };
    config.assertions = map
      (name: {
        assertion = config.nix.${name}.automatic -> config.nix.enable;
        message = "nix.${name}.automatic requires nix.enable";
      }) [ "gc" "optimise" ];
  };

  # launchd's calendar, and its jobs.
  entry = t.submodule {
    options = {
      Minute = option (t.nullOr (t.ints.between 0 59)) null;
      Hour = option (t.nullOr (t.ints.between 0 23)) null;
      Day = option (t.nullOr (t.ints.between 1 31)) null;
      Weekday = option (t.nullOr (t.ints.between 0 7)) null;
      Month = option (t.nullOr (t.ints.between 1 12)) null;
    };
  };
  unique = list: list // {
    merge = loc: values:
      let merged = list.merge loc values; in
      if builtins.length (lib.unique merged) == builtins.length merged then merged
      else throw "duplicate calendar entries";
  };
  calendar = t.either entry (unique (t.nonEmptyListOf entry));
  job = t.submodule {
    options = {
      ProgramArguments = option (t.nullOr strings) null;
      StartCalendarInterval = option (t.nullOr calendar) null;
      RunAtLoad = option (t.nullOr t.bool) null;
      LowPriorityIO = option (t.nullOr t.bool) null;
      Nice = option (t.nullOr t.int) null;
      ProcessType = option (t.nullOr (t.enum [ "Background" "Standard" "Adaptive" "Interactive" ])) null;
      StandardErrorPath = option (t.nullOr t.path) null;
    };
  };

  nix-darwin = {
    options.nix = common // {
      settings = option (settings false) { };
      daemonProcessType = option (t.enum [ "Background" "Standard" "Adaptive" "Interactive" ]) "Standard";
      daemonIOLowPriority = option t.bool false;
      gc = common.gc // {
        interval = option calendar [ { Weekday = 7; Hour = 3; Minute = 15; } ];
        options = option t.str "";
      };
      optimise = common.optimise // {
        interval = option calendar [ { Weekday = 7; Hour = 4; Minute = 15; } ];
      };
    };
    options.launchd.daemons = option
      (t.attrsOf (t.submodule {
        options.command = option (t.either t.str t.path) "";
        options.serviceConfig = option job { };
      }))
      { };
  };
  atom' = t.nullOr (t.oneOf [ t.bool t.int t.float t.str t.path t.package ]);
  unitValue = t.either atom' (t.listOf atom');
  all = {
    nix-darwin = [ own nix-darwin ];
    nixos = [
      own
      {
        options.nix = common // {
          settings = option (settings true) { };
          daemonCPUSchedPolicy = option (t.enum [ "other" "batch" "idle" ]) "other";
          daemonIOSchedClass = option (t.enum [ "best-effort" "idle" ]) "best-effort";
          daemonIOSchedPriority = option t.int 4;
          gc = common.gc // {
            # Text alone in older releases.
            dates = option t.singleLineStr "03:15";
            randomizedDelaySec = option t.singleLineStr "0";
            persistent = option t.bool true;
            options = option t.singleLineStr "";
          };
          # A list alone in older releases.
          optimise = common.optimise // { dates = option strings [ "03:45" ]; };
        };
        options.systemd.services = option
          (t.attrsOf (t.submodule {
            options = {
              after = option strings [ ];
              serviceConfig = option (t.attrsOf unitValue) { };
            };
          }))
          { };
        options.zramSwap = {
          enable = option t.bool false;
          memoryPercent = option t.int 50;
        };
        options.boot.tmp.useTmpfs = option t.bool false;
        config.systemd.services.nix-daemon.serviceConfig = {
          LimitNOFILE = 1048576;
          Delegate = "yes";
        };
      }
    ];
    home-manager = [
      ({ config, ... }: {
        options.assertions = option (t.listOf t.raw) [ ];
        options.nix = {
          enable = option t.bool true;
          package = option (t.nullOr t.package) null;
          settings = option free { };
          extraOptions = option t.lines "";
          gc = {
            automatic = option t.bool false;
            dates = option (t.either t.singleLineStr strings) "weekly";
            # Its name before August 2025.
            frequency = option t.str "weekly";
            randomizedDelaySec = option t.singleLineStr "0";
            options = option (t.nullOr t.str) null;
            persistent = option t.bool true;
          };
        };
        options.launchd.agents = option
          (t.attrsOf (t.submodule {
            options.enable = option t.bool false;
            options.config = option job { };
          }))
          { };
        config.assertions = [
          {
            assertion = config.nix.settings == { } && config.nix.extraOptions == "" || config.nix.package != null;
            message = "nix.package is needed for nix.settings";
          }
        ];
      })
    ];
    determinate = [
      own
      nix-darwin
      ({ config, ... }:
        let
          refused = [
            "bash-prompt-prefix"
            "external-builders"
            "extra-nix-path"
            "netrc-file"
            "ssl-cert-file"
            "upgrade-nix-store-path-url"
          ];
        in
        {
          options.determinateNix = {
            enable = option t.bool true;
            customSettings = option
              (t.submodule {
                freeformType = free;
                options = {
                  cores = option t.int 0;
                  extra-sandbox-paths = option strings [ ];
                  sandbox = option (t.either t.bool (t.enum [ "relaxed" ])) false;
                  trusted-users = option strings [ ];
                };
              })
              { };
            determinateNixd.garbageCollector.strategy =
              option (t.nullOr (t.enum [ "automatic" "disabled" ])) null;
          };
          config.nix.enable = lib.mkForce false;
          config.assertions = map
            (name: {
              assertion = !(config.determinateNix.customSettings ? ${name});
              message = "${name} is Determinate's";
            })
            refused;
        })
    ];
  };
in
{
  # What a module makes of its system: the values of all options, or an error. `kind` is one of
  # `all`. Messages of assertions that do not hold are errors, too.
  values = { kind, file, platform }:
    let
      machine = evalModules {
        specialArgs.pkgs = (import ./lib.nix).pkgsFor platform;
        modules = all.${kind} ++ [ file ];
      };
      failed = builtins.filter (one: !one.assertion) machine.config.assertions;
      plain = value:
        if builtins.isAttrs value && value.type or "" == "derivation" then value.name
        else if builtins.isAttrs value then builtins.mapAttrs (_: plain) value
        else if builtins.isList value then map plain value
        else value;
      # What nobody defines and nobody asks for is no error.
      present = builtins.removeAttrs machine.config [ "_module" "assertions" ] // {
        nix = builtins.removeAttrs machine.config.nix (if kind == "home-manager" then [ ] else [ "package" ]);
      };
    in
    if failed != [ ] then throw (builtins.head failed).message
    else plain present;
}
