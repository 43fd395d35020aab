"""Token ids and the tokens that carry loss, as transformers and TRL have them, into masks.json.gz in
../resources/.../text: for every template that marks what the assistant wrote, all conversations of
make_chat_fixtures.py by transformers, and those of texts alone by TRL's SFTTrainer itself.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install torch transformers trl
    /tmp/venv/bin/python make_mask_fixtures.py
"""

import gzip
import json
import os
import tempfile

os.environ["CUDA_VISIBLE_DEVICES"] = ""

from datasets import Dataset
from make_chat_fixtures import HERE, SPECIAL, TEXT, conversations
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
from trl import SFTConfig, SFTTrainer

TOKENIZER = HERE.parents[3] / "recipes/gsm8k/tokenizer.json"


def tokenizer(template):
    made = PreTrainedTokenizerFast(tokenizer_file=str(TOKENIZER), eos_token="<|endoftext|>", pad_token="<|endoftext|>")
    made.bos_token = SPECIAL["bos_token"]
    made.chat_template = template
    return made


def by_transformers(template, messages, tools, variables):
    made = tokenizer(template)
    # As transformers 5.20 and newer do themselves.
    messages = [{**one, "reasoning_content": one["thinking"]} if "thinking" in one else one for one in messages]
    try:
        out = made.apply_chat_template(
            messages, tools=tools, return_dict=True, return_assistant_tokens_mask=True, **{**SPECIAL, **variables}
        )
        return {"ids": out["input_ids"], "assistant": out["assistant_masks"]}
    except Exception:  # what a template refuses is not for training
        return None


def by_trl(template, rows, **how):
    with tempfile.TemporaryDirectory() as folder:
        model = LlamaForCausalLM(
            LlamaConfig(
                vocab_size=len(tokenizer(template)) + 8, hidden_size=8, intermediate_size=8, num_hidden_layers=1,
                num_attention_heads=1, num_key_value_heads=1,
            )
        )
        trainer = SFTTrainer(
            model,
            args=SFTConfig(folder, use_cpu=True, report_to=[], max_length=None, dataset_num_proc=1, **how),
            train_dataset=Dataset.from_list(rows),
            processing_class=tokenizer(template),
        )
        prepared = []
        for row in trainer.train_dataset:
            batch = trainer.data_collator([row])
            ids, labels = batch["input_ids"][0].tolist(), batch["labels"][0].tolist()
            prepared.append({"ids": ids, "learned": [int(label != -100) for label in labels]})
        return prepared


def main():
    chats = [{"messages": a, "tools": b, "variables": c} for a, b, c, _ in conversations()]
    plain = [
        chat["messages"]
        for chat in chats
        if not chat["tools"]
        and not chat["variables"]
        and chat["messages"][-1]["role"] == "assistant"
        and all(set(message) == {"role", "content"} and isinstance(message["content"], str) for message in chat["messages"])
        and any(message["role"] == "user" for message in chat["messages"])
    ]
    templates = {}
    for file in sorted((TEXT / "templates").glob("*_training.jinja")):
        template = file.read_text(encoding="utf-8")
        # TRL knows no special tokens but the tokenizer's.
        whole = [chat for chat in plain if by_transformers(template, chat, None, {}) is not None]
        whole = [chat for chat in whole if 1 in by_transformers(template, chat, None, {})["assistant"]]
        split = [{"prompt": chat[:-1], "completion": chat[-1:]} for chat in whole]
        templates[file.stem] = {
            "transformers": [by_transformers(template, **chat) for chat in chats],
            "trl_messages": whole,
            "trl": {
                "assistant": by_trl(template, [{"messages": chat} for chat in whole], assistant_only_loss=True),
                "all": by_trl(template, [{"messages": chat} for chat in whole], assistant_only_loss=False),
                "completion": by_trl(template, split, completion_only_loss=True),
                "both": by_trl(template, split, completion_only_loss=True, assistant_only_loss=True),
            },
        }
        print(file.stem, sum(one is not None for one in templates[file.stem]["transformers"]), "and", len(whole))
    document = {"special_tokens": SPECIAL, "chats": chats, "templates": templates}
    with open(TEXT / "masks.json.gz", "wb") as out, gzip.GzipFile("", "wb", 9, out, 0) as packed:
        packed.write(json.dumps(document, ensure_ascii=False).encode())


if __name__ == "__main__":
    main()
