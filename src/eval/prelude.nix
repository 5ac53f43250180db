# The part of nixpkgs' lib that configurations use, written for nixtune's evaluator.
# Semantics follow nixpkgs lib; everything that is not here is unknown, not missing.
let
  inherit (builtins)
    all any attrNames attrValues concatLists elem elemAt filter foldl' genList hasAttr head
    intersectAttrs isAttrs isBool isFloat isFunction isInt isList isPath isString length
    listToAttrs map mapAttrs replaceStrings stringLength substring tail concatMap removeAttrs
    concatStringsSep groupBy partition catAttrs zipAttrsWith lessThan sort;

  # trivial
  id = x: x;
  const = x: y: x;
  pipe = value: foldl' (x: f: f x) value;
  flip = f: a: b: f b a;
  and = a: b: a && b;
  or' = a: b: a || b;
  xor = a: b: (!a) != (!b);
  boolToString = b: if b then "true" else "false";
  boolToYesNo = b: if b then "yes" else "no";
  mergeAttrs = a: b: a // b;
  min = a: b: if a < b then a else b;
  max = a: b: if a > b then a else b;
  mod = base: int: base - (int * (base / int));
  setFunctionArgs = f: args: { __functor = self: f; __functionArgs = args; };
  defaultTo = default: maybe: if maybe != null then maybe else default;
  mapNullable = f: a: if a == null then a else f a;
  warn = message: value: value;
  warnIf = condition: message: value: value;
  warnIfNot = condition: message: value: value;
  throwIf = condition: message: if condition then throw message else (x: x);
  throwIfNot = condition: message: if condition then (x: x) else throw message;
  assertMsg = condition: message: condition || throw message;

  # lists
  singleton = x: [ x ];
  optional = condition: x: if condition then [ x ] else [ ];
  optionals = condition: xs: if condition then xs else [ ];
  toList = x: if isList x then x else [ x ];
  flatten = x: if isList x then concatMap (y: flatten y) x else [ x ];
  foldr = f: nul: list:
    let
      len = length list;
      go = n: if n == len then nul else f (elemAt list n) (go (n + 1));
    in
    go 0;
  foldl = f: nul: list:
    let
      go = n: if n == 0 then nul else f (go (n - 1)) (elemAt list (n - 1));
    in
    go (length list);
  remove = e: filter (x: x != e);
  subtractLists = e: filter (x: !(elem x e));
  intersectLists = e: filter (x: elem x e);
  last = list: elemAt list (length list - 1);
  init = list: genList (n: elemAt list n) (length list - 1);
  take = count: list: genList (n: elemAt list n) (min count (length list));
  drop = count: list:
    genList (n: elemAt list (n + count)) (max 0 (length list - count));
  sublist = start: count: list: take count (drop start list);
  reverseList = list:
    let
      len = length list;
    in
    genList (n: elemAt list (len - n - 1)) len;
  range = first: end: if first > end then [ ] else genList (n: first + n) (end - first + 1);
  replicate = n: x: genList (i: x) n;
  imap0 = f: list: genList (n: f n (elemAt list n)) (length list);
  imap1 = f: list: genList (n: f (n + 1) (elemAt list n)) (length list);
  zipListsWith = f: a: b:
    genList (n: f (elemAt a n) (elemAt b n)) (min (length a) (length b));
  zipLists = zipListsWith (fst: snd: { inherit fst snd; });
  unique = foldl' (seen: x: if elem x seen then seen else seen ++ [ x ]) [ ];
  findFirst = predicate: default: list:
    let
      found = filter predicate list;
    in
    if found == [ ] then default else head found;
  count = predicate: list: length (filter predicate list);
  crossLists = f: foldl (fs: args: concatMap (g: map g args) fs) [ f ];
  naturalSort = sort lessThan;
  forEach = list: f: map f list;
  concat = a: b: a ++ b;

  # strings
  concatStrings = concatStringsSep "";
  concatMapStrings = f: list: concatStrings (map f list);
  concatMapStringsSep = separator: f: list: concatStringsSep separator (map f list);
  concatImapStringsSep = separator: f: list: concatStringsSep separator (imap1 f list);
  concatLines = concatMapStrings (s: s + "\n");
  optionalString = condition: s: if condition then s else "";
  hasPrefix = prefix: s: substring 0 (stringLength prefix) s == prefix;
  hasSuffix = suffix: s:
    let
      long = stringLength s;
      short = stringLength suffix;
    in
    long >= short && substring (long - short) long s == suffix;
  removePrefix = prefix: s:
    if hasPrefix prefix s then substring (stringLength prefix) (stringLength s) s else s;
  removeSuffix = suffix: s:
    if hasSuffix suffix s then substring 0 (stringLength s - stringLength suffix) s else s;
  lowerChars = stringToCharacters "abcdefghijklmnopqrstuvwxyz";
  upperChars = stringToCharacters "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  toLower = replaceStrings upperChars lowerChars;
  toUpper = replaceStrings lowerChars upperChars;
  stringToCharacters = s: genList (n: substring n 1 s) (stringLength s);
  hasInfix = infix: s: replaceStrings [ infix ] [ "" ] s != s || infix == "";
  replaceChars = replaceStrings;
  escape = list: replaceStrings list (map (c: "\\${c}") list);
  versionOlder = a: b: builtins.compareVersions b a == 1;
  versionAtLeast = a: b: !versionOlder a b;
  toInt = s: builtins.fromJSON s;
  concatMapAttrsStringSep = separator: f: attrs:
    concatStringsSep separator (attrValues (mapAttrs f attrs));

  # sets
  nameValuePair = name: value: { inherit name value; };
  mapAttrs' = f: set: listToAttrs (map (name: f name set.${name}) (attrNames set));
  mapAttrsToList = f: set: map (name: f name set.${name}) (attrNames set);
  attrsToList = mapAttrsToList nameValuePair;
  genAttrs = names: f: listToAttrs (map (name: nameValuePair name (f name)) names);
  genAttrs' = names: f: listToAttrs (map f names);
  filterAttrs = predicate: set:
    removeAttrs set (filter (name: !predicate name set.${name}) (attrNames set));
  concatMapAttrs = f: set: foldl' mergeAttrs { } (attrValues (mapAttrs f set));
  optionalAttrs = condition: set: if condition then set else { };
  attrByPath = path: default: set:
    if path == [ ] then set
    else if set ? ${head path} then attrByPath (tail path) default set.${head path}
    else default;
  hasAttrByPath = path: set:
    path == [ ] || (set ? ${head path} && hasAttrByPath (tail path) set.${head path});
  getAttrFromPath = path: attrByPath path (throw "an attribute path is missing");
  setAttrByPath = path: value:
    if path == [ ] then value else { ${head path} = setAttrByPath (tail path) value; };
  getAttrs = names: set: genAttrs names (name: set.${name});
  attrVals = names: set: map (name: set.${name}) names;
  foldlAttrs = f: start: set: foldl' (acc: name: f acc name set.${name}) start (attrNames set);
  recursiveUpdateUntil = stop: lhs: rhs:
    let
      go = path: a: b:
        a // mapAttrs (
          name: value:
          let
            here = path ++ [ name ];
          in
          if a ? ${name} && !stop here a.${name} value then go here a.${name} value else value
        ) b;
    in
    go [ ] lhs rhs;
  recursiveUpdate = recursiveUpdateUntil (path: a: b: !(isAttrs a && isAttrs b));
  mergeAttrsList = foldl' mergeAttrs { };
  zipAttrs = zipAttrsWith (name: values: values);
  isDerivation = value: value.type or null == "derivation";
  recurseIntoAttrs = set: set // { recurseForDerivations = true; };
  fix = f:
    let
      x = f x;
    in
    x;
  extends = overlay: f: final:
    let
      prev = f final;
    in
    prev // overlay final prev;
  composeExtensions = f: g: final: prev:
    let
      first = f final prev;
    in
    first // g final (prev // first);

  # the module system
  mkIf = condition: content: { _type = "if"; inherit condition content; };
  mkMerge = contents: { _type = "merge"; inherit contents; };
  mkOverride = priority: content: { _type = "override"; inherit priority content; };
  mkOptionDefault = mkOverride 1500;
  mkDefault = mkOverride 1000;
  mkImageMediaOverride = mkOverride 60;
  mkForce = mkOverride 50;
  mkVMOverride = mkOverride 10;
  mkOrder = priority: content: { _type = "order"; inherit priority content; };
  mkBefore = mkOrder 500;
  mkAfter = mkOrder 1500;
  mkAssert = condition: message: content: if condition then content else throw message;
  mkOption = attrs: { _type = "option"; } // attrs;
  mkEnableOption = name: { _type = "option"; default = false; type = types.bool; };

  # types: names and parts for those who merge; nothing is checked.
  types =
    let
      type = name: parts: {
        _type = "option-type";
        inherit name;
        description = name;
        check = x: true;
        nestedTypes = { };
      } // parts;
      of = name: elemType: type name { nestedTypes = { inherit elemType; }; };
    in
    rec {
      raw = type "raw" { };
      anything = type "anything" { };
      unspecified = type "unspecified" { };
      bool = type "bool" { };
      int = type "int" { };
      float = type "float" { };
      ints = {
        between = lowest: highest: type "intBetween" { };
        unsigned = type "unsignedInt" { };
        positive = type "positiveInt" { };
      };
      str = type "str" { };
      path = type "path" { };
      package = type "package" { };
      attrs = type "attrs" { };
      enum = values: type "enum" { inherit values; };
      separatedString = separator: type "separatedString" { inherit separator; };
      lines = separatedString "\n";
      commas = separatedString ",";
      listOf = of "listOf";
      attrsOf = of "attrsOf";
      lazyAttrsOf = of "lazyAttrsOf";
      nullOr = of "nullOr";
      functionTo = of "functionTo";
      uniq = of "unique";
      either = left: right: type "either" { nestedTypes = { inherit left right; }; };
      oneOf = types: foldl' either (head types) (tail types);
      coercedTo = coercedType: coerceFunc: finalType: type "coercedTo" {
        inherit coerceFunc;
        nestedTypes = { inherit coercedType finalType; };
      };
      submodule = module:
        submoduleWith { modules = toList module; shorthandOnlyDefinesConfig = true; };
      submoduleWith = { modules, specialArgs ? { }, shorthandOnlyDefinesConfig ? false, ... }:
        type "submodule" { inherit modules specialArgs shorthandOnlyDefinesConfig; };
      deferredModule = type "deferredModule" { };
    };
