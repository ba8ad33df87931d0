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
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass
from typing import Any

from vnjournal.articles.article import Article
from vnjournal.cluster.bulk import Action, Version
from vnjournal.cluster.connection import Connection
from vnjournal.cluster.documents import MOST_IDS, answers, document_id, every, found, versions
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

_FIRST = 20  # articles that may be nearly the same as one, which are looked at

_KEYWORD = {"type": "keyword", "ignore_above": 8000}

#: The fields of an article's document that are not searched by words.
PROPERTIES: dict[str, Any] = {
    "number": {"type": "long"},
    "bands": {"type": "long", "doc_values": False},
    "kinds": {"type": "object", "dynamic": True},
    "characters": {"type": "integer"},
    "sketch": {"type": "binary", "doc_values": True},
    "stored": {"type": "object", "enabled": False},
}
#: Of these, what is not needed to give an article back.
SEARCHED_ONLY = ("bands", "characters")

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

    def change(self, name: str, to: Callable[[str], str]) -> None:
        id = document_id("setting", name)
        while True:
            (held,) = versions(self._connection, self._notes, [id], ["value"])
            text = to(held[0]["value"]["text"] if held else "")
            body = {"kind": "setting", "value": {"name": name, "text": text}}
            action: Action = ("index", id, body, held[1]) if held else ("create", id, body)
            if not self._connection.bulk(self._notes, [action], refresh=True):
                return

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
        self.files.number([each.file for each in files])
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
        self._forget_deleted([*changed, *unchanged])
        self._connection.bulk(self._notes, self.files.taken(files, run), refresh=bool(files))

    def _forget_deleted(self, ids: Sequence[str]) -> None:
        """Forget the origins of articles that another has deleted since we looked at them.

        Whoever deletes now, forgets them after this.
        """
        there = self._found(ids, ["number"])
        gone: list[Action] = [("delete", _origin_id(id), None) for id in ids if id not in there]
        self._connection.bulk(self._notes, gone)

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
        self._note_whether_pending(decisions, False)

    def note_as_pending(self, decisions: Sequence[Decision]) -> None:
        """Note that articles may not be written as was decided, if that is the last word."""
        self._note_whether_pending(decisions, True)

    def _note_whether_pending(self, decisions: Sequence[Decision], pending: bool) -> None:
        if not decisions:
            return
        by_id = {_decision_id(known): asdict(known) for known in decisions}
        held = versions(self._connection, self._notes, list(by_id), ["*"])
        actions: list[Action] = []
        for (id, value), each in zip(by_id.items(), held, strict=True):
            if each and each[0]["value"] == value:
                actions.append(("index", id, each[0] | {"pending": pending}, each[1]))
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
        return (_stored(source) for _, source in self._documents(["stored"]))

    def entries(self) -> Iterator[Entry]:
        last = 0
        for some in batches(self._documents(["stored", "sketch"]), _length):
            ids = [hit["sort"][1] for hit, _ in some]
            for (hit, source), origin in zip(some, self._origins(ids), strict=True):
                # those that two machines gave the same number stand in the order of their ids
                last = max(hit["sort"][0], last + 1)
                yield _entry(last, source, origin or {})

    def _documents(self, parts: Sequence[str]) -> Iterator[tuple[Any, Any]]:
        """Each article's hit and document, in order; no more texts at a time than a batch has."""
        for hits in batches(self._every(["characters"]), _characters):
            sources = self._found([hit["sort"][1] for hit in hits], parts)
            for hit in hits:
                if source := sources.get(hit["sort"][1]):  # else it has just been deleted
                    yield hit, source

    def _every(self, values: Sequence[str] = ()) -> Iterator[Any]:
        return every(self._connection, self._index, ["number", "id"], values=values)

    def __len__(self) -> int:
        with self._connection.reporting():
            return int(self._connection.client.count(index=self._index)["count"])

    def ids_in_order(self) -> Iterator[str]:
        return (hit["sort"][1] for hit in self._every())

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
        for each in self._sketched([id]):
            (others,) = self._sharing([_most_of(bands(each.sketch))], MOST_IDS)
            return _alike(each, others)
        return []

    def like_earlier(self, ids: Sequence[str]) -> dict[str, Alike]:
        of = self._sketched(ids)
        if not of:
            return {}
        every_band = {band for each in of for band in bands(each.sketch)}
        earlier = _before(max(each.number for each in of))
        which = {"bool": {"filter": [{"terms": {"bands": list(every_band)}}, earlier]}}
        (found,) = self._sharing([which], MOST_IDS)
        if len(found) < MOST_IDS:
            by_band: dict[int, list[_Sketched]] = defaultdict(list)
            for other in found:
                for band in bands(other.sketch):
                    by_band[band].append(other)
            sharing = [
                list({o for band in bands(each.sketch) for o in by_band.get(band, ())})
                for each in of
            ]
        else:  # each by itself: else those of one, that very many are like, are all that is found
            asked = [_most_of(bands(each.sketch), _before(each.number)) for each in of]
            sharing = self._sharing(asked, _FIRST)
        alike = {
            each.id: _alike(each, [other for other in others if other.number < each.number])
            for each, others in zip(of, sharing, strict=True)
        }
        return {id: others[0] for id, others in alike.items() if others}

    def _sketched(self, ids: Sequence[str]) -> list[_Sketched]:
        """Those of some articles that have a sketch."""
        sources = self._found(ids, ["number", "sketch"])
        return [
            _Sketched(id, source["number"], _sketch(source))
            for id, source in sources.items()
            if "sketch" in source
        ]

    def _sharing(self, queries: Sequence[Mapping[str, Any]], most: int) -> list[list[_Sketched]]:
        """The articles that each of some queries finds; the best and first of very many."""
        shown = {
            "size": most,
            "sort": [{"_score": "desc"}, {"number": "asc"}, {"id": "asc"}],
            "_source": False,
            "docvalue_fields": ["sketch"],
            "track_total_hits": False,
        }
        questions = [shown | {"query": query} for query in queries]
        return [
            [
                _Sketched(hit["sort"][2], hit["sort"][1], _sketch(hit["fields"]))
                for hit in answer["hits"]["hits"]
            ]
            for answer in answers(self._connection, self._index, questions)
        ]

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
            for _, source in self._documents(["stored"])
            if (stored := _stored(source))
            if content_hash(stored.article).hex() != source["stored"]["hash"]
        ]


