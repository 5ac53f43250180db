{
  nix.extraOptions = ''
    extra-sandbox-paths = /opt/licence
    sandbox-paths = /dev/kvm
  '';
}
