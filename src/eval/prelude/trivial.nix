# nixpkgs `lib.trivial`: functions about booleans, numbers, functions and warnings.
# Semantics follow nixpkgs; a name that is not here is unknown, not missing. So are `version` and
# `release`: which nixpkgs a configuration locks is nobody's to guess.
lib:
let
  inherit (builtins) foldl' isInt;
in
rec {
  inherit (builtins)
    pathExists readFile isBool isInt isFloat add sub mul div lessThan seq deepSeq
    genericClosure bitAnd bitOr bitXor ceil floor;

  id = x: x;
  const = x: y: x;
  pipe = value: foldl' (x: f: f x) value;
  flip = f: a: b: f b a;
  concat = a: b: a ++ b;
  and = a: b: a && b;
  "or" = a: b: a || b;
  xor = a: b: (!a) != (!b);
  bitNot = n: (-1) - n;
  boolToString = b: if b then "true" else "false";
  boolToYesNo = b: if b then "yes" else "no";
  mergeAttrs = a: b: a // b;
  defaultTo = default: maybe: if maybe != null then maybe else default;
  mapNullable = f: a: if a == null then a else f a;
  min = a: b: if a < b then a else b;
  max = a: b: if a > b then a else b;
  mod = base: int: base - (int * (base / int));
  compare = a: b: if a < b then -1 else if a > b then 1 else 0;
  splitByAndCompare = p: both: neither: a: b:
    if p a then (if p b then both a b else -1)
    else if p b then 1
    else neither a b;

  importJSON = path: builtins.fromJSON (readFile path);
  importTOML = path: builtins.fromTOML (readFile path);

  # A warning changes no value.
  warn = message: value: value;
  warnIf = condition: message: value: value;
  warnIfNot = condition: message: value: value;
  info = message: value: value;
  showWarnings = warnings: value: value;
  throwIf = condition: message: if condition then throw message else (x: x);
  throwIfNot = condition: message: if condition then (x: x) else throw message;
  checkListOfEnum = message: valid: given:
    let
      others = builtins.filter (x: !(builtins.elem x valid)) given;
    in
    throwIfNot (others == [ ]) "${message}: unexpected values";

  setFunctionArgs = f: args: { __functor = self: f; __functionArgs = args; };
  functionArgs = f:
    if f ? __functor then f.__functionArgs or (functionArgs (f.__functor f))
    else builtins.functionArgs f;
  isFunction = f: builtins.isFunction f || (f ? __functor && isFunction (f.__functor f));
  mirrorFunctionArgs = f: g: setFunctionArgs g (functionArgs f);
  toFunction = v: if isFunction v then v else (k: v);

  fromHexString = s: (builtins.fromTOML "v=0x${lib.removePrefix "0x" (lib.toLower s)}").v;
  toHexString = n:
    lib.concatMapStrings (digit: builtins.substring digit 1 "0123456789ABCDEF") (toBaseDigits 16 n);
  toBaseDigits = base: n:
    assert isInt base && isInt n && base >= 2 && n >= 0;
    let
      go = n: if n < base then [ n ] else go (n / base) ++ [ (mod n base) ];
    in
    go n;
}
