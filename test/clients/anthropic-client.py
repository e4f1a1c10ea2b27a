"""The Python package `anthropic` as an application would use it.

Started with the URL of the farm; one line of JSON [action, model, question] in, one line out.
"""

import json
import sys

from anthropic import Anthropic

MOST_TOKENS = 60
WEATHER = {
    "name": "getWeather",
    "description": "Weather of a city",
    "input_schema": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
}


def text_of(message):
    return "".join(block.text for block in message.content if block.type == "text")


def call_of(message):
    return next(block for block in message.content if block.type == "tool_use")


def ask(client, common, messages):
    return text_of(client.messages.create(messages=messages, **common))


def stream(client, common, messages):
    with client.messages.stream(messages=messages, **common) as events:
        pieces = list(events.text_stream)
        if text_of(events.get_final_message()) != "".join(pieces):
            raise RuntimeError("the pieces are not the whole")
    return pieces


def use_tool(client, common, messages):
    common = {**common, "tools": [WEATHER]}
    first = client.messages.create(messages=messages, **common)
    call = call_of(first)
    city = call.input["city"]
    result = {
        "type": "tool_result",
        "tool_use_id": call.id,
        "content": f"In {city} it is 17 degrees and sunny.",
    }
    messages += [
        {"role": "assistant", "content": first.content},
        {"role": "user", "content": [result]},
    ]
    second = client.messages.create(messages=messages, tool_choice={"type": "none"}, **common)
    return {"city": city, "answer": text_of(second)}


def stream_tool(client, common, messages):
    with client.messages.stream(messages=messages, tools=[WEATHER], **common) as events:
        message = events.get_final_message()
    return [block.input["city"] for block in message.content if block.type == "tool_use"]


def ask_json(client, common, messages):
    # The older way to structured output: a tool that must be called.
    answer = client.messages.create(
        messages=messages,
        tools=[{**WEATHER, "name": "place", "description": "The place that is asked for"}],
        tool_choice={"type": "tool", "name": "place"},
        **common,
    )
    return call_of(answer).input


def perform(action, model, question):
    messages = [{"role": "user", "content": question}]
    return ACTIONS[action](client, {"model": model, "max_tokens": MOST_TOKENS}, messages)


ACTIONS = {
    "ask": ask,
    "stream": stream,
    "use-tool": use_tool,
    "stream-tool": stream_tool,
    "ask-json": ask_json,
}
url = sys.argv[1]
client = Anthropic(base_url=url, api_key="local", max_retries=0)
for line in sys.stdin:
    try:
        answer = {"result": perform(*json.loads(line))}
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
