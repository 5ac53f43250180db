# nixpkgs `lib.cli`: arguments of programs.
# Semantics follow nixpkgs; a name that is not here is unknown, not missing.
lib:
let
  inherit (builtins) concatLists concatMap isBool isList stringLength;
in
rec {
  toGNUCommandLine =
    {
      mkOptionName ? (name: if stringLength name == 1 then "-${name}" else "--${name}"),
      mkBool ? (name: value: lib.optional value (mkOptionName name)),
      mkList ? (name: concatMap (mkOption name)),
      mkOption ? (
        name: value:
        if value == null then [ ]
        else if optionValueSeparator == null then
          [ (mkOptionName name) (lib.generators.mkValueStringDefault { } value) ]
        else
          [ "${mkOptionName name}${optionValueSeparator}${lib.generators.mkValueStringDefault { } value}" ]
      ),
      optionValueSeparator ? null,
    }:
    options:
    concatLists (
      lib.mapAttrsToList (
        name: value:
        if isBool value then mkBool name value
        else if isList value then mkList name value
        else mkOption name value
      ) options
    );
  toGNUCommandLineShell = form: options: lib.escapeShellArgs (toGNUCommandLine form options);
}
