-- A labeler is registered when it first holds a task.
CREATE TABLE labeler (
  vendor TEXT NOT NULL,
  id TEXT NOT NULL,
  first_seen_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  PRIMARY KEY (vendor, id)
) STRICT;
INSERT INTO labeler (vendor, id, first_seen_at, last_seen_at)
  SELECT vendor, labeler, MIN(granted_at), MAX(granted_at) FROM lease
  WHERE vendor <> 'import' GROUP BY vendor, labeler;

-- Secrets that all processes of the store share, in hex.
CREATE TABLE secret (
  name TEXT NOT NULL PRIMARY KEY,
  "value" TEXT NOT NULL
) STRICT;

-- The grant, or the last extension that counts as a sign of life.
ALTER TABLE lease ADD COLUMN renewed_at INTEGER NOT NULL DEFAULT 0;
UPDATE lease SET renewed_at = granted_at;
CREATE INDEX lease_held ON lease (phase, vendor, labeler);
