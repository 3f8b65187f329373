/**
 * What the learners have made: weights of a model at a version, and who follows them.
 *
 * <p>Weights never travel as messages. A learner writes a file, and the small {@link
 * plaudit.snapshots.Snapshot} that names it (URL, size, SHA-256) goes through the {@link
 * plaudit.snapshots.actor.SnapshotRegistry} to everyone who follows the model.
 */
@NullMarked
package plaudit.snapshots;

import org.jspecify.annotations.NullMarked;
