{
  nixConfig.bash-prompt = "[nix#1]$ ";
  outputs = { self }: { };
}
