CREATE TABLE virtual_key (
    token                 TEXT PRIMARY KEY,
    key_name              TEXT NOT NULL,
    key_alias             TEXT UNIQUE,
    user_id               TEXT,
    team_id               TEXT,
    models                JSONB NOT NULL,
    spend                 DOUBLE PRECISION NOT NULL,
    max_budget            DOUBLE PRECISION,
    budget_duration       TEXT,
    budget_reset_at       TIMESTAMPTZ,
    rpm_limit             BIGINT,
    tpm_limit             BIGINT,
    max_parallel_requests BIGINT,
    blocked               BOOLEAN NOT NULL,
    expires               TIMESTAMPTZ,
    metadata              JSONB NOT NULL,
    extra                 JSONB NOT NULL,
    created_at            TIMESTAMPTZ NOT NULL,
    created_by            TEXT NOT NULL,
    updated_at            TIMESTAMPTZ NOT NULL
);
CREATE INDEX virtual_key_created ON virtual_key (created_at);

CREATE TABLE model (
    id             TEXT PRIMARY KEY,
    model_name     TEXT NOT NULL,
    -- litellm_params without the credential
    params         JSONB NOT NULL,
    -- the credential, encrypted
    credential     TEXT,
    info           JSONB NOT NULL,
    created_at     TIMESTAMPTZ NOT NULL,
    created_by     TEXT NOT NULL,
    updated_at     TIMESTAMPTZ NOT NULL
);
CREATE INDEX model_name ON model (model_name);

-- The ledger: one row per exchange that reached a provider.
CREATE TABLE spend_log (
    call_id           TEXT PRIMARY KEY,
    started_at        TIMESTAMPTZ NOT NULL,
    day               TEXT NOT NULL,
    key_hash          TEXT NOT NULL,
    key_alias         TEXT NOT NULL,
    user_id           TEXT NOT NULL,
    team_id           TEXT NOT NULL,
    end_user          TEXT NOT NULL,
    model_group       TEXT NOT NULL,
    model             TEXT NOT NULL,
    deployment_id     TEXT NOT NULL,
    provider          TEXT NOT NULL,
    operation         TEXT NOT NULL,
    stream            BOOLEAN NOT NULL,
    status            BIGINT NOT NULL,
    attempts          BIGINT NOT NULL,
    disconnected      BOOLEAN NOT NULL,
    error             TEXT NOT NULL,
    prompt_tokens     BIGINT NOT NULL,
    completion_tokens BIGINT NOT NULL,
    cached_tokens     BIGINT NOT NULL,
    cache_creation_tokens BIGINT NOT NULL,
    cache_creation_1h_tokens BIGINT NOT NULL,
    reasoning_tokens  BIGINT NOT NULL,
    audio_prompt_tokens BIGINT NOT NULL,
    audio_completion_tokens BIGINT NOT NULL,
    usage_estimated   BOOLEAN NOT NULL,
    cost              DOUBLE PRECISION NOT NULL,
    latency_ms        BIGINT NOT NULL,
    first_token_ms    BIGINT NOT NULL
);
CREATE INDEX spend_log_key ON spend_log (key_hash, started_at);
CREATE INDEX spend_log_started ON spend_log (started_at);
CREATE INDEX spend_log_day ON spend_log (day);

-- Limits in force, so that a restart of the control plane forgets nothing.
CREATE TABLE limit_window (
    key_hash   TEXT PRIMARY KEY,
    id         BIGINT NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    requests   BIGINT NOT NULL,
    tokens     BIGINT NOT NULL
);
CREATE TABLE lease (
    key_hash   TEXT NOT NULL,
    worker     TEXT NOT NULL,
    nanos      BIGINT NOT NULL,
    slots      BIGINT NOT NULL,
    PRIMARY KEY (key_hash, worker)
);
CREATE INDEX lease_worker ON lease (worker);
