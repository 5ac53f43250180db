# nixpkgs `lib.lists`.
# Semantics follow nixpkgs; a name that is not here is unknown, not missing.
lib:
let
  inherit (builtins) attrNames attrValues isInt mapAttrs split;
  smaller = a: b: if a < b then a else b;
  larger = a: b: if a > b then a else b;
in
rec {
  inherit (builtins)
    head tail length isList elemAt concatLists filter elem genList map concatMap any all
    partition groupBy sort foldl';

  singleton = x: [ x ];
  forEach = list: f: map f list;
  optional = condition: x: if condition then [ x ] else [ ];
  optionals = condition: xs: if condition then xs else [ ];
  toList = x: if isList x then x else [ x ];
  flatten = x: if isList x then concatMap (y: flatten y) x else [ x ];
  foldr = f: nul: list:
    let
      len = length list;
      go = n: if n == len then nul else f (elemAt list n) (go (n + 1));
    in
    go 0;
  fold = foldr;
  foldl = f: nul: list:
    let
      go = n: if n == 0 then nul else f (go (n - 1)) (elemAt list (n - 1));
    in
    go (length list);
  imap0 = f: list: genList (n: f n (elemAt list n)) (length list);
  imap1 = f: list: genList (n: f (n + 1) (elemAt list n)) (length list);
  ifilter0 = predicate: list:
    map (elemAt list) (filter (n: predicate n (elemAt list n)) (genList (n: n) (length list)));

  remove = e: filter (x: x != e);
  subtractLists = e: filter (x: !(elem x e));
  intersectLists = e: filter (x: elem x e);
  mutuallyExclusive = a: b: length a == 0 || !(any (x: elem x a) b);
  unique = foldl' (seen: x: if elem x seen then seen else seen ++ [ x ]) [ ];
  uniqueStrings = list: attrNames (groupBy (x: x) list);
  allUnique = list: length (unique list) == length list;

  findSingle = predicate: none: several: list:
    let
      found = filter predicate list;
      len = length found;
    in
    if len == 0 then none else if len == 1 then head found else several;
  findFirstIndex = predicate: default: list:
    let
      len = length list;
      go = n: if n == len then default else if predicate (elemAt list n) then n else go (n + 1);
    in
    go 0;
  # Elements after the one that is found are not looked at.
  findFirst = predicate: default: list:
    let
      index = findFirstIndex predicate null list;
    in
    if index == null then default else elemAt list index;
  count = predicate: list: length (filter predicate list);

  range = first: end: if first > end then [ ] else genList (n: first + n) (end - first + 1);
  replicate = n: x: genList (i: x) n;
  last = list:
    assert lib.assertMsg (list != [ ]) "lists.last: the list is empty";
    elemAt list (length list - 1);
  init = list:
    assert lib.assertMsg (list != [ ]) "lists.init: the list is empty";
    genList (n: elemAt list n) (length list - 1);
  take = count: list: genList (n: elemAt list n) (smaller count (length list));
  takeEnd = count: list: drop (larger 0 (length list - count)) list;
  drop = count: list: genList (n: elemAt list (n + count)) (larger 0 (length list - count));
  dropEnd = count: list: take (larger 0 (length list - count)) list;
  sublist = start: count: list: take count (drop start list);
  reverseList = list:
    let
      len = length list;
    in
    genList (n: elemAt list (len - n - 1)) len;
  replaceElemAt = list: index: new:
    assert lib.assertMsg (index >= 0 && index < length list) "lists.replaceElemAt: no such index";
    imap0 (n: old: if n == index then new else old) list;
  hasPrefix = prefix: list: take (length prefix) list == prefix;
  removePrefix = prefix: list:
    if hasPrefix prefix list then drop (length prefix) list
    else throw "lists.removePrefix: not a prefix";
  commonPrefix = a: b:
    let
      differs = zipListsWith (x: y: x != y) a b;
    in
    take (findFirstIndex (x: x) (length differs) differs) a;

  zipListsWith = f: a: b:
    genList (n: f (elemAt a n) (elemAt b n)) (smaller (length a) (length b));
  zipLists = zipListsWith (fst: snd: { inherit fst snd; });
  crossLists = f: foldl (fs: args: concatMap (g: map g args) fs) [ f ];
  concatAttrValues = set: concatLists (attrValues set);
  groupBy' = f: nul: key: list: mapAttrs (name: foldl f nul) (groupBy key list);

  sortOn = f: list:
    map (pair: pair.value) (sort (a: b: a.key < b.key) (map (value: { key = f value; inherit value; }) list));
  compareLists = compare: a: b:
    if a == [ ] then (if b == [ ] then 0 else -1)
    else if b == [ ] then 1
    else
      let
        order = compare (head a) (head b);
      in
      if order == 0 then compareLists compare (tail a) (tail b) else order;
  # Digits in names count as numbers.
  naturalSort = list:
    let
      parts = name:
        map (part: if isList part then lib.toInt (head part) else part)
          (split "(0|[1-9][0-9]*)" name);
      keyed = map (value: { key = parts value; inherit value; }) list;
    in
    map (pair: pair.value) (sort (a: b: compareLists lib.compare a.key b.key < 0) keyed);

  # Depth first from the first element to what comes before everything else that it needs.
  listDfs = stopOnCycles: before: list:
    let
      go = at: visited: rest:
        let
          loops = filter (x: before x at) visited;
          next = partition (x: before x at) rest;
        in
        if stopOnCycles && loops != [ ] then { cycle = at; inherit loops visited rest; }
        else if next.right == [ ] then { minimal = at; inherit visited rest; }
        else go (head next.right) ([ at ] ++ visited) (tail next.right ++ next.wrong);
    in
    go (head list) [ ] (tail list);
  toposort = before: list:
    let
      first = listDfs true before list;
      others = toposort before (first.visited ++ first.rest);
    in
    if length list < 2 then { result = list; }
    else if first ? cycle then
      { cycle = reverseList ([ first.cycle ] ++ first.visited); inherit (first) loops; }
    else if others ? cycle then others
    else { result = [ first.minimal ] ++ others.result; };
}
