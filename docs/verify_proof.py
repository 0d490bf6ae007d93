"""Checks a proof printed by `manage.py prove`, with Python's standard library alone and without trusting the site.

    python3 verify_proof.py proof.json [--chain HEX]

It recomputes the leaf, the way up to the publication's root (RFC 6962) and the chain of all later publications. HEX is
the register's chain as you know it from elsewhere, a signed summary for example: it has to stand in the proof. Without
it the proof is checked in itself only, and the newest chain is printed for you to compare. Exit status 0 if all holds,
1 if anything doesn't, 2 if the file isn't a proof.
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path

CHAINED = ("number", "kind", "published_on", "row_count", "issued_count", "corrected_count", "revoked_count",
           "reinstated_count", "searchable_before", "searchable_after", "digest", "audit_head")  # fmt: skip


def sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def as_json(values: list[str]) -> bytes:
    return json.dumps(values, ensure_ascii=False).encode()


def root_of(leaf: bytes, position: int, size: int, path: list[bytes]) -> bytes:
    """RFC 9162, section 2.1.3.2."""
    if not 0 <= position < size:
        raise ValueError("The position lies outside the publication.")
    place, last, root = position, size - 1, leaf
    for beside in path:
        if last == 0:
            raise ValueError("The path is longer than the tree is high.")
        if place % 2 or place == last:
            root = sha256(b"\x01" + beside + root)
            while place % 2 == 0 and place:
                place, last = place // 2, last // 2
        else:
            root = sha256(b"\x01" + root + beside)
        place, last = place // 2, last // 2
    if last:
        raise ValueError("The path ends below the root.")
    return root


def check(proof: dict, known: str) -> list[str]:
    """What doesn't hold; nothing if all does."""
    wrong = []
    leaf = sha256(b"\x00" + proof["leaf"].encode())
    content = json.loads(proof["leaf"])
    if content[0] != "certlookup-leaf-1" or content[2] != proof["certificate_number"]:
        wrong.append("The leaf is not that certificate's.")
    first = proof["publications"][0]
    if str(proof["size"]) != first["row_count"]:
        wrong.append("The publication states another number of rows.")
    root = root_of(leaf, proof["position"], proof["size"], [bytes.fromhex(beside) for beside in proof["path"]])
    if root.hex() != first["root"]:
        wrong.append("The leaf does not lead to the publication's root.")
    before = proof["chain_before"]
    for publication in proof["publications"]:
        stated = [publication[name] for name in CHAINED]
        before = sha256(as_json(["certlookup-chain-1", before, *stated, publication["root"]])).hex()
        if before != publication["chain"]:
            wrong.append(f"The chain breaks at publication {publication['number']}.")
    if known and known not in [publication["chain"] for publication in proof["publications"]]:
        wrong.append("The chain that you know is not in the proof.")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description="Checks a proof printed by manage.py prove.")
    parser.add_argument("proof", type=Path)
    parser.add_argument("--chain", default="", help="the register's chain as known from elsewhere, 64 hex digits")
    arguments = parser.parse_args()
    known = "".join(arguments.chain.split()).lower()
    try:
        proof = json.loads(arguments.proof.read_text(encoding="utf-8"))
        wrong = check(proof, known)
    except (OSError, KeyError, IndexError, TypeError, UnicodeDecodeError, json.JSONDecodeError) as error:
        print(f"This is not a proof: {error!r}")
        return 2
    except ValueError as error:
        wrong = [str(error)]
    for sentence in wrong:
        print(sentence)
    if wrong:
        print("NOT PROVEN")
        return 1
    newest = proof["publications"][-1]
    print(f"Certificate {proof['certificate_number']} stands in publication {proof['publications'][0]['number']}.")
    print(f"The chain up to publication {newest['number']} is {newest['chain']}.")
    print("PROVEN" if known else "Consistent in itself; compare the chain with a signed summary.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
