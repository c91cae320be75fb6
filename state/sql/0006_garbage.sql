-- Grants that nobody has used: those long dead are pruned (src/enrol/garbage.hpp).
CREATE INDEX grants_unused ON grants (expires_at) WHERE uses = 0;
