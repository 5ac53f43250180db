# nixpkgs `lib.customisation`. What overrides a package gives a value that nobody can know here.
# Semantics follow nixpkgs; a name that is not here is unknown, not missing.
lib:
let
  inherit (builtins) intersectAttrs;
  called = fn: if lib.isFunction fn then fn else import fn;
in
rec {
  # A configuration looks at what a function gives, not at its `override`.
  makeOverridable = f: args: f args;
  callPackageWith = autoArgs: fn: args:
    let
      f = called fn;
    in
    f (intersectAttrs (lib.functionArgs f) autoArgs // args);
  callPackagesWith = callPackageWith;
  makeScope = newScope: f:
    let
      self = f self // {
        newScope = scope: newScope (self // scope);
        callPackage = self.newScope { };
        overrideScope = overlay: makeScope newScope (lib.extends overlay f);
        packages = f;
      };
    in
    self;
}
