# nixpkgs `lib.systems`: the platforms that configurations are for. Of platforms that neither
# macOS nor common Linux machines have, nothing is known.
# Semantics follow nixpkgs; a name that is not here is unknown, not missing.
lib:
let
  inherit (builtins) elemAt filter head isString listToAttrs map match;

  # Predicates that hold for none of these platforms, unless said otherwise.
  predicates = [
    "is32bit" "isAarch32" "isAbiElfv1" "isAbiElfv2" "isAlpha" "isAndroid" "isArc" "isArmv7"
    "isAvr" "isBSD" "isBigEndian" "isCygwin" "isEabi" "isFreeBSD" "isGenode" "isGhcjs" "isILP32"
    "isJavaScript" "isLoongArch64" "isM68k" "isMicroBlaze" "isMinGW" "isMips" "isMips32"
    "isMips64" "isMmix" "isMsp430" "isMsvc" "isMusl" "isNetBSD" "isNone" "isOpenBSD" "isOr1k"
    "isPE" "isPower" "isPower64" "isRedox" "isRiscV" "isRiscV32" "isRiscV64" "isRx" "isS390"
    "isS390x" "isSh4" "isSparc" "isSparc64" "isStatic" "isSunOS" "isUClibc" "isVc4" "isWasi"
    "isWasm" "isWindows" "isi686" "isiOS" "isx86_32"
  ];
  none = listToAttrs (map (name: { inherit name; value = false; }) predicates);

  cpus = {
    aarch64 = { darwinArch = "arm64"; linuxArch = "arm64"; efiArch = "aa64"; ubootArch = "arm64"; family = "arm"; };
    x86_64 = { darwinArch = "x86_64"; linuxArch = "x86_64"; efiArch = "x64"; ubootArch = "x86_64"; family = "x86"; };
  };
  known = cpu: kernel:
    let
      isDarwin = kernel == "darwin";
      isLinux = !isDarwin;
      isAarch64 = cpu == "aarch64";
      isx86_64 = !isAarch64;
      facts = cpus.${cpu};
    in
    none // {
      system = "${cpu}-${kernel}";
      config =
        if isLinux then "${cpu}-unknown-linux-gnu"
        else "${if isAarch64 then "arm64" else cpu}-apple-darwin";
      inherit isDarwin isLinux isAarch64 isx86_64;
      inherit (facts) darwinArch linuxArch efiArch ubootArch;
      isMacOS = isDarwin;
      isMacho = isDarwin;
      isElf = isLinux;
      isGnu = isLinux;
      isAarch = isAarch64;
      isx86 = isx86_64;
      isUnix = true;
      is64bit = true;
      isLittleEndian = true;
      isEfi = true;
      hasSharedLibraries = true;
      qemuArch = cpu;
      libc = if isDarwin then "libSystem" else "glibc";
      linker = if isDarwin then "cctools" else "bfd";
      parsed = lib.nixtuneUnknown // {
        cpu = lib.nixtuneUnknown // { name = cpu; bits = 64; inherit (facts) family; };
        kernel = lib.nixtuneUnknown // { name = kernel; };
      };
      extensions = lib.nixtuneUnknown // {
        sharedLibrary = if isDarwin then ".dylib" else ".so";
        staticLibrary = ".a";
        library = if isDarwin then ".dylib" else ".so";
        executable = "";
      };
    };

  on = kernel: map (cpu: "${cpu}-${kernel}");
  ending = pattern: filter (name: match pattern name != null) doubles.all;
  doubles = lib.nixtuneUnknown // {
    all =
      on "cygwin" [ "i686" "x86_64" ]
      ++ on "darwin" [ "x86_64" "aarch64" ]
      ++ on "freebsd" [ "i686" "x86_64" "aarch64" ]
      ++ on "genode" [ "aarch64" "i686" "x86_64" ]
      ++ [ "x86_64-solaris" "javascript-ghcjs" ]
      ++ on "linux" [
        "aarch64" "arc" "armv5tel" "armv6l" "armv7a" "armv7l" "i686" "loongarch64" "m68k" "sh4"
        "microblaze" "microblazeel" "mips" "mips64" "mips64el" "mipsel" "powerpc" "powerpc64"
        "powerpc64le" "riscv32" "riscv64" "s390" "s390x" "x86_64"
      ]
      ++ [ "mmix-mmixware" ]
      ++ on "netbsd" [
        "aarch64" "armv6l" "armv7a" "armv7l" "i686" "m68k" "mipsel" "powerpc" "riscv32" "riscv64"
        "x86_64"
      ]
      ++ on "none" [
        "aarch64_be" "aarch64" "arm" "armv6l" "avr" "i686" "microblaze" "microblazeel" "mips"
        "mips64" "msp430" "or1k" "m68k" "powerpc" "powerpcle" "riscv32" "riscv64" "rx" "s390"
        "s390x" "vc4" "x86_64"
      ]
      ++ on "openbsd" [ "i686" "x86_64" ]
      ++ [ "x86_64-redox" "wasm64-wasi" "wasm32-wasi" ]
      ++ on "windows" [ "aarch64" "x86_64" "i686" ]
      ++ on "uefi" [ "aarch64" "x86_64" ];
    linux = ending ".*-linux";
    darwin = ending ".*-darwin";
    freebsd = ending ".*-freebsd";
    netbsd = ending ".*-netbsd";
    openbsd = ending ".*-openbsd";
    windows = ending ".*-windows";
    cygwin = ending ".*-cygwin";
    unix = ending ".*-(cygwin|darwin|freebsd|solaris|linux|netbsd|openbsd|redox)";
    aarch64 = ending "aarch64(_be)?-.*";
    x86_64 = ending "x86_64-.*";
    i686 = ending "i686-.*";
    x86 = ending "(i686|x86_64)-.*";
    none = [ ];
  };
in
{
  inherit doubles;
  # What an argument says itself stays.
  elaborate = argument:
    let
      args = if isString argument then { system = argument; } else argument;
      parts = match "(aarch64|x86_64)-(linux|darwin)" (args.system or "");
    in
    if parts == null then lib.nixtuneUnknown // args
    else lib.nixtuneUnknown // known (head parts) (elemAt parts 1) // args;
  equals = a: b: a.system == b.system && a.config == b.config;
  flakeExposed = [
    "x86_64-linux" "aarch64-linux" "x86_64-darwin" "armv6l-linux" "armv7l-linux" "i686-linux"
    "aarch64-darwin" "powerpc64le-linux" "riscv64-linux" "x86_64-freebsd"
  ];
}
