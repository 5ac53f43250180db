# What nixtune asks of evaluated configurations, as values that JSON can hold.
#
# A value is itself, but for `{ set }`, `{ path }`, `{ derivation }`, `{ function }`, `{ deep }` for
# what is too deep to be looked into, and `{ fails }` for what cannot be had. Nothing is built.
# With `strict` the first such failure is an error, for whoever wants to know its message.
{ strict }:
let
  inherit (builtins)
    attrNames concatMap filter head isAttrs isList isString length mapAttrs removeAttrs tail
    toString typeOf;
  tryEval = value: if strict then { success = true; inherit value; } else builtins.tryEval value;

  # Deeper sets are no settings; some hold themselves.
  deepest = 10;

  shown = depth: value:
    let type = typeOf value; in
    if type == "set" then
      if (value.type or null) == "derivation" then { derivation = attempt depth (value.name or null); }
      # A flake holds all of its machines.
      else if value ? outPath then { path = attempt depth (toString value.outPath); }
      else if depth == 0 then { deep = true; }
      else { set = mapAttrs (_: attempt (depth - 1)) value; }
    else if type == "list" then
      if depth == 0 then { deep = true; } else map (attempt (depth - 1)) value
    else if type == "path" then { path = toString value; }
    else if type == "lambda" then { function = true; }
    else value;

  attempt = depth: value:
    let tried = tryEval (shown depth value); in
    if tried.success then tried.value else { fails = true; };

  # A virtual machine of nix-darwin is not asked for with everything else: evaluating its guest
  # takes longer than all the rest.
  without = path: value:
    if path == [ "nix" ] && isAttrs value then removeAttrs value [ "linux-builder" ] else value;

  # A list with the value at a path, or an empty one.
  at = path: value:
    if path == [ ] then [ value ]
    else if isAttrs value && value ? ${head path} then at (tail path) value.${head path}
    else [ ];

  ask = paths: config: map
    (path:
      let found = tryEval (at path config); in
      if !found.success then { fails = true; }
      else if length found.value == 0 then { missing = true; }
      else attempt deepest (without path (head found.value)))
    paths;

  # The messages of assertions that do not hold: with one, nothing is built.
  broken = config: if strict then [ ] else
    let
      all = tryEval (if config ? assertions then config.assertions else [ ]);
      holds = one:
        let tried = tryEval one.assertion; in
        tried.success && tried.value;
      message = one:
        let tried = tryEval one.message; in
        if tried.success && isString tried.value then tried.value else "an assertion without message";
    in
    if all.success && isList all.value
    then map message (filter (one: !(holds one)) all.value)
    else [ ];

  # Where nothing says what module system they are for, modules are evaluated with the options of
  # Nix's settings and whatever else they define.
  loose = lib: modules: lib.evalModules {
    modules = [
      { imports = modules; }
      ({ lib, ... }:
        let
          any = lib.types.either (lib.types.listOf lib.types.anything) lib.types.anything;
        in
        {
          options.nix = {
            settings = lib.mkOption {
              type = lib.types.submodule { freeformType = lib.types.lazyAttrsOf any; };
              default = { };
            };
            extraOptions = lib.mkOption { type = lib.types.lines; default = ""; };
          };
          config._module.freeformType = lib.types.lazyAttrsOf lib.types.anything;
        })
    ];
  };
in
rec {
  # One machine's answer. A machine that is none is an error, whatever of it is asked for.
  answer = paths: config:
    if !isAttrs config then throw "the configuration is no set"
    else {
      values = ask paths config;
      broken = broken config;
    };

  # Machines of a flake: each is `{ set, name, user }`; `null` stands for all of them.
  ofFlake = reference: paths: machines:
    let
      flake = builtins.getFlake reference;
      config = { set, name, user }:
        let whole = flake.${set}.${name}.config; in
        if user == null then whole else whole.home-manager.users.${user};
      all = concatMap
        (set: map (name: { inherit set name; user = null; }) (attrNames (flake.${set} or { })))
        [ "darwinConfigurations" "nixosConfigurations" "homeConfigurations" ];
    in
    {
      # They differ between two states of the tree, and so does what is made of them.
      source = [
        (toString flake.outPath)
        (flake.narHash or null)
        (flake.lastModified or null)
        (flake.lastModifiedDate or null)
      ];
      machines = map
        (machine: { inherit (machine) set name; } // answer paths (config machine))
        (if machines == null then all else machines);
    };

  # The `nixConfig` of a flake.
  ofFlakeConfig = file: paths: {
    source = [ ];
    machines = [ (answer paths { nixConfig = (import file).nixConfig or { }; }) ];
  };

  # Modules that nothing imports, by the module system that they are for, as it is found on the
  # search path.
  ofModules = { kind, system }: modules: paths:
    let
      nixos = builtins.tryEval <nixpkgs/nixos>;
      darwin = builtins.tryEval <darwin>;
      home = builtins.tryEval <home-manager/modules>;
      lib = builtins.tryEval <nixpkgs/lib>;
      configuration = { imports = modules; };
      for = if system == null then { } else { inherit system; };
      machine =
        if kind == "NixOS" && nixos.success then import nixos.value ({ inherit configuration; } // for)
        else if kind == "nix-darwin" && darwin.success
        then import darwin.value ({ inherit configuration; } // for)
        else if kind == "home-manager" && home.success
        then import home.value { inherit configuration; pkgs = import <nixpkgs> for; }
        else if lib.success then loose (import lib.value) modules
        else throw "no nixpkgs on the search path: NIX_PATH has to name one to evaluate modules that are in no flake";
    in
    {
      source = [ ];
      machines = [ (answer paths machine.config) ];
    };
}
