# nixpkgs `lib.types`: what merges definitions reads their names and parts; nothing is checked.
# Semantics follow nixpkgs; a name that is not here is unknown, not missing.
lib:
let
  inherit (builtins) foldl' head tail;

  type = name: parts: {
    _type = "option-type";
    inherit name;
    description = name;
    descriptionClass = "noun";
    check = x: true;
    merge = lib.mergeDefaultOption;
    emptyValue = { };
    nestedTypes = { };
    deprecationMessage = null;
    getSubOptions = prefix: { };
    getSubModules = null;
    substSubModules = modules: null;
    functor = { inherit name; payload = null; };
  } // parts;
  simple = name: description: type name { inherit description; };
  of = name: elemType: type name { nestedTypes = { inherit elemType; }; };
  separated = name: separator: type name { inherit separator; };
  integer = name: simple name "integer";
in
rec {
  isType = name: x: (x._type or "") == name;
  setType = name: value: value // { _type = name; };
  isOptionType = isType "option-type";
  mkOptionType = { name, ... }@attrs: type name attrs;
  defaultFunctor = name: { inherit name; type = lib.types.${name} or null; payload = null; binOp = a: b: null; };

  raw = simple "raw" "raw value";
  anything = simple "anything" "anything";
  unspecified = simple "unspecified" "unspecified value";
  bool = simple "bool" "boolean";
  boolByOr = simple "boolByOr" "boolean (merged using or)";
  int = simple "int" "signed integer";
  float = simple "float" "floating point number";
  number = either int float;
  port = ints.u16;
  ints = {
    between = lowest: highest: integer "intBetween";
    unsigned = integer "unsignedInt";
    positive = integer "positiveInt";
    u8 = integer "unsignedInt8";
    u16 = integer "unsignedInt16";
    u32 = integer "unsignedInt32";
    s8 = integer "signedInt8";
    s16 = integer "signedInt16";
    s32 = integer "signedInt32";
  };
  numbers = {
    between = lowest: highest: number // { name = "numberBetween"; };
    nonnegative = number // { name = "numberNonnegative"; };
    positive = number // { name = "numberPositive"; };
  };

  str = simple "str" "string";
  string = str;
  nonEmptyStr = simple "nonEmptyStr" "non-empty string";
  singleLineStr = simple "singleLineStr" "single-line string";
  strMatching = pattern: type "strMatching ${lib.strings.escapeNixString pattern}" {
    description = "string matching the pattern ${pattern}";
  };
  passwdEntry = entry: entry // { name = "passwdEntry ${entry.name}"; };
  separatedString = separated "separatedString";
  lines = separatedString "\n";
  commas = separatedString ",";
  envVar = separatedString ":";

  attrs = simple "attrs" "attribute set";
  package = simple "package" "package";
  shellPackage = package;
  pkgs = simple "pkgs" "Nixpkgs package set";
  path = simple "path" "absolute path";
  pathInStore = path;
  externalPath = path;
  pathWith = constraints: path;
  fileset = simple "fileset" "fileset";

  listOf = of "listOf";
  nonEmptyListOf = listOf;
  attrsOf = of "attrsOf";
  lazyAttrsOf = of "lazyAttrsOf";
  loaOf = attrsOf;
  attrsWith = { elemType, lazy ? false, placeholder ? "name" }:
    of (if lazy then "lazyAttrsOf" else "attrsOf") elemType;
  nullOr = of "nullOr";
  functionTo = of "functionTo";
  uniq = of "unique";
  unique = { message ? "", ... }: of "unique";
  attrTag = tags: type "attrTag" { inherit tags; };
  addCheck = checked: check: checked;

  submodule = module: submoduleWith { modules = lib.toList module; shorthandOnlyDefinesConfig = true; };
  submoduleWith =
    {
      modules,
      specialArgs ? { },
      shorthandOnlyDefinesConfig ? false,
      description ? "submodule",
      class ? null,
    }:
    type "submodule" {
      inherit modules specialArgs shorthandOnlyDefinesConfig class;
      description = if description == null then "submodule" else description;
      getSubModules = modules;
      substSubModules = modules: submoduleWith { inherit modules specialArgs class; };
    };
  deferredModule = deferredModuleWith { };
  deferredModuleWith = { staticModules ? [ ] }: type "deferredModule" { inherit staticModules; };
  optionType = simple "optionType" "optionType";
  optionDeclaration = simple "optionDeclaration" "option declaration";

  enum = values: type "enum" {
    inherit values;
    functor = { name = "enum"; payload = { inherit values; }; };
  };
  either = left: right: type "either" { nestedTypes = { inherit left right; }; };
  oneOf = types:
    if types == [ ] then throw "types.oneOf wants at least one type"
    else foldl' either (head types) (tail types);
  coercedTo = coercedType: coerceFunc: finalType: type "coercedTo" {
    inherit coerceFunc;
    nestedTypes = { inherit coercedType finalType; };
    inherit (finalType) getSubModules getSubOptions;
  };

  # Data that a file format can hold.
  serializableValueWith = { typeName, nullable ? true }:
    let
      value = (if nullable then nullOr plain else plain) // { description = "${typeName} value"; };
      plain = oneOf [ bool int float str path (attrsOf value) (listOf value) ];
    in
    value;
  json = serializableValueWith { typeName = "JSON"; };
  toml = serializableValueWith { typeName = "TOML"; nullable = false; };

  # `lib.types.types` is there as well.
  types = lib.types;
}
