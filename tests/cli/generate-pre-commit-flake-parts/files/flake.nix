{ inputs.flake-parts.url = "github:hercules-ci/flake-parts"; outputs = _: { }; }
