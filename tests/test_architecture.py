"""The house rules of the package: imports run one way, names are public once, data is whole."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import vnjournal
from vnjournal import resources

PACKAGE = Path(vnjournal.__file__).parent

#: Layers from the top down: a module may import from lower layers and from its own part.
LAYERS = (
    {"__main__"},
    {"cli", "integrations"},
    {"archive"},
    {"archive_folder", "archive_cluster", "sync", "move"},
    {"answers"},
    {"archive_home"},
    {"intake"},
    {"review"},
    {"store", "search"},
    {"index"},
    {"harvest"},
    {"correction", "articles"},
    {"segment"},
    {"language"},
    {"text"},
    {"resources", "workers", "cluster"},
    {"errors", "version"},
)
#: What a layer's rank alone would forbid, or allow too much.
ALLOWED = {("store", "index"): False, ("store", "articles"): True, ("search", "correction"): True}
LEVEL = {part: depth for depth, parts in enumerate(LAYERS) for part in parts}


def _part(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def _imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            if node.module == "vnjournal":
                yield from (f"vnjournal.{alias.name}" for alias in node.names)
            elif node.module.startswith("vnjournal."):
                yield node.module
        elif isinstance(node, ast.Import):
            yield from (a.name for a in node.names if a.name.startswith("vnjournal."))
        assert not (isinstance(node, ast.ImportFrom) and node.level), f"{file}: relative import"


def test_imports_run_one_way() -> None:
    wrong = []
    for file in PACKAGE.rglob("*.py"):
        parts = file.relative_to(PACKAGE).with_suffix("").parts
        importer = parts[0]
        if importer == "__init__":
            continue
        assert importer in LEVEL, f"{importer} is not listed in LAYERS"
        for module in _imports(file):
            imported = _part(module)
            if imported == importer or imported not in LEVEL:
                continue
            allowed = ALLOWED.get((importer, imported), LEVEL[importer] < LEVEL[imported])
            if not allowed:
                wrong.append(f"{file.relative_to(PACKAGE)} imports {module}")
    assert not wrong


def test_engines_do_not_import_each_other() -> None:
    for file in (PACKAGE / "index").glob("*_engine.py"):
        others = [m for m in _imports(file) if m.endswith("_engine") and not m.endswith(file.stem)]
        assert not others, f"{file.name} imports {others}"


def test_every_module_says_what_it_holds() -> None:
    for file in PACKAGE.rglob("*.py"):
        assert ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))), file


def test_no_module_is_called_utils_or_grows_too_long() -> None:
    for file in PACKAGE.rglob("*.py"):
        assert file.stem not in ("utils", "util", "helpers", "common", "misc")
        assert len(file.read_text(encoding="utf-8").splitlines()) < 600, file


def test_public_names_are_listed_once_and_load() -> None:
    assert set(vnjournal.__all__) == set(vnjournal._HOME_OF) | {"__version__"}
    for name in vnjournal.__all__:
        value = getattr(vnjournal, name)
        if name != "__version__":
            assert value.__name__ == name
            assert value.__doc__
    assert set(vnjournal.__all__) <= set(dir(vnjournal))


def test_names_promised_by_the_design_are_public() -> None:
    promised = "fold normalize sentences syllables tokenize correct read Archive Article Author"
    assert set(promised.split()) <= set(vnjournal.__all__)


def _loaded_after(code: str) -> set[str]:
    program = f"import sys; {code}; print('\\n'.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_importing_the_package_loads_nothing_heavy() -> None:
    loaded = _loaded_after("import vnjournal")
    heavy = {"numpy", "regex", "tantivy", "whoosh", "underthesea", "underthesea_core", "rich"}
    assert not loaded & heavy
    assert {m for m in loaded if m.startswith("vnjournal")} == {"vnjournal", "vnjournal.version"}


def test_searching_loads_no_corrector_and_no_segmenter() -> None:
    loaded = _loaded_after("from vnjournal.archive import Archive; from vnjournal.cli import main")
    heavy = {"whoosh", "underthesea", "underthesea_core", "rich"}
    assert not loaded & heavy
    of_correction = {m for m in loaded if m.startswith("vnjournal.correction.")}
    assert of_correction == {f"vnjournal.correction.{m}" for m in ("proposal", "restore", "typed")}
    assert "vnjournal.segment.words" not in loaded


def test_integrations_load_their_library_only_when_used() -> None:
    names = sorted(file.stem for file in (PACKAGE / "integrations").glob("[!_]*.py"))
    assert names == ["sklearn", "spacy", "whoosh"]
    loaded = _loaded_after("; ".join(f"import vnjournal.integrations.{name}" for name in names))
    assert {f"vnjournal.integrations.{name}" for name in names} <= loaded
    assert not loaded & {*names, "joblib"}


def test_data_files_are_those_their_sources_describe() -> None:
    assert resources.damaged() == [], "run 'python data/stamp.py' if the change was meant"
    for name, source in resources.sources().items():
        assert {"name", "date", "licence", "rebuild", "origin", "files"} <= set(source), name
        for file, entry in source["files"].items():
            assert entry["what"], file
        listed = set(source["files"]) | {"SOURCE.toml", "build.py", "__pycache__"}
        assert {p.name for p in (resources.data_folder() / name).iterdir()} <= listed


def test_shipped_data_stays_small() -> None:
    size = sum(f.stat().st_size for f in resources.data_folder().rglob("*") if f.is_file())
    assert size < 60_000_000
