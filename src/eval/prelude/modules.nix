# nixpkgs `lib.modules`: properties of definitions, and modules that stand for other options.
# Semantics follow nixpkgs; a name that is not here is unknown, not missing.
lib:
let
  inherit (builtins) any foldl' map;
  # What an old option holds while nothing defines it. Of its attributes only the mark is known,
  # so that whoever reads the old option learns nothing wrong.
  unset = lib.nixtuneUnknown // { nixtuneUnset = true; };
  isUnset = value: value.nixtuneUnset or false;
  # Definitions of the option at `from` are definitions of the one at `to`, as strong as they are.
  # A strength that is not known counts as that of a plain definition.
  forward = from: to:
    { config, options, ... }:
    let
      value = lib.getAttrFromPath from config;
      option = lib.getAttrFromPath from options;
    in
    {
      options = lib.setAttrByPath from (lib.mkOption { visible = false; default = unset; });
      config = lib.setAttrByPath to (
        lib.mkIf (!isUnset value) (lib.mkOverride option.highestPrio value)
      );
    };
in
rec {
  inherit (lib) importJSON importTOML;

  defaultOverridePriority = 100;
  defaultOrderPriority = 1000;
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
  mkAssert = condition: message: mkIf (if condition then true else throw message);
  mkFixStrictness = value: value;
  mkDefinition = attrs: attrs // { _type = "definition"; };

  mkAliasDefinitions = mkAliasAndWrapDefinitions (value: value);
  mkAliasAndWrapDefinitions = wrap: option:
    mkAliasIfDef option (wrap (mkMerge option.definitions));
  mkAliasAndWrapDefsWithPriority = wrap: option:
    mkAliasIfDef option (wrap (mkOverride option.highestPrio (mkMerge option.definitions)));
  mkAliasIfDef = option: mkIf (lib.isOption option && option.isDefined);
  mkDerivedConfig = option: f: mkOverride (option.highestPrio or 100) (f option.value);

  mkAliasOptionModule = forward;
  mkAliasOptionModuleMD = forward;
  mkRenamedOptionModule = forward;
  mkRenamedOptionModuleWith = { from, to, sinceRelease }: forward from to;
  doRename = { from, to, ... }: forward from to;
  mkRemovedOptionModule = path: message: {
    options = lib.setAttrByPath path (lib.mkOption { visible = false; });
  };
  mkMergedOptionModule = from: to: merge:
    { config, ... }: {
      options = foldl' lib.recursiveUpdate { } (
        map
          (path:
            lib.setAttrByPath path
              (lib.mkOption { visible = false; default = "_mkMergedOptionModule"; }))
          from
      );
      config = lib.setAttrByPath to (
        mkIf
          (any (path: lib.getAttrFromPath path config != "_mkMergedOptionModule") from)
          (merge config)
      );
    };
  mkChangedOptionModule = from: mkMergedOptionModule [ from ];

  # Where a module is written matters to messages only.
  setDefaultModuleLocation = file: module: { imports = [ module ]; };
  importApply = path: args: import path args;
}
