-- A labeler is registered when it first holds a task.
CREATE TABLE labeler (
  vendor VARCHAR(80) NOT NULL,
  id VARCHAR(80) NOT NULL,
  first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
  last_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
  PRIMARY KEY (vendor, id)
);
INSERT INTO labeler (vendor, id, first_seen_at, last_seen_at)
  SELECT vendor, labeler, MIN(granted_at), MAX(granted_at) FROM lease
  WHERE vendor <> 'import' GROUP BY vendor, labeler;

-- Secrets that all processes of the store share, in hex.
CREATE TABLE secret (
  name VARCHAR(80) PRIMARY KEY,
  "value" VARCHAR(64) NOT NULL
);

-- The grant, or the last extension that counts as a sign of life.
ALTER TABLE lease ADD COLUMN renewed_at TIMESTAMP WITH TIME ZONE;
UPDATE lease SET renewed_at = granted_at;
ALTER TABLE lease ALTER COLUMN renewed_at SET NOT NULL;
CREATE INDEX lease_held ON lease (phase, vendor, labeler);
