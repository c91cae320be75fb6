-- What an authority (Root, or a hub) must not forget. Times are milliseconds since the Unix epoch.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE nodes (
    node_id        TEXT PRIMARY KEY,
    subnet_id      TEXT NOT NULL,
    role           TEXT NOT NULL CHECK (role IN ('hub', 'member')),
    name           TEXT NOT NULL,
    hostname       TEXT NOT NULL,
    zone           TEXT NOT NULL,
    spki_sha256    TEXT NOT NULL,  -- hex; the key the identity is bound to
    issued_by      TEXT NOT NULL CHECK (issued_by IN ('root', 'hub')),
    created_at     INTEGER NOT NULL,
    updated_at     INTEGER NOT NULL,
    first_hello_at INTEGER,
    last_seen_at   INTEGER,
    removed_at     INTEGER
) STRICT;
CREATE UNIQUE INDEX nodes_by_name ON nodes (subnet_id, name) WHERE removed_at IS NULL;
CREATE INDEX nodes_by_change ON nodes (subnet_id, updated_at);

CREATE TABLE grants (
    id          TEXT PRIMARY KEY,
    kind        TEXT NOT NULL CHECK (kind IN ('member', 'bootstrap')),
    form        TEXT NOT NULL CHECK (form IN ('code', 'token')),
    secret_mac  BLOB NOT NULL UNIQUE CHECK (length(secret_mac) = 32),
    slot        TEXT NOT NULL,     -- the first symbols of a code, which may be shown; '' for a token
    subnet_id   TEXT NOT NULL,
    bind        TEXT NOT NULL,     -- spki sha256 hex that alone may redeem it; '' for any
    claims_json TEXT NOT NULL,
    max_uses    INTEGER NOT NULL CHECK (max_uses >= 1),
    uses        INTEGER NOT NULL DEFAULT 0 CHECK (uses BETWEEN 0 AND max_uses),
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL CHECK (expires_at > created_at),
    created_by  TEXT NOT NULL,
    revoked_at  INTEGER,
    revoked_by  TEXT
) STRICT;
CREATE INDEX grants_by_time ON grants (created_at);

CREATE TABLE redemptions (
    id              TEXT PRIMARY KEY,
    grant_id        TEXT NOT NULL UNIQUE REFERENCES grants (id),
    node_id         TEXT REFERENCES nodes (node_id),  -- null for a bootstrap token
    attempt_hash    BLOB,                             -- null: the attempt may not repeat
    spki_sha256     TEXT NOT NULL,
    certificate_pem TEXT NOT NULL,
    source          TEXT NOT NULL,
    at              INTEGER NOT NULL,
    sealed_at       INTEGER                           -- the node's first hello: no replay any more
) STRICT;
CREATE INDEX redemptions_unsealed ON redemptions (node_id) WHERE sealed_at IS NULL;

CREATE TABLE access_tokens (
    id          TEXT PRIMARY KEY,
    name        TEXT NOT NULL,
    scope       TEXT NOT NULL CHECK (scope IN ('view', 'operate', 'admin')),
    secret_hash BLOB NOT NULL UNIQUE CHECK (length(secret_hash) = 32),
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    revoked_at  INTEGER
) STRICT;

-- Append-only; each row's hash covers the one before (docs/protocol/join.md, Audit).
CREATE TABLE audit (
    seq       INTEGER PRIMARY KEY,
    at        INTEGER NOT NULL,
    event     TEXT NOT NULL,
    actor     TEXT NOT NULL,
    grant_id  TEXT NOT NULL,
    node_id   TEXT NOT NULL,
    detail    TEXT NOT NULL,
    prev_hash BLOB NOT NULL UNIQUE CHECK (length(prev_hash) = 32),
    hash      BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
CREATE TRIGGER audit_keeps_rows BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER audit_keeps_text BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
