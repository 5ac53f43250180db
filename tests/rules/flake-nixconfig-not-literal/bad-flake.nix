{
  nixConfig = {
    extra-substituters = [ "https://devenv.cachix.org" ] ++ [ "https://numtide.cachix.org" ];
    bash-prompt = "${"acme"}> ";
    max-jobs = if true then 4 else 2;
  };
  outputs = _: { };
}
