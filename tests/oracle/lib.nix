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
          if isAttrs value && isAttrs (a.${name} or null)
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

  # Every option that a set of definitions gives a value, as a list of
  # { path, definitions }. A value that cannot be had stands for itself beside the others.
  options = path: values:
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
  inherit lib;

  # What a module says: every option with its definitions and its merged value. `asked` are the
  # options that it reads: those that it does not define itself are there and cannot be had.
  # `packages` are names that pkgs shall have beside its own.
  module = { file, system, asked ? [ ], packages ? [ ] }:
    let
      elsewhere = foldl'
        (set: path: lib.recursiveUpdate set (lib.setAttrByPath path (throw "another module's")))
        { }
        asked;
      config = lib.recursiveUpdate elsewhere (tree sets);
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
