"""Limits hold exactly: over the workers of an Envoy, and over two Envoys on one control plane."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from harness.dialects import BOTH, NAMES, OpenAI
from harness.wait import until

# Priced so that one answer of 100 + 100 tokens costs a dollar.
DOLLAR = {"input_cost_per_token": 0.005, "output_cost_per_token": 0.005}


@pytest.fixture(scope="module")
def pair(tmp_path_factory, upstream):
    """Two Envoys, two workers each, on one control plane."""
    from harness.gateway import Gateway

    two = Gateway(tmp_path_factory.mktemp("pair"), upstream, envoys=2)
    yield two
    two.stop()


@pytest.fixture(params=["one Envoy", "two Envoys"])
def either(request):
    return request.getfixturevalue("gateway" if request.param == "one Envoy" else "pair")


def ask(urls, key, model, count, concurrency=64, **more):
    """Sends `count` requests at once, each on a connection of its own, to the Envoys in turn; gives the answers."""
    body = OpenAI.body(model, **more)

    def one(i):
        # A new connection lands on any worker.
        with httpx.Client(timeout=60) as client:
            url = urls[i % len(urls)] + OpenAI.path
            return client.post(url, json=body, headers={"authorization": f"Bearer {key}"})

    with ThreadPoolExecutor(min(count, concurrency)) as pool:
        return list(pool.map(one, range(count)))


def statuses(answers):
    return Counter(answer.status_code for answer in answers)


def urls(gateway):
    return [envoy.url for envoy in gateway.envoys]


def test_of_20_at_once_on_5_parallel_slots_5_pass(either):
    model = either.model("openai/gpt-d1500")
    key = either.key(max_parallel_requests=5)
    answers = ask(urls(either), key, model, 20)
    assert statuses(answers) == {200: 5, 429: 15}, [answer.text for answer in answers]
    assert model.stats()["peak"] == 5
    # The slots come back.
    again = until(lambda: (got := statuses(ask(urls(either), key, model, 5))) == {200: 5} and got, 30, "5 pass again")
    assert again[200] == 5


def test_parallel_slots_are_never_overdrawn_under_load(either):
    model = either.model("openai/gpt-d20")
    key = either.key(max_parallel_requests=5)
    answers = ask(urls(either), key, model, 400, concurrency=24)
    assert set(statuses(answers)) <= {200, 429}
    assert model.stats()["peak"] <= 5
    assert statuses(answers)[200] >= 50, "slots are used again at once"


def test_streams_hold_their_slot_to_the_end(either):
    model = either.model("openai/gpt-n40-p50")
    key = either.key(max_parallel_requests=2)
    answers = ask(urls(either), key, model, 8, stream=True)
    assert statuses(answers) == {200: 2, 429: 6}


def test_of_200_on_100_a_minute_100_pass(either):
    model = either.model("openai/gpt")
    key = either.key(rpm_limit=100)
    answers = ask(urls(either), key, model, 200)
    assert statuses(answers) == {200: 100, 429: 100}
    refused = next(answer for answer in answers if answer.status_code == 429)
    OpenAI.check_error(refused.json())
    assert 1 <= float(refused.headers["retry-after"]) <= 60


@pytest.mark.parametrize("dialect", BOTH, ids=NAMES)
def test_a_refusal_has_the_client_s_shape(gateway, http, dialect):
    model = gateway.model("openai/gpt")
    key = gateway.key(rpm_limit=1)
    answers = [
        http.post(gateway.url + dialect.path, json=dialect.body(model), headers={"x-api-key": key}) for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [200, 429]
    dialect.check_error(answers[1].json())
    assert model.stats()["requests"] == 1


def test_a_request_that_is_refused_costs_nothing(gateway, http):
    """A malformed one must not use up the minute."""
    model = gateway.model("openai/gpt")
    key = gateway.key(rpm_limit=2)
    headers = {"authorization": f"Bearer {key}"}
    for _ in range(5):
        assert http.post(gateway.url + OpenAI.path, content=b"{", headers=headers).status_code == 400
    answers = [http.post(gateway.url + OpenAI.path, json=OpenAI.body(model), headers=headers) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]


def test_tokens_a_minute_bind(either):
    """Each answer uses 200 tokens: what is in flight counts at its estimate, what is done at its true size."""
    model = either.model("openai/gpt-in100-out100")
    key = either.key(tpm_limit=2000)
    passed = 0
    for _ in range(30):
        passed += statuses(ask(urls(either)[:1], key, model, 1))[200]
    assert 9 <= passed <= 11, passed


def test_a_budget_is_overshot_by_what_is_in_flight_once_at_most(either):
    model = either.model("openai/gpt-in100-out100", **DOLLAR)
    key = either.key(max_budget=10.0)
    concurrency = 4
    answers = ask(urls(either), key, model, 60, concurrency=concurrency)
    passed = statuses(answers)[200]
    assert set(statuses(answers)) == {200, 422}, "what exceeds a budget is LiteLLM's 422"
    # Ten fit; those that were in flight when the tenth dollar went may come on top, once.
    assert 10 <= passed <= 10 + concurrency, passed
    until(lambda: abs(either.spend(key) - passed) < 1e-6, 10, f"{passed} dollars are booked")
    assert statuses(ask(urls(either), key, model, 4))[200] == 0, "once spent, nothing passes"


def test_max_tokens_counts_against_the_budget_while_it_may_still_be_used(either):
    """One request may use the whole budget: until it is known what it did use, no other passes."""
    slow = either.model("openai/gpt-d1500-in1-out1", **DOLLAR)
    quick = either.model("openai/gpt-in1-out1", **DOLLAR)
    key = either.key(max_budget=10.0)
    with ThreadPoolExecutor(1) as pool:
        large = pool.submit(ask, urls(either), key, slow, 1, max_tokens=2_000)
        until(lambda: slow.stats()["in_flight"] == 1, 5, "the large request is under way")
        refused = ask(urls(either)[-1:], key, quick, 4, max_tokens=100)
        assert not set(statuses(refused)) & {200}, statuses(refused)
        OpenAI.check_error(refused[0].json())
        assert statuses(large.result()) == {200: 1}
    until(lambda: statuses(ask(urls(either)[-1:], key, quick, 1, max_tokens=100)) == {200: 1}, 10, "the rest is free again")


def test_a_new_minute_begins(gateway):
    model = gateway.model("openai/gpt")
    key = gateway.key(rpm_limit=3)
    begun = time.monotonic()
    first = ask(urls(gateway), key, model, 5)
    assert statuses(first) == {200: 3, 429: 2}
    wait = max(float(answer.headers["retry-after"]) for answer in first if answer.status_code == 429)
    assert wait <= 60
    until(lambda: statuses(ask(urls(gateway), key, model, 1))[200] == 1, 70, "the next minute")
    assert time.monotonic() - begun >= wait - 2
    assert statuses(ask(urls(gateway), key, model, 5)) == {200: 2, 429: 3}


def test_limits_outlive_the_control_plane(start_gateway):
    own = start_gateway()
    model = own.model("openai/gpt")
    key = own.key(rpm_limit=20)
    assert statuses(ask(urls(own), key, model, 10))[200] == 10
    own.settled(key, 10)
    own.control_plane.kill()
    own.control_plane.start()
    later = []
    for _ in range(30):
        later += until(lambda: [a for a in ask(urls(own), key, model, 1) if a.status_code != 503], 20, "it is asked again")
    assert statuses(later)[200] <= 10, "a restart forgets nothing"


# What keys share: the limits of user, team, member and organization bind together with the key's.


@pytest.fixture
def group(either):
    """An organization, a team in it and a user in the team, under names of their own; gives what makes keys of them."""
    from harness.gateway import unique

    class Group:
        organization, team, user = unique("o"), unique("t"), unique("u")

        def limit(self, scope, **limits):
            of = {"organization_id": self.organization}
            if scope == "organization":
                either.ask("PATCH", "/organization/update", json={**of, **limits})
            elif scope == "team":
                either.ask("POST", "/team/update", json={"team_id": self.team, **limits})
            elif scope == "user":
                either.ask("POST", "/user/update", json={"user_id": self.user, **limits})
            else:
                both = {"team_id": self.team, "user_id": self.user}
                either.ask("POST", "/team/member_update", json={**both, **limits})

        def key(self, **fields):
            return either.key(team_id=self.team, user_id=self.user, **fields)

    made = Group()
    either.ask("POST", "/organization/new", json={"organization_id": made.organization, "organization_alias": "O"})
    either.ask("POST", "/team/new", json={"team_id": made.team, "organization_id": made.organization})
    either.ask("POST", "/user/new", json={"user_id": made.user, "teams": [made.team], "auto_create_key": False})
    return made


def early_in_a_minute():
    """Minutes are the clock's where limits are shared: what counts in one begins early in it."""
    if time.time() % 60 > 40:
        time.sleep(61 - time.time() % 60)


