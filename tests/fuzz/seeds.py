#!/usr/bin/env python3
"""Writes the first inputs of a fuzz target: one for each operation and provider, so that every pair is reached at once."""

import json
import sys
from pathlib import Path

TOOL = {"type": "function", "function": {"name": "t", "parameters": {"type": "object"}}}
CALL = {"id": "c", "type": "function", "function": {"name": "t", "arguments": '{"a":1}'}}
IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}}
REQUESTS = [
    {
        "model": "m",
        "stream": True,
        "max_tokens": 9,
        "stop": ["x"],
        "tools": [TOOL],
        "tool_choice": "auto",
        "response_format": {"type": "json_object"},
        "reasoning_effort": "low",
        "messages": [
            {"role": "system", "content": "S"},
            {"role": "user", "content": [{"type": "text", "text": "A"}, IMAGE]},
            {"role": "assistant", "content": None, "tool_calls": [CALL]},
            {"role": "tool", "tool_call_id": "c", "content": "R"},
        ],
    },
    {
        "model": "m",
        "max_tokens": 9,
        "system": [{"type": "text", "text": "S", "cache_control": {"type": "ephemeral"}}],
        "tools": [{"name": "t", "input_schema": {"type": "object"}}],
        "tool_choice": {"type": "any"},
        "thinking": {"type": "enabled", "budget_tokens": 1024},
        "messages": [
            {"role": "user", "content": "A"},
            {"role": "assistant", "content": [{"type": "tool_use", "id": "c", "name": "t", "input": {}}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c", "content": "R"}]},
        ],
    },
    {"model": "m", "input": ["a", "b"], "dimensions": 3},
    {"model": "m", "prompt": ["a", "b"], "suffix": "c", "echo": True, "logprobs": 2},
    {"model": "m", "input": "a", "voice": "alloy", "response_format": "opus", "speed": 1.5},
]
USAGE = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
ANSWERS = [
    {
        "id": "i",
        "object": "chat.completion",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "A", "tool_calls": [CALL]}, "finish_reason": "stop"}],
        "usage": USAGE,
    },
    {
        "id": "i",
        "type": "message",
        "role": "assistant",
        "content": [
            {"type": "thinking", "thinking": "T", "signature": "s"},
            {"type": "text", "text": "A"},
            {"type": "tool_use", "id": "c", "name": "t", "input": {"a": 1}},
        ],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 1, "output_tokens": 2, "cache_read_input_tokens": 1},
    },
    {"error": {"message": "no", "type": "server_error", "code": None}},
    {"type": "error", "error": {"type": "overloaded_error", "message": "no"}},
    {"choices": [{"index": 0, "text": "A", "finish_reason": "stop"}], "usage": USAGE},
    {"results": [{"flagged": False}]},
    {"audioContent": "AAAA"},
    {"object": "list", "data": [{"object": "embedding", "index": 0, "embedding": [0.5]}], "usage": USAGE},
]


def chunk(delta, finish=None):
    return {"id": "i", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


OPENAI = [
    chunk({"role": "assistant", "content": "A"}),
    chunk({"tool_calls": [{"index": 0, **CALL}]}),
    chunk({}, "stop"),
    {"id": "i", "choices": [], "usage": USAGE},
]
ANTHROPIC = [
    {"type": "message_start", "message": {"id": "i", "usage": {"input_tokens": 1, "output_tokens": 1}}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "A"}},
    {"type": "content_block_stop", "index": 0},
    {"type": "content_block_start", "index": 1, "content_block": {"type": "tool_use", "id": "c", "name": "t", "input": {}}},
    {"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": "{}"}},
    {"type": "content_block_stop", "index": 1},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 2}},
    {"type": "message_stop"},
]
TEXTS = [
    {"id": "i", "choices": [{"index": 0, "text": "A"}]},
    {"id": "i", "choices": [{"index": 0, "text": "", "finish_reason": "stop"}]},
]
FORM = (
    '--b\r\ncontent-disposition: form-data; name="model"\r\n\r\nm\r\n'
    '--b\r\ncontent-disposition: form-data; name="include[]"\r\n\r\nx\r\n'
    '--b\r\ncontent-disposition: form-data; name="file"; filename="a.wav"\r\ncontent-type: audio/wav\r\n\r\nRIFF\r\n--b--\r\n'
)
STREAMS = [
    "".join(f"data: {json.dumps(event)}\n\n" for event in OPENAI) + "data: [DONE]\n\n",
    "".join(f"data: {json.dumps(event)}\n\n" for event in TEXTS) + "data: [DONE]\n\n",
    "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in ANTHROPIC),
]
# Seven operations, three providers (targets/inputs.rs).
CHOICES = range(21)
INPUTS = {
    "request": [(b"", json.dumps(request)) for request in REQUESTS],
    "answer": [(bytes([status]), json.dumps(answer)) for answer in ANSWERS for status in (0, 229)],
    "form": [(b"", FORM)],
    "stream": [(bytes([size]), stream) for stream in STREAMS for size in (1, 7)],
}


def main(target, folder):
    for place, (prefix, text) in enumerate(INPUTS[target]):
        for choice in CHOICES:
            (Path(folder) / f"seed-{place}-{choice}").write_bytes(bytes([choice]) + prefix + text.encode())


if __name__ == "__main__":
    main(*sys.argv[1:])
