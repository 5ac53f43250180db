# Short commands for nix-darwin, rebuilt from the flake in ~.
{ pkgs, ... }:
let
  # One command, so that scripts and tasks of editors find it, too.
  nix-tasks = pkgs.writeShellApplication {
    name = "nix-tasks";
    runtimeInputs = [
      pkgs.nvd
      pkgs.nh
    ];
    text = ''
      # Where the configuration lies.
      _nix_configuration="$HOME"

      _nix_as_root() {
        if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -H "$@"; fi
      }

      # Nix's own options stand behind `--`, which may be there already.
      _nix_nh_with() {
        local nix_option=$1 argument
        shift
        for argument in "$@"; do
          if [ "$argument" = -- ]; then
            nh "$@" "$nix_option"
            return
          fi
        done
        nh "$@" -- "$nix_option"
      }

      # The generation that the next start takes.
      _nix_generation() {
        readlink "''${NIX_STATE_DIR:-/nix/var/nix}/profiles/system"
      }

      # Builds the configuration and makes it the running one.
      rebuild() {
        nh darwin switch "$_nix_configuration" "$@"
      }

      # The same for a change of the configuration alone: no cache is asked, no input fetched. What is not
      # in the store would be compiled; then `rebuild` is the way.
      rebuild-fast() {
        _nix_nh_with --offline darwin switch "$_nix_configuration" "$@"
      }

      # Builds the configuration without making it the running one, and shows what would change.
      rebuild-check() {
        nh darwin build "$_nix_configuration" "$@"
      }

      # Updates the inputs (all, or those that are named) and rebuilds. When no new generation comes of
      # it, flake.lock is put back.
      update() (
        builtin cd "$_nix_configuration" || exit
        generation=$(_nix_generation || :)
        before=$(mktemp -d) || exit
        if [ -e flake.lock ]; then
          command cp flake.lock "$before/flake.lock" || exit
        fi
        put_back() {
          if [ "$(_nix_generation || :)" = "$generation" ] && [ -e "$before/flake.lock" ]; then
            command cp "$before/flake.lock" flake.lock
            echo 'update: flake.lock is what it was' >&2
          fi
          command rm -rf "$before"
          exit "$1"
        }
        trap 'put_back 130' INT
        trap 'put_back 143' TERM
        if [ "$#" -eq 0 ]; then
          nix --extra-experimental-features 'nix-command flakes' flake update || put_back "$?"
        else
          case $(nix --version) in
            # `nix flake update` takes names of inputs since 2.19.
            *' 2.'[0-9].* | *' 2.1'[0-8].*)
              for input in "$@"; do
                nix --extra-experimental-features 'nix-command flakes' \
                  flake lock --update-input "$input" || put_back "$?"
              done
              ;;
            *)
              nix --extra-experimental-features 'nix-command flakes' flake update "$@" || put_back "$?"
              ;;
          esac
        fi
        nh darwin switch "$_nix_configuration" || put_back "$?"
        command rm -rf "$before"
      )

      # Deletes generations of yours and the system's that are older than 30 days, and what only they
      # needed. The current ones stay.
      cleanup() {
        nix-collect-garbage --delete-older-than 30d "$@" &&
          _nix_as_root nix-collect-garbage --delete-older-than 30d "$@"
      }

      # What is wrong or slow in the settings of Nix, what this machine is, and what fills the store.
      # Arguments go to `nixtune lint`, whose exit code is the result.
      perf-analyze() (
        code=0
        if command -v nixtune >/dev/null 2>&1; then
          builtin cd "$_nix_configuration" || exit
          nixtune lint "$@" || code=$?
          nixtune host
        else
          echo 'perf-analyze: nixtune is not on the PATH; this is the store alone' >&2
        fi
        echo
        # It is called `info` since 2.19, and is written where errors are.
        if store=$(nix --extra-experimental-features nix-command store info 2>&1); then
          printf '%s\n' "$store"
        else
          nix --extra-experimental-features nix-command store ping 2>&1 || :
        fi
        echo
        command df -h /nix/store || :
        echo
        echo 'The largest in the store:'
        nix --extra-experimental-features nix-command path-info --all --size |
          sort -k 2,2nr |
          awk '
            NR <= 20 { printf "%9.1f MiB  %s\n", $2 / 1048576, $1 }
            { bytes += $2 }
            END { printf "%9.1f MiB  in %d paths\n", bytes / 1048576, NR }
          '
        exit "$code"
      )

      # Times the evaluation, then the build. Nothing is activated.
      perf-profile() (
        folder=$(mktemp -d) || exit
        trap 'command rm -rf "$folder"' EXIT
        builtin cd "$folder" || exit
        start=$(date +%s)
        # Not from its cache, which would be timed instead.
        NIX_SHOW_STATS=1 NIX_SHOW_STATS_PATH=$folder/statistics \
          darwin-rebuild build --dry-run --flake "$_nix_configuration" \
          --option eval-cache false "$@" || exit
        evaluated=$(date +%s)
        darwin-rebuild build --flake "$_nix_configuration" "$@" || exit
        built=$(date +%s)
        printf '\nevaluation  %5d s' "$((evaluated - start))"
        if [ -e statistics ]; then
          awk -F '[:,]' '/"cpuTime"/ { printf ", %.1f s of the processor", $2 }' statistics
        fi
        printf '\nbuild       %5d s, with another evaluation\n' "$((built - evaluated))"
      )

      # Shows the settings that nixtune would change (`perf-optimize --write` changes them), then makes
      # equal files of the store one.
      perf-optimize() (
        if command -v nixtune >/dev/null 2>&1; then
          builtin cd "$_nix_configuration" || exit
          nixtune apply "$@" || exit
        else
          echo 'perf-optimize: nixtune is not on the PATH; this is the store alone' >&2
        fi
        nix-store --optimise
      )

      case "''${1:-}" in
        rebuild) shift && rebuild "$@" ;;
        rebuild-fast) shift && rebuild-fast "$@" ;;
        rebuild-check) shift && rebuild-check "$@" ;;
        update) shift && update "$@" ;;
        cleanup) shift && cleanup "$@" ;;
        perf-analyze) shift && perf-analyze "$@" ;;
        perf-profile) shift && perf-profile "$@" ;;
        perf-optimize) shift && perf-optimize "$@" ;;
        *)
          echo 'usage: nix-tasks rebuild|rebuild-fast|rebuild-check|update|cleanup|perf-analyze|perf-profile|perf-optimize' >&2
          exit 2
          ;;
      esac
    '';
  };
in
{
  home.packages = [ nix-tasks ];

  # For every shell that home-manager writes the start-up files of.
  home.shellAliases = {
    cleanup = "nix-tasks cleanup";
    perf-analyze = "nix-tasks perf-analyze";
    perf-optimize = "nix-tasks perf-optimize";
    perf-profile = "nix-tasks perf-profile";
    rebuild = "nix-tasks rebuild";
    rebuild-check = "nix-tasks rebuild-check";
    rebuild-fast = "nix-tasks rebuild-fast";
    update = "nix-tasks update";
  };
}
