# `evalModules` for the tests of nixtune's own: what a real Nix makes of modules that declare
# options and define each other's values. Written for these tests after the documented behavior of
# nixpkgs' lib/modules.nix and lib/types.nix, and apart from the evaluator that it judges. `base` is
# the rest of lib.
base:
let
  inherit (builtins)
    all any attrNames concatLists concatMap deepSeq elem filter foldl' functionArgs genericClosure
    hasAttr head isAttrs isBool isFunction isInt isList isPath isString length map mapAttrs
    removeAttrs sort tail toJSON tryEval;
  inherit (base) mkIf mkOverride recursiveUpdate reverseList setAttrByPath toList unique;

  is = type: value: isAttrs value && (value._type or null) == type;

  # Conditions and priorities around a set move to its attributes.
  pushDown = value:
    if is "merge" value then concatMap pushDown value.contents
    else if is "if" value then map (mapAttrs (_: mkIf value.condition)) (pushDown value.content)
    else if is "override" value
    then map (mapAttrs (_: mkOverride value.priority)) (pushDown value.content)
    else [ value ];

  # Of one option: conditions first, then one priority, then one order.
  discharge = value:
    if is "merge" value then concatMap discharge value.contents
    else if is "if" value then
      if !isBool value.condition then throw "a condition that is no boolean"
      else if value.condition then discharge value.content
      else [ ]
    else [ value ];
  strongest = values:
    let
      priority = value: if is "override" value then value.priority else 100;
      best = foldl' (a: b: if a < b then a else b) 9999 (map priority values);
    in
    map (value: if is "override" value then value.content else value)
      (filter (value: priority value == best) values);
  inOrder = values:
    if any (is "order") values then
      let
        marked = map
          (value:
            if is "order" value then { at = value.priority; value = value.content; }
            else { at = 1000; inherit value; })
          values;
      in
      map (one: one.value) (sort (a: b: a.at < b.at) marked)
    else values;

  # Definitions of a type: { isDefined, value }.
  merged = loc: type: values:
    let final = inOrder (strongest (concatMap discharge values)); in
    {
      isDefined = final != [ ];
      value =
        if final == [ ] then throw "${toJSON loc} is used but not defined"
        else if !(all type.check final) then throw "${toJSON loc} is not of type ${type.name}"
        else type.merge loc final;
    };

  # Modules as they are found: each with its imports below it.
  collect = arguments: parent: modules:
    let
      number = map (index: { inherit index; module = builtins.elemAt modules index; })
        (builtins.genList (index: index) (length modules));
      load = { index, module }:
        let
          isFile = isPath module || isString module;
          loaded = if isFile then import module else module;
          called =
            if isFunction loaded
            then loaded (arguments // mapAttrs (name: _: arguments.${name} or arguments.config._module.args.${name}) (functionArgs loaded))
            else loaded;
          content = if is "if" called || is "merge" called || is "override" called then { config = called; } else called;
          key = toString (content.key or (if isFile then toString module else "${parent}:${toString (index + 1)}"));
          isSplit = content ? config || content ? options;
          known = [ "_class" "_file" "key" "disabledModules" "imports" "options" "config" "freeformType" ];
        in
        if isSplit && removeAttrs content known != { } then throw "${key} has stray attributes"
        else {
          inherit key;
          options = content.options or { };
          configs =
            (if content ? freeformType then [ { _module.freeformType = content.freeformType; } ] else [ ])
            ++ [ (if isSplit then content.config or { } else removeAttrs content known) ];
          disabled = map
            (one:
              if is null one && isAttrs one then one.key
              else if isString one && builtins.substring 0 1 one != "/" then "/nixpkgs/${one}"
              else toString one)
            (content.disabledModules or [ ]);
          below = collect arguments key (content.imports or [ ]);
        };
    in
    map load number;
  everyDisabled = concatMap (module: module.disabled ++ everyDisabled module.below);
  flat = modules:
    let
      off = everyDisabled modules;
      on = modules: map (module: { inherit (module) key; inherit module; })
        (filter (module: !(elem module.key off)) modules);
    in
    map (found: found.module)
      (genericClosure { startSet = on modules; operator = found: on found.module.below; });

  # { values, options, strays }: strays are definitions without declaration.
  mergeTree = prefix: declared: defined:
    let
      pushed = concatMap pushDown defined;
      names = unique (concatMap attrNames declared);
      at = name: map (set: set.${name}) (filter (hasAttr name) pushed);
      below = name:
        let
          declarations = map (set: set.${name}) (filter (hasAttr name) declared);
          own = prefix ++ [ name ];
        in
        if any (is "option") declarations then
          if length declarations > 1 then throw "${toJSON own} is declared twice"
          else
            let
              declaration = head declarations;
              values =
                (if declaration ? default then [ (mkOverride 1500 declaration.default) ] else [ ])
                ++ at name;
              result = merged own (declaration.type or types.unspecified) values;
            in
            {
              values = if declaration ? apply then declaration.apply result.value else result.value;
              options = declaration // { isDefined = result.isDefined; definitions = at name; };
              strays = [ ];
            }
        else mergeTree own declarations (at name);
      all = base.genAttrs names below;
    in
    {
      values = mapAttrs (_: one: one.values) all;
      options = mapAttrs (_: one: one.options) all;
      strays = concatMap (name: all.${name}.strays) names
        ++ concatMap
        (name: map (value: { path = prefix ++ [ name ]; inherit value; }) (at name))
        (filter (name: !(elem name names)) (unique (concatMap attrNames pushed)));
    };

  evalModules = { modules, specialArgs ? { }, prefix ? [ ] }:
    let
      internal = {
        options._module.args = base.mkOption { type = types.lazyAttrsOf types.raw; };
        options._module.freeformType = base.mkOption { type = types.nullOr types.raw; default = null; };
        config._module.args = { };
      };
      arguments = { inherit lib config options; } // specialArgs;
      ordered = reverseList (flat (collect arguments "" (modules ++ [ internal ])));
      tree = mergeTree prefix (map (module: module.options) ordered) (concatMap (module: module.configs) ordered);
      options = tree.options;
      freeform = tree.values._module.freeformType;
      skip = length prefix;
      free = freeform.merge prefix (map
        (stray: setAttrByPath (drop skip stray.path) stray.value)
        tree.strays);
      drop = n: list: if n == 0 then list else drop (n - 1) (tail list);
      declared = removeAttrs tree.values [ "_module" ];
      config =
        (if freeform == null then
          if tree.strays == [ ] then declared
          else throw "${toJSON (head tree.strays).path} does not exist"
        else recursiveUpdate free declared)
        // { inherit (tree.values) _module; };
    in
    { inherit config options; };

  # Types.
  type = name: check: merge: { _type = "option-type"; inherit name check merge; };
  same = loc: values:
    if all (value: value == head values) values then head values
    else throw "${toJSON loc} has conflicting definitions";
  one = loc: values:
    if length values == 1 then head values else throw "${toJSON loc} is defined more than once";
  # What a type makes of the parts of its values.
  inner = loc: type: value: merged loc type value;
  setOf = name: element: type name isAttrs (loc: values:
    let
      names = unique (concatMap attrNames values);
      of = name: inner (loc ++ [ name ]) element
        (map (set: set.${name}) (filter (hasAttr name) values));
      isThere = name: name == "lazy" || (of name).isDefined;
    in
    base.genAttrs (filter isThere names) (name: (of name).value));

  types = {
    raw = type "raw" (_: true) one;
    unspecified = type "unspecified" (_: true) (loc: values:
      if length values == 1 then head values
      else if all isList values then concatLists values
      else if all isAttrs values then foldl' (a: b: a // b) { } values
      else if all isBool values then any (value: value) values
      else if all isString values then builtins.concatStringsSep "" values
      else if all isInt values && all (value: value == head values) values then head values
      else throw "${toJSON loc} has conflicting definitions");
    anything = type "anything" (_: true) (loc: values:
      if length values > 1 && all isAttrs values
      then (types.attrsOf types.anything).merge loc values
      else if all isAttrs values then (types.attrsOf types.anything).merge loc values
      else same loc values);
    bool = type "bool" isBool same;
    int = type "int" isInt same;
    ints.between = low: high: type "intBetween" (value: isInt value && value >= low && value <= high) same;
    ints.positive = type "positiveInt" (value: isInt value && value > 0) same;
    str = type "str" isString same;
    path = type "path" (value: isPath value || (isString value && builtins.substring 0 1 value == "/")) same;
    enum = values: type "enum" (value: elem value values) same;
    separatedString = separator:
      type "separatedString" isString (_: builtins.concatStringsSep separator);
    lines = types.separatedString "\n";
    commas = types.separatedString ",";
    attrs = type "attrs" isAttrs (_: foldl' (a: b: a // b) { });
    attrsOf = setOf "attrsOf";
    lazyAttrsOf = element: type "lazyAttrsOf" isAttrs (loc: values:
      base.genAttrs (unique (concatMap attrNames values)) (name:
        (inner (loc ++ [ name ]) element (map (set: set.${name}) (filter (hasAttr name) values))).value));
    listOf = element: type "listOf" isList (loc: values:
      map (found: found.value)
        (filter (found: found.isDefined)
          (concatLists (base.imap0
            (number: value: base.imap0
              (entry: item:
                inner (loc ++ [ "[definition ${toString (number + 1)}-entry ${toString (entry + 1)}]" ]) element [ item ])
              value)
            values))));
    nullOr = element: type "nullOr" (value: value == null || element.check value) (loc: values:
      if all (value: value == null) values then null
      else if any (value: value == null) values then throw "${toJSON loc} is null and is not"
      else element.merge loc values);
    uniq = element: type "uniq" element.check one;
    either = left: right: type "either" (value: left.check value || right.check value) (loc: values:
      if all left.check values then left.merge loc values
      else if all right.check values then right.merge loc values
      else one loc values);
    oneOf = list: foldl' types.either (head list) (tail list);
    coercedTo = from: f: to: type "coercedTo"
      (value: (from.check value && to.check (f value)) || to.check value)
      (loc: values: to.merge loc (map (value: if from.check value then f value else value) values));
    submodule = modules: types.submoduleWith { modules = toList modules; shorthandOnlyDefinesConfig = true; };
    submoduleWith = { modules, specialArgs ? { }, shorthandOnlyDefinesConfig ? false }:
      type "submodule" (value: isAttrs value || isFunction value || isPath value) (loc: values:
        let
          own = value:
            if isAttrs value && shorthandOnlyDefinesConfig then { config = value; }
            else { imports = [ value ]; };
          all = evalModules {
            inherit specialArgs;
            prefix = loc;
            # The option's declaration wraps them.
            modules = map (module: { imports = [ module ]; }) modules ++ [ { _module.args.name = base.last loc; } ] ++ map own values;
          };
        in
        removeAttrs all.config [ "_module" ]);
  };

  lib = base // { inherit types evalModules; };

  # The options of Nix, as far as the tests define them. `nixtune` stands for no module of anyone.
  nix = lib: {
    options.nix = {
      enable = lib.mkOption { type = lib.types.bool; default = true; };
      extraOptions = lib.mkOption { type = lib.types.lines; default = ""; };
      gc.automatic = lib.mkOption { type = lib.types.bool; default = false; };
      gc.dates = lib.mkOption {
        type = lib.types.either lib.types.str (lib.types.listOf lib.types.str);
        default = "03:15";
      };
      gc.options = lib.mkOption { type = lib.types.str; default = ""; };
      settings = lib.mkOption {
        default = { };
        type = lib.types.submodule {
          freeformType =
            let
              atom = lib.types.nullOr (lib.types.oneOf [ lib.types.bool lib.types.int lib.types.str lib.types.path ]);
            in
            lib.types.attrsOf (lib.types.either atom (lib.types.listOf atom));
        };
      };
    };
  };

  attempt = value: tryEval (deepSeq value value);
in
{
  inherit lib evalModules types;

  # What a machine's files define: each setting and option by its path, `success` false for one
  # that fails. `judge` has `evalModules`: these ones, or nixpkgs' own.
  machine = { judge ? lib, modules, specialArgs ? { } }:
    let
      machine = judge.evalModules { inherit specialArgs; modules = [ (nix judge) ] ++ modules; };
      names = attempt (attrNames machine.config.nix.settings);
      value = path: attempt (base.getAttrFromPath path machine.config);
      isSet = path: attempt
        (length (filter (one: one.isThere) (definitions path)) > 0);
      definitions = path:
        let option = base.getAttrFromPath path machine.options; in
        if option ? highestPrio then [ { isThere = option.highestPrio < 1500; } ]
        else map (_: { isThere = true; }) (concatMap discharge option.definitions);
    in
    {
      settings =
        if names.success
        then base.genAttrs names.value (name: attempt machine.config.nix.settings.${name})
        else null;
      options = base.genAttrs [ "extraOptions" "gc.automatic" "gc.dates" "gc.options" ] (name:
        let path = [ "nix" ] ++ base.splitString "." name; in
        { value = value path; isSet = isSet path; });
    };
}
