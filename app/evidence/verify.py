"""Verifies an evidence pack with nothing but Python's own library: python -I verify.py [FOLDER]

Exit 0: every file, hash and commitment agrees. Exit 1: the first thing that does not is named.
"""

import hashlib
import json
import os
import sys
from typing import Any

Json = dict[str, Any]


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def read(folder: str, name: str) -> bytes:
    with open(os.path.join(folder, *name.split("/")), "rb") as file:
        return file.read()


def check_files(folder: str) -> tuple[Json, dict[str, str]]:
    """Every file has the SHA-256 that SHA256SUMS and the manifest give it, and no file is unnamed."""
    sums: dict[str, str] = {}
    for line in read(folder, "SHA256SUMS").decode("utf-8").splitlines():
        digest, _, name = line.partition("  ")
        sums[name] = digest
        if sha256(read(folder, name)) != digest:
            raise ValueError(name + ": its SHA-256 is not the one in SHA256SUMS")
    manifest = json.loads(read(folder, "manifest.json"))
    named = {name: entry["sha256"] for name, entry in manifest["files"].items()}
    if named != {name: digest for name, digest in sums.items() if name != "manifest.json"}:
        raise ValueError("manifest.json: it names other files or hashes than SHA256SUMS")
    for where, _, names in os.walk(folder):
        for name in names:
            path = os.path.relpath(os.path.join(where, name), folder).replace(os.sep, "/")
            if path not in sums and path != "SHA256SUMS":
                raise ValueError(path + ": this file belongs to no pack")
    return manifest, sums


def check_chain(chain: Json) -> int:
    """Each hash is the SHA-256 of the previous hash and the body's text; each commitment, of salt and private text."""
    previous, erased = chain["genesis"], 0
    for expected, fact in enumerate(chain["facts"], 1):
        where = f"chain.json: fact {expected}: "
        content = json.loads(fact["body"])
        if (fact["seq"], content["seq"]) != (expected, expected):
            raise ValueError(where + "it is out of order, or one is missing")
        if fact["previous"] != previous or sha256((previous + fact["body"]).encode("utf-8")) != fact["hash"]:
            raise ValueError(where + "its hash does not follow from the one before and its body")
        commitment = content["body"].get("commitment")
        if fact["salt"] is not None:
            if sha256((fact["salt"] + fact["private"]).encode("utf-8")) != commitment:
                raise ValueError(where + "its private part is not the one that was committed to")
        elif commitment is not None:
            erased += 1
        previous = fact["hash"]
    if previous != chain["head"]:
        raise ValueError("chain.json: it does not end in its head")
    return erased


def told(fact: Json) -> Json:
    """A fact of the chain as story.json tells it."""
    content = json.loads(fact["body"])
    facts = {name: value for name, value in content["body"].items() if name != "commitment"}
    if fact["private"] is not None:
        facts.update(json.loads(fact["private"]))
    return {"seq": fact["seq"], "kind": content["kind"], "facts": facts, "hash": fact["hash"]}


def check_story(story: Json, chain: Json) -> None:
    """story.json tells the facts of the chain, all of them and no others."""
    shown = [{name: item[name] for name in ("seq", "kind", "facts", "hash")} for item in story["ledger"]]
    if len(shown) != len(chain["facts"]):
        raise ValueError("story.json: it has more or fewer facts than the chain")
    for n, fact in enumerate(chain["facts"]):
        if shown[n] != told(fact):
            raise ValueError(f"story.json: fact {n + 1} is not the chain's")


def check_audio(chain: Json, sums: dict[str, str]) -> None:
    """Each recording and attachment in the pack is the one whose SHA-256 the chain holds."""
    stored = {}
    for fact in chain["facts"]:
        content = json.loads(fact["body"])
        if content["kind"] == "RecordingStored":
            stored["audio/" + content["body"]["recording_sid"] + ".wav"] = content["body"]["sha256"]
        elif content["kind"] == "AttachmentStored":
            stored["attachments/" + content["body"]["media_sid"]] = content["body"]["sha256"]
    for name, digest in sums.items():
        if name.startswith("audio/") and stored.get(name) != digest:
            raise ValueError(name + ": it is not the recording that the chain speaks of")
        if name.startswith("attachments/") and stored.get(os.path.splitext(name)[0]) != digest:
            raise ValueError(name + ": it is not the attachment that the chain speaks of")


def main() -> int:
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    try:
        manifest, sums = check_files(folder)
        chain = json.loads(read(folder, "chain.json"))
        erased = check_chain(chain)
        check_story(json.loads(read(folder, "story.json")), chain)
        check_audio(chain, sums)
        if (manifest["head"], manifest["facts"]) != (chain["head"], len(chain["facts"])):
            raise ValueError("manifest.json: its head is not the chain's")
    except (ValueError, KeyError, TypeError, AttributeError, OSError) as problem:
        sys.stdout.write(f"NOT AS IT WAS MADE: {problem}\n")
        return 1
    sys.stdout.write(f"fine: {manifest['ref']}, {len(chain['facts'])} facts, {len(sums)} files; head {chain['head']}\n")
    if erased:
        sys.stdout.write(f"{erased} facts had a private part that is erased or left out; their commitments stand.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
