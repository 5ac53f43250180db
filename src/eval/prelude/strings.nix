# nixpkgs `lib.strings`.
# Semantics follow nixpkgs; a name that is not here is unknown, not missing.
lib:
let
  inherit (builtins) all attrValues concatMap length map mapAttrs;
  charsOf = s: genList (n: substring n 1 s) (stringLength s);
  lower = charsOf "abcdefghijklmnopqrstuvwxyz";
  upper = charsOf "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  inherit (builtins) genList stringLength substring;
  keywords = [ "assert" "else" "if" "in" "inherit" "let" "or" "rec" "then" "with" ];
  # ASCII from the space on; the characters before it by their escapes.
  printable = charsOf
    " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~";
  codes = { "\t" = 9; "\n" = 10; "\r" = 13; }
    // builtins.listToAttrs (lib.imap0 (n: name: { inherit name; value = n + 32; }) printable);
  hex = n: lib.fixedWidthString 2 "0" (lib.toHexString n);
in
rec {
  inherit (builtins)
    compareVersions elem elemAt filter fromJSON genList head isInt isList isAttrs isPath isString
    match parseDrvName readFile replaceStrings split storeDir stringLength substring tail toJSON
    typeOf unsafeDiscardStringContext concatStringsSep;

  join = concatStringsSep;
  concatStrings = concatStringsSep "";
  concatMapStrings = f: list: concatStrings (map f list);
  concatImapStrings = f: list: concatStrings (lib.imap1 f list);
  concatMapStringsSep = separator: f: list: concatStringsSep separator (map f list);
  concatImapStringsSep = separator: f: list: concatStringsSep separator (lib.imap1 f list);
  concatMapAttrsStringSep = separator: f: attrs:
    concatStringsSep separator (attrValues (mapAttrs f attrs));
  concatLines = concatMapStrings (s: s + "\n");
  intersperse = separator: list:
    if length list < 2 then list else tail (concatMap (x: [ separator x ]) list);
  optionalString = condition: s: if condition then s else "";
  replicate = n: s: concatStrings (genList (i: s) n);
  replaceString = from: to: replaceStrings [ from ] [ to ];

  hasPrefix = prefix: s: substring 0 (stringLength prefix) s == prefix;
  hasSuffix = suffix: s:
    let
      long = stringLength s;
      short = stringLength suffix;
    in
    long >= short && substring (long - short) long s == suffix;
  hasInfix = infix: s: infix == "" || replaceStrings [ infix ] [ "" ] s != s;
  removePrefix = prefix: s:
    if hasPrefix prefix s then substring (stringLength prefix) (stringLength s) s else s;
  removeSuffix = suffix: s:
    if hasSuffix suffix s then substring 0 (stringLength s - stringLength suffix) s else s;
  trim = trimWith { start = true; end = true; };
  trimWith = { start ? false, end ? false }: s:
    let
      space = c: elem c [ " " "\t" "\r" "\n" ];
      len = stringLength s;
      from = n: if start && n < len && space (substring n 1 s) then from (n + 1) else n;
      to = n: if end && n > 0 && space (substring (n - 1) 1 s) then to (n - 1) else n;
      first = from 0;
      last = to len;
    in
    if last <= first then "" else substring first (last - first) s;

  makeSearchPath = folder: paths:
    concatMapStringsSep ":" (path: path + "/" + folder) (filter (path: path != null) paths);
  makeSearchPathOutput = output: folder: packages:
    makeSearchPath folder (map (lib.getOutput output) packages);
  makeLibraryPath = makeSearchPathOutput "lib" "lib";
  makeIncludePath = makeSearchPathOutput "dev" "include";
  makeBinPath = makeSearchPathOutput "bin" "bin";
  normalizePath = s:
    builtins.foldl' (done: c: if c == "/" && hasSuffix "/" done then done else done + c) ""
      (stringToCharacters s);

  lowerChars = lower;
  upperChars = upper;
  toLower = replaceStrings upper lower;
  toUpper = replaceStrings lower upper;
  toSentenceCase = s: toUpper (substring 0 1 s) + toLower (substring 1 (stringLength s) s);
  toCamelCase = s:
    let
      words = concatMap
        (splitStringBy (before: c: match "[a-z]" before != null && match "[A-Z]" c != null) true)
        (splitStringBy (before: c: elem c [ "-" "_" " " ]) false s);
    in
    toLower (head words) + concatMapStrings toSentenceCase (tail words);
  stringToCharacters = s: genList (n: substring n 1 s) (stringLength s);
  stringAsChars = f: s: concatMapStrings f (stringToCharacters s);
  charToInt = c: codes.${c};

  escape = list: replaceStrings list (map (c: "\\${c}") list);
  escapeC = list: replaceStrings list (map (c: "\\x${toLower (hex (charToInt c))}") list);
  escapeRegex = escape (stringToCharacters "\\[{()^$?*+|.");
  escapeShellArg = arg:
    let
      text = toString arg;
    in
    if match "[[:alnum:],._+:@%/-]+" text != null then text
    else "'${replaceStrings [ "'" ] [ "'\\''" ] text}'";
  escapeShellArgs = concatMapStringsSep " " escapeShellArg;
  escapeNixString = s: escape [ "$" ] (toJSON s);
  escapeNixIdentifier = s:
    if match "[a-zA-Z_][a-zA-Z0-9_'-]*" s != null && !(elem s keywords) then s
    else escapeNixString s;
  escapeXML = replaceStrings
    [ "\"" "'" "<" ">" "&" ] [ "&quot;" "&apos;" "&lt;" "&gt;" "&amp;" ];
  escapeURL =
    let
      special = filter (c: match "[A-Za-z0-9._~-]" c == null) (builtins.attrNames codes);
    in
    replaceStrings special (map (c: "%${hex codes.${c}}") special);
  isValidPosixName = name: match "[a-zA-Z_][a-zA-Z0-9_]*" name != null;
  toShellVar = name: value:
    if !isValidPosixName name then throw "toShellVar: not the name of a variable"
    else if isAttrs value && !isStringLike value then
      "declare -A ${name}=(${
        concatMapAttrsStringSep " " (n: v: "[${escapeShellArg n}]=${escapeShellArg v}") value
      })"
    else if isList value then "declare -a ${name}=(${escapeShellArgs value})"
    else "${name}=${escapeShellArg value}";
  toShellVars = concatMapAttrsStringSep "\n" toShellVar;

  addContextFrom = source: target: substring 0 0 source + target;
  splitString = separator: s:
    filter isString (split (escapeRegex (toString separator)) (toString s));
  splitStringBy = predicate: keep: s:
    let
      len = stringLength s;
      go = at: part: done:
        if at == len then done ++ [ part ]
        else
          let
            c = substring at 1 s;
            before = if at == 0 then "" else substring (at - 1) 1 s;
          in
          if predicate before c then go (at + 1) (if keep then c else "") (done ++ [ part ])
          else go (at + 1) (part + c) done;
    in
    go 0 "" [ ];

  versionOlder = a: b: compareVersions b a == 1;
  versionAtLeast = a: b: !versionOlder a b;
  getName = x: if isString x then (parseDrvName x).name else x.pname or (parseDrvName x.name).name;
  getVersion = x:
    if isString x then (parseDrvName x).version else x.version or (parseDrvName x.name).version;
  nameFromURL = url: separator:
    let
      file = lib.last (splitString "/" url);
      name = head (splitString separator file);
    in
    assert name != file;
    name;

  enableFeature = flag: feature: "--${if flag then "enable" else "disable"}-${feature}";
  enableFeatureAs = flag: feature: value:
    enableFeature flag feature + optionalString flag "=${value}";
  withFeature = flag: feature: "--${if flag then "with" else "without"}-${feature}";
  withFeatureAs = flag: feature: value: withFeature flag feature + optionalString flag "=${value}";
  cmakeOptionType = type: feature: value: "-D${feature}:${toUpper type}=${value}";
  cmakeBool = feature: flag: cmakeOptionType "bool" feature (if flag then "TRUE" else "FALSE");
  cmakeFeature = cmakeOptionType "string";
  mesonOption = feature: value: "-D${feature}=${value}";
  mesonBool = feature: flag: mesonOption feature (if flag then "true" else "false");
  mesonEnable = feature: flag: mesonOption feature (if flag then "enabled" else "disabled");

  fixedWidthString = width: filler: s:
    let
      len = stringLength s;
    in
    assert lib.assertMsg (len <= width) "fixedWidthString: the string is too long";
    if len == width then s else filler + fixedWidthString (width - stringLength filler) filler s;
  fixedWidthNumber = width: n: fixedWidthString width "0" (toString n);
  floatToString = toString;
  isStringLike = x: isString x || isPath x || x ? outPath || x ? __toString;
  isConvertibleWithToString = x:
    isStringLike x
    || elem (typeOf x) [ "null" "int" "float" "bool" ]
    || (isList x && all isConvertibleWithToString x);
  toInt = s:
    let
      found = match "[[:space:]]*(-?[[:digit:]]+)[[:space:]]*" s;
    in
    if found == null || match "0[[:digit:]]+" (head found) != null then
      throw "toInt: ${escapeNixString s} is no integer"
    else fromJSON (head found);
  toIntBase10 = s:
    let
      found = match "[[:space:]]*0*(-?[[:digit:]]+)[[:space:]]*" s;
    in
    if found == null then throw "toIntBase10: ${escapeNixString s} is no integer"
    else if match "0+" (head found) != null then 0
    else fromJSON (head found);
  fileContents = file: removeSuffix "\n" (readFile file);
}
