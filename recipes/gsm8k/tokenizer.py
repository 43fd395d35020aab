#!/usr/bin/env python3
"""Trains the GSM8K recipe's tokenizer.json: byte-level BPE, 4096 entries, on the training split alone.

usage: pip install tokenizers==0.23.3 && python3 recipes/gsm8k/tokenizer.py

Digits are single tokens, as in the models whose arithmetic works.
"""
import json
import pathlib

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

here = pathlib.Path(__file__).parent
rows = [json.loads(line) for line in (here / "../../datasets/data/gsm8k/train.jsonl").open(encoding="utf-8")]

tokenizer = Tokenizer(models.BPE())
tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
    [
        pre_tokenizers.Split(Regex(r" ?\p{L}+|\p{N}|<<|>>| ?[^\s\p{L}\p{N}]|\s+"), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ]
)
tokenizer.decoder = decoders.ByteLevel()
trainer = trainers.BpeTrainer(
    vocab_size=4096,
    special_tokens=["<|endoftext|>", "<|pad|>"],
    initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
    show_progress=False,
)
tokenizer.train_from_iterator((text for row in rows for text in (row["question"], row["answer"])), trainer)
tokenizer.save(str(here / "tokenizer.json"), pretty=False)
print(f"{here / 'tokenizer.json'}: {tokenizer.get_vocab_size()} tokens")
