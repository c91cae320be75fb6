-- One record for every kind of grant, any number of uses, and what guessing at codes costs.
-- (SQLite changes no CHECK in place: new tables, the rows over, the old ones away.)

CREATE TABLE grants_2 (
    id            TEXT PRIMARY KEY,
    kind          TEXT NOT NULL CHECK (kind IN ('member', 'node', 'host', 'bootstrap', 'hub')),
    form          TEXT NOT NULL CHECK (form IN ('code', 'token')),
    secret_mac    BLOB NOT NULL UNIQUE CHECK (length(secret_mac) = 32),
    prefix8       TEXT NOT NULL,     -- first 8 hex digits of a token's SHA-256, for logs; '' for a code
    slot          TEXT NOT NULL,     -- the first symbols of a code, which may be shown; '' for a token
    verifier      BLOB,              -- what proves a code (SPAKE2+); null for a token
    subnet_id     TEXT NOT NULL,
    bind_key      TEXT NOT NULL,     -- spki sha256 hex that alone may redeem it; '' for any
    bind_name     TEXT NOT NULL,     -- node name that alone may redeem it; '' for any
    bind_node_id  TEXT NOT NULL,
    bind_arch     TEXT NOT NULL,
    claims_json   TEXT NOT NULL,     -- what a redeemer must claim, or (hub) what was promised
    alloc_json    TEXT NOT NULL,     -- what is reserved for the redeemer
    note          TEXT NOT NULL,
    max_uses      INTEGER CHECK (max_uses >= 1),  -- null: as many as its time allows
    uses          INTEGER NOT NULL DEFAULT 0 CHECK (uses >= 0 AND (max_uses IS NULL OR uses <= max_uses)),
    fetch_budget  INTEGER NOT NULL DEFAULT 0,
    fetches       INTEGER NOT NULL DEFAULT 0 CHECK (fetches BETWEEN 0 AND fetch_budget),
    created_at    INTEGER NOT NULL,
    expires_at    INTEGER NOT NULL CHECK (expires_at > created_at),
    ttl_clamped   INTEGER NOT NULL DEFAULT 0,
    created_by    TEXT NOT NULL,
    created_from  TEXT NOT NULL,
    revoked_at    INTEGER,
    revoked_by    TEXT,
    superseded_by TEXT
) STRICT;
INSERT INTO grants_2 (id, kind, form, secret_mac, prefix8, slot, subnet_id, bind_key, bind_name,
    bind_node_id, bind_arch, claims_json, alloc_json, note, max_uses, uses, created_at, expires_at,
    created_by, created_from, revoked_at, revoked_by)
SELECT id, CASE kind WHEN 'bootstrap' THEN 'hub' ELSE kind END, form, secret_mac,
    CASE form WHEN 'token' THEN lower(substr(hex(secret_mac), 1, 8)) ELSE '' END, slot, subnet_id, bind, '',
    '', '', claims_json, '', '', max_uses, uses, created_at, expires_at, created_by, '', revoked_at, revoked_by
FROM grants ORDER BY rowid;

CREATE TABLE redemptions_2 (
    id              TEXT PRIMARY KEY,
    grant_id        TEXT NOT NULL REFERENCES grants_2 (id),
    node_id         TEXT REFERENCES nodes (node_id),  -- null for a hub's registration
    attempt_hash    BLOB,                             -- null: the attempt may not repeat
    spki_sha256     TEXT NOT NULL,
    certificate_pem TEXT NOT NULL,
    source          TEXT NOT NULL,
    at              INTEGER NOT NULL,
    sealed_at       INTEGER                           -- the node's first hello: no replay any more
) STRICT;
INSERT INTO redemptions_2 SELECT id, grant_id, node_id, attempt_hash, spki_sha256, certificate_pem,
    source, at, sealed_at FROM redemptions ORDER BY rowid;

DROP TABLE redemptions;
DROP TABLE grants;
ALTER TABLE grants_2 RENAME TO grants;
ALTER TABLE redemptions_2 RENAME TO redemptions;
CREATE INDEX grants_by_time ON grants (created_at);
-- The codes that could still be used: few, whatever the table holds.
CREATE INDEX grants_open_codes ON grants (expires_at, slot)
    WHERE form = 'code' AND uses = 0 AND revoked_at IS NULL;
CREATE INDEX grants_by_slot ON grants (slot, created_at) WHERE form = 'code';
CREATE INDEX grants_by_node ON grants (bind_node_id) WHERE bind_node_id <> '';
CREATE INDEX redemptions_by_grant ON redemptions (grant_id, at);
CREATE UNIQUE INDEX redemptions_by_attempt ON redemptions (grant_id, attempt_hash)
    WHERE attempt_hash IS NOT NULL;
CREATE INDEX redemptions_unsealed ON redemptions (node_id) WHERE sealed_at IS NULL;

-- Tries at proving the code of a slot, whether there is such a code or not.
CREATE TABLE slot_tries (
    slot  TEXT PRIMARY KEY,
    tries INTEGER NOT NULL,
    at    INTEGER NOT NULL
) STRICT;
-- Wrong secrets by source address ('' for all of them together): a leaky bucket each.
CREATE TABLE failures (
    source   TEXT PRIMARY KEY,
    full_at  INTEGER NOT NULL,  -- ms since the epoch until which the bucket leaks
    last_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX failures_by_time ON failures (last_at);

CREATE INDEX audit_by_grant ON audit (grant_id, seq) WHERE grant_id <> '';
CREATE INDEX audit_by_node ON audit (node_id, seq) WHERE node_id <> '';
CREATE INDEX nodes_by_key ON nodes (spki_sha256);