@dataclass(frozen=True, slots=True)
class _Sketched:
    """An article's id, its number, and its sketch."""

    id: str
    number: int
    sketch: bytes


def _alike(one: _Sketched, others: Sequence[_Sketched]) -> list[Alike]:
    """Those of some articles that are nearly the same as one, the most similar first."""
    others = [other for other in others if other.id != one.id]
    shares = similarities(one.sketch, [other.sketch for other in others])
    alike = [
        Alike(one.id, other.id, share)
        for other, share in zip(others, shares, strict=True)
        if share >= SAME
    ]
    return sorted(alike, key=lambda each: (-each.similarity, each.other))


def _most_of(numbers: Sequence[int], *filters: Mapping[str, Any]) -> dict[str, Any]:
    """Asks for articles that have any of some bands; the more, the better."""
    each = [{"constant_score": {"filter": {"term": {"bands": number}}}} for number in numbers]
    return {"bool": {"should": each, "minimum_should_match": 1, "filter": filters}}


def _before(number: int) -> dict[str, Any]:
    return {"range": {"number": {"lt": number}}}


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
        "characters": len(stored.article.body),
        **({"sketch": b64encode(sketch).decode()} if sketch else {}),
        "stored": {
            "article": stored.article.to_dict(),
            "edits": {name: [astuple(e) for e in edits] for name, edits in stored.edits.items()},
            "hash": content_hash(stored.article).hex(),
        },
    }


def _characters(hit: Any) -> int:
    return int(hit["fields"]["characters"][0])


def _length(document: tuple[Any, Any]) -> int:
    return _characters(document[0])


def _sketch(fields: Any) -> bytes:
    """The sketch in an article's document, or in the values of a hit."""
    value = fields.get("sketch", "")
    text = value if isinstance(value, str) else value[0]
    return b64decode(f"{text}==")  # values come without what fills them up


def _entry(number: int, source: Any, origin: Mapping[str, str]) -> Entry:
    stored = _stored(source)
    values = source["stored"]
    brought = (int(origin["file"]), origin["file_run"]) if "file" in origin else None
    digest = bytes.fromhex(values["hash"])
    return Entry(number, stored, digest, origin.get("run", ""), _sketch(source), brought)


def _stored(source: Any) -> Stored:
    try:
        values = source["stored"]
        edits: FieldEdits = {
            name: [Edit(*edit) for edit in edits] for name, edits in values["edits"].items()
        }
        return Stored(Article.from_dict(values["article"]), edits)
    except (KeyError, ValueError, TypeError, SourceError) as error:
        raise ArchiveDamaged(f"an article cannot be read ({error}): index it again") from error
