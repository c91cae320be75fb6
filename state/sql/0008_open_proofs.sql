-- Guesses at a code that are paid for and not judged yet. Those that a crash leaves are failures at the next start.
CREATE TABLE open_proofs (
    run      TEXT PRIMARY KEY,   -- random, of the door's run
    slot     TEXT NOT NULL,
    grant_id TEXT NOT NULL,      -- empty: no code is there
    source   TEXT NOT NULL
) WITHOUT ROWID;
