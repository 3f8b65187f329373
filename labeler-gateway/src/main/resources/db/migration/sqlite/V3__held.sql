-- What is held is counted in the index alone, however many tasks a vendor may hold.
DROP INDEX lease_held;
CREATE INDEX lease_held ON lease (phase, vendor, labeler, expires_at);
