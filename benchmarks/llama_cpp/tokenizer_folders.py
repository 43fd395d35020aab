"""Makes of the vocabularies that lie in llama.cpp's sources the files that Hugging Face publishes of the same tokenizers."""

import json

import gguf
from sentencepiece import sentencepiece_model_pb2
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import AutoTokenizer, PreTrainedTokenizerFast

LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
QWEN2 = LLAMA3.replace("{1,3}", "")
CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
NORMAL = 1


def vocabulary(sources, name):
    reader = gguf.GGUFReader(sources / "models" / f"ggml-vocab-{name}.gguf")
    return {
        key: reader.fields[f"tokenizer.ggml.{key}"].contents()
        for key in ("tokens", "token_type", "scores", "merges")
        if f"tokenizer.ggml.{key}" in reader.fields
    }


def byte_level(sources, name, folder, split, end, begin=None, normalizer=None, ignore_merges=False, template=None):
    known = vocabulary(sources, name)
    kinds = list(zip(known["tokens"], known["token_type"]))
    tokens = {token: id for id, (token, kind) in enumerate(kinds) if kind == NORMAL}
    merges = [tuple(merge.split(" ")) for merge in known["merges"]]
    tokenizer = Tokenizer(models.BPE(tokens, merges, ignore_merges=ignore_merges))
    if normalizer:
        tokenizer.normalizer = normalizer
    levels = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=split is None)
    tokenizer.pre_tokenizer = (
        pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(split), "isolated"), levels]) if split else levels
    )
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, normalized=False) for token, kind in kinds if kind != NORMAL])
    if begin:
        tokenizer.post_processor = processors.TemplateProcessing(
            f"{begin} $A", None, [(begin, tokenizer.token_to_id(begin))]
        )
    written = PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token=begin, eos_token=end)
    written.chat_template = template
    written.save_pretrained(folder)


def sentencepiece(sources, folder, prefix=True):
    """As published; prefix says whether a text begins as after a space; not so in Gemma's"""
    known = vocabulary(sources, "llama-spm")
    model = sentencepiece_model_pb2.ModelProto()
    for piece, score, kind in zip(known["tokens"], known["scores"], known["token_type"]):
        model.pieces.add(piece=piece, score=score, type=kind)
    trainer, normalizer = model.trainer_spec, model.normalizer_spec
    trainer.model_type = sentencepiece_model_pb2.TrainerSpec.BPE
    trainer.byte_fallback, trainer.unk_id, trainer.bos_id, trainer.eos_id = True, 0, 1, 2
    normalizer.name, normalizer.add_dummy_prefix, normalizer.remove_extra_whitespaces = "identity", prefix, False
    (folder / "tokenizer.model").write_bytes(model.SerializeToString())
    config = dict(tokenizer_class="LlamaTokenizer", bos_token="<s>", eos_token="</s>", unk_token="<unk>", add_bos_token=True)
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    AutoTokenizer.from_pretrained(folder).save_pretrained(folder)
    file = folder / "tokenizer.json"
    tokenizer = json.loads(file.read_text(encoding="utf-8"))
    # By score, as published; transformers 5 orders them by id, and so reads two spaces otherwise than SentencePiece.
    score = dict(zip(known["tokens"], known["scores"]))
    tokenizer["model"]["merges"].sort(key=lambda merge: -score["".join(merge)])
    if not prefix:
        tokenizer["pre_tokenizer"]["prepend_scheme"] = "never"
        tokenizer["decoder"]["decoders"] = [step for step in tokenizer["decoder"]["decoders"] if step["type"] != "Strip"]
    file.write_text(json.dumps(tokenizer, ensure_ascii=False), encoding="utf-8")


def write(sources, name, folder):
    """Writes the tokenizer called name into folder; returns its number of tokens, and the ids that begin and end texts."""
    if name.startswith("llama-spm"):
        sentencepiece(sources, folder, prefix=name == "llama-spm")
        return 32000, 1, 2
    if name == "llama-bpe":
        byte_level(
            sources, name, folder, LLAMA3, "<|end_of_text|>", begin="<|begin_of_text|>", ignore_merges=True
        )
        return 128256, 128000, 128001
    if name == "qwen2":
        byte_level(sources, name, folder, QWEN2, "<|endoftext|>", normalizer=normalizers.NFC(), template=CHATML)
        return 151936, None, 151643
    byte_level(sources, name, folder, None, "<|endoftext|>")
    return 50257, 50256, 50256
