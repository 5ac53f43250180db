# What the tests give to a module so that a real Nix can evaluate it: the part of nixpkgs' lib
# that the fixtures use, a stand-in for pkgs, and a small module system. Written for these
# tests, from the documented behavior, and apart from the evaluator that they judge.
let
  inherit (builtins)
    all any attrNames concatLists concatMap concatStringsSep deepSeq elem elemAt filter foldl'
    functionArgs genList hasAttr head isAttrs isFloat isFunction isInt isList isPath isString
    length listToAttrs map mapAttrs match replaceStrings sort stringLength substring tail
    toString tryEval typeOf;

  # A value that cannot be had (an argument that the fixture does not get) is of no kind.
  readable = value: (tryEval (typeOf value)).success;
  wrapped = type: value: readable value && isAttrs value && (value._type or "") == type;

  lib = rec {
    # Priorities, order, conditions.
    mkIf = condition: content: { _type = "if"; inherit condition content; };
    mkMerge = contents: { _type = "merge"; inherit contents; };
    mkOverride = priority: content: { _type = "override"; inherit priority content; };
    mkForce = mkOverride 50;
    mkVMOverride = mkOverride 10;
    mkImageMediaOverride = mkOverride 60;
    mkDefault = mkOverride 1000;
    mkOptionDefault = mkOverride 1500;
    mkOrder = priority: content: { _type = "order"; inherit priority content; };
    mkBefore = mkOrder 500;
    mkAfter = mkOrder 1500;
    mkAssert = condition: message: content:
      mkIf (if condition then true else throw message) content;
    mkOption = declaration: { _type = "option"; } // declaration;
    mkEnableOption = name: mkOption { default = false; description = name; };
    mkRemovedOptionModule = path: message: { };
    mkRenamedOptionModule = from: to: { };
    types = { };

    # Trivial.
    id = x: x;
    const = x: _: x;
    flip = f: a: b: f b a;
    pipe = foldl' (x: f: f x);
    fix = f: let x = f x; in x;
    min = a: b: if a < b then a else b;
    max = a: b: if a > b then a else b;
    mod = a: b: a - b * (a / b);
    boolToString = x: if x then "true" else "false";
    importJSON = path: builtins.fromJSON (builtins.readFile path);

    # Lists.
    inherit (builtins) all any concatLists concatMap elem elemAt filter foldl' genList head
      length map partition sort tail;
    optional = condition: x: if condition then [ x ] else [ ];
    optionals = condition: xs: if condition then xs else [ ];
    singleton = x: [ x ];
    toList = x: if isList x then x else [ x ];
    flatten = x: if isList x then concatMap flatten x else [ x ];
    unique = foldl' (seen: x: if elem x seen then seen else seen ++ [ x ]) [ ];
    last = xs: elemAt xs (length xs - 1);
    take = n: xs: genList (elemAt xs) (min n (length xs));
    drop = n: xs: genList (i: elemAt xs (i + n)) (max 0 (length xs - n));
    range = from: to: if from > to then [ ] else genList (i: from + i) (to - from + 1);
    remove = x: filter (y: x != y);
    subtractLists = ys: filter (x: !(elem x ys));
    reverseList = xs: genList (i: elemAt xs (length xs - i - 1)) (length xs);
    forEach = xs: f: map f xs;
    imap0 = f: xs: genList (i: f i (elemAt xs i)) (length xs);
    foldr = f: nul: xs: if xs == [ ] then nul else f (head xs) (foldr f nul (tail xs));
    zipListsWith = f: a: b:
      genList (i: f (elemAt a i) (elemAt b i)) (min (length a) (length b));

    # Strings.
    inherit (builtins) concatStringsSep replaceStrings stringLength substring toString;
    optionalString = condition: text: if condition then text else "";
    concatStrings = concatStringsSep "";
    concatMapStrings = f: xs: concatStrings (map f xs);
    concatMapStringsSep = sep: f: xs: concatStringsSep sep (map f xs);
    concatLines = concatMapStrings (x: x + "\n");
    hasPrefix = prefix: text: substring 0 (stringLength prefix) text == prefix;
    hasSuffix = suffix: text:
      let n = stringLength text; m = stringLength suffix; in
      n >= m && substring (n - m) m text == suffix;
    hasInfix = infix: text: length (splitString infix text) > 1;
    removePrefix = prefix: text:
      if hasPrefix prefix text then substring (stringLength prefix) (-1) text else text;
    removeSuffix = suffix: text:
      if hasSuffix suffix text
      then substring 0 (stringLength text - stringLength suffix) text
      else text;
    splitString = sep: text:
      filter isString (builtins.split (escapeRegex sep) text);
    escapeRegex = replaceStrings
      [ "\\" "^" "$" "." "|" "?" "*" "+" "(" ")" "[" "]" "{" "}" ]
      [ "\\\\" "\\^" "\\$" "\\." "\\|" "\\?" "\\*" "\\+" "\\(" "\\)" "\\[" "\\]" "\\{" "\\}" ];
    toLower = replaceStrings
      [ "A" "B" "C" "D" "E" "F" "G" "H" "I" "J" "K" "L" "M" "N" "O" "P" "Q" "R" "S" "T" "U" "V" "W" "X" "Y" "Z" ]
      [ "a" "b" "c" "d" "e" "f" "g" "h" "i" "j" "k" "l" "m" "n" "o" "p" "q" "r" "s" "t" "u" "v" "w" "x" "y" "z" ];
    toUpper = replaceStrings
      [ "a" "b" "c" "d" "e" "f" "g" "h" "i" "j" "k" "l" "m" "n" "o" "p" "q" "r" "s" "t" "u" "v" "w" "x" "y" "z" ]
      [ "A" "B" "C" "D" "E" "F" "G" "H" "I" "J" "K" "L" "M" "N" "O" "P" "Q" "R" "S" "T" "U" "V" "W" "X" "Y" "Z" ];
    toInt = text: let value = builtins.fromJSON text; in
      if isInt value then value else throw "not an integer: ${text}";
    versionAtLeast = a: b: builtins.compareVersions a b >= 0;
    versionOlder = a: b: builtins.compareVersions a b < 0;
    getVersion = x: x.version;

    # Attribute sets.
    inherit (builtins) attrNames attrValues catAttrs concatAttrs functionArgs getAttr hasAttr
      intersectAttrs isAttrs isBool isFloat isFunction isInt isList isString listToAttrs mapAttrs
      removeAttrs;
    optionalAttrs = condition: set: if condition then set else { };
    nameValuePair = name: value: { inherit name value; };
    mapAttrs' = f: set: listToAttrs (map (name: f name set.${name}) (attrNames set));
    mapAttrsToList = f: set: map (name: f name set.${name}) (attrNames set);
    filterAttrs = keep: set:
      removeAttrs set (filter (name: !(keep name set.${name})) (attrNames set));
    genAttrs = names: f: listToAttrs (map (name: nameValuePair name (f name)) names);
    attrByPath = path: default: set:
      if path == [ ] then set
      else if isAttrs set && hasAttr (head path) set
      then attrByPath (tail path) default set.${head path}
      else default;
    hasAttrByPath = path: set: attrByPath path missing set != missing;
    getAttrFromPath = path: set: attrByPath path (throw "no such attribute") set;
    setAttrByPath = path: value:
      if path == [ ] then value else { ${head path} = setAttrByPath (tail path) value; };
    recursiveUpdate = a: b:
      a // mapAttrs
        (name: value:
          if a ? ${name} && isAttrs a.${name} && isAttrs value
          then recursiveUpdate a.${name} value
          else value)
        b;
    attrsets = lib;
    lists = lib;
    strings = lib // { concatMapStringsSep = lib.concatMapStringsSep; };
    trivial = lib // { release = "26.05"; };
    modules = lib;
    version = "26.05";
  };
  missing = { __missing = true; };
  inherit (builtins) removeAttrs;

  # Packages are sets with a version and no build.
  package = name: version: {
    type = "derivation";
    pname = name;
    name = "${name}-${version}";
    inherit version;
    outPath = "/nix/store/00000000000000000000000000000000-${name}-${version}";
  };
  pkgsFor = system:
    let
      parts = match "([^-]*)-(.*)" system;
      platform = {
        inherit system;
        isDarwin = elemAt parts 1 == "darwin";
        isLinux = elemAt parts 1 == "linux";
        isAarch64 = elemAt parts 0 == "aarch64";
        isx86_64 = elemAt parts 0 == "x86_64";
      };
    in
    {
      inherit lib system;
      stdenv = {
        inherit system;
        inherit (platform) isDarwin isLinux isAarch64 isx86_64;
        hostPlatform = platform;
        targetPlatform = platform;
        buildPlatform = platform;
      };
      hello = package "hello" "2.12";
      git = package "git" "2.50.0";
      nh = package "nh" "4.1.0";
      nix = package "nix" "2.31.2";
      lix = package "lix" "2.93.0";
      nixVersions = {
        latest = package "nix" "2.34.0";
        stable = package "nix" "2.31.2";
        unstable = package "nix" "2.35.0";
        nix_2_20 = package "nix" "2.20.5";
        nix_2_21 = package "nix" "2.21.4";
        nix_2_24 = package "nix" "2.24.15";
        nix_2_26 = package "nix" "2.26.4";
        nix_2_28 = package "nix" "2.28.7";
        nix_2_31 = package "nix" "2.31.5";
        nix_2_34 = package "nix" "2.34.8";
      };
      nixFlakes = package "nix" "2.31.5";
      nixUnstable = package "nix" "2.35.0";
      lixVersions.stable = package "lix" "2.94.2";
      lixPackageSets = {
        stable.lix = package "lix" "2.94.2";
        latest.lix = package "lix" "2.95.2";
        lix_2_91.lix = package "lix" "2.91.3";
        lix_2_93.lix = package "lix" "2.93.4";
      };
      darwin.linux-builder = package "linux-builder" "1";
      writeText = name: text: package name "0" // { inherit text; };
      writeShellScript = name: text: package name "0" // { inherit text; };
      runCommand = name: environment: script: package name "0";
    };

  # What stands under conditions, priorities and order: a set with those pushed to its
  # attributes, so that the names are known without deciding a condition.
  pushDown = value:
    if wrapped "merge" value then concatMap pushDown value.contents
    else if wrapped "if" value then
      map (mapAttrs (_: lib.mkIf value.condition)) (pushDown value.content)
    else if wrapped "override" value then
      map (mapAttrs (_: lib.mkOverride value.priority)) (pushDown value.content)
    else if wrapped "order" value then
      map (mapAttrs (_: lib.mkOrder value.priority)) (pushDown value.content)
    else [ value ];

  isPackage = value: isAttrs value && (value.type or "") == "derivation";
  isSet = value:
    if wrapped "merge" value then all isSet value.contents
    else if wrapped "if" value || wrapped "override" value || wrapped "order" value
    then isSet value.content
    else readable value && isAttrs value && !(isPackage value);

  # The definitions of one option: values with their priority and order. A condition that cannot
  # be decided leaves a mark.
  discharge = priority: order: value:
    if wrapped "merge" value then concatMap (discharge priority order) value.contents
    else if wrapped "if" value then
      let condition = tryEval value.condition; in
      if !condition.success then
        map (definition: definition // { undecided = true; })
          (discharge priority order value.content)
      else if condition.value then discharge priority order value.content
      else [ ]
    else if wrapped "override" value then discharge value.priority order value.content
    else if wrapped "order" value then discharge priority value.priority value.content
    else [ { inherit priority order value; } ];

  # Options that hold the modules of another machine, which are functions mostly.
  guests = [
    [ "nix" "linux-builder" "config" ]
    [ "determinateNix" "nixosVmBasedLinuxBuilder" "config" ]
  ];
  entered = path: value:
    if elem path guests && readable value && isFunction value then
      value (mapAttrs (name: _: throw "${name} of the guest") (functionArgs value) // { inherit lib; })
    else value;

  # Every option that a set of definitions gives a value, as a list of
  # { path, definitions }. A value that cannot be had stands for itself beside the others.
  options = path: given:
    let values = map (entered path) given; in
    if any isSet values && any (value: !(readable value)) values then
      options path (filter readable values)
      ++ [ { inherit path; definitions = [ { priority = 100; order = 1000; undecided = true; value = throw "unreadable"; } ]; } ]
    else if all isSet values then
      let
        sets = concatMap pushDown values;
        names = lib.unique (concatMap attrNames sets);
        below = name: map (set: set.${name}) (filter (hasAttr name) sets);
      in
      concatMap (name: options (path ++ [ name ]) (below name)) names
    else
      [ { inherit path; definitions = concatMap (discharge 100 1000) values; } ];

  strongest = definitions:
    let
      best = foldl' lib.min 9999 (map (definition: definition.priority) definitions);
    in
    filter (definition: definition.priority == best) definitions;

  # One value from several definitions: lists follow each other by order, text lines too, and
  # everything else has to agree.
  merge = path: definitions:
    let
      used = strongest definitions;
      ordered = sort (a: b: a.order < b.order) used;
      values = map (definition: definition.value) ordered;
      first = head values;
    in
    if used == [ ] then throw "not defined"
    else if any (definition: definition ? undecided) used then throw "undecided"
    else if length values == 1 then first
    else if all isList values then concatLists values
    else if lib.last path == "extraOptions" then concatStringsSep "\n" values
    else if all (value: value == first) values then first
    else throw "conflicting definitions";

  tree = values:
    if all isSet values then
      let
        sets = concatMap pushDown values;
        names = lib.unique (concatMap attrNames sets);
      in
      lib.genAttrs names
        (name: tree (map (set: set.${name}) (filter (hasAttr name) sets)))
    else merge [ "" ] (concatMap (discharge 100 1000) values);

  # All parts of a module: what it imports, then itself.
  parts = arguments: module:
    let
      loaded = if isPath module || isString module then import module else module;
      called =
        if isFunction loaded then
          loaded (arguments // mapAttrs
            (name: _: arguments.${name} or (throw "argument ${name}"))
            (functionArgs loaded))
        else loaded;
      own =
        if called ? config || called ? options then called.config or { }
        else removeAttrs called [ "imports" "_class" "disabledModules" "_file" "key" ];
    in
    concatMap (parts arguments) (called.imports or [ ]) ++ [ own ];

  # What is defined, over options that cannot be had: those are looked at last.
  laidOver = unread: defined:
    unread // mapAttrs
      (name: value:
        if isAttrs value && isAttrs (unread.${name} or null)
        then laidOver unread.${name} value
        else value)
      defined;

  # Options of other modules: they are there and cannot be had.
  unreadable = foldl'
    (set: path: lib.recursiveUpdate set (lib.setAttrByPath path (throw "another module's")))
    { };

  # What the module systems add by themselves, as modules: defaults of options as `mkOptionDefault`,
  # the rest as they define it.
  shared = { sandbox }: { config, ... }: {
    nix = {
      enable = lib.mkOptionDefault true;
      distributedBuilds = lib.mkOptionDefault false;
      channel.enable = lib.mkOptionDefault true;
      extraOptions = lib.mkOptionDefault "";
      settings = lib.mkMerge [
        (mapAttrs (name: lib.mkOptionDefault) {
          inherit sandbox;
          allowed-users = [ "*" ];
          auto-optimise-store = false;
          cores = 0;
          extra-sandbox-paths = [ ];
          max-jobs = "auto";
          require-sigs = true;
          trusted-substituters = [ ];
        })
        {
          trusted-public-keys = [ "cache.nixos.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY=" ];
          trusted-users = [ "root" ];
          substituters = lib.mkAfter [ "https://cache.nixos.org/" ];
          sandbox-fallback = false;
        }
        (lib.mkIf (!config.nix.distributedBuilds) { builders = null; })
      ];
    };
  };
  own = {
    nix-darwin = [
      (shared { sandbox = false; })
      ({ config, ... }: {
        nix.linux-builder.enable = lib.mkOptionDefault false;
        nix.distributedBuilds = lib.mkIf config.nix.linux-builder.enable true;
        nix.settings = lib.mkMerge [
          { build-users-group = "nixbld"; }
          (lib.mkIf config.nix.linux-builder.enable { builders-use-substitutes = true; })
        ];
      })
    ];
    nixos = [
      (shared { sandbox = true; })
      {
        nix.settings.system-features =
          lib.mkDefault [ "nixos-test" "benchmark" "big-parallel" "kvm" ];
      }
    ];
    home-manager = [
      { nix.enable = lib.mkOptionDefault true; nix.extraOptions = lib.mkOptionDefault ""; }
    ];
    determinate = [
      ({ config, ... }: {
        determinateNix.enable = lib.mkOptionDefault true;
        determinateNix.nixosVmBasedLinuxBuilder.enable = lib.mkOptionDefault false;
        determinateNix.customSettings = lib.mkMerge [
          (mapAttrs (name: lib.mkOptionDefault) {
            cores = 0;
            extra-sandbox-paths = [ ];
            sandbox = false;
            trusted-users = [ ];
          })
          (lib.mkIf config.determinateNix.nixosVmBasedLinuxBuilder.enable {
            builders-use-substitutes = true;
            substituters = lib.mkAfter [ "https://cache.nixos.org/" ];
            trusted-public-keys = [ "cache.nixos.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY=" ];
            trusted-users = [ "root" ];
          })
        ];
        nix.enable = lib.mkIf config.determinateNix.enable (lib.mkForce false);
      })
    ];
  };

  # Former names of settings.
  formerly = kind: (if kind == "nixos" then { systemFeatures = "system-features"; } else { }) // {
    useSandbox = "sandbox";
    buildCores = "cores";
    maxJobs = "max-jobs";
    sandboxPaths = "extra-sandbox-paths";
    binaryCaches = "substituters";
    trustedBinaryCaches = "trusted-substituters";
    binaryCachePublicKeys = "trusted-public-keys";
    autoOptimiseStore = "auto-optimise-store";
    requireSignedBinaryCaches = "require-sigs";
    trustedUsers = "trusted-users";
    allowedUsers = "allowed-users";
  };

  # Types of the settings that the modules declare; all others take one value or a list of them.
  typed = kind: (if kind == "nixos" then { system-features = listOfStrings; } else { }) // {
    max-jobs = value: isInt value || value == "auto";
    cores = isInt;
    sandbox = value: builtins.isBool value || value == "relaxed";
    auto-optimise-store = builtins.isBool;
    require-sigs = builtins.isBool;
  } // lib.genAttrs
    [ "substituters" "trusted-substituters" "trusted-public-keys" "trusted-users" "allowed-users" "extra-sandbox-paths" ]
    (name: listOfStrings);
  listOfStrings = value: isList value && all isString value;

  # The defaults of declared options, as definitions.
  defaults = options:
    if options._type or "" == "option"
    then (if options ? default then lib.mkOptionDefault options.default else lib.mkMerge [ ])
    else mapAttrs (name: defaults) options;

  # The modules and special arguments of a flake's machine; the functions of its inputs keep what
  # they are called with.
  machineOf = flake: output: name:
    let
      kept = arguments: arguments;
      loaded = import flake;
      outputs = loaded.outputs {
        self = outputs;
        nixpkgs.lib = lib // { nixosSystem = kept; };
        nix-darwin.lib.darwinSystem = kept;
        home-manager = {
          darwinModules.home-manager = { };
          nixosModules.home-manager = { };
        };
      };
    in
    outputs.${output}.${name};

  asModule = { flake, output, name, system, kind }:
    let machine = machineOf flake output name; in
    {
      inherit system kind;
      file = { imports = machine.modules; };
      special = machine.specialArgs;
    };

  # All modules in the order in which the module system merges them: it lists a module's imports
  # behind the modules of its own depth, and turns the list round.
  ordered = arguments: modules:
    let
      open = module:
        let
          loaded = if isPath module || isString module then import module else module;
          called =
            if isFunction loaded
            then loaded (arguments // mapAttrs (name: _: arguments.${name}) (functionArgs loaded))
            else loaded;
        in
        {
          key = if isPath module then toString module else null;
          imports = called.imports or [ ];
          own =
            if called ? options
            then lib.mkMerge [ (defaults called.options) (called.config or { }) ]
            else if called ? config then called.config
            else removeAttrs called [ "imports" "_class" "disabledModules" "_file" "key" ];
        };
      levels = seen: modules:
        let
          opened = map open (filter (module: !(isPath module && elem (toString module) seen)) modules);
        in
        if opened == [ ] then [ ]
        else opened ++ levels (seen ++ map (one: one.key) opened) (concatMap (one: one.imports) opened);
    in
    map (one: one.own) (lib.reverseList (levels [ ] modules));

  # A value as the modules write it.
  written = value:
    if value == null then ""
    else if builtins.isBool value then lib.boolToString value
    else toString value;

  confLines = { file, system, kind, determinate ? false, asked ? [ ], packages ? [ ], special ? { } }:
    let
      base = own.${kind} ++ (if determinate then own.determinate else [ ]);
      arguments = {
        inherit lib config;
        pkgs = lib.genAttrs packages (name: package name "1.0") // pkgsFor system;
        options = { };
        modulesPath = "/modules";
      } // special;
      # Only nix-darwin lists the user's modules first. Its own modules import those that forward
      # former names.
      modules = forwarding:
        let all = [ { imports = forwarding; } ] ++ base; in
        if kind == "nix-darwin" then [ file ] ++ all else all ++ [ file ];
      sets = ordered arguments (modules (if kind == "home-manager" then [ ] else [ { nix.settings = forwarded; } ]));
      config = laidOver (unreadable asked) (tree sets);
      # What is defined at a path, set by set.
      at = path: foldl'
        (values: name: concatMap pushDown
          (map (set: set.${name}) (filter (hasAttr name) values)))
        (concatMap pushDown sets)
        path;
      forwarded = listToAttrs (concatMap
        (option:
          let name = lib.last option.path; in
          if length option.path == 2 && head option.path == "nix" && hasAttr name (formerly kind)
          then [
            (lib.nameValuePair (formerly kind).${name} (lib.mkMerge (map
              (definition: lib.mkOverride definition.priority definition.value)
              (sort (a: b: a.order < b.order) option.definitions))))
          ]
          else [ ])
        (options [ ] (ordered arguments (modules [ ]))));
      # A submodule is merged by the same rules: its definitions are turned round once more.
      below = set: listToAttrs (map
        (option: rec {
          name = head option.path;
          value =
            let merged = merge option.path option.definitions; in
            if kind == "home-manager" || ((typed kind).${name} or (x: true)) merged then merged
            else throw "${name} has another type";
        })
        (filter (option: option.definitions != [ ])
          (options [ ] (lib.reverseList (submodules (
            definedAt set
            # The former name of Determinate's options.
            ++ (if set == [ "nix" "settings" ] then [ ] else definedAt [ "determinate-nix" "customSettings" ])
          ))))));
      definedAt = path:
        let name = lib.last path; in
        map (set: set.${name}) (filter (hasAttr name) (at (lib.take (length path - 1) path)));
      # The set is an option: of its definitions only the strongest count.
      submodules = values:
        map
          (definition:
            if definition ? undecided then mapAttrs (_: _: throw "undecided") definition.value
            else definition.value)
          (sort (a: b: a.order < b.order) (strongest (concatMap (discharge 100 1000) values)));
      line = key: value: {
        inherit key;
        value = tryEval (let text = written value; in deepSeq text text);
      };
      lines = lib.mapAttrsToList line;
      isExtra = name: _: lib.hasPrefix "extra-" name;
      settings = below [ "nix" "settings" ];
      custom = lib.filterAttrs
        (name: value: value != null && value != [ ])
        (below [ "determinateNix" "customSettings" ]);
      text = {
        key = null;
        value = tryEval (merge [ "extraOptions" ] (concatMap
          (option: if option.path == [ "nix" "extraOptions" ] then option.definitions else [ ])
          (options [ ] sets)));
      };
    in
    if determinate && config.determinateNix.enable then lines custom
    else if !config.nix.enable then [ ]
    else if kind == "home-manager" then lines settings ++ [ text ]
    else
      lines (lib.filterAttrs (name: value: !(isExtra name value)) settings)
      ++ lines (lib.filterAttrs isExtra settings)
      ++ [ text ];

  # The same as text; nothing may fail.
  conf = arguments: lib.concatMapStrings
    (line:
      let value = if line.value.success then line.value.value else throw "${toString line.key} fails"; in
      if line.key == null then value else "${line.key} = ${value}\n")
    (confLines arguments);

  # Makes a value fit for JSON: paths as text without copying, what has no JSON form as a mark.
  plain = value:
    if isFunction value then { __function = true; }
    else if isPackage value then { __package = value.name; }
    else if isPath value then toString value
    else if isList value then map plain value
    else if isAttrs value then mapAttrs (_: plain) value
    else value;
  attempt = value:
    let result = tryEval (let done = plain value; in deepSeq done done); in
    if result.success then { inherit (result) value; } else { failed = true; };
in
{
  # The rest of nixpkgs' lib, and what stands for pkgs on a system.
  inherit lib pkgsFor;

  # The text of the `nix.conf` that a module system writes for a module: `kind` is `nix-darwin`,
  # `nixos` or `home-manager`; `determinate` adds Determinate's module for nix-darwin.
  inherit conf confLines;
  # The file of a flake's machine, and its lines.
  machineConf = arguments: conf (asModule arguments);
  machineLines = arguments: confLines (asModule arguments);

  # What a module says: every option with its definitions and its merged value. `asked` are the
  # options that it reads: those that it does not define itself are there and cannot be had.
  # `packages` are names that pkgs shall have beside its own.
  module = { file, system, asked ? [ ], packages ? [ ] }:
    let
      config = laidOver (unreadable asked) (tree sets);
      sets = parts
        {
          inherit lib config;
          pkgs = lib.genAttrs packages (name: package name "1.0") // pkgsFor system;
          options = { };
          modulesPath = "/modules";
        }
        file;
    in
    map
      (option: {
        inherit (option) path;
        definitions = map
          (definition:
            { inherit (definition) priority order; undecided = definition.undecided or false; }
            // attempt definition.value)
          option.definitions;
        merged = attempt (merge option.path option.definitions);
      })
      (options [ ] sets);
}
