-- Machines that are expected: their addresses in the overlay, and what operators wrote down of them.

-- One row per address. Until the invite is redeemed it belongs to the grant, then to the node.
CREATE TABLE peers (
    overlay_address TEXT PRIMARY KEY,   -- "10.77.0.42"
    subnet_id       TEXT NOT NULL,
    grant_id        TEXT UNIQUE REFERENCES grants (id),
    node_id         TEXT UNIQUE REFERENCES nodes (node_id),
    wg_public_key   TEXT UNIQUE,        -- null: none is known yet
    added_by        TEXT NOT NULL,      -- who gave the key: the node itself, or an operator
    updated_at      INTEGER NOT NULL,
    CHECK (grant_id IS NOT NULL OR node_id IS NOT NULL)
) STRICT;
-- What the tunnel has yet to be told: 'dirty' from the change until the backend took the peers.
CREATE TABLE peers_outbox (
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    wanted   INTEGER NOT NULL,  -- counts changes
    applied  INTEGER NOT NULL   -- the last one the backend took
) STRICT;
INSERT INTO peers_outbox (id, wanted, applied) VALUES (1, 0, 0);

-- A node that is in the inventory before it ever speaks.
CREATE TABLE inventory (
    node_id         TEXT PRIMARY KEY REFERENCES nodes (node_id),
    host            TEXT NOT NULL,
    sku             TEXT NOT NULL,
    region          TEXT NOT NULL,
    onboarding_mode TEXT NOT NULL CHECK (onboarding_mode IN ('manual', 'maas')),
    created_at      INTEGER NOT NULL,
    created_by      TEXT NOT NULL
) STRICT;
