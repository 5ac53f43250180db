{
  nix.optimise = {
    automatic = true;
    dates = [
      "03:45"
      "daily 15:45" # after lunch
    ];
  };
}
