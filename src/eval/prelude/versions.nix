# nixpkgs `lib.versions`: parts of version numbers.
# Semantics follow nixpkgs; a name that is not here is unknown, not missing.
lib:
let
  inherit (builtins) concatStringsSep elemAt genList head length match;
in
rec {
  inherit (builtins) splitVersion compareVersions;

  major = version: elemAt (splitVersion version) 0;
  minor = version: elemAt (splitVersion version) 1;
  patch = version: elemAt (splitVersion version) 2;
  majorMinor = version: concatStringsSep "." (lib.take 2 (splitVersion version));
  # What follows the first dash stays.
  pad = count: version:
    let
      found = match "([^-]*)(-.*)?" version;
      numbers = splitVersion (head found);
      rest = elemAt found 1;
      number = n: if n < length numbers then elemAt numbers n else "0";
    in
    concatStringsSep "." (genList number count) + (if rest == null then "" else rest);
}
