#!/usr/bin/env python3
"""Makes small tokenizers of the kinds that the families of models have, and records what transformers makes of some texts.

usage: python3 make_family_tokenizers.py      (needs: pip install transformers)
Writes families/NAME/tokenizer.json and tokenizer_config.json, and families.json.gz: texts, and for each family their ids
alone (ids), as transformers gives them to a model (whole) and decoded with special tokens (decoded). The vocabularies are
learned from a few sentences; normalizers, splits, added tokens, models and decoders are those of the published files.
"""
import gzip
import json
import pathlib
import shutil

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

from make_reference import CORPUS, TEXTS

HERE = pathlib.Path(__file__).parent
SPACE = "\u2581"
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]
CL100K = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
QWEN = CL100K.replace(r"\p{N}{1,3}", r"\p{N}")
THINKING = ["<think>", "</think>", "<tool_call>", "</tool_call>"]
TEXTS = TEXTS + [
    "<think>\nIt is 42.\n</think>\n\n42",
    "<|im_start|>user\nWhat?<|im_end|>\n<|im_start|>assistant\n",
    "  <|im_start|>  user  <|im_end|>  \n",
    "<|user|>\nWhat?<|end|>\n<|assistant|>\n",
    "<s>[INST] What? [/INST] 42</s>",
    "<start_of_turn>user\nWhat?<end_of_turn>\n<start_of_turn>model\n",
    "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nWhat?<|eot_id|>",
    "<0x0A><0xE6>\x01\x02 \u2581 \u2581\u2581",
    "12345678901234567890 1234 123 12 1",
    "I'LL we'Ve \u017f's DON'T",
]


def trained(pre_tokenizer, size, normalizer=None, alphabet=()):
    """Vocabulary and merges of byte-pair encoding."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizer
    if normalizer:
        tokenizer.normalizer = normalizer
    trainer = trainers.BpeTrainer(vocab_size=size, initial_alphabet=list(alphabet), show_progress=False)
    tokenizer.train_from_iterator(CORPUS, trainer)
    model = json.loads(tokenizer.to_str())["model"]
    return model["vocab"], [tuple(merge) for merge in model["merges"]]


def byte_level(split, special, ordinary=(), *, begin=None, normalizer=None, ignore_merges=False, strips=False):
    """As GPT-2's: every byte is a character."""
    steps = [pre_tokenizers.Split(Regex(split), "isolated")] if isinstance(split, str) else [split] if split else []
    pre_tokenizer = pre_tokenizers.Sequence(
        [*steps, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=not isinstance(split, str))]
    )
    vocabulary, merges = trained(pre_tokenizer, 340, normalizer, pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE(vocabulary, merges, ignore_merges=ignore_merges))
    if normalizer:
        tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(t, normalized=False, lstrip=strips, rstrip=strips) for t in special])
    tokenizer.add_tokens([AddedToken(token, normalized=False) for token in ordinary])
    tokenizer.post_processor = (
        processors.TemplateProcessing(f"{begin} $A", None, [(begin, tokenizer.token_to_id(begin))])
        if begin
        else processors.ByteLevel(trim_offsets=False)
    )
    return tokenizer


