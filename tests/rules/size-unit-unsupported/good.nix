{
  nix.settings = {
    min-free = 5 * 1024 * 1024 * 1024;
    max-free = "21474836480";
    max-jobs = "auto";
  };
}