in
{
  inherit
    id const pipe flip and xor boolToString boolToYesNo mergeAttrs min max mod setFunctionArgs
    defaultTo mapNullable warn warnIf warnIfNot throwIf throwIfNot assertMsg
    singleton optional optionals toList flatten foldr foldl remove subtractLists intersectLists
    last init take drop sublist reverseList range replicate imap0 imap1 zipListsWith zipLists
    unique findFirst count naturalSort forEach concat
    concatStrings concatMapStrings concatMapStringsSep concatImapStringsSep concatLines
    optionalString hasPrefix hasSuffix removePrefix removeSuffix toLower toUpper
    stringToCharacters hasInfix replaceChars escape versionOlder versionAtLeast toInt
    concatMapAttrsStringSep
    nameValuePair mapAttrs' mapAttrsToList attrsToList genAttrs genAttrs' filterAttrs
    concatMapAttrs optionalAttrs attrByPath hasAttrByPath getAttrFromPath setAttrByPath getAttrs
    attrVals foldlAttrs recursiveUpdateUntil recursiveUpdate mergeAttrsList zipAttrs isDerivation
    recurseIntoAttrs fix extends composeExtensions
    mkIf mkMerge mkOverride mkOptionDefault mkDefault mkImageMediaOverride mkForce mkVMOverride
    mkOrder mkBefore mkAfter mkAssert mkOption mkEnableOption types;
  "or" = or';
  fold = foldr;
  mapAttrsFlatten = mapAttrsToList;
  cartesianProduct = attrs:
    foldl' (
      sets: name:
      concatMap (set: map (value: set // { ${name} = value; }) attrs.${name}) sets
    ) [ { } ] (attrNames attrs);

  inherit (builtins)
    all any attrNames attrValues concatLists elem elemAt filter foldl' genList hasAttr head
    intersectAttrs isAttrs isBool isFloat isFunction isInt isList isPath isString length
    listToAttrs map mapAttrs replaceStrings stringLength substring tail concatMap removeAttrs
    concatStringsSep groupBy partition catAttrs zipAttrsWith lessThan sort
    add sub mul div bitAnd bitOr bitXor seq deepSeq tryEval toJSON fromJSON readFile
    readDir pathExists baseNameOf dirOf typeOf splitVersion compareVersions trace getAttr
    unsafeDiscardStringContext toString;

  functionArgs = f: if f ? __functor then f.__functionArgs or { } else builtins.functionArgs f;
}
