# nixpkgs `lib.options`: declarations of options, and how they merge and print.
# Semantics follow nixpkgs; a name that is not here is unknown, not missing.
lib:
let
  inherit (builtins) all concatLists foldl' head isAttrs isBool isInt isList isString length map tail;
  inherit (lib) concatMapStringsSep concatStrings;
in
rec {
  isOption = x: (x._type or "") == "option";
  mkOption = attrs: { _type = "option"; } // attrs;
  mkEnableOption = name: mkOption {
    default = false;
    example = true;
    description = "Whether to enable ${name}.";
    type = lib.types.bool;
  };
  mkPackageOption = pkgs: name:
    {
      nullable ? false,
      default ? name,
      example ? null,
      extraDescription ? "",
      pkgsText ? "pkgs",
    }:
    let
      path = lib.toList default;
      text = "${pkgsText}.${lib.attrsets.showAttrPath path}";
    in
    mkOption (
      {
        description = "The ${lib.last (lib.toList name)} package to use."
          + lib.optionalString (extraDescription != "") " ${extraDescription}";
        type = if nullable then lib.types.nullOr lib.types.package else lib.types.package;
      }
      // (
        if default != null then
          {
            default = lib.attrByPath path (throw "${text} cannot be found") pkgs;
            defaultText = literalExpression text;
          }
        else lib.optionalAttrs nullable { default = null; }
      )
      // lib.optionalAttrs (example != null) {
        example = literalExpression (
          if isList example then "${pkgsText}.${lib.attrsets.showAttrPath example}" else example
        );
      }
    );
  mkSinkUndeclaredOptions = attrs: mkOption (
    {
      internal = true;
      visible = false;
      default = false;
      type = lib.types.mkOptionType { name = "sink"; };
    } // attrs
  );

  mergeDefaultOption = loc: definitions:
    let
      values = getValues definitions;
      first = head values;
    in
    if length values == 1 then first
    else if all lib.isFunction values then
      (x: mergeDefaultOption loc (map (f: { value = f x; }) values))
    else if all isList values then concatLists values
    else if all isAttrs values then foldl' (a: b: a // b) { } values
    else if all isBool values then foldl' (a: b: a || b) false values
    else if all isString values then concatStrings values
    else if all isInt values && all (x: x == first) values then first
    else throw "definitions of `${showOption loc}` cannot be merged";
  mergeUniqueOption = { message, merge ? loc: definitions: (head definitions).value }:
    loc: definitions:
    if length definitions == 1 then merge loc definitions
    else throw "`${showOption loc}` is defined several times. ${message}";
  mergeOneOption = mergeUniqueOption { message = ""; };
  mergeEqualOption = loc: definitions:
    let
      first = (head definitions).value;
    in
    if all (definition: definition.value == first) (tail definitions) then first
    else throw "`${showOption loc}` has conflicting definitions";
  getValues = map (x: x.value);
  getFiles = map (x: x.file);

  literalExpression = text:
    if isString text then { _type = "literalExpression"; inherit text; }
    else throw "literalExpression wants a string";
  # Gone from nixpkgs, still in configurations.
  literalExample = literalExpression;
  literalDocBook = literalMD;
  mdDoc = text: text;
  literalMD = text:
    if isString text then { _type = "literalMD"; inherit text; }
    else throw "literalMD wants a string";
  literalCode = language: text: literalMD "```${language}\n${text}\n```\n";
  showOption = concatMapStringsSep "." (
    part:
    if part == "*" || builtins.match "<(.*)>" part != null then part
    else lib.strings.escapeNixIdentifier part
  );
  showFiles = concatMapStringsSep " and " (file: "`${file}'");
  unknownModule = "<unknown-file>";
}
