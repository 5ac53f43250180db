let
  parallelism = "auto";
in
{
  nix.settings = {
    max-jobs = parallelism;
    cores = parallelism;
  };
}
