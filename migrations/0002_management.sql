-- Whoever can be limited beside a key. A membership is a row of its own: `id` is the group, `member` the user; elsewhere
-- `member` is empty. Kinds: user, team, team_member, organization, organization_member, customer, tag.
CREATE TABLE party (
    kind                  TEXT NOT NULL,
    id                    TEXT NOT NULL,
    member                TEXT NOT NULL,
    alias                 TEXT,
    email                 TEXT,
    role                  TEXT,
    organization_id       TEXT,
    budget_id             TEXT,
    models                JSONB NOT NULL,
    blocked               BOOLEAN NOT NULL,
    spend                 DOUBLE PRECISION NOT NULL,
    max_budget            DOUBLE PRECISION,
    soft_budget           DOUBLE PRECISION,
    budget_duration       TEXT,
    budget_reset_at       TIMESTAMPTZ,
    rpm_limit             BIGINT,
    tpm_limit             BIGINT,
    max_parallel_requests BIGINT,
    metadata              JSONB NOT NULL,
    extra                 JSONB NOT NULL,
    created_at            TIMESTAMPTZ NOT NULL,
    created_by            TEXT NOT NULL,
    updated_at            TIMESTAMPTZ NOT NULL,
    updated_by            TEXT NOT NULL,
    PRIMARY KEY (kind, id, member)
);
CREATE UNIQUE INDEX party_email ON party (kind, email);
CREATE INDEX party_member ON party (kind, member);
CREATE INDEX party_organization ON party (organization_id);
CREATE INDEX party_budget ON party (budget_id);

-- Limits that several parties and keys can share. What a party says of itself goes before what its budget says.
CREATE TABLE budget (
    budget_id             TEXT PRIMARY KEY,
    max_budget            DOUBLE PRECISION,
    soft_budget           DOUBLE PRECISION,
    budget_duration       TEXT,
    budget_reset_at       TIMESTAMPTZ,
    rpm_limit             BIGINT,
    tpm_limit             BIGINT,
    max_parallel_requests BIGINT,
    extra                 JSONB NOT NULL,
    created_at            TIMESTAMPTZ NOT NULL,
    created_by            TEXT NOT NULL,
    updated_at            TIMESTAMPTZ NOT NULL,
    updated_by            TEXT NOT NULL
);

ALTER TABLE virtual_key ADD COLUMN organization_id TEXT;
ALTER TABLE virtual_key ADD COLUMN budget_id TEXT;
CREATE INDEX virtual_key_user ON virtual_key (user_id);
CREATE INDEX virtual_key_team ON virtual_key (team_id);

ALTER TABLE spend_log ADD COLUMN organization_id TEXT NOT NULL DEFAULT '';

-- Who changed what, and when: one row per changed row, written in the change's own transaction.
CREATE TABLE audit_log (
    id                 TEXT PRIMARY KEY,
    updated_at         TIMESTAMPTZ NOT NULL,
    changed_by         TEXT NOT NULL,
    changed_by_api_key TEXT NOT NULL,
    action             TEXT NOT NULL,
    table_name         TEXT NOT NULL,
    object_id          TEXT NOT NULL,
    before_value       JSONB,
    updated_values     JSONB
);
CREATE INDEX audit_log_updated ON audit_log (updated_at);
CREATE INDEX audit_log_object ON audit_log (object_id);

-- What was deleted, whole, as it was in the end.
CREATE TABLE deleted_virtual_key (
    id                 TEXT PRIMARY KEY,
    token              TEXT NOT NULL,
    key_alias          TEXT,
    user_id            TEXT,
    team_id            TEXT,
    organization_id    TEXT,
    value              JSONB NOT NULL,
    deleted_at         TIMESTAMPTZ NOT NULL,
    deleted_by         TEXT NOT NULL,
    deleted_by_api_key TEXT NOT NULL
);
CREATE INDEX deleted_virtual_key_token ON deleted_virtual_key (token);
CREATE INDEX deleted_virtual_key_at ON deleted_virtual_key (deleted_at);

CREATE TABLE deleted_team (
    id                 TEXT PRIMARY KEY,
    team_id            TEXT NOT NULL,
    team_alias         TEXT,
    organization_id    TEXT,
    value              JSONB NOT NULL,
    deleted_at         TIMESTAMPTZ NOT NULL,
    deleted_by         TEXT NOT NULL,
    deleted_by_api_key TEXT NOT NULL
);
CREATE INDEX deleted_team_team ON deleted_team (team_id);
CREATE INDEX deleted_team_at ON deleted_team (deleted_at);
