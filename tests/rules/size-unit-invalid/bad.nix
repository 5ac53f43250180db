{
  nix.settings = {
    min-free = "5GiB"; # start collecting
    max-free = "20 G";
  };
}
