#!/usr/bin/env python3
"""Writes the quickstart's tokenizer.json: one token per character, and one per frequent word of its tasks.

usage: python3 recipes/quickstart/tokenizer.py      (needs no package)

A word-level vocabulary is chosen, not learnt: digits, operators and letters stay single tokens, so that a small model
sees each digit it computes with, and the phrases of the puzzles are one token each, so that its sequences stay short.
"""
import json
import pathlib

SPECIAL = ["<|endoftext|>", "<|pad|>", "<|unk|>"]
CHARACTERS = ["\n"] + [chr(code) for code in range(32, 127)]
WORDS = (
    ["Answer: "]
    + [f" {verb} a {kind}" for verb in ("is", "am") for kind in ("knight", "knave")]
    + [" are the same", " are different", " knight", " knave", " and", " or", " yes", " no", " I"]
    + [f" {name}" for name in "ABCDEF"]
    + ["reverse", "upper", "rotate", "replace", "take", "drop"]
)

vocabulary = {token: id for id, token in enumerate(SPECIAL + CHARACTERS + WORDS)}
# Alternatives are tried in order, so the longest words come first; a short word must not begin a longer one.
words = sorted(WORDS, key=len, reverse=True)
pattern = "|".join(word + (r"\b" if word[-1].isalpha() else "") for word in words) + r"|[\s\S]"

tokenizer = {
    "version": "1.0",
    "truncation": None,
    "padding": None,
    "added_tokens": [
        {
            "id": vocabulary[token],
            "content": token,
            "single_word": False,
            "lstrip": False,
            "rstrip": False,
            "normalized": False,
            "special": True,
        }
        for token in SPECIAL
    ],
    "normalizer": None,
    "pre_tokenizer": {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": False},
    "post_processor": None,
    "decoder": {"type": "Fuse"},
    "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": "<|unk|>"},
}
target = pathlib.Path(__file__).with_name("tokenizer.json")
target.write_text(json.dumps(tokenizer, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
print(f"{target}: {len(vocabulary)} tokens")
