"""The store of an archive on a cluster: the documents of its index hold the articles themselves.

An article's document has, beside its terms, the original text and metadata, the corrections, and
its sketch. So an article and what is searched of it are written in one, and are never out of step.
A second index, of notes, has the archive's settings, what people decided about edits, the files
that were read, and for each article its origin: the run in which it came last, and the file that
brought it.
"""

from __future__ import annotations

import time
from base64 import b64decode, b64encode
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, astuple
from typing import Any

from vnjournal.articles.article import Article
from vnjournal.cluster.bulk import Action, Version
from vnjournal.cluster.connection import Connection
from vnjournal.cluster.documents import MOST_IDS, document_id, every, found, versions
from vnjournal.cluster.layout import Kind
from vnjournal.errors import ArchiveDamaged, SourceError
from vnjournal.store.cluster_files import ClusterFiles
from vnjournal.store.decisions import Decision
from vnjournal.store.files import Brought, FileNote, has_gone
from vnjournal.store.sketches import Alike
from vnjournal.store.store import Entry, FieldEdits, Settings, Stored, content_hash
from vnjournal.store.writing import batches
from vnjournal.text.sketch import SAME, bands, similarities
from vnjournal.text.spans import Edit

#: Suffix of the name of the index of notes.
NOTES_SUFFIX = "-notes"

_KEYWORD = {"type": "keyword", "ignore_above": 8000}

#: The fields of an article's document that are not searched by words.
PROPERTIES: dict[str, Any] = {
    "number": {"type": "long"},
    "bands": {"type": "long", "doc_values": False},
    "kinds": {"type": "object", "dynamic": True},
    "stored": {"type": "object", "enabled": False},
}
#: Of these, what is not needed to give an article back.
SEARCHED_ONLY = ("bands",)

_NOTES: dict[str, Any] = {
    "dynamic": "strict",
    "properties": {
        "kind": _KEYWORD,
        "article": _KEYWORD,
        "number": {"type": "long"},
        "run": _KEYWORD,
        "file": _KEYWORD,
        "file_run": _KEYWORD,
        "host": _KEYWORD,
        "path": _KEYWORD,
        "id": _KEYWORD,
        "pending": {"type": "boolean"},
        "value": {"type": "object", "enabled": False},
    },
}

#: What notes are in their index.
NOTES_KIND = Kind("notes", _NOTES, alias=NOTES_SUFFIX)


