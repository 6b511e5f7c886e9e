"""What is measured: one request each, sent by a closed loop of so many connections."""

from dataclasses import dataclass

SYSTEM = (
    "You are a helpful assistant of a benchmark. Answer briefly and precisely, name your sources, "
    "and never make things up. "
) * 3
USER = (
    "Please summarise the following paragraph in one sentence for a busy reader: the gateway receives the request, "
    "checks the key, picks a deployment and forwards it."
)
# About four bytes a token, and words enough that nothing compresses to one.
LONG = " ".join(f"w{i % 997:03d}" for i in range(100_000))


@dataclass(frozen=True)
class Case:
    """One row of the table. `script` is added to the model's name (tests/src/behaviour.rs)."""

    name: str
    concurrency: int
    stream: bool = False
    script: str = ""
    prompt: str = USER

    def body(self, model):
        """A chat request of about 1 KB, unless the prompt is the long one."""
        messages = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": self.prompt}]
        body = {"model": model + self.script, "messages": messages, "temperature": 0.2, "max_tokens": 128}
        if self.stream:
            body |= {"stream": True, "stream_options": {"include_usage": True}}
        return body


CASES = [
    *(Case("1 KB JSON", c) for c in (1, 16, 64)),
    *(Case("stream, 34 events at once", c, stream=True) for c in (1, 16, 64)),
    *(Case("stream, 34 events 2 ms apart", c, stream=True, script="-p2") for c in (1, 16, 64)),
    *(Case("100k-token prompt", c, prompt=LONG) for c in (1, 16)),
]
