"""SIGTERM: streams end, the ledger is flushed, the exit status is 0."""

import threading

from harness.dialects import OpenAI, said


def test_envoy_drains(start_gateway):
    """An open stream is finished after SIGTERM to the control plane and a drain of Envoy."""
    own = start_gateway()
    model = own.model("openai/gpt-n60-p30")
    key = own.key()
    text = []

    def stream():
        headers = {"authorization": f"Bearer {key}"}
        text.append(own.http.post(own.url + OpenAI.path, json=OpenAI.body(model, stream=True), headers=headers).text)

    from harness.wait import until

    running = threading.Thread(target=stream)
    running.start()
    until(lambda: model.stats()["in_flight"] == 1, 5, "the stream is open")
    own.envoy.admin("/drain_listeners?graceful", method="POST")
    running.join()
    assert said(OpenAI, text[0]).count("token") > 50 and OpenAI.closed(text[0])
    own.settled(key, 1)
    assert own.envoy.stop() == 0


def test_the_control_plane_commits_what_it_was_given(start_gateway):
    own = start_gateway()
    model = own.model("openai/gpt")
    key = own.key()
    headers = {"authorization": f"Bearer {key}"}
    for _ in range(50):
        own.http.post(own.url + OpenAI.path, json=OpenAI.body(model), headers=headers)
    assert own.control_plane.stop() == 0
    own.control_plane.start()
    assert len(own.settled(key, 50, within=20)) == 50
