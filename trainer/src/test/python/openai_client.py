"""Asks a running `hone serve` by OpenAI's own client.

    pip install openai
    API_KEY=secret ./hone serve MODEL --name tiny --port 8123 --api-key-env API_KEY
    python openai_client.py http://127.0.0.1:8123/v1 tiny secret
"""

import sys

import openai

url, model, key = sys.argv[1:4]
client = openai.OpenAI(base_url=url, api_key=key, max_retries=0)
assert [m.id for m in client.models.list()] == [model]

common = dict(model=model, max_tokens=16, temperature=0)
whole = client.completions.create(prompt="12+30=", logprobs=1, **common)
assert whole.usage.completion_tokens == len(whole.choices[0].logprobs.token_logprobs), whole
pieces = list(client.completions.create(prompt="12+30=", stream=True, stream_options={"include_usage": True}, **common))
assert "".join(p.choices[0].text for p in pieces if p.choices) == whole.choices[0].text
assert pieces[-1].usage == whole.usage, pieces[-1]

scored = client.completions.create(prompt="12+30=", logprobs=2, echo=True, **{**common, "max_tokens": 1}).choices[0]
assert scored.text.startswith("12+30=") and scored.logprobs.token_logprobs[0] is None, scored
assert scored.logprobs.token_logprobs[-1] == max(scored.logprobs.top_logprobs[-1].values()), scored
assert len(scored.logprobs.text_offset) == len(scored.logprobs.tokens) == len(scored.logprobs.top_logprobs), scored

messages = [{"role": "user", "content": "12+30="}]
chat = client.chat.completions.create(messages=messages, n=2, seed=1, logprobs=True, top_logprobs=3, **{**common, "temperature": 1.0})
assert len(chat.choices) == 2 and chat.choices[0].message.role == "assistant"
assert all(t.logprob <= 0 and len(t.top_logprobs) == 3 for t in chat.choices[0].logprobs.content)
for choice in chat.choices:
    text = b"".join(bytes(t.bytes) for t in choice.logprobs.content).decode("utf-8", "replace")
    assert text.startswith(choice.message.content), (text, choice.message.content)
again = client.chat.completions.create(messages=messages, n=2, seed=1, **{**common, "temperature": 1.0})
assert [c.message.content for c in again.choices] == [c.message.content for c in chat.choices]
greedy = client.chat.completions.create(messages=messages, **common).choices[0].message.content
streamed = list(client.chat.completions.create(messages=messages, stream=True, logprobs=True, **common))
assert "".join(c.choices[0].delta.content or "" for c in streamed) == greedy
written = b"".join(bytes(t.bytes) for c in streamed if c.choices[0].logprobs for t in c.choices[0].logprobs.content)
assert written.decode("utf-8", "replace").startswith(greedy), (written, greedy)
if len(greedy) > 2:
    cut = client.chat.completions.create(messages=messages, stop=greedy[1:3], **common).choices[0]
    assert cut.message.content == greedy[: greedy.index(greedy[1:3])] and cut.finish_reason == "stop", cut

for broken, error in [
    (dict(model="other"), openai.NotFoundError),
    (dict(temperature=-1), openai.BadRequestError),
    (dict(n=0), openai.BadRequestError),
]:
    try:
        client.chat.completions.create(messages=messages, **{**common, **broken})
        raise SystemExit(f"{broken} was accepted")
    except error as e:
        print("refused as it should be:", e.message[:100])
try:
    openai.OpenAI(base_url=url, api_key="wrong", max_retries=0).models.list()
    raise SystemExit("a wrong key was accepted")
except openai.AuthenticationError as e:
    print("refused as it should be:", e.message[:100])
print("completion:", repr(whole.choices[0].text), "chat:", repr(greedy), "usage:", whole.usage.total_tokens)
