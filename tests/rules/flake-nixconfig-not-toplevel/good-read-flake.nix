{
  outputs = _: {
    lib.nixConfig = { };
  };
}