def both(either, one, two, model, count, **more):
    """Requests with two keys at the same time."""
    with ThreadPoolExecutor(2) as pool:
        answers = [pool.submit(ask, urls(either), key, model, count, **more) for key in (one, two)]
        return [answer for part in answers for answer in part.result()]


def test_two_keys_of_a_team_share_its_slots(either, group):
    model = either.model("openai/gpt-d1500")
    group.limit("team", max_parallel_requests=5)
    answers = both(either, group.key(), group.key(), model, 10)
    assert statuses(answers) == {200: 5, 429: 15}, [answer.text for answer in answers]
    assert model.stats()["peak"] == 5
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert f"team: {group.team}" in refused.json()["error"]["message"]


def test_two_keys_of_an_organization_share_its_minute(either, group):
    model = either.model("openai/gpt")
    group.limit("organization", rpm_limit=50)
    early_in_a_minute()
    answers = both(either, group.key(), group.key(), model, 50)
    assert statuses(answers) == {200: 50, 429: 50}
    refused = next(answer for answer in answers if answer.status_code == 429)
    OpenAI.check_error(refused.json())
    assert 1 <= float(refused.headers["retry-after"]) <= 60


@pytest.mark.parametrize("scope", ["user", "team", "team_member", "organization"])
def test_the_tightest_limit_wins_and_is_named(either, group, scope):
    model = either.model("openai/gpt")
    for other in ("user", "team", "team_member", "organization"):
        group.limit(other, rpm_limit=2 if other == scope else 20)
    key = group.key(rpm_limit=20)
    early_in_a_minute()
    answers = [ask(urls(either)[:1], key, model, 1)[0] for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert f"Rate limit exceeded for {scope}: " in answers[2].json()["error"]["message"]


def test_a_shared_budget_is_overshot_by_what_is_in_flight_once_at_most(either, group):
    model = either.model("openai/gpt-in100-out100", **DOLLAR)
    group.limit("organization", max_budget=10.0)
    one, two = group.key(), group.key()
    answers = both(either, one, two, model, 30, concurrency=2)
    passed = statuses(answers)[200]
    assert set(statuses(answers)) == {200, 422}
    assert 10 <= passed <= 14, passed
    until(lambda: abs(either.spend(one) + either.spend(two) - passed) < 1e-6, 10, f"{passed} dollars are booked")
    info = either.ask("GET", f"/organization/info?organization_id={group.organization}")
    assert abs(info["spend"] - passed) < 1e-6
    assert abs(either.ask("GET", f"/v2/user/info?user_id={group.user}")["spend"] - passed) < 1e-6
    refused = ask(urls(either), two, model, 1)[0]
    assert refused.status_code == 422
    assert f"Organization={group.organization}" in refused.json()["error"]["message"]


def test_a_team_is_blocked_and_let_in_again_while_its_keys_are_warm(either, group):
    model = either.model("openai/gpt")
    key = group.key()
    assert statuses(ask(urls(either), key, model, 4)) == {200: 4}
    either.ask("POST", "/team/block", json={"team_id": group.team})
    until(lambda: statuses(ask(urls(either), key, model, 4)) == {401: 4}, 10, "blocked")
    refused = ask(urls(either), key, model, 1)
    assert f"Team={group.team} is blocked" in refused[0].json()["error"]["message"]
    either.ask("POST", "/team/unblock", json={"team_id": group.team})
    until(lambda: statuses(ask(urls(either), key, model, 4)) == {200: 4}, 5, "let in again")


def test_a_model_has_to_be_allowed_by_everybody(either, group):
    allowed, other = either.model("openai/gpt"), either.model("openai/gpt")
    key = group.key()
    group.limit("team", models=[allowed.name])
    until(lambda: statuses(ask(urls(either), key, other, 4)) == {403: 4}, 2, "refused")
    refused = ask(urls(either), key, other, 1)[0].json()["error"]
    assert refused["type"] == "team_model_access_denied", refused
    assert statuses(ask(urls(either), key, allowed, 4)) == {200: 4}
