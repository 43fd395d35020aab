#!/usr/bin/env python3
"""Trains small tokenizers and records what Hugging Face's Python library makes of some texts.

usage: python3 make_reference.py      (needs: pip install transformers)
Writes bpe.json, unigram.json and reference.json beside itself. The ids and decoded texts are those of transformers.
"""
import json
import pathlib
import random

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

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
PIECES = [
    "What is", " 12 plus 30", "?", "Answer:", " 42", "step", " by", "The", "\n", "\n\n", "\r\n", "\t", " ", "   ",
    "def add(a, b):", "return", "    ", "==", "!=", "x**2", "{\"key\": [1, 2]}", "</b>", "\\frac{1}{2}", "$", "'s", "'LL",
    "3.14159", "1,000,000", "007", "-1e-9", "Größe", "naïve", "cafe\u0301", "ﬁ", "Ⅷ", "ｆｕｌｌ", "½", "漢字", "かな",
    "한국어", "русский", "ελληνικά", "العربية", "עברית", "हिन्दी", "ไทย", "😀", "👩‍👩‍👧", "🇩🇪", "∫", "x²", "≤", "\u200b",
    "\u00a0", "\u2028", "\ufeff", "\ufffd", "\0", "\x7f", "▁", "Ġ", "<|endoftext|>", "<|pad|>", "</s>", "<unk>", "<|none|>",
    "aaaaaaaa", "ABC", "camelCase", "snake_case", "https://example.org/a?b=c#d", "me@example.org",
]
# Each piece alone and pieces joined at random, by a fixed seed.
shuffle = random.Random(1)
TEXTS += PIECES
TEXTS += ["".join(shuffle.choices(PIECES, k=shuffle.randint(2, 8))) for _ in range(220 - len(TEXTS))]



def main():
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
        # Spaces are not to be tidied on decoding: the text must come back.
        python = PreTrainedTokenizerFast(tokenizer_object=tokenizer, clean_up_tokenization_spaces=False)
        encodings = [python.encode(text, add_special_tokens=False) for text in TEXTS]
        reference[name] = {
            "vocabulary_size": tokenizer.get_vocab_size(with_added_tokens=True),
            "texts": [
                {"text": text, "ids": ids, "decoded": python.decode(ids, skip_special_tokens=True)}
                for text, ids in zip(TEXTS, encodings)
            ],
        }
    (HERE / "reference.json").write_text(json.dumps(reference, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
