rec {
  description = "acme";
  nixConfig.bash-prompt = description;
  outputs = _: { };
}
