{
  nix.settings.trusted-users = [
    "root"
    "nix-ssh"
    "hydra-queue-runner"
    "_hercules-ci-agent"
    "@builders"
  ];
}