def sentencepiece(special, added=(), *, gemma=False, begin=None, rstrip=False):
    """As SentencePiece's: spaces are a sign of their own, and bytes that no token has are tokens."""
    spaces = normalizers.Replace(" ", SPACE)
    vocabulary, merges = trained(pre_tokenizers.Split(SPACE, "merged_with_next"), 200, spaces)
    pieces = special + BYTES + sorted(vocabulary, key=vocabulary.get)
    ids = {piece: id for id, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.BPE(ids, merges, unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    tokenizer.normalizer = spaces if gemma else normalizers.Sequence([normalizers.Prepend(SPACE), spaces])
    if gemma:
        tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    steps = [decoders.Replace(SPACE, " "), decoders.ByteFallback(), decoders.Fuse()]
    tokenizer.decoder = decoders.Sequence(steps if gemma else [*steps, decoders.Strip(" ", 1, 0)])
    tokenizer.add_special_tokens([AddedToken(token, normalized=False) for token in special])
    tokenizer.add_special_tokens([AddedToken(token, normalized=False, rstrip=rstrip) for token in added])
    if begin:
        tokenizer.post_processor = processors.TemplateProcessing(
            f"{begin} $A", None, [(begin, tokenizer.token_to_id(begin))]
        )
    return tokenizer


TURNS = ["<|im_start|>", "<|im_end|>"]
SPM = ["<unk>", "<s>", "</s>"]
FAMILIES = {
    "llama2": (sentencepiece(SPM, begin="<s>"), dict(bos_token="<s>", eos_token="</s>", add_bos_token=True)),
    "llama3": (
        byte_level(
            CL100K,
            ["<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"],
            begin="<|begin_of_text|>",
            ignore_merges=True,
        ),
        # That decoded text is to be tidied stands in Llama 3's files.
        dict(bos_token="<|begin_of_text|>", eos_token="<|eot_id|>", clean_up_tokenization_spaces=True),
    ),
    "mistral": (
        sentencepiece(SPM, ["[INST]", "[/INST]"], begin="<s>"),
        dict(bos_token="<s>", eos_token="</s>", add_bos_token=True, add_prefix_space=True),
    ),
    "qwen2": (
        byte_level(QWEN, ["<|endoftext|>", *TURNS], normalizer=normalizers.NFC()),
        dict(bos_token=None, eos_token="<|im_end|>", add_bos_token=False, add_prefix_space=False),
    ),
    "qwen3": (
        byte_level(QWEN, ["<|endoftext|>", *TURNS], THINKING, normalizer=normalizers.NFC()),
        dict(bos_token=None, eos_token="<|im_end|>", add_bos_token=False, add_prefix_space=False),
    ),
    "phi3": (
        sentencepiece(SPM, ["<|endoftext|>", "<|user|>", "<|assistant|>", "<|end|>"], rstrip=True),
        dict(bos_token="<s>", eos_token="<|endoftext|>", add_bos_token=False),
    ),
    "phi4": (
        byte_level(CL100K, ["<|endoftext|>", *TURNS, "<|im_sep|>", *THINKING[:2]], strips=True),
        dict(bos_token="<|endoftext|>", eos_token="<|im_end|>", add_prefix_space=False),
    ),
    "gemma": (
        sentencepiece(
            ["<pad>", "<eos>", "<bos>", "<unk>"], ["<start_of_turn>", "<end_of_turn>"], gemma=True, begin="<bos>"
        ),
        dict(bos_token="<bos>", eos_token="<eos>"),
    ),
    "smollm": (
        byte_level(pre_tokenizers.Digits(individual_digits=True), ["<|endoftext|>", *TURNS]),
        dict(bos_token="<|im_start|>", eos_token="<|im_end|>", add_prefix_space=False),
    ),
    "olmo2": (
        byte_level(CL100K, ["<|endoftext|>", "<|pad|>"]),
        dict(bos_token="<|endoftext|>", eos_token="<|endoftext|>", add_prefix_space=False),
    ),
}

if __name__ == "__main__":
    shutil.rmtree(HERE / "families", ignore_errors=True)
    recorded = {"texts": TEXTS, "families": {}}
    for name, (tokenizer, config) in FAMILIES.items():
        folder = HERE / "families" / name
        folder.mkdir(parents=True)
        tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
        config = {"tokenizer_class": "PreTrainedTokenizerFast", **config}
        (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
        python = PreTrainedTokenizerFast.from_pretrained(folder)
        recorded["families"][name] = {
            "end": python.eos_token_id,
            "ids": [python.encode(text, add_special_tokens=False) for text in TEXTS],
            "whole": [python.encode(text) for text in TEXTS],
            "decoded": [
                python.decode(python.encode(text), skip_special_tokens=False, clean_up_tokenization_spaces=False)
                for text in TEXTS
            ],
        }
    with gzip.GzipFile(HERE / "families.json.gz", "wb", mtime=0) as file:
        file.write(json.dumps(recorded, separators=(",", ":")).encode())
