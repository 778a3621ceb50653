"""A data version as Croissant JSON-LD, so that other tools can read and cite it.

Source: MLCommons, "Croissant Format Specification", version 1.1, 2025; the responsible-AI fields
are those of "Croissant RAI", version 1.0, 2024.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from lingqu.core.i18n import worded
from lingqu.core.nouns import Json
from lingqu.core.schema import Column
from lingqu.data.card import DataCard

ROWS = "rows.parquet"
MANIFEST = "manifest.parquet"
PARQUET = "application/x-parquet"
CONFORMS = (
    "http://mlcommons.org/croissant/1.1",
    "http://mlcommons.org/croissant/RAI/1.0",
)
CONTEXT: Mapping[str, Json] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "arrayShape": "cr:arrayShape",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "description": {"@container": "@language"},
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "name": {"@container": "@language"},
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
_TYPES: Mapping[str, str] = {
    "number": "sc:Float",
    "category": "sc:Text",
    "boolean": "sc:Boolean",
    "text": "sc:Text",
    "datetime": "sc:DateTime",
    "image": "sc:ImageObject",
    "audio": "sc:AudioObject",
    "vector": "sc:Float",
    "boxes": "sc:Text",
}


@dataclass(frozen=True)
class Handed:
    """The file that holds the rows, or the manifest of a folder, as it is handed over.

    Args:
        sha256: Of the file.
        bytes: Its size.
    """

    sha256: str
    bytes: int


def croissant(card: DataCard, file: Handed) -> dict[str, Json]:
    """Return the description of a version; paths are relative to the exported folder.

    Example:
        >>> card = DataCard("loans", "ab" * 32, "cd" * 32, "table", rows=3)
        >>> croissant(card, Handed("0" * 64, 10))["distribution"][0]["contentUrl"]
        'rows.parquet'
    """
    facts = card.facts
    told: dict[str, Json] = {
        "@context": dict(CONTEXT),
        "@type": "sc:Dataset",
        "conformsTo": list(CONFORMS),
        "name": card.name,
        "description": _description(card),
        "datePublished": card.created[:10],
        "dateCreated": card.created[:10],
        "version": f"{card.sequence + 1}.0.0+{card.version[:12]}",
        "identifier": f"sha256:{card.content}",
        "citeAs": _citation(card),
        "license": facts.get("license"),
        "creator": _owner(facts.get("owner")),
        "isLiveDataset": False,
        "rai:dataCollection": facts.get("origin"),
        "rai:dataUseCases": facts.get("purpose"),
        "rai:dataReleaseMaintenancePlan": facts.get("retention"),
        "rai:personalSensitiveInformation": _personal(card),
        "rai:dataPreprocessingProtocol": [_step(operator) for operator in card.operators],
        "rai:dataLimitations": [f.subject for f in card.findings if f.verdict == "fail"],
        "distribution": _distribution(card, file),
        "recordSet": [_files() if card.is_folder else _rows(card)],
    }
    return {key: value for key, value in told.items() if value not in (None, "", [], ())}


def _description(card: DataCard) -> str:
    what = "files" if card.is_folder else "rows"
    said = f"Version {card.version[:12]} of {card.name}: {card.rows} {what}."
    message = worded(card.message, "en")
    return f"{said} {' '.join(message.split())}".strip()


def _citation(card: DataCard) -> str:
    """Return BibTeX that names exactly this version."""
    owner = card.facts.get("owner")
    parts = {"title": card.name, "author": owner, "year": card.created[:4]}
    fields = [f"{key} = {{{value}}}" for key, value in parts.items() if value]
    fields.append(f"note = {{sha256:{card.content}}}")
    return f"@misc{{lingqu-{card.version[:12]}, {', '.join(fields)}}}"


def _owner(owner: Json) -> Json:
    return {"@type": "sc:Organization", "name": str(owner)} if owner else None


def _personal(card: DataCard) -> list[str]:
    said = [f"Column {name} holds personal data." for name in sorted(card.hidden)]
    consent = card.facts.get("consent")
    return [*said, f"Ground of use: {consent}."] if consent else said


def _step(operator: Mapping[str, Json]) -> str:
    options = ", ".join(f"{key}={value!r}" for key, value in dict(operator["options"]).items())
    return f"{operator['name']}({options})"


def _distribution(card: DataCard, file: Handed) -> list[dict[str, Json]]:
    name = MANIFEST if card.is_folder else ROWS
    whole: dict[str, Json] = {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "contentUrl": name,
        "contentSize": f"{file.bytes} B",
        "encodingFormat": PARQUET,
        "sha256": file.sha256,
    }
    if not card.is_folder:
        return [whole]
    kinds = {mimetypes.guess_type(f"x{ending}")[0] for ending in card.columns}
    formats = sorted(kind or "application/octet-stream" for kind in kinds)
    files = {
        "@type": "cr:FileSet",
        "@id": "files",
        "name": "files",
        "description": f"The files; {MANIFEST} holds path, size and SHA-256 of each.",
        "encodingFormat": sorted(set(formats)),
        "includes": "files/**",
    }
    return [whole, files]


def _rows(card: DataCard) -> dict[str, Json]:
    return {
        "@type": "cr:RecordSet",
        "@id": "rows",
        "name": "rows",
        "field": [_field(column, card.types.get(column.name, "")) for column in card.schema],
    }


def _field(column: Column, kept: str) -> dict[str, Json]:
    kind = "sc:Integer" if column.kind == "number" and "Int" in kept else _TYPES[column.kind]
    field: dict[str, Any] = {
        "@type": "cr:Field",
        "@id": f"rows/{quote(column.name, safe='')}",
        "name": column.name,
        "dataType": kind,
        "source": {"fileObject": {"@id": ROWS}, "extract": {"column": column.name}},
    }
    if column.reason:
        field["description"] = column.reason
    if kept.startswith(("Array", "List")):  # vectors, and pictures that were never encoded
        shape = ",".join(str(side) for side in column.shape) or "-1"
        field |= {"dataType": "sc:Float", "isArray": True, "arrayShape": shape}
    return field


def _files() -> dict[str, Json]:
    kinds = {"path": "sc:Text", "size": "sc:Integer", "sha256": "sc:Text"}
    return {
        "@type": "cr:RecordSet",
        "@id": "manifest",
        "name": "manifest",
        "key": {"@id": "manifest/path"},
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"manifest/{name}",
                "name": name,
                "dataType": kind,
                "source": {"fileObject": {"@id": MANIFEST}, "extract": {"column": name}},
            }
            for name, kind in kinds.items()
        ],
    }
