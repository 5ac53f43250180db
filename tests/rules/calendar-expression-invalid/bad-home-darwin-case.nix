{
  nix.gc = {
    automatic = true;
    frequency = "Weekly";
  };
}
