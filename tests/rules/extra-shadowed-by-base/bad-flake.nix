{
  nixConfig = {
    extra-system-features = [ "kvm" ];
    system-features = [
      "big-parallel"
      "benchmark"
    ];
  };
  outputs = _: { };
}
