#!/usr/bin/env bash
# Sees to a std for wasm32-wasip1 that fits the active rustc, and prints the RUSTFLAGS to build with.
#
#   1. the target is installed: prints nothing
#   2. `rustup target add` works: prints nothing
#   3. otherwise std is built once, from Debian's rust-src of the very same version, into a private folder that
#      `--sysroot=...` points to; the rustup toolchain is not touched. Needs curl, dpkg-deb and crates.io.
set -euo pipefail

target=wasm32-wasip1
cache=${XDG_CACHE_HOME:-$HOME/.cache}/wasm-std
# The mirror this Debian uses.
mirror=${DEBIAN_MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' 2>/dev/null | grep -v security | sed -n 1p || true)}
mirror=${mirror%/}
say() { echo "wasm toolchain: $*" >&2; }

if [ "${WASM_STD:-}" != build ]; then
    if compgen -G "$(rustc --print target-libdir --target $target)/libstd-*.rlib" >/dev/null; then exit 0; fi
    if command -v rustup >/dev/null && [ "${RUSTUP_AUTO_INSTALL:-1}" != 0 ]; then
        say "rustup target add $target"
        if timeout 120 rustup target add $target >&2; then exit 0; fi
        say "rustup cannot add it; building std from source instead"
    fi
fi

# std compiles with its own compiler only: one line of source package per rustc version.
version=$(rustc -vV | sed -n 's/^release: //p')
commit=$(rustc -vV | sed -n 's/^commit-hash: //p' | cut -c1-9)
case $version in
    1.95.0)
        source_deb='pool/main/r/rustc/rust-src_1.95.0+dfsg1-2~bpo13+1_all.deb'
        source_sum=7b76db5b880a77f9e52975d2baa6209d2f76d2c9c2789515c3088cb960e2c83b ;;
    *)
        say "no source is known for rustc $version: use rustc 1.95.0, or run: rustup target add $target"
        exit 1 ;;
esac
libc_deb='pool/main/w/wasi-libc/wasi-libc_0.0~git20260129.ec0effd-3~bpo13+1_all.deb'
libc_sum=45eb80a2d4dcf7fe54c8e5c5d6a3cd165a3682fccc124c46f7abc6255c9b1bce

if [ -z "$mirror" ]; then
    say "no Debian mirror is known here: set DEBIAN_MIRROR, or run: rustup target add $target"
    exit 1
fi
sysroot=$cache/$version-$commit
lib=$sysroot/lib/rustlib/$target/lib
mkdir -p "$sysroot"
exec 9>"$sysroot/.lock"
flock 9
if [ -e "$lib/.ok" ]; then echo "--sysroot=$sysroot"; exit 0; fi

work=$(mktemp -d "$cache/build.XXXXXX")
trap 'rm -rf "$work"' EXIT
fetch() { # path sha256 file
    say "fetching ${1##*/}"
    curl -fsSL --retry 3 -o "$3" "$mirror/$1"
    echo "$2  $3" | sha256sum -c --quiet - >&2
}

fetch "$source_deb" "$source_sum" "$work/source.deb"
dpkg-deb --fsys-tarfile "$work/source.deb" | tar -x -C "$work" "./usr/src/rustc-$version/library"
mkdir -p "$work/stub/src"
: >"$work/stub/src/lib.rs"
cat >"$work/stub/Cargo.toml" <<'TOML'
[package]
name = "sysroot-stub"
version = "0.0.0"
edition = "2021"
[workspace]
[profile.release]
debug = 0
panic = "abort"
TOML

say "building std for $target with rustc $version (once, about a minute)"
toolchain=$(rustc --print sysroot)/bin
(
    cd "$work/stub"
    env -u CARGO_ENCODED_RUSTFLAGS -u CARGO_BUILD_TARGET -u CARGO_TARGET_DIR -u RUSTC_WRAPPER \
        RUSTC="$toolchain/rustc" RUSTC_BOOTSTRAP=1 \
        __CARGO_TESTS_ONLY_SRC_ROOT="$work/usr/src/rustc-$version/library" \
        RUSTFLAGS="-Cembed-bitcode=yes --remap-path-prefix=$work/usr/src/rustc-$version=/rustc/$version" \
        "$toolchain/cargo" build -q --release -Zbuild-std=std,panic_abort --target $target --target-dir "$work/target" >&2
)
rm -rf "$lib"
mkdir -p "$lib/self-contained"
cp "$work/target/$target/release/deps/"*.rlib "$lib/"
rm -f "$lib"/libsysroot_stub*
fetch "$libc_deb" "$libc_sum" "$work/libc.deb"
dpkg-deb -x "$work/libc.deb" "$work/libc"
cp "$work"/libc/usr/lib/wasm32-wasi/{libc.a,crt1-command.o,crt1-reactor.o} "$lib/self-contained/"
touch "$lib/.ok"
say "ready: $sysroot"
echo "--sysroot=$sysroot"