class ClusterStore(Settings):
    """See :class:`vnjournal.store.store.Store`. Args: ``name``: the archive's."""

    def __init__(self, connection: Connection, name: str) -> None:
        self._connection = connection
        self._index = name
        self._notes = name + NOTES_SUFFIX
        self.files = ClusterFiles(connection, self._notes)

    # --- settings

    def meta(self) -> dict[str, str]:
        with self._connection.reporting():
            hits = self._connection.client.search(
                index=self._notes,
                body={"query": {"term": {"kind": "setting"}}, "size": MOST_IDS},
            )["hits"]["hits"]
        values = [hit["_source"]["value"] for hit in hits]
        return {value["name"]: value["text"] for value in values}

    def set_meta(self, **values: str) -> None:
        self._connection.bulk(
            self._notes,
            (
                (
                    "index" if text else "delete",
                    document_id("setting", name),
                    {"kind": "setting", "value": {"name": name, "text": text}} if text else None,
                )
                for name, text in values.items()
            ),
            refresh=True,
        )

    # --- writing

    def fields(self, made: Sequence[tuple[Stored, bytes]]) -> dict[str, dict[str, Any]]:
        """What is stored of articles, by id. Args: ``made``: articles, and their sketches."""
        ids = [stored.article.id for stored, _ in made]
        before = self._found(ids, ["number"])
        now = time.time_ns() // 1000
        return {
            id: _fields(stored, sketch, before[id]["number"] if id in before else now + at)
            for at, (id, (stored, sketch)) in enumerate(zip(ids, made, strict=True))
        }

    def note(
        self, run: str, changed: Sequence[str], unchanged: Sequence[str], files: Sequence[Brought]
    ) -> None:
        """Note which articles came in a run, and in which files."""
        brought = {id: file for file in files for id in file.ids}
        for file in files:
            self.files.number(file.file)
        others = [id for id in (*changed, *unchanged) if id not in brought]
        origins = {
            id: origin or {} for id, origin in zip(others, self._origins(others), strict=True)
        }
        now = time.time_ns() // 1000
        actions: list[Action] = []
        for id in dict.fromkeys((*changed, *unchanged, *brought)):
            if id in brought:
                origin = {"file": str(brought[id].file.number), "file_run": run}
            else:
                origin = {k: v for k, v in origins[id].items() if k in ("file", "file_run")}
            body = {"kind": "origin", "article": id, "run": run, "number": now, **origin}
            actions.append(("index", _origin_id(id), body))
        self._connection.bulk(self._notes, actions)
        self._connection.bulk(self._notes, self.files.taken(files, run), refresh=bool(files))

    def note_decisions(self, decisions: Sequence[Decision]) -> None:
        """Keep decisions, as pending; each takes the place of an earlier one about the same."""
        self.take_decisions(list(enumerate(decisions, start=time.time_ns() // 1000)), pending=True)

    def take_decisions(
        self, decisions: Sequence[tuple[int, Decision]], pending: bool = False
    ) -> None:
        self._connection.bulk(
            self._notes,
            (
                (
                    "index",
                    _decision_id(known),
                    {
                        "kind": "decision",
                        "article": known.id,
                        "number": number,
                        "pending": pending,
                        "value": asdict(known),
                    },
                )
                for number, known in decisions
            ),
            refresh=True,
        )

    def take_fields(self, entries: Sequence[Entry]) -> dict[str, dict[str, Any]]:
        """What is stored of articles that another store has, by id; see :meth:`fields`."""
        return {each.id: _fields(each.stored, each.sketch, each.number) for each in entries}

    def take_origins(self, entries: Sequence[Entry]) -> None:
        """Note of articles that another store has, in which runs and files they came."""
        actions: list[Action] = []
        for each in entries:
            body = {"kind": "origin", "article": each.id, "run": each.run}
            if each.origin:
                body |= {"file": str(each.origin[0]), "file_run": each.origin[1]}
            actions.append(("index", _origin_id(each.id), body))
        self._connection.bulk(self._notes, actions)

    def take_files(self, files: Sequence[FileNote], gone: Sequence[FileNote]) -> None:
        actions: list[Action] = [("delete", self.files.document_id(file), None) for file in gone]
        self._connection.bulk(self._notes, [*actions, *self.files.moved(files)], refresh=True)

    def note_as_written(self, decisions: Sequence[Decision]) -> None:
        """Note that articles are written as was decided, but where that is not the last word."""
        by_id = {_decision_id(known): asdict(known) for known in decisions}
        held = versions(self._connection, self._notes, list(by_id), ["*"])
        actions: list[Action] = []
        for (id, value), each in zip(by_id.items(), held, strict=True):
            if each and each[0]["value"] == value:
                actions.append(("index", id, each[0] | {"pending": False}, each[1]))
        self._connection.bulk(self._notes, actions, refresh=True)

    def pending(self) -> list[Decision]:
        """Decisions whose articles may not have been written as they say."""
        return [known for _, known in self._decisions({"term": {"pending": True}})]

    def note_places(self, files: Iterable[FileNote]) -> None:
        self._connection.bulk(self._notes, self.files.moved(files), refresh=True)

    def forget(self, ids: Sequence[str], files: Iterable[FileNote] = ()) -> None:
        """Forget the origins of articles, and files that have gone."""
        gone = [file for file in files if has_gone(file.path)]
        actions: list[Action] = [("delete", _origin_id(id), None) for id in ids]
        actions += [("delete", self.files.document_id(file), None) for file in gone]
        self._connection.bulk(self._notes, actions, refresh=True)

    # --- reading

    def known(self, ids: Sequence[str]) -> dict[str, tuple[bytes, str]]:
        digests = self._found(ids, ["stored.hash"])
        there = list(digests)
        return {
            id: (bytes.fromhex(digests[id]["stored"]["hash"]), (origin or {}).get("run", ""))
            for id, origin in zip(there, self._origins(there), strict=True)
        }

    def _origins(self, ids: Sequence[str]) -> list[Any]:
        wanted = [(self._notes, _origin_id(id), ["run", "file", "file_run"]) for id in ids]
        return found(self._connection, wanted)

    def get(self, ids: Sequence[str]) -> dict[str, Stored]:
        parts = ["stored.article", "stored.edits"]
        return {id: _stored(source) for id, source in self._found(ids, parts).items()}

    def versions(self, ids: Sequence[str]) -> dict[str, tuple[Stored, Version]]:
        """The stored articles of those ids that are there, and the version of each."""
        found = versions(self._connection, self._index, [document_id(id) for id in ids], ["stored"])
        return {
            id: (_stored(each[0]), each[1]) for id, each in zip(ids, found, strict=True) if each
        }

    def _found(self, ids: Sequence[str], parts: Sequence[str]) -> dict[str, Any]:
        wanted = [(self._index, document_id(id), parts) for id in ids]
        sources = found(self._connection, wanted)
        return {id: source for id, source in zip(ids, sources, strict=True) if source is not None}

    def __iter__(self) -> Iterator[Stored]:
        return (_stored(hit["_source"]) for hit in self._every(["stored"]))

    def entries(self) -> Iterator[Entry]:
        last = 0
        for hits in batches(self._every(["stored"]), _length):
            ids = [hit["sort"][1] for hit in hits]
            for hit, origin in zip(hits, self._origins(ids), strict=True):
                # those that two machines gave the same number stand in the order of their ids
                last = max(hit["sort"][0], last + 1)
                yield _entry(last, hit["_source"], origin or {})

    def _every(self, source: Sequence[str] = ()) -> Iterator[Any]:
        return every(self._connection, self._index, ["number", "id"], source or False)

    def __len__(self) -> int:
        with self._connection.reporting():
            return int(self._connection.client.count(index=self._index)["count"])

    def ids(self) -> set[str]:
        return set(self.ids_in_order())

    def ids_in_order(self) -> list[str]:
        return [hit["sort"][1] for hit in self._every()]

    def decisions(self, ids: Sequence[str]) -> dict[str, list[Decision]]:
        decided: dict[str, list[Decision]] = {}
        for at in range(0, len(ids), MOST_IDS):
            some = {"terms": {"article": list(ids[at : at + MOST_IDS])}}
            for _, known in self._decisions(some):
                decided.setdefault(known.id, []).insert(0, known)
        return decided

    def decided(self) -> Iterator[tuple[int, Decision]]:
        return self._decisions({"match_all": {}})

    def _decisions(self, query: Mapping[str, Any]) -> Iterator[tuple[int, Decision]]:
        """Some of the decisions, in order, each with its number."""
        last = 0
        which = {"bool": {"filter": [{"term": {"kind": "decision"}}, query]}}
        for hit in every(self._connection, self._notes, ["number", "article"], ["value"], which):
            last = max(hit["sort"][0], last + 1)
            yield last, Decision(**hit["_source"]["value"])

    # --- what is nearly the same

    def like(self, id: str) -> list[Alike]:
        alike = (
            Alike(id, other, share)
            for others in self._sharing(self._sketches([id])).values()
            for other, _, share in others
            if share >= SAME
        )
        return sorted(alike, key=lambda each: (-each.similarity, each.other))

    def like_earlier(self, ids: Sequence[str]) -> dict[str, Alike]:
        of = self._sketches(ids)
        earlier: dict[str, Alike] = {}
        for id, others in self._sharing(of).items():
            alike = [
                Alike(id, other, share)
                for other, number, share in others
                if number < of[id][0] and share >= SAME
            ]
            if alike:
                earlier[id] = min(alike, key=lambda each: (-each.similarity, each.other))
        return earlier

    def _sketches(self, ids: Sequence[str]) -> dict[str, tuple[int, bytes]]:
        """The number and the sketch of those articles that have one."""
        sources = self._found(ids, ["number", "stored.sketch"])
        return {
            id: (source["number"], b64decode(source["stored"]["sketch"]))
            for id, source in sources.items()
            if source["stored"].get("sketch")
        }

    def _sharing(
        self, of: Mapping[str, tuple[int, bytes]]
    ) -> dict[str, list[tuple[str, int, float]]]:
        """By id, the articles that share a band with it: id, number and similarity of each.

        Where very many do, the first of them.
        """
        by_band: dict[int, list[str]] = defaultdict(list)
        for id, (_, sketch) in of.items():
            for band in bands(sketch):
                by_band[band].append(id)
        sharing: dict[str, list[tuple[str, int, float]]] = {id: [] for id in of}
        if not by_band:
            return sharing
        with self._connection.reporting():
            hits = self._connection.client.search(
                index=self._index,
                body={
                    "query": {"constant_score": {"filter": {"terms": {"bands": list(by_band)}}}},
                    "size": MOST_IDS,
                    "sort": [{"number": "asc"}, {"id": "asc"}],
                    "_source": ["stored.sketch"],
                },
            )["hits"]["hits"]
        for hit in hits:
            number, other = hit["sort"]
            sketch = b64decode(hit["_source"]["stored"]["sketch"])
            which = {id for band in bands(sketch) for id in by_band.get(band, ())} - {other}
            for id in which:
                sharing[id].append((other, number, similarities(sketch, [of[id][1]])[0]))
        return sharing

    # --- counting

    def edit_counts(self) -> dict[str, int]:
        with self._connection.reporting():
            client = self._connection.client
            (mapping,) = client.indices.get_mapping(index=self._index).values()
            kinds = mapping["mappings"]["properties"]["kinds"].get("properties", {})
            sums = {kind: {"sum": {"field": f"kinds.{kind}"}} for kind in kinds}
            if not sums:
                return {}
            answer = client.search(index=self._index, body={"size": 0, "aggs": sums})
        counts = {kind: int(answer["aggregations"][kind]["value"]) for kind in kinds}
        ordered = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
        return {kind: count for kind, count in ordered if count}

    def years(self) -> dict[str, int]:
        with self._connection.reporting():
            answer = self._connection.client.search(
                index=self._index,
                body={"size": 0, "aggs": {"years": {"terms": {"field": "year", "size": 10_000}}}},
            )
        buckets = answer["aggregations"]["years"]["buckets"]
        years = {f"{each['key']:04}" if each["key"] else "": each["doc_count"] for each in buckets}
        return dict(sorted(years.items()))

    def check(self) -> list[str]:
        """Articles that are not what was stored."""
        return [
            f"the text of article {stored.article.id} has changed: index it again"
            for hit in self._every(["stored"])
            if (stored := _stored(hit["_source"]))
            if content_hash(stored.article).hex() != hit["_source"]["stored"]["hash"]
        ]


def _origin_id(id: str) -> str:
    return document_id("origin", id)


def _decision_id(known: Decision) -> str:
    return document_id("decision", *astuple(known)[:6])


def _fields(stored: Stored, sketch: bytes, number: int) -> dict[str, Any]:
    """What an article's document has beside its terms."""
    kinds: dict[str, int] = defaultdict(int)
    for edits in stored.edits.values():
        for edit in edits:
            kinds[edit.kind] += 1
    return {
        "number": number,
        "bands": bands(sketch) if sketch else [],
        "kinds": kinds,
        "stored": {
            "article": stored.article.to_dict(),
            "edits": {name: [astuple(e) for e in edits] for name, edits in stored.edits.items()},
            "hash": content_hash(stored.article).hex(),
            "sketch": b64encode(sketch).decode(),
        },
    }


def _length(hit: Any) -> int:
    return len(hit["_source"]["stored"]["article"]["body"])


def _entry(number: int, source: Any, origin: Mapping[str, str]) -> Entry:
    stored = _stored(source)
    values = source["stored"]
    brought = (int(origin["file"]), origin["file_run"]) if "file" in origin else None
    digest, sketch = bytes.fromhex(values["hash"]), b64decode(values["sketch"])
    return Entry(number, stored, digest, origin.get("run", ""), sketch, brought)


def _stored(source: Any) -> Stored:
    try:
        values = source["stored"]
        edits: FieldEdits = {
            name: [Edit(*edit) for edit in edits] for name, edits in values["edits"].items()
        }
        return Stored(Article.from_dict(values["article"]), edits)
    except (KeyError, ValueError, TypeError, SourceError) as error:
        raise ArchiveDamaged(f"an article cannot be read ({error}): index it again") from error
