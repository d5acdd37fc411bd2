#!/usr/bin/python3
"""The client makes and reads the same bytes as tests/fixtures/vector/vector.txt."""

import unittest
from pathlib import Path

from kith_client import (CHAIN, CONTENT, KEY, LEAF, NORMAL, RECEIPT, ROOT, Agency, Clause, Fault,
                         Member, Partnership, Secrets, Topic, decrypt, digest, frame, key_name,
                         kith, packet, packets_of, padded, root_of, sign, signature_fits,
                         tree_path, unpadded, wrap_key)

VECTOR = Path(__file__).resolve().parents[1] / "fixtures" / "vector" / "vector.txt"
LINES = dict(line.split(" ", 1) for line in VECTOR.read_text().splitlines())
NAMES = {name for name in LINES if name.endswith("_name")}
VALUES = {name: bytes.fromhex(value) for name, value in LINES.items() if name not in NAMES}


def housing():
    """The vector's recipient."""
    every = ("*",)
    agencies = {"police": Member(1, b"", VALUES["police_signing_public"]),
                "housing": Member(1, b"", VALUES["housing_signing_public"],
                                  VALUES["housing_sealing_public"])}
    partnership = Partnership("exampletown", 3, False, agencies, {},
                              {"police.call-out": Topic("event", "event", NORMAL)},
                              {"4.1": Clause(("event",), every, every)})
    return Agency(partnership, "housing", Secrets(b"", VALUES["housing_signing_seed"],
                                                  VALUES["housing_sealing_secret"]))


class Vector(unittest.TestCase):
    def setUp(self):
        self.envelope = kith.Envelope.FromString(VALUES["envelope"])

    def test_envelope_opens(self):
        agency = housing()
        header = agency.verify(self.envelope)
        content, notice = agency.open(self.envelope, header, agency.my_slot(header))
        self.assertEqual(content.notice, VALUES["notice"])
        self.assertEqual(notice.event.kind, "call-out")

    def test_every_step_of_the_seal(self):
        header = kith.Header.FromString(VALUES["header"])
        self.assertEqual(digest(LEAF, VALUES["header"]), VALUES["leaf"])
        self.assertEqual(digest(CONTENT, self.envelope.content), VALUES["content_digest"])
        self.assertEqual(digest(KEY, VALUES["content_key"]), header.key_commitment)
        self.assertEqual(wrap_key(VALUES["half_secret"], VALUES["housing_sealing_public"],
                                  VALUES["half_public"], VALUES["housing_sealing_public"]),
                         VALUES["wrap_key"])
        plain = decrypt(VALUES["content_key"], VALUES["nonce"], self.envelope.content)
        self.assertEqual(plain, padded(VALUES["content_plain"]))
        self.assertEqual(unpadded(plain), VALUES["content_plain"])
        for name in NAMES:
            self.assertEqual(key_name(VALUES[name.replace("_name", "_public")]), LINES[name])

    def test_tree(self):
        root = root_of(VALUES["leaf"], self.envelope.proof)
        self.assertEqual(root, VALUES["root"])
        leaves = [VALUES["leaf_0"], VALUES["leaf"], VALUES["leaf_2"]]
        self.assertEqual(tree_path(leaves, 1), (root, list(self.envelope.proof.path)))
        self.assertEqual(sign(VALUES["police_signing_seed"], ROOT, root),
                         VALUES["root_signature"])

    def test_tree_of_every_size(self):
        for count in range(1, 65):
            leaves = [bytes([n]) * 32 for n in range(count)]
            for index, leaf in enumerate(leaves):
                root, path = tree_path(leaves, index)
                proof = kith.Proof(index=index, count=count, path=path)
                self.assertEqual(root_of(leaf, proof), root)
                proof.path.append(bytes(32))
                self.assertIsNone(root_of(leaf, proof))

    def test_changed_envelope_is_no_message(self):
        self.envelope.content = self.envelope.content[:-1] + b"\0"
        with self.assertRaises(Fault) as caught:
            housing().verify(self.envelope)
        self.assertEqual(caught.exception.reason, kith.REASON_BAD_SIGNATURE)

    def test_receipt(self):
        first = digest(CHAIN, b"", VALUES["leaf_0"], bytes([kith.OUTCOME_DELIVERED]))
        self.assertEqual(first, VALUES["chain_1"])
        self.assertEqual(digest(CHAIN, first, VALUES["leaf"], bytes([kith.OUTCOME_QUARANTINED])),
                         VALUES["chain_2"])
        self.assertTrue(signature_fits(VALUES["housing_signing_public"], RECEIPT,
                                       VALUES["receipt"], VALUES["receipt_signature"]))

    def test_frame(self):
        taken, credit = packets_of(VALUES["frame"])
        self.assertEqual(list(taken.taken.tokens), [7, 300])
        self.assertEqual(frame(packet(taken=taken.taken), packet(credit=credit.credit)),
                         VALUES["frame"])


if __name__ == "__main__":
    unittest.main()
