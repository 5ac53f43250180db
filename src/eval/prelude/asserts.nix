# nixpkgs `lib.asserts`.
# Semantics follow nixpkgs; a name that is not here is unknown, not missing.
lib:
rec {
  assertMsg = condition: message: condition || throw message;
  assertOneOf = name: value: valid:
    assertMsg (builtins.elem value valid) "${name} is not one of the values that are allowed";
  assertEachOneOf = name: values: valid:
    assertMsg (lib.subtractLists valid values == [ ]) "${name} holds a value that is not allowed";
}
