{
  nix.settings = {
    max-jobs = "auto";
    cores = "auto"; # all of them
  };
}
# then reports: build-slots-oversubscribed
