{
  nixConfig = {
    extra-experimental-features = [ "ca-derivations" ("flakes") ];
    bash-prompt = ''
      acme>
    '';
    max-jobs = 4;
    warn-dirty = false;
  };
  outputs = _: { };
}
