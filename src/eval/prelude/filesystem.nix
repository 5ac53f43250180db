# nixpkgs `lib.filesystem`: what lies in folders.
# Semantics follow nixpkgs; a name that is not here is unknown, not missing.
lib:
let
  inherit (builtins) attrNames concatMap;
in
rec {
  inherit (builtins) readDir readFileType baseNameOf dirOf isPath;

  pathType = readFileType;
  pathIsDirectory = path: builtins.pathExists path && pathType path == "directory";
  pathIsRegularFile = path: builtins.pathExists path && pathType path == "regular";
  listFilesRecursive = folder:
    let
      entries = readDir folder;
    in
    concatMap (
      name:
      if entries.${name} == "directory" then listFilesRecursive (folder + "/${name}")
      else [ (folder + "/${name}") ]
    ) (attrNames entries);
}
