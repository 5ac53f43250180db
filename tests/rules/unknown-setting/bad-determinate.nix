{
  determinateNix.customSettings = {
    eval-core = 4;
    lazy-trees = true;
  };
}
