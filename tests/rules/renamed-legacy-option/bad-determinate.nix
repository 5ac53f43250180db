{
  determinate-nix.customSettings = {
    eval-cores = 0;
    lazy-trees = true;
  };
}
