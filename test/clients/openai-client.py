"""The Python package `openai` as an application would use it.

Started with the URL of the farm; one line of JSON [action, model, question] in, one line out.
"""

import json
import sys

from openai import OpenAI

MOST_TOKENS = 60
SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "getWeather",
            "description": "Weather of a city",
            "parameters": SCHEMA,
        },
    }
]


def ask(client, model, messages):
    answer = client.chat.completions.create(
        model=model, messages=messages, max_completion_tokens=MOST_TOKENS
    )
    return answer.choices[0].message.content


def stream(client, model, messages):
    pieces = []
    for chunk in client.chat.completions.create(
        model=model, messages=messages, max_completion_tokens=MOST_TOKENS, stream=True
    ):
        if chunk.choices and chunk.choices[0].delta.content:
            pieces.append(chunk.choices[0].delta.content)
    return pieces


def use_tool(client, model, messages):
    common = {"model": model, "tools": TOOLS, "max_completion_tokens": MOST_TOKENS}
    first = client.chat.completions.create(messages=messages, **common).choices[0].message
    call = first.tool_calls[0]
    city = json.loads(call.function.arguments)["city"]
    result = f"In {city} it is 17 degrees and sunny."
    messages += [first, {"role": "tool", "tool_call_id": call.id, "content": result}]
    second = client.chat.completions.create(messages=messages, tool_choice="none", **common)
    return {"city": city, "answer": second.choices[0].message.content}


def stream_tool(client, model, messages):
    with client.chat.completions.stream(
        model=model, messages=messages, tools=TOOLS, max_completion_tokens=MOST_TOKENS
    ) as events:
        for _ in events:
            pass
        message = events.get_final_completion().choices[0].message
    return [json.loads(call.function.arguments)["city"] for call in message.tool_calls]


def ask_json(client, model, messages):
    answer = client.chat.completions.create(
        model=model,
        messages=messages,
        max_completion_tokens=MOST_TOKENS,
        response_format={
            "type": "json_schema",
            "json_schema": {"name": "place", "schema": SCHEMA, "strict": True},
        },
    )
    return json.loads(answer.choices[0].message.content)


def perform(action, model, question):
    messages = [{"role": "user", "content": question}]
    return ACTIONS[action](client, model, messages)


ACTIONS = {
    "ask": ask,
    "stream": stream,
    "use-tool": use_tool,
    "stream-tool": stream_tool,
    "ask-json": ask_json,
}
url = sys.argv[1]
client = OpenAI(base_url=f"{url}/v1", api_key="local", max_retries=0)
for line in sys.stdin:
    try:
        answer = {"result": perform(*json.loads(line))}
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
