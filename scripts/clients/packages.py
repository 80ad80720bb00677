"""Pinned packages in folders of their own, and where in them something stands."""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import mkdtemp

# What is set on this machine must not reach the clients. pip and cargo keep their proxies and indexes.
CLIENT_VARIABLES = ("AWS_", "HUAWEICLOUD_", "HW_", "OS_", "TF_", "TFE_")


def install(*packages):
    """Installs packages of PyPI, makes them importable, and returns their folder."""
    folder = Path(mkdtemp(prefix="clients-"))
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", folder]
    subprocess.run([*pip, *packages], check=True)
    sys.path.insert(0, str(folder))
    for name in [name for name in os.environ if name.startswith(CLIENT_VARIABLES)]:
        del os.environ[name]
    # A proxy of this machine would be asked for loopback, too.
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1"
    return folder


def crates(**versions):
    """Fetches crates (`_` in a name stands for `-`), and returns the folder that their sources are in."""
    folder = Path(mkdtemp(prefix="clients-"))
    dependencies = "".join(f'{name.replace("_", "-")} = "={version}"\n' for name, version in versions.items())
    (folder / "src").mkdir()
    (folder / "src" / "lib.rs").write_text("")
    package = '[package]\nname = "clients"\nversion = "0.0.0"\nedition = "2021"\n\n[dependencies]\n'
    (folder / "Cargo.toml").write_text(package + dependencies)
    subprocess.run(["cargo", "fetch", "--quiet"], cwd=folder, check=True, env={**os.environ, "CARGO_HOME": str(folder / "home")})
    [sources] = (folder / "home" / "registry" / "src").iterdir()
    return sources


def line(folder, path, text):
    """`path:number` of the first line with `text` in it: the fixture is not renewed while its source has moved on."""
    for number, content in enumerate((Path(folder) / path).read_text().splitlines(), 1):
        if text in content:
            return f"{path}:{number}"
    raise SystemExit(f"{path} no longer has {text!r}")
