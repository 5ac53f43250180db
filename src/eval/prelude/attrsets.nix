# nixpkgs `lib.attrsets`.
# Semantics follow nixpkgs; a name that is not here is unknown, not missing.
lib:
let
  inherit (builtins)
    all concatMap elemAt filter foldl' groupBy head length map partition tail;
in
rec {
  inherit (builtins)
    attrNames attrValues listToAttrs hasAttr isAttrs getAttr removeAttrs intersectAttrs mapAttrs
    catAttrs zipAttrsWith;

  nameValuePair = name: value: { inherit name value; };
  mapAttrs' = f: set: listToAttrs (map (name: f name set.${name}) (attrNames set));
  mapAttrsToList = f: set: map (name: f name set.${name}) (attrNames set);
  attrsToList = mapAttrsToList nameValuePair;
  genAttrs = names: f: listToAttrs (map (name: nameValuePair name (f name)) names);
  genAttrs' = names: f: listToAttrs (map f names);
  filterAttrs = predicate: set:
    removeAttrs set (filter (name: !predicate name set.${name}) (attrNames set));
  filterAttrsRecursive = predicate: set:
    mapAttrs (name: value: if isAttrs value then filterAttrsRecursive predicate value else value)
      (filterAttrs predicate set);
  concatMapAttrs = f: set: foldl' (a: b: a // b) { } (attrValues (mapAttrs f set));
  optionalAttrs = condition: set: if condition then set else { };

  attrByPath = path: default: set:
    if path == [ ] then set
    else if set ? ${head path} then attrByPath (tail path) default set.${head path}
    else default;
  hasAttrByPath = path: set:
    path == [ ] || (set ? ${head path} && hasAttrByPath (tail path) set.${head path});
  longestValidPathPrefix = path: set:
    if path == [ ] || !(set ? ${head path}) then [ ]
    else [ (head path) ] ++ longestValidPathPrefix (tail path) set.${head path};
  getAttrFromPath = path: attrByPath path (abort "the attribute `${lib.concatStringsSep "." path}` is missing");
  setAttrByPath = path: value:
    if path == [ ] then value else { ${head path} = setAttrByPath (tail path) value; };
  showAttrPath = path:
    if path == [ ] then "<root attribute path>"
    else lib.concatMapStringsSep "." lib.strings.escapeNixIdentifier path;
  # Updates of a path happen after those of the paths below it, in their order.
  updateManyAttrsByPath =
    let
      go = depth: exists: value: updates:
        let
          sorted = partition (update: length update.path == depth) updates;
          below = groupBy (update: elemAt update.path depth) sorted.wrong;
          updated =
            if sorted.wrong == [ ] then
              (if exists then value else throw "updateManyAttrsByPath: a path does not exist")
            else if !exists then mapAttrs (name: go (depth + 1) false null) below
            else if isAttrs value then
              value // mapAttrs (name: go (depth + 1) (value ? ${name}) value.${name}) below
            else throw "updateManyAttrsByPath: a part of a path is no set";
        in
        lib.foldl (result: update: update.update result) updated sorted.right;
    in
    updates: value: go 0 true value updates;

  getAttrs = names: set: genAttrs names (name: set.${name});
  attrVals = names: set: map (name: set.${name}) names;
  foldlAttrs = f: start: set: foldl' (acc: name: f acc name set.${name}) start (attrNames set);
  foldAttrs = f: nul: sets:
    lib.foldr
      (set: acc: lib.foldr (name: done: done // { ${name} = f set.${name} (acc.${name} or nul); }) acc (attrNames set))
      { } sets;
  collect = predicate: value:
    if predicate value then [ value ]
    else if isAttrs value then concatMap (collect predicate) (attrValues value)
    else [ ];
  cartesianProduct = attrs:
    foldl' (
      sets: name:
      concatMap (set: map (value: set // { ${name} = value; }) attrs.${name}) sets
    ) [ { } ] (attrNames attrs);
  mapCartesianProduct = f: attrs: map f (cartesianProduct attrs);
  mapAttrsRecursive = mapAttrsRecursiveCond (set: true);
  mapAttrsRecursiveCond = condition: f:
    let
      go = path: mapAttrs (
        name: value:
        let
          here = path ++ [ name ];
        in
        if isAttrs value && condition value then go here value else f here value
      );
    in
    go [ ];
  mapAttrsToListRecursive = mapAttrsToListRecursiveCond (path: set: true);
  mapAttrsToListRecursiveCond = condition: f:
    let
      go = path: set: concatMap (
        name:
        let
          here = path ++ [ name ];
          value = set.${name};
        in
        if isAttrs value && condition here value then go here value else [ (f here value) ]
      ) (attrNames set);
    in
    go [ ];

  recursiveUpdateUntil = stop: lhs: rhs:
    let
      go = path: a: b:
        a // mapAttrs (
          name: value:
          let
            here = path ++ [ name ];
          in
          if a ? ${name} && !stop here a.${name} value then go here a.${name} value else value
        ) b;
    in
    go [ ] lhs rhs;
  recursiveUpdate = recursiveUpdateUntil (path: a: b: !(isAttrs a && isAttrs b));
  mergeAttrsList = foldl' (a: b: a // b) { };
  overrideExisting = old: new: mapAttrs (name: value: new.${name} or value) old;
  unionOfDisjoint = a: b:
    a // b // mapAttrs (name: value: throw "unionOfDisjoint: both sets have `${name}`") (intersectAttrs a b);
  matchAttrs = pattern: set:
    all (
      name:
      set ? ${name}
      && (
        if isAttrs pattern.${name} then isAttrs set.${name} && matchAttrs pattern.${name} set.${name}
        else pattern.${name} == set.${name}
      )
    ) (attrNames pattern);
  zipAttrsWithNames = names: f: sets: genAttrs names (name: f name (catAttrs name sets));
  zipAttrs = zipAttrsWith (name: values: values);

  isDerivation = value: value.type or null == "derivation";
  recurseIntoAttrs = set: set // { recurseForDerivations = true; };
  dontRecurseIntoAttrs = set: set // { recurseForDerivations = false; };
  getOutput = output: package:
    if package.outputSpecified or false then package
    else package.${output} or package.out or package;
  getFirstOutput = outputs: package:
    let
      found = filter (name: package ? ${name}) outputs;
    in
    if package.outputSpecified or false || found == [ ] then package else package.${head found};
  getBin = getOutput "bin";
  getLib = getOutput "lib";
  getDev = getOutput "dev";
  getMan = getOutput "man";
  getStatic = getFirstOutput [ "static" "lib" "out" ];
  getInclude = getFirstOutput [ "include" "dev" "out" ];
  chooseDevOutputs = map getDev;
}
