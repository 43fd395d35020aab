"""Writes responses, and how lm-evaluation-harness says that they follow their instructions, strictly and loosely.

    v/bin/pip install "lm_eval[ifeval]==0.4.13"
    v/bin/python datasets/src/test/python/make_loose_cases.py 400 1 > datasets/src/test/resources/verify/ifeval-loose-cases.jsonl

Arguments: how many responses, and the seed. Responses are put together from lines that introduce, texts that follow some
instruction, and lines that close, with Markdown's asterisks here and there. Instructions on a response's language are left
out: what is left of these responses is too short to tell it.
"""

import json
import random
import sys

from lm_eval.tasks.ifeval import utils

INTRODUCTIONS = [
    "Sure! Here is what you asked for:", "**Answer**", "Here is the text, as you wished.", "```json", "<<A Title>>",
    "*** ", "", "Of course:\n", "\u00a0", '"Certainly"', "* note", "Section 0", "Ok\r", "\u2028", "*",
]
TEXTS = [
    "the quick brown fox jumps over the lazy dog and then it sleeps.",
    "THE QUICK BROWN FOX JUMPS OVER THE LAZY DOG AND THEN IT SLEEPS.",
    "I went to the shop. I bought milk. I came home again, and cooked.",
    "First *point* here\n* one\n* two\n- three",
    "**bold** and *italic* words with [placeholder] and [other one]",
    '{"a": [1, 2]}',
    "one paragraph of words\n***\nanother paragraph of words",
    "one answer\n******\nanother answer",
    "<<My Title>>\nThe story begins here.",
    '"A quoted answer in the usual marks."',
    "SECTION 1\nText of one\nSECTION 2\nText of two",
    "**SECTION** 1\nText of one\n**SECTION** 2\nText of two",
    "My answer is yes.",
    "Das ist ein ganz gewöhnlicher deutscher Satz, den jeder lesen kann.",
    "Hello world\n\nWe go on\n\nThe end is near",
    "**My answer** is no.",
    "<*<Starred title>*>",
    "P.P.S Read it again",
    "word",
]
CLOSINGS = [
    "I hope this helps, let me know!", "Is there anything else?", "P.S. I like it.", "```", "", "***", "The end.",
    "* bye *", "\u00a0", "- last", '"', "Any other questions?  ", "**The** end.", "\x1c",
]


def instruction():
    choose = random.choice
    relation = choose(["at least", "less than"])
    return choose([
        ("keywords:existence", {"keywords": random.sample(["fox", "milk", "words", "answer", "title"], 2)}),
        ("keywords:frequency",
         {"keyword": choose(["the", "answer", "one"]), "frequency": choose([1, 2, 3]), "relation": relation}),
        ("keywords:forbidden_words",
         {"forbidden_words": random.sample(["sure", "hope", "help", "note", "bye", "certainly", "title"], 2)}),
        ("keywords:letter_frequency",
         {"letter": choose(["e", "q", "s"]), "let_frequency": choose([1, 3, 8]), "let_relation": relation}),
        ("length_constraints:number_sentences", {"num_sentences": choose([1, 2, 3, 5]), "relation": relation}),
        ("length_constraints:number_paragraphs", {"num_paragraphs": choose([1, 2, 3])}),
        ("length_constraints:number_words", {"num_words": choose([5, 12, 20]), "relation": relation}),
        ("length_constraints:nth_paragraph_first_word",
         {"num_paragraphs": choose([1, 2, 3]), "nth_paragraph": 1, "first_word": choose(["hello", "the", "we"])}),
        ("detectable_content:number_placeholders", {"num_placeholders": choose([1, 2])}),
        ("detectable_content:postscript", {"postscript_marker": choose(["P.S.", "P.P.S"])}),
        ("detectable_format:number_bullet_lists", {"num_bullets": choose([1, 2, 3, 4])}),
        ("detectable_format:constrained_response", {}),
        ("detectable_format:number_highlighted_sections", {"num_highlights": choose([1, 2])}),
        ("detectable_format:multiple_sections", {"section_spliter": "SECTION", "num_sections": 2}),
        ("detectable_format:json_format", {}),
        ("detectable_format:title", {}),
        ("combination:two_responses", {}),
        ("combination:repeat_prompt", {"prompt_to_repeat": choose(["The quick brown fox", "I went to the shop"])}),
        ("startend:end_checker", {"end_phrase": choose(["The end.", "Is there anything else?", "it sleeps."])}),
        ("startend:quotation", {}),
        ("change_case:capital_word_frequency", {"capital_frequency": choose([1, 4]), "capital_relation": relation}),
        ("punctuation:no_comma", {}),
    ])


def response():
    parts = [random.choice(INTRODUCTIONS)] if random.random() < 0.6 else []
    parts += random.sample(TEXTS, random.choice([0, 1, 1, 1, 2]))
    parts += [random.choice(CLOSINGS)] if random.random() < 0.6 else []
    before = random.choice([" ", "\n"]) if random.random() < 0.1 else ""
    after = random.choice(["\n", "  ", "\n\n"]) if random.random() < 0.1 else ""
    return before + random.choice(["\n", "\n", "\n\n"]).join(parts) + after


random.seed(int(sys.argv[2]))
for key in range(int(sys.argv[1])):
    text = response()
    given = [instruction() for _ in range(random.choice([1, 2, 3]))]
    names, arguments = [name for name, _ in given], [of for _, of in given]
    doc = {"key": key, "instruction_id_list": names, "prompt": "p", "kwargs": arguments}
    followed = utils.process_results(doc, [text])
    print(json.dumps({
        "response": text,
        "metadata": {"instruction_id_list": names, "kwargs": arguments},
        "strict": followed["inst_level_strict_acc"],
        "loose": followed["inst_level_loose_acc"],
    }))
