let
  parallelism = "auto";
in
{
  nix.settings = {
    max-jobs = parallelism;
    cores = parallelism;
  };
}
# then reports: build-slots-oversubscribed
