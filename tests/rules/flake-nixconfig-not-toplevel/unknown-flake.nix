{
  # nixConfig comes with the framework
  outputs = inputs: inputs.framework.lib.flake { inherit inputs; };
}
