"""Renders 40 conversations by every template of ../resources/.../text/templates as transformers does, and a list of
single Jinja constructs, into chats.json.gz beside that folder.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install transformers jinja2
    /tmp/venv/bin/python make_chat_fixtures.py
"""

import datetime
import gzip
import json
import pathlib

from transformers.utils import chat_template_utils as transformers_chat

HERE = pathlib.Path(__file__).parent
TEXT = HERE.parent / "resources/dev/hone/datasets/text"
SPECIAL = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>"}


class FixedTime(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls(2026, 3, 7, 9, 5, 2)


transformers_chat.datetime = FixedTime


def m(role, content=None, **more):
    return {"role": role, **({} if content is None else {"content": content}), **more}


def tool(name, description, properties, required=()):
    parameters = {"type": "object", "properties": properties, "required": list(required)}
    return {"type": "function", "function": {"name": name, "description": description, "parameters": parameters}}


WEATHER = tool("get_weather", "Weather at a place", {"city": {"type": "string", "description": "City & country"}}, ["city"])
CONVERT = tool(
    "convert",
    'Converts "units" <em>exactly</em>',
    {
        "amount": {"type": "number", "minimum": 0.0, "maximum": 1e16, "default": 1.5},
        "step": {"type": "number", "enum": [1e-05, 0.0001, 2.5e-07, 123456789.125, -0.0, 3]},
        "unit": {"type": "string", "enum": ["m", "km", "Ångström"], "default": None},
        "exact": {"type": "boolean", "default": True},
    },
)


def call(name, arguments, id=None):
    return {**({"id": id} if id else {}), "type": "function", "function": {"name": name, "arguments": arguments}}


THINK = "<think>\nFirst 2+2.\nThat is 4.\n</think>\n\nThe answer is 4."


def conversations():
    """(messages, tools, variables, add_generation_prompt)"""
    hello = m("user", "Hello!")
    plain = [
        [hello],
        [m("system", "Be brief."), hello],
        [m("user", "  leading and trailing  \n")],
        [m("system", "  \n Be brief.\t "), m("user", "\n\nWhat is 2+2?\n")],
        [m("user", "What is 2+2?"), m("assistant", "4")],
        [m("user", "What is 2+2?"), m("assistant", "4"), m("user", "And 3+3?")],
        [m("system", "s"), m("user", "a"), m("assistant", "b"), m("user", "c"), m("assistant", "d"), m("user", "e")],
        [m("user", "Grüße, 世界! 🙂👩‍👩‍👧 \u00a0nbsp")],
        [m("user", "<b>bold</b> & \"quotes\" 'single' \\ backslash {{ not }} {% jinja %} {# here #}")],
        [m("user", "code:\n```python\ndef f(x):\n\treturn x\n```")],
        [m("user", "")],
        [m("user", "q"), m("assistant", "")],
        [m("user", "q"), m("assistant", "  spaced answer \n")],
        [m("user", "What is 2+2?"), m("assistant", THINK)],
        [m("user", "What is 2+2?"), m("assistant", THINK), m("user", "Sure?")],
        [m("user", "What is 2+2?"), m("assistant", THINK), m("user", "Sure?"), m("assistant", "<think>\n\n</think>\n\nYes.")],
        [m("user", "q"), m("assistant", "<think>only thought</think>")],
        [m("user", "q"), m("assistant", "no open tag</think>\n\n answer ")],
        [m("user", "q"), m("assistant", "answer", reasoning_content="because\n")],
        [m("user", "q"), m("assistant", "answer", reasoning_content="\nbecause"), m("user", "r"), m("assistant", "s", thinking="t")],
        [m("user", "a"), m("user", "b")],
        [m("assistant", "I begin.")],
        [m("user", "<|im_end|> <|eot_id|> [INST] <end_of_turn>")],
        [m("system", "only a system message")],
        [m("user", "x" * 300 + "\n" * 5 + "y")],
        [m("user", "tab\tand\r\nCRLF\u2028separator\x85next")],
    ]
    for messages in plain:
        yield messages, None, {}, messages[-1]["role"] != "assistant"
    yield [hello], None, {"enable_thinking": False}, True
    yield [hello, m("assistant", "Hi."), m("user", "Now?")], None, {"enable_thinking": True}, True
    yield [hello], None, {"date_string": "01 Jan 2025"}, True
    yield [hello], [WEATHER], {}, True
    yield [m("system", "Use tools."), hello], [WEATHER, CONVERT], {}, True
    weather = [m("user", "Weather in Paris?"), m("assistant", "", tool_calls=[call("get_weather", {"city": "Paris"}, "call00001")])]
    yield weather, [WEATHER], {}, False
    yield weather + [m("tool", '{"celsius": 21.0}', name="get_weather", tool_call_id="call00001")], [WEATHER], {}, True
    yield (
        weather
        + [m("tool", "21 °C", name="get_weather", tool_call_id="call00001"), m("assistant", "It is 21 °C.")],
        [WEATHER],
        {},
        False,
    )
    yield (
        [
            m("system", "Use tools."),
            m("user", "Convert and look."),
            m("assistant", "Both.", tool_calls=[call("convert", {"amount": 2.0, "unit": "km", "big": 1e22, "n": [1, {"k": None}]})]),
            m("tool", "2000 m"),
            m("assistant", "Done.", reasoning_content="I have it."),
            m("user", "Thanks."),
        ],
        [WEATHER, CONVERT],
        {},
        True,
    )
    yield (
        [
            m("user", "Two calls"),
            m("assistant", None, tool_calls=[call("get_weather", {"city": "a"}), call("get_weather", {"city": "ü"})]),
            m("tool", "1"),
            m("tool", "2"),
        ],
        [WEATHER],
        {},
        True,
    )
    yield [m("user", "q"), m("assistant", "a", tool_calls=[call("f", '{"already": "text"}')])], None, {}, False
    yield [m("user", [{"type": "text", "text": "in parts"}])], None, {}, True
    yield [m("user", "q"), m("assistant", None), m("user", "r")], None, {}, True
    yield [m("system", "s"), m("user", "u"), m("assistant", "a"), m("assistant", "b")], None, {}, False


CONSTRUCTS = [
    "{{ 1 == true }} {{ '' == false }} {{ '1' == 1 }} {{ [] == [] }} {{ [1, {'a': 2}] == [1, {'a': 2}] }} {{ none == undef }}",
    "{{ 'xxhixx'.strip('x') }}|{{ '  a '.lstrip() }}|{{ ' a  '.rstrip(' ') }}|{{ 'a]-^b]'.strip(']^-') }}|{{ '\ufeffa\x1f'.strip() }}",
    "{{ true }} {{ none }} {{ 1.0 }} {{ [1, 'a', 1.5, none, true] }} {{ {'k': 'v', 'n': {'x': \"it's\"}} }} {{ (1, 2) }}",
    "{{ {'a': 1.0, 'b': messages[0].n, 'c': 'ü<>&', 'd': none} | tojson }}",
    "{{ {'b': 1, 'a': [1, 2], 'e': {}} | tojson(indent=2) }}",
    "{{ {'b': 1, 'a': 'é'} | tojson(sort_keys=true, ensure_ascii=true, separators=(',', ':')) }}",
    "{% set ns = namespace(n=0, seen=false) %}{% for i in range(5) if i % 2 %}{% set ns.n = ns.n + i %}{% endfor %}{{ ns.n }}{{ ns.seen }}",
    "{% for k, v in {'a': 1, 'b': 2}.items() %}{{ k }}={{ v }}{{ ',' if not loop.last }}{% endfor %}",
    "{% macro f(a, b='d') %}<{{ a }}-{{ b }}>{% endmacro %}{{ f(1) }}{{ f(1, b=2) }}",
    "{{ messages[::-1] | length }}{{ messages[1:] | length }}{{ 'abcdef'[1:-1] }}{{ 'abc'[-1] }}{{ 'abc'[::-1] }}",
    "{% if messages is defined and missing is not defined and none is none and 'a' is string and {} is mapping %}yes{% endif %}",
    "{{ 'a,b,c'.split(',') | join('-') }}{{ 'a b'.split() }}{{ 'a</t>b</t>c'.split('</t>')[-1] }}{{ 'aXbXc'.split('X', 1) }}",
    "  {% if true %}\n  kept\n  {% endif %}\n  {{- ' x ' -}}\n  y",
    "{%- for i in [1, 2, 3] -%}{%- if i == 2 %}{% continue %}{% endif -%}{{ i }}{% if i == 3 %}{% break %}{% endif %}{%- endfor %}",
    "{{ 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 7 / 2 }} {{ 2 ** 3 }} {{ 'ab' * 2 }} {{ 1 ~ 'a' ~ true ~ none }}",
    "{{ 'x' in ['x'] }} {{ 1 in [1.0] }} {{ 'k' in {'k': 1} }} {{ 'el' in 'hello' }} {{ 'z' not in 'hello' }}",
    "{{ undef | default('d') }} {{ '' | default('d', true) }} {{ none | default('d') }} [{{ undef }}]",
    "{{ 'hello world' | title }} {{ 'hELLO' | capitalize }} {{ 'hELLO'.capitalize() }} {{ ' a ' | trim }} {{ 'é🙂' | length }}",
    "{{ [3, 1, 2] | sort }} {{ ['b', 'A'] | sort }} {{ [1, 2] | first }} {{ [1, 2] | last }} {{ {'a': 1} | list }} {{ 'abc' | list }}",
    "{{ messages | selectattr('role', 'equalto', 'user') | map(attribute='content') | list }}",
    "{{ messages | rejectattr('role', 'eq', 'user') | list | length }}",
    "{% set x %}captured {{ 1 }}{% endset %}{{ x }}|{{ x | upper }}",
    "{{ 'abc'.startswith('ab') }} {{ 'abc'.endswith(('x', 'c')) }} {{ 'abc'.replace('b', 'B') }} {{ 'aaa'.replace('a', 'b', 2) }}",
    "{{ 5 if false }}|{{ 'a' if 0 else 'b' }}|{{ not '' }}|{{ 1 and 'x' }}|{{ 0 or 'y' }}",
    "{{ strftime_now('%d %b %Y|%B %A %y|%H:%M:%S %p %I') }}",
    "{{ [1, none, 'a'] | join('/') }} {{ [1, 2] | string }} {{ 1.5 | string }} {{ '3' | int + 1 }} {{ '3.5' | float }} {{ 3.9 | int }}",
    "{% for n in messages[0].n %}{{ n }} {% endfor %}{{ 123456789.125 }} {{ 0.1 + 0.2 }} {{ 0.0001 }} {{ 100.0 }}",
    "{{ messages[0].role }} {{ messages[0]['role'] }} {{ messages[0].get('role') }} {{ messages[0].get('x', 'dflt') }} {{ messages[0].missing is defined }}",
    "{% for k, v in {'b': 2, 'a': 1} | dictsort %}{{ k }}{{ v }}{% endfor %} {{ {'a': 1}.keys() | list }} {{ {'a': 1}.values() | list }}",
    "{{ raise_exception('no') }}",
    "{{ 'a' + 1 }}",
    "{{ missing.deeper }}",
    "{%- set a, b = 1, 'two' %}{{ a }}{{ b }}",
    "{# comment\n over lines #}\nafter{#- trimmed -#}  \n x",
    "{{ 'line\\nbreak\\ttab \\'q\\' \\\\ \\u00e9' }}",
    "{{ 'first\nsecond\n\nthird' | indent(2) }}|{{ 'a\nb' | indent(2, first=true) }}",
    "{{ 'abc'.removeprefix('a').removesuffix('c') }}{{ 'a\nb\r\nc\n'.splitlines() }}",
    "{% for c in 'abc' %}{{ c }}{% else %}none{% endfor %}{% for c in missing %}{% else %}none{% endfor %}",
    "{% for i in range(3) %}{% for j in range(3) %}{% if j == 1 %}{{ i }}!{% break %}{% endif %}{{ j }}{% endfor %};{% endfor %}",
    "{% generation %}marked{% endgeneration %} not {% generation %}\n  again\n{%- endgeneration %}",
]


def render(template, messages, tools, variables, prompt, mask=False):
    try:
        # As apply_chat_template does: messages without nulls, then the renderer.
        normal = transformers_chat._normalize_chat_messages(messages)
        texts, spans = transformers_chat.render_jinja_template(
            conversations=[normal],
            tools=tools,
            chat_template=template,
            add_generation_prompt=prompt,
            return_assistant_tokens_mask=mask,
            **{**SPECIAL, **variables},
        )
        return texts[0], (spans[0] if mask else None)
    except Exception as e:  # refusals are part of what must agree
        return None, type(e).__name__ + ": " + str(e)


def utf16(text, index):
    return len(text[:index].encode("utf-16-le")) // 2


def main():
    chats = list(conversations())
    assert len(chats) == 40, len(chats)
    cases = [{"messages": a, "tools": b, "variables": c, "add_generation_prompt": d} for a, b, c, d in chats]
    rendered = {}
    for file in sorted((TEXT / "templates").glob("*.jinja")):
        template = file.read_text(encoding="utf-8")
        marks = file.stem.endswith("_training")
        outs = []
        for chat in chats:
            text, spans = render(template, *chat, mask=marks)
            out = {"text": text}
            if text is None:
                out["refusal"] = spans
            elif marks:
                out["generated"] = [[utf16(text, a), utf16(text, b)] for a, b in spans]
            outs.append(out)
        rendered[file.stem] = outs
        print(file.stem, sum(o["text"] is not None for o in outs), "rendered,", sum(o["text"] is None for o in outs), "refused")
    messages = [m("user", "hi", n=[1e22, 1e16, 1e15, 1e-7, 0.00001, 123456789012345680.0, 5e-324, -2.5, 1.7976931348623157e308]), m("assistant", "ho")]
    kept, refused = [], []
    for construct in CONSTRUCTS:
        (refused if render(construct, messages, None, {}, False)[0] is None else kept).append(construct)
    assert len(refused) == 3, refused
    joined = "\n----\n".join(kept)
    constructs = {"template": joined, "text": render(joined, messages, None, {}, False)[0], "refused": refused}
    document = {"special_tokens": SPECIAL, "chats": cases, "rendered": rendered, "construct_messages": messages, "constructs": constructs}
    with open(TEXT / "chats.json.gz", "wb") as file, gzip.GzipFile("", "wb", 9, file, 0) as out:
        out.write(json.dumps(document, ensure_ascii=False).encode())


if __name__ == "__main__":
    main()
