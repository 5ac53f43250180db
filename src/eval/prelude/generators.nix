# nixpkgs `lib.generators`: text of configuration files.
# Semantics follow nixpkgs; a name that is not here is unknown, not missing.
lib:
let
  inherit (builtins)
    all any attrNames attrValues concatMap filter head isAttrs isBool isFloat isInt isList isPath
    isString length map replaceStrings split tail;
  inherit (lib)
    concatMapAttrsStringSep concatMapStringsSep concatStrings concatStringsSep escape isDerivation
    mapAttrsToList;
in
rec {
  mkValueStringDefault = { }: v:
    if isInt v || isFloat v || isDerivation v then toString v
    else if isString v then v
    else if isBool v then (if v then "true" else "false")
    else if v == null then "null"
    else abort "generators.mkValueStringDefault: no text for such a value";
  mkKeyValueDefault = { mkValueString ? mkValueStringDefault { } }: separator: key: value:
    "${escape [ separator ] key}${separator}${mkValueString value}";

  toKeyValue =
    {
      mkKeyValue ? mkKeyValueDefault { } "=",
      listsAsDuplicateKeys ? false,
      indent ? "",
    }:
    let
      line = key: value: "${indent}${mkKeyValue key value}\n";
    in
    concatMapAttrsStringSep "" (
      key: value:
      if listsAsDuplicateKeys && isList value then concatStrings (map (line key) value)
      else line key value
    );
  toINI =
    {
      mkSectionName ? (name: escape [ "[" "]" ] name),
      mkKeyValue ? mkKeyValueDefault { } "=",
      listsAsDuplicateKeys ? false,
    }:
    concatMapAttrsStringSep "\n" (
      name: values:
      "[${mkSectionName name}]\n" + toKeyValue { inherit mkKeyValue listsAsDuplicateKeys; } values
    );
  toINIWithGlobalSection =
    {
      mkSectionName ? (name: escape [ "[" "]" ] name),
      mkKeyValue ? mkKeyValueDefault { } "=",
      listsAsDuplicateKeys ? false,
    }:
    { globalSection, sections ? { } }:
    (
      if globalSection == { } then ""
      else toKeyValue { inherit mkKeyValue listsAsDuplicateKeys; } globalSection + "\n"
    )
    + toINI { inherit mkSectionName mkKeyValue listsAsDuplicateKeys; } sections;
  # Deeper sets are sections with a name of their own.
  toGitINI =
    let
      section = name:
        let
          names = lib.splitString "." name;
        in
        if lib.hasInfix "\"" name || length names == 1 then name
        else "${head names} \"${concatStringsSep "." (tail names)}\"";
      quoted = v:
        if isString v then
          "\"${replaceStrings [ "\n" "\t" "\"" "\\" ] [ "\\n" "\\t" "\\\"" "\\\\" ] v}\""
        else mkValueStringDefault { } v;
      entry = key: value: "\t" + mkKeyValueDefault { mkValueString = quoted; } " = " key value;
      isSet = value: isAttrs value && !isDerivation value;
      leaves = path: value:
        if isSet value then concatMap (name: leaves (path ++ [ name ]) value.${name}) (attrNames value)
        else if length path > 1 then
          [ { ${concatStringsSep "." (lib.init path)}.${lib.last path} = value; } ]
        else [ { ${head path} = value; } ];
    in
    attrs:
    let
      deep = filter (name: isAttrs attrs.${name} && any isSet (attrValues attrs.${name})) (attrNames attrs);
    in
    toINI {
      mkSectionName = section;
      mkKeyValue = key: value:
        if isList value then concatMapStringsSep "\n" (entry key) value else entry key value;
    } (
      removeAttrs attrs deep
      // lib.foldl lib.recursiveUpdate { } (leaves [ ] (lib.getAttrs deep attrs))
    );

  toJSON = { }: builtins.toJSON;
  toYAML = toJSON;
  mkLuaInline = expr: { _type = "lua-inline"; inherit expr; };

  toPretty =
    {
      allowPrettyValues ? false,
      multiline ? true,
      indent ? "",
    }:
    let
      go = indent: v:
        let
          opening = if multiline then "\n${indent}  " else " ";
          closing = if multiline then "\n${indent}" else " ";
          within = open: close: parts: open + opening + concatStringsSep opening parts + closing + close;
          below = go (indent + "  ");
        in
        if isInt v then toString v
        else if isFloat v then builtins.toJSON v
        else if isString v then
          let
            lines = filter isString (split "\n" v);
            block = map (replaceStrings [ "\${" "''" ] [ "''\${" "'''" ]) lines;
          in
          if multiline && length lines > 1 then
            "''" + opening + concatStringsSep opening (lib.init block)
            + (if lib.last block == "" then closing else opening + lib.last block) + "''"
          else "\"${concatMapStringsSep "\\n" (escape [ "\\" "\"" "\${" ]) lines}\""
        else if isBool v then (if v then "true" else "false")
        else if v == null then "null"
        else if isPath v then toString v
        else if isList v then (if v == [ ] then "[ ]" else within "[" "]" (map below v))
        else if lib.isFunction v then
          let
            args = mapAttrsToList (name: optional: if optional then name + "?" else name) (lib.functionArgs v);
          in
          if args == [ ] then "<function>" else "<function, args: {${concatStringsSep ", " args}}>"
        else if allowPrettyValues && v ? __pretty && v ? val then v.__pretty v.val
        else if v == { } then "{ }"
        else if isDerivation v then "<derivation ${v.name or "???"}>"
        else
          within "{" "}" (
            mapAttrsToList (name: value: "${lib.strings.escapeNixIdentifier name} = ${below value};") v
          );
    in
    go indent;
}
