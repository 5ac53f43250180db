{
  nixConfig.extra-trusted-users = "alice";
  outputs = _: { };
}
