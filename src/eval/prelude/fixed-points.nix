# nixpkgs `lib.fixedPoints`, and `lib.extend`.
# Semantics follow nixpkgs; a name that is not here is unknown, not missing.
lib:
rec {
  fix = f:
    let
      x = f x;
    in
    x;
  fix' = f:
    let
      x = f x // { __unfix__ = f; };
    in
    x;
  converge = f: x:
    let
      next = f x;
    in
    if next == x then x else converge f next;
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
  composeManyExtensions = builtins.foldl' composeExtensions (final: prev: { });
  makeExtensible = makeExtensibleWithCustomName "extend";
  makeExtensibleWithCustomName = name: f:
    fix' (self:
      f self // { ${name} = overlay: makeExtensibleWithCustomName name (extends overlay f); });
  toExtension = f:
    if lib.isFunction f then
      (final: prev:
        let
          # A function of the previous values alone gives the new ones at once.
          once = f prev;
        in
        if lib.isFunction once then f final prev else once)
    else (final: prev: f);

  # The functions of lib itself keep seeing lib as it was.
  extend =
    let
      from = prev: overlay:
        let
          final = prev // overlay final prev // { extend = from final; };
        in
        final;
    in
    from lib;
}
