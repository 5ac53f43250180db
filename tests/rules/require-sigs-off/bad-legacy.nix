{
  nix.requireSignedBinaryCaches = false;
}
