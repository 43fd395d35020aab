#!/usr/bin/env python3
"""Trains small tokenizers and records what Hugging Face's Python library makes of some texts.

usage: python3 make_reference.py      (needs: pip install tokenizers)
Writes bpe.json, unigram.json and reference.json beside itself.
"""
import json
import pathlib

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

HERE = pathlib.Path(__file__).parent
CORPUS = [
    "What is 12 plus 30? Answer: 42",
    "Let us think step by step. The answer is 7.",
    "def add(a, b):\n    return a + b\n",
    "Größe, naïve, 漢字, emoji 😀 and maths: ∫ x² dx",
] * 20
TEXTS = [
    "What is 12 plus 30?\n",
    "Answer: 42",
    "",
    " ",
    "  leading and trailing  ",
    "Größe naïve cafe\u0301",
    "漢字かな交じり文",
    "😀👩‍👩‍👧 family",
    "def f(x):\n\treturn x**2\r\n",
    "<|endoftext|>Answer: 42<|endoftext|>",
    "<|pad|>pad",
    "∫ x² dx = x³/3",
    "a" * 300,
    "\u00a0\u2028 odd spaces \u200b",
]

bpe = Tokenizer(models.BPE())
bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
bpe.decoder = decoders.ByteLevel()
bpe.train_from_iterator(
    CORPUS,
    trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=["<|endoftext|>", "<|pad|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    ),
)
# What a file may ask for and training must not: cutting and filling.
bpe.enable_truncation(8)
bpe.enable_padding(length=16, pad_token="<|pad|>", pad_id=1)
bpe.save(str(HERE / "bpe.json"), pretty=False)
bpe.no_truncation()
bpe.no_padding()

unigram = Tokenizer(models.Unigram())
unigram.normalizer = normalizers.NFKC()
unigram.pre_tokenizer = pre_tokenizers.Metaspace()
unigram.decoder = decoders.Metaspace()
unigram.train_from_iterator(
    CORPUS,
    trainers.UnigramTrainer(
        vocab_size=150, special_tokens=["<unk>", "</s>"], unk_token="<unk>", show_progress=False
    ),
)
unigram.save(str(HERE / "unigram.json"), pretty=False)

reference = {}
for name, tokenizer in (("bpe", bpe), ("unigram", unigram)):
    encodings = [tokenizer.encode(text, add_special_tokens=False).ids for text in TEXTS]
    reference[name] = {
        "vocabulary_size": tokenizer.get_vocab_size(with_added_tokens=True),
        "texts": [
            {"text": text, "ids": ids, "decoded": tokenizer.decode(ids, skip_special_tokens=True)}
            for text, ids in zip(TEXTS, encodings)
        ],
    }
(HERE / "reference.json").write_text(json.dumps(reference, indent=1) + "\n", encoding="utf-8")
