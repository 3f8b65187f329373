-- The run whose labels are here; one row at most. A store that an earlier release began has none.
CREATE TABLE run (
  one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  id TEXT NOT NULL,
  begun_at INTEGER NOT NULL
) STRICT;
