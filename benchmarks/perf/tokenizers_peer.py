"""Tokenizes the texts of a JSON file by encode_batch, once for each line read, and prints tokens and seconds.

    python tokenizers_peer.py TOKENIZER.json TEXTS.json
"""

import json
import sys
import time

from tokenizers import Tokenizer

if __name__ == "__main__":
    tokenizer = Tokenizer.from_file(sys.argv[1])
    with open(sys.argv[2], encoding="utf-8") as file:
        texts = json.load(file)
    for _ in sys.stdin:
        started = time.perf_counter()
        batch = tokenizer.encode_batch(texts, add_special_tokens=False)
        tokens = sum(len(encoding.ids) for encoding in batch)
        print(tokens, time.perf_counter() - started, flush=True)
