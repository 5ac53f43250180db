{
  nix.extraOptions = ''
    max-jobs = auto
    cores = auto
  '';
}
# then reports: build-slots-oversubscribed
