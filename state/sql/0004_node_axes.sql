-- A node is described by four axes (src/registry/vocabulary.hpp) instead of one status. Whether it is
-- connected right now is in memory only; last_seen_at is its last heartbeat.

ALTER TABLE nodes ADD COLUMN enrolment TEXT NOT NULL DEFAULT 'pending'
    CHECK (enrolment IN ('invited', 'pending', 'active', 'retired', 'deleted'));
UPDATE nodes SET enrolment = CASE WHEN removed_at IS NOT NULL THEN 'deleted'
                                  WHEN first_hello_at IS NOT NULL THEN 'active'
                                  ELSE 'pending' END;

-- What the node itself keeps, as it last said.
ALTER TABLE nodes ADD COLUMN provisioning TEXT NOT NULL DEFAULT 'unprovisioned'
    CHECK (provisioning IN ('unprovisioned', 'provisioned', 'paused', 'error'));
ALTER TABLE nodes ADD COLUMN provisioning_cause TEXT NOT NULL DEFAULT '';

-- What an operator decided.
ALTER TABLE nodes ADD COLUMN scheduling TEXT NOT NULL DEFAULT 'open'
    CHECK (scheduling IN ('open', 'cordoned', 'draining'));
ALTER TABLE nodes ADD COLUMN cordoned_at INTEGER;
ALTER TABLE nodes ADD COLUMN cordoned_by TEXT NOT NULL DEFAULT '';

-- What the node is; '' and NULL: it has not said.
ALTER TABLE nodes ADD COLUMN architecture TEXT NOT NULL DEFAULT ''
    CHECK (architecture IN ('', 'amd64', 'arm64'));
ALTER TABLE nodes ADD COLUMN agent_version TEXT NOT NULL DEFAULT '';
ALTER TABLE nodes ADD COLUMN advertised_endpoint TEXT NOT NULL DEFAULT '';
ALTER TABLE nodes ADD COLUMN migration_host TEXT NOT NULL DEFAULT '';
ALTER TABLE nodes ADD COLUMN migration_port_start INTEGER;
ALTER TABLE nodes ADD COLUMN migration_port_end INTEGER;
ALTER TABLE nodes ADD COLUMN labels_json TEXT NOT NULL DEFAULT '{}';
ALTER TABLE nodes ADD COLUMN hardware_json TEXT NOT NULL DEFAULT '';

-- The scope `developer`: SQLite changes a CHECK only by a new table.
CREATE TABLE access_tokens_4 (
    id          TEXT PRIMARY KEY,
    name        TEXT NOT NULL,
    scope       TEXT NOT NULL CHECK (scope IN ('view', 'developer', 'operate', 'admin')),
    secret_hash BLOB NOT NULL UNIQUE CHECK (length(secret_hash) = 32),
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    revoked_at  INTEGER
) STRICT;
INSERT INTO access_tokens_4 (id, name, scope, secret_hash, created_at, expires_at, revoked_at)
    SELECT id, name, scope, secret_hash, created_at, expires_at, revoked_at FROM access_tokens
    ORDER BY rowid;
DROP TABLE access_tokens;
ALTER TABLE access_tokens_4 RENAME TO access_tokens;
