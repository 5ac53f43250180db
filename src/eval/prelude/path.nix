# nixpkgs `lib.path`: paths, and the part of one path below another.
# Semantics follow nixpkgs; a name that is not here is unknown, not missing.
lib:
let
  inherit (builtins) all concatMap elem filter head isPath isString length split substring;

  parts = text: filter (part: isString part && part != "" && part != ".") (split "/" text);
  below = text:
    if subpath.isValid text then parts text
    else throw "`${toString text}` is not a valid subpath";
  print = names: "./" + (if names == [ ] then "." else lib.concatStringsSep "/" names);
  of = path: parts (toString path);
  subpath = {
    isValid = text:
      isString text && text != "" && substring 0 1 text != "/" && !(elem ".." (parts text));
    normalise = text: print (below text);
    join = texts: print (concatMap below texts);
    components = below;
  };
in
rec {
  inherit subpath;

  append = root: text: root + ("/" + lib.concatStringsSep "/" (below text));
  hasPrefix = prefix: path: lib.lists.hasPrefix (of prefix) (of path);
  removePrefix = prefix: path:
    if hasPrefix prefix path then print (lib.drop (length (of prefix)) (of path))
    else throw "lib.path.removePrefix: not a prefix";
  splitRoot = path: { root = /.; subpath = print (of path); };
}
