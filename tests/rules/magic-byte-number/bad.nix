{
  nix.settings = {
    min-free = 10737418240;
    max-free = 53687091200;
  };
}
