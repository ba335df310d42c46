# Gives the tests of the GPU backend a device; sourced by ./test. Where there is no Vulkan driver at all, Mesa's
# lavapipe plays one on the CPU.

# Whether there is a Vulkan loader and a driver for it to find.
has_vulkan() {
  local folder
  PATH=$PATH:/sbin:/usr/sbin ldconfig -p 2>/dev/null | grep -q 'libvulkan\.so\.1' || return
  [ -z "${VK_DRIVER_FILES:-}${VK_ICD_FILENAMES:-}" ] || return 0
  for folder in /usr/share /usr/local/share /etc "${XDG_DATA_HOME:-${HOME:-/nonexistent}/.local/share}"; do
    if compgen -G "$folder/vulkan/icd.d/*.json" >/dev/null; then return; fi
  done
  return 1
}

# Installs lavapipe where that can be done without asking, else says how. Mac and Windows bring their drivers.
ensure_vulkan() {
  local packages=(mesa-vulkan-drivers libvulkan1) log
  [ "$(uname -s)" = Linux ] || return 0
  if has_vulkan; then return 0; fi
  if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "test: no Vulkan driver; installing ${packages[*]} for the tests of the GPU backend ..." >&2
    log=$({ apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "${packages[@]}"; } </dev/null 2>&1) && return
    tail -n 5 <<<"$log" >&2
  fi
  echo "test: the tests of the GPU backend need a Vulkan driver and will fail; install one that needs no GPU:" >&2
  echo "test:   Debian, Ubuntu: apt-get install ${packages[*]}   Fedora: dnf install mesa-vulkan-drivers vulkan-loader   Arch: pacman -S vulkan-swrast vulkan-icd-loader" >&2
}
