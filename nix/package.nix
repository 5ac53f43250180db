# How nixtune is built. The tests compare with real Nix and need what `tests/set-up` provides; here
# only those run that need nothing.
{
  lib,
  rustPlatform,
  installShellFiles,
  stdenv,
}:
let
  cargo = lib.importTOML ../Cargo.toml;
in
rustPlatform.buildRustPackage {
  pname = cargo.package.name;
  inherit (cargo.package) version;

  src = lib.fileset.toSource {
    root = ../.;
    fileset = lib.fileset.unions [
      ../Cargo.lock
      ../Cargo.toml
      ../benches
      ../src
      ../templates
      ../tests/it
    ];
  };

  cargoLock.lockFile = ../Cargo.lock;

  cargoTestFlags = [ "--lib" ];

  nativeBuildInputs = [ installShellFiles ];

  postInstall = lib.optionalString (stdenv.buildPlatform.canExecute stdenv.hostPlatform) ''
    installShellCompletion --cmd nixtune \
      --bash <($out/bin/nixtune completions bash) \
      --fish <($out/bin/nixtune completions fish) \
      --zsh <($out/bin/nixtune completions zsh)
    $out/bin/nixtune man --output man
    installManPage man/*.1
  '';

  meta = {
    inherit (cargo.package) description;
    homepage = cargo.package.repository;
    license = [
      lib.licenses.mit
      lib.licenses.asl20
    ];
    mainProgram = "nixtune";
  };
}
